import hashlib
import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.artifact import (
    DEFAULT_PATH,
    EMBEDDINGS_FILE,
    EVIDENCE_FILE,
    artifact_sha256,
    display_name,
    load,
    read_extra,
    round_weights,
    save,
)
from ml.errors import ArtifactError
from ml.pack import from_bytes
from tests.ml.drawings import PATHS
from tests.ml.tables import familiarity_below_median


@pytest.fixture
def copy(tiny_artifact: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_artifact, tmp_path / "copy"))


def change_card(path: Path, **changes: Any) -> None:
    card = json.loads((path / "card.json").read_text())
    (path / "card.json").write_text(json.dumps({**card, **changes}))


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(ArtifactError) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_saved_network_comes_back_with_its_card(tiny_artifact: Path, tmp_path: Path) -> None:
    artifact = load(tiny_artifact)
    extras = {name: read_extra(tiny_artifact, name) for name in artifact.card.files}
    sha256 = save(tmp_path / "again", artifact.network, artifact.card, extras)
    assert sha256 == artifact_sha256(tmp_path / "again") == artifact.sha256
    again = load(tmp_path / "again")
    assert again.card == artifact.card
    for name, value in artifact.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name


def test_what_is_familiar_comes_back_with_the_card_and_changes_the_identity(
    tiny_artifact: Path, tmp_path: Path
) -> None:
    artifact = load(tiny_artifact)
    familiarity = familiarity_below_median(torch.rand(9, artifact.network.feature_count))
    sha256 = save(tmp_path / "again", artifact.network, replace(artifact.card, familiarity=familiarity))
    again = load(tmp_path / "again", expected_sha256=sha256)
    assert again.card.familiarity == familiarity
    assert (again.sha256 != artifact.sha256, again.trunk_sha256) == (True, artifact.trunk_sha256)


def test_a_card_from_before_there_was_familiarity_still_loads(tiny_artifact: Path) -> None:
    assert "familiarity" not in json.loads((tiny_artifact / "card.json").read_text())
    assert load(tiny_artifact).card.familiarity is None


@pytest.mark.parametrize(
    ("familiarity", "reason"),
    [({"limit": 1.0}, "lacks 'direction'"), ({"direction": "?", "limit": 1.0}, "malformed"), ("near", "malformed")],
)
def test_a_familiarity_that_cannot_be_read_is_refused(copy: Path, familiarity: object, reason: str) -> None:
    change_card(copy, familiarity=familiarity)
    assert reason in refusal(copy)


def test_a_familiarity_of_another_trunk_is_refused(copy: Path) -> None:
    change_card(copy, familiarity=familiarity_below_median(torch.rand(9, 6)).to_json())
    assert "not the weights that the card describes" in refusal(copy)


def test_saving_leaves_the_given_files_and_replaces_the_old_ones(copy: Path) -> None:
    artifact = load(copy)
    (copy / "stray").write_text("old")
    save(copy, artifact.network, artifact.card)
    assert sorted(path.name for path in copy.iterdir()) == ["card.json", "weights.safetensors"]
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_identity_is_the_hash_of_card_then_weights(copy: Path) -> None:
    content = (copy / "card.json").read_bytes() + (copy / "weights.safetensors").read_bytes()
    assert artifact_sha256(copy) == hashlib.sha256(content).hexdigest()


def test_name_carries_the_identity(copy: Path) -> None:
    artifact = load(copy)
    assert display_name(artifact.card, artifact.sha256) == f"lapel-shufflenetv2x05-{artifact.sha256[:8]}"


def test_card_tells_what_was_trained_and_measured(tiny_artifact: Path) -> None:
    card = json.loads((tiny_artifact / "card.json").read_text())
    assert card["classes"]["category"] == sorted(list(path) for path in PATHS)
    assert card["training"]["epochs"] == len(card["history"]) == 12
    counts = card["data"]["pictures"]
    assert sum(sum(side.values()) for side in counts.values()) == 150
    assert card["metrics"]["studio report"]["sub_category"]["n"] == counts["report"]["studio"]
    assert card["weights_sha256"] == hashlib.sha256((tiny_artifact / "weights.safetensors").read_bytes()).hexdigest()


def test_rounding_in_memory_gives_the_stored_weights(copy: Path) -> None:
    artifact = load(copy)
    before = {name: value.clone() for name, value in artifact.network.state_dict().items()}
    round_weights(artifact.network)
    assert all(torch.equal(value, before[name]) for name, value in artifact.network.state_dict().items())


@pytest.mark.parametrize("name", ["card.json", "weights.safetensors"])
def test_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert refusal(copy) == f"{copy / name}: the artifact has no such file."


def test_truncated_weights_are_refused(copy: Path) -> None:
    weights = copy / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert refusal(copy) == f"{weights}: the weights are cut off or altered (SHA-256 differs)."


