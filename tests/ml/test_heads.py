from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.artifact import Artifact, load
from ml.embeddings import EmbeddingTable, embed_folders
from ml.errors import DataError
from ml.heads import HeadsConfig, grow, grow_heads, refit_heads
from ml.inference import classify
from ml.outcomes import outcomes
from ml.predictor import Predictor
from ml.splits import REPORT, TRAIN
from tests.ml.drawings import JEANS

QUICK = HeadsConfig(steps=40, learning_rate=1e-2, lesson_batch=16, replay_batch=64, anchor_weight=0.05)
PUCE = {"colour": "Puce"}


@pytest.fixture(scope="module")
def artifact(tiny_artifact: Path) -> Artifact:
    return load(tiny_artifact)


@pytest.fixture(scope="module")
def table(predictor: Predictor, drawn_data: list[Path]) -> EmbeddingTable:
    return embed_folders(predictor, drawn_data[:1])


def relabelled(table: EmbeddingTable, article: str, labels: dict[str, str], side: str = TRAIN) -> EmbeddingTable:
    """The pictures of one article type, with other labels."""
    chosen = [row for row, known in enumerate(table.labels) if known["article_type"] == article]
    rows = table.on_side(side).take([]) if not chosen else table.take(chosen).on_side(side)
    return replace(rows, labels=[labels] * len(rows))


def with_heads(
    artifact: Artifact, replay: EmbeddingTable, lessons: Sequence[EmbeddingTable], **config: float
) -> Predictor:
    refit = refit_heads(artifact, replay, lessons, replace(QUICK, **config))  # type: ignore[arg-type]
    card = replace(artifact.card, vocabulary=refit.vocabulary)
    return Predictor(replace(artifact, network=refit.network, card=card), torch.device("cpu"))


def share(predictor: Predictor, table: EmbeddingTable, field: str) -> float:
    return float(outcomes(predictor, table)[field].hits.mean())


def test_lessons_are_learned_for_other_pictures_of_the_kind(artifact: Artifact, table: EmbeddingTable) -> None:
    """Jeans are to be called Winter: each picture was labelled by its number, which nobody can see."""
    train = table.on_side(TRAIN)
    seasons = [{"season": "Summer" if labels["article_type"] == JEANS[2] else "Fall"} for labels in train.labels]
    others = relabelled(table, JEANS[2], {"season": "Summer"}, REPORT)
    predictor = with_heads(artifact, train, [replace(train, labels=seasons)], keep_weight=0.0)
    assert share(predictor, others, "season") >= 0.9


def test_what_lessons_do_not_speak_of_is_kept(artifact: Artifact, table: EmbeddingTable) -> None:
    lessons = relabelled(table, JEANS[2], {"season": "Summer"})
    before = Predictor(artifact, torch.device("cpu"))
    after = with_heads(artifact, table.on_side(TRAIN), [lessons])
    for field in ("sub_category", "colour"):
        old, new = (outcomes(model, table.on_side(REPORT))[field] for model in (before, after))
        changed = [
            confidence
            for was, is_now, confidence in zip(old.predicted, new.predicted, old.confidences, strict=True)
            if was != is_now
        ]
        assert all(confidence < 0.6 for confidence in changed)  # it was between two, and may fall either way
        assert len(changed) <= 1


def test_guess_below_a_known_start_may_be_corrected(artifact: Artifact, table: EmbeddingTable) -> None:
    """Replay that says no more than Bottomwear does not hold on to the article type that the model guessed."""
    start = dict(zip(("master_category", "sub_category"), JEANS, strict=False))
    path = {**start, "article_type": "Trousers"}
    replay = relabelled(table, JEANS[2], start)
    predictor = with_heads(artifact, replay, [replace(replay, labels=[path] * len(replay))], steps=60)
    assert share(predictor, relabelled(table, JEANS[2], path, REPORT), "article_type") >= 0.9


def test_trunk_and_active_model_stay_as_they_are(artifact: Artifact, table: EmbeddingTable) -> None:
    before = {name: value.clone() for name, value in artifact.network.state_dict().items()}
    refit = refit_heads(artifact, table, [table], replace(QUICK, steps=3))
    for name, value in artifact.network.state_dict().items():
        assert torch.equal(value, before[name]), name
    for name, value in refit.network.trunk.state_dict().items():
        assert torch.equal(value, before[f"trunk.{name}"]), name
    assert not refit.network.training


