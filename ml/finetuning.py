"""The gear that fine-tunes the whole network, on the pictures that it was trained on and those that people labelled.

The trunk changes, so every picture that either model is judged by is looked at again by the new one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import torch

from ml.artifact import EMBEDDINGS_FILE, Artifact, read_extra, round_weights
from ml.dataset import split
from ml.distributed import world_size
from ml.embeddings import EmbeddingTable, concatenate, embed_examples
from ml.errors import DataError
from ml.finish import counts
from ml.gear import FullGear, Judged, Learned, Progress, RetrainJob
from ml.heads import grow, grow_heads
from ml.job import fit_examples
from ml.layouts import STUDIO, Example, read_folders
from ml.material import alike
from ml.network import choose_device
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.rejection import familiarity_of
from ml.replay import packed
from ml.splits import CALIBRATE, REPORT, TRAIN, TUNE
from ml.train import Trainer, TrainingConfig
from ml.vocabulary import Vocabulary

COVERED_SHARE: Final = 0.99
"""Of the pictures that the active model is measured on, so many must be in the folders."""
MOST_REPEATS: Final = 10
"""A photo that people labelled is learned from at most so often while any other phone photo is once."""


@dataclass(frozen=True)
class Pictures:
    """Examples by side: `known` of the folders, `lessons` of the photos that people labelled."""

    known: Mapping[str, Sequence[Example]]
    lessons: Mapping[str, Sequence[Example]]

    def on(self, side: str) -> list[Example]:
        return [*self.known.get(side, ()), *self.lessons.get(side, ())]


def finetune(job: RetrainJob, full: FullGear, active: Artifact, progress: Progress) -> Learned:
    """DataError where the folders lack what the active model is measured on: it could be forgotten unnoticed."""
    config = replace(full.config, trunk=active.card.trunk, preprocessing=active.card.preprocessing)
    pictures = Pictures(split(read_folders(job.folders)), lessons_by_side(job.lessons, full.pictures))
    before = _judged(Predictor(active, choose_device()), pictures, partial(progress, "embed"))
    refuse_gaps(job.active, active, before.report)
    labels = [example.labels for example in pictures.on(TRAIN)]
    vocabulary = grow(active.card.vocabulary, labels, job.heads.min_lessons)
    progress("train", 0.0)
    trainer = _train(active, vocabulary, config, pictures)
    network = trainer.average.cpu().eval()
    round_weights(network)
    card = replace(active.card, vocabulary=vocabulary)
    predictor = Predictor(replace(active, network=network, card=card), choose_device())
    after = _judged(predictor, pictures, partial(progress, "calibrate"))
    known = [_embed(predictor, pictures.known.get(side, ())) for side in (TRAIN, CALIBRATE)]
    calibrate = concatenate([known[1], _embed(predictor, pictures.lessons.get(CALIBRATE, ()))])
    return Learned(
        network=network,
        vocabulary=vocabulary,
        calibrate=calibrate,
        before=before,
        after=after,
        pack=packed(network, concatenate([*known, after.report])),
        familiarity=familiarity_of(predictor, concatenate([known[0], calibrate])),
        training={
            "gear": "full",
            **asdict(config),
            "processes": world_size(),
            "lessons": len(pictures.lessons.get(TRAIN, ())),
        },
        history=trainer.progression.history,
        data={"pictures": counts(pictures.known)},
    )


def lessons_by_side(lessons: EmbeddingTable, folder: Path) -> dict[str, list[Example]]:
    """The lessons as pictures; one whose picture is gone is left out. The tune side teaches too."""
    by_side: dict[str, list[Example]] = {}
    for example, name, side in zip(lessons.examples, lessons.names, lessons.sides, strict=True):
        picture = folder / f"{name}.jpg"
        if picture.is_file():
            by_side.setdefault(TRAIN if side == TUNE else side, []).append(replace(example, picture=picture))
    return by_side


def refuse_gaps(path: Path, active: Artifact, report: EmbeddingTable) -> None:
    """DataError where `report`, of the folders, lacks pictures that the active model's report set has."""
    if EMBEDDINGS_FILE not in active.card.files:
        return
    needed = from_bytes(read_extra(path, EMBEDDINGS_FILE)).on_side(REPORT)
    found = alike(report, needed)
    if found < COVERED_SHARE * len(needed):
        raise DataError(
            f"Only {found} of the {len(needed)} pictures that the active model is measured on are in the folders: "
            "give all those that it was trained on, or refit its heads alone."
        )


def _train(active: Artifact, vocabulary: Vocabulary, config: TrainingConfig, pictures: Pictures) -> Trainer:
    """From the active weights, grown by name where the vocabulary has."""
    torch.manual_seed(config.seed)
    trainer = Trainer(config, grow_heads(active.network, vocabulary.sizes), choose_device())
    known, lessons = pictures.known.get(TRAIN, ()), pictures.lessons.get(TRAIN, ())
    sides = {TRAIN: [*known, *repeated(lessons, known)], TUNE: pictures.known.get(TUNE, ())}
    with TemporaryDirectory(prefix="lapel-checkpoints-") as run:
        fit_examples(trainer, {side: rows for side, rows in sides.items() if rows}, vocabulary, Path(run))
    return trainer


def repeated(lessons: Sequence[Example], known: Sequence[Example]) -> list[Example]:
    """The lessons as often as gives them together the say of all other phone photos; few are not drowned by many."""
    others = sum(example.domain != STUDIO for example in known)
    return list(lessons) * max(1, min(MOST_REPEATS, round(others / max(1, len(lessons)))))


def _judged(predictor: Predictor, pictures: Pictures, progress: Callable[[float], None]) -> Judged:
    report = _embed(predictor, pictures.known.get(REPORT, ()), progress)
    held_out = _embed(predictor, pictures.lessons.get(REPORT, ()))
    return Judged(report, replace(held_out, names=[Path(name).stem for name in held_out.names]))


def _embed(
    predictor: Predictor, examples: Sequence[Example], progress: Callable[[float], None] = lambda share: None
) -> EmbeddingTable:
    return embed_examples(predictor, examples, progress) if examples else EmbeddingTable.empty()