def test_one_changed_bit_in_the_weights_is_refused(copy: Path) -> None:
    weights = bytearray((copy / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "weights.safetensors").write_bytes(weights)
    assert "cut off or altered" in refusal(copy)


def test_pickle_is_refused_even_with_a_matching_hash(copy: Path) -> None:
    data = pickle.dumps({"trunk": [1.0]})
    (copy / "weights.safetensors").write_bytes(data)
    change_card(copy, weights_sha256=hashlib.sha256(data).hexdigest())
    assert refusal(copy).endswith("not the weights that the card describes.")


def test_truncated_card_is_refused(copy: Path) -> None:
    (copy / "card.json").write_text((copy / "card.json").read_text()[:500])
    assert refusal(copy) == f"{copy / 'card.json'}: the card is cut off or no JSON."


@pytest.mark.parametrize("changes", [{"format": 2}, {"format": None}])
def test_other_format_is_refused(copy: Path, changes: dict[str, object]) -> None:
    change_card(copy, **changes)
    assert refusal(copy) == f"{copy / 'card.json'}: not a card of format 1."


@pytest.mark.parametrize("key", ["trunk", "classes", "temperatures", "thresholds", "preprocessing", "weights_sha256"])
def test_card_that_lacks_a_part_is_refused(copy: Path, key: str) -> None:
    card = json.loads((copy / "card.json").read_text())
    del card[key]
    (copy / "card.json").write_text(json.dumps(card))
    assert refusal(copy) == f"{copy / 'card.json'}: the card lacks {key!r}."


def test_card_of_wrong_types_is_refused(copy: Path) -> None:
    change_card(copy, classes={"category": [["Apparel", "Topwear"]]})
    assert "the card is malformed" in refusal(copy)
    change_card(copy, preprocessing=[])
    assert "the card is malformed" in refusal(copy)


def test_classes_that_do_not_fit_the_weights_are_refused(copy: Path) -> None:
    classes = json.loads((copy / "card.json").read_text())["classes"]
    change_card(copy, classes={**classes, "colour": [*classes["colour"], "Puce"]})
    assert refusal(copy).endswith("not the weights that the card describes.")


def test_altered_card_is_refused_where_the_identity_is_registered(copy: Path) -> None:
    registered = artifact_sha256(copy)
    load(copy, expected_sha256=registered)
    change_card(copy, name="impostor")
    assert "is not the registered one" in refusal(copy, expected_sha256=registered)


def test_extra_files_are_vouched_for_by_the_card(copy: Path) -> None:
    artifact = load(copy)
    sha256 = save(copy, artifact.network, artifact.card, {"notes.txt": b"hello"})
    assert load(copy, expected_sha256=sha256).card.files == {"notes.txt": hashlib.sha256(b"hello").hexdigest()}
    assert read_extra(copy, "notes.txt") == b"hello"
    assert sorted(path.name for path in copy.iterdir()) == ["card.json", "notes.txt", "weights.safetensors"]


def test_altered_and_missing_extra_files_are_refused_but_do_not_stop_tagging(copy: Path) -> None:
    artifact = load(copy)
    save(copy, artifact.network, artifact.card, {"notes.txt": b"hello"})
    (copy / "notes.txt").write_bytes(b"jello")
    with pytest.raises(ArtifactError, match=r"notes.txt: the file is cut off or altered \(SHA-256 differs\).$"):
        read_extra(copy, "notes.txt")
    (copy / "notes.txt").unlink()
    with pytest.raises(ArtifactError, match=r"notes.txt: the artifact has no such file.$"):
        read_extra(copy, "notes.txt")
    load(copy)


def test_extra_file_that_the_card_does_not_name_is_not_read(copy: Path) -> None:
    (copy / "stray").write_text("who put me here")
    with pytest.raises(ArtifactError, match="the artifact comes without stray"):
        read_extra(copy, "stray")


def test_card_without_extra_files_is_still_read(copy: Path) -> None:
    artifact = load(copy)
    save(copy, artifact.network, artifact.card)
    assert "files" not in json.loads((copy / "card.json").read_text())
    assert load(copy).card.files == {}


def test_artifacts_with_the_same_trunk_share_its_hash(copy: Path, tmp_path: Path) -> None:
    artifact = load(copy)
    with torch.no_grad():
        artifact.network.heads["colour"].bias += 1
    save(tmp_path / "heads", artifact.network, artifact.card)
    other_heads = load(tmp_path / "heads")
    assert other_heads.sha256 != artifact.sha256
    assert other_heads.trunk_sha256 == artifact.trunk_sha256


def test_another_trunk_or_input_size_is_another_hash(copy: Path, tmp_path: Path) -> None:
    artifact = load(copy)
    wider = replace(artifact.card, preprocessing=replace(artifact.card.preprocessing, width=32))
    save(tmp_path / "wider", artifact.network, wider)
    with torch.no_grad():
        next(artifact.network.trunk.parameters()).add_(1)
    save(tmp_path / "trunk", artifact.network, artifact.card)
    hashes = {load(path).trunk_sha256 for path in (copy, tmp_path / "wider", tmp_path / "trunk")}
    assert len(hashes) == 3


def test_shipped_artifact_is_small_and_carries_its_figures() -> None:
    assert sum(path.stat().st_size for path in DEFAULT_PATH.iterdir()) <= 25_000_000
    metrics = load(DEFAULT_PATH).card.metrics
    assert set(metrics) == {"studio report", "phone report"}
    assert metrics["studio report"]["master_category"]["accuracy"] >= 0.99
    assert metrics["studio report"]["sub_category"]["accuracy"] >= 0.96
    assert metrics["phone report"]["sub_category"]["accuracy"] >= 0.85


def test_shipped_artifact_can_be_retrained_and_shows_its_evidence() -> None:
    packed = from_bytes(read_extra(DEFAULT_PATH, EMBEDDINGS_FILE))
    assert set(packed.sides) == {"train", "calibrate", "report"}
    assert set(packed.domains) == {"studio", "phone"}
    sets = json.loads(read_extra(DEFAULT_PATH, EVIDENCE_FILE))["sets"]
    for title, fields in load(DEFAULT_PATH).card.metrics.items():
        figures = sets[title.removesuffix(" report")]
        assert {field: row["accuracy"] for field, row in figures.items()} == {
            field: row["accuracy"] for field, row in fields.items()
        }
        report = packed.of_domain(title.removesuffix(" report")).on_side("report")
        assert len(report) == fields["master_category"]["n"]