def test_same_seed_gives_the_same_heads(artifact: Artifact, table: EmbeddingTable) -> None:
    config = replace(QUICK, steps=5)
    first, again, other = (
        refit_heads(artifact, table, [table], each).network.heads["colour"].weight
        for each in (config, config, replace(config, seed=2))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_few_lessons_of_one_source_are_not_drowned_by_many_of_another(
    artifact: Artifact, table: EmbeddingTable
) -> None:
    """Three pictures say Puce, all the others their own colours, among them the same kind of picture."""
    train = table.on_side(TRAIN)
    few = replace(train.take([0]), labels=[PUCE])
    config = {"min_lessons": 1, "keep_weight": 0.0}
    alone = with_heads(artifact, train, [train, few], **config)
    together = with_heads(artifact, train, [replace(train, labels=[PUCE, *train.labels[1:]])], **config)
    confidences = [float(outcomes(model, few)["colour"].in_top_3.mean()) for model in (alone, together)]
    chances = [model.embedding_scores(few.vectors)["colour"].probabilities[0, -1] for model in (alone, together)]
    assert confidences[0] == 1.0
    assert chances[0] > chances[1]


def test_progress_goes_up_to_one_and_history_tells_the_losses(artifact: Artifact, table: EmbeddingTable) -> None:
    shares: list[float] = []
    refit = refit_heads(artifact, table, [table], replace(QUICK, steps=7), shares.append)
    assert (len(shares), shares == sorted(shares), shares[-1]) == (7, True, 1.0)
    assert [row["step"] for row in refit.history] == [2, 4, 6, 7]
    assert set(refit.history[0]) == {"step", "lesson_loss", "replay_loss"}


def test_threads_are_as_before_afterwards(artifact: Artifact, table: EmbeddingTable) -> None:
    during: list[int] = []
    torch.set_num_threads(2)
    try:
        refit_heads(
            artifact, table, [table], replace(QUICK, steps=1), lambda share: during.append(torch.get_num_threads())
        )
        assert (during, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(1)


def test_nothing_to_learn_from_is_one_sentence(artifact: Artifact, table: EmbeddingTable) -> None:
    with pytest.raises(DataError, match="no label to learn from"):
        refit_heads(artifact, table, [EmbeddingTable.empty()], QUICK)


def test_new_value_needs_enough_lessons(artifact: Artifact) -> None:
    vocabulary = artifact.card.vocabulary
    assert grow(vocabulary, [PUCE] * 4, 5) == vocabulary
    grown = grow(vocabulary, [PUCE] * 5, 5)
    assert grown.plain["colour"] == (*vocabulary.plain["colour"], "Puce")
    assert grown.hierarchy == vocabulary.hierarchy


def test_new_category_path_is_appended_and_needs_all_three_levels(artifact: Artifact) -> None:
    vocabulary = artifact.card.vocabulary
    path = {"master_category": "Apparel", "sub_category": "Saree", "article_type": "Sarees"}
    start = {key: path[key] for key in ("master_category", "sub_category")}
    assert grow(vocabulary, [start] * 9, 5) == vocabulary
    leaves = grow(vocabulary, [path] * 5, 5).hierarchy.leaves
    assert leaves == (*vocabulary.hierarchy.leaves, ("Apparel", "Saree", "Sarees"))


def test_field_without_classes_gets_a_head_from_two_values_on(artifact: Artifact) -> None:
    vocabulary = replace(artifact.card.vocabulary, plain={**artifact.card.vocabulary.plain, "usage": ()})
    assert grow(vocabulary, [{"usage": "Casual"}] * 9, 5) == vocabulary
    both = [{"usage": "Casual"}, {"usage": "Formal"}] * 5
    assert grow(vocabulary, both, 5).plain["usage"] == ("Casual", "Formal")


def test_grown_heads_say_the_same_until_they_learn(artifact: Artifact, table: EmbeddingTable) -> None:
    sizes = artifact.card.vocabulary.sizes
    grown = grow_heads(artifact.network, {**sizes, "colour": sizes["colour"] + 2, "fabric": 3})
    before, after = (classify(network, table.vectors) for network in (artifact.network, grown))
    for space, logits in before.items():
        assert torch.allclose(after[space][:, : sizes[space]], logits, atol=1e-5)
    assert (after["colour"].argmax(1) < sizes["colour"]).all()
    assert torch.equal(after["fabric"], torch.zeros(len(table), 3))


def test_new_value_is_learned(artifact: Artifact, table: EmbeddingTable) -> None:
    lessons = relabelled(table, JEANS[2], PUCE)
    predictor = with_heads(artifact, table.on_side(TRAIN), [lessons], keep_weight=0.2, steps=60)
    assert share(predictor, relabelled(table, JEANS[2], PUCE, REPORT), "colour") >= 0.9
