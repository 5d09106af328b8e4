"""The bridge to the network: pictures in, guesses or reasons out."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onboarding.errors import ArtifactDamaged
from onboarding.models import ModelVersion
from onboarding.tagging import Tagged, Tagger, Unreadable, read_identity
from tests.artifacts import COLOURS, PATHS, drawn, tiny_artifact
from tests.drawing import as_jpeg, product, text_named_jpg, truncated
from tests.live import BASE_DIR


def tiny_version(**fields: str) -> ModelVersion:
    """Not saved: loading asks for name and SHA-256 only."""
    return ModelVersion(**{"name": "lapel-tiny", "sha256": read_identity(tiny_artifact()).sha256, **fields})


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(tiny_version(), tiny_artifact())


def test_an_artifact_says_who_it_is() -> None:
    identity = read_identity(tiny_artifact())
    assert identity.name == f"lapel-tiny-{identity.sha256[:8]}"
    assert identity.card == json.loads((tiny_artifact() / "card.json").read_text())


def test_a_version_is_loaded_only_from_its_own_artifact() -> None:
    with pytest.raises(ArtifactDamaged) as refusal:
        Tagger.load(tiny_version(sha256="0" * 64), tiny_artifact())
    assert str(refusal.value).startswith("Model lapel-tiny cannot be used.")


def test_a_faster_engine_is_kept_beside_the_artifact_for_all_versions_of_the_trunk(
    tagger: Tagger, tmp_path: Path, settings: Any
) -> None:
    settings.TAGGING_ENGINE = "auto"
    folder = shutil.copytree(tiny_artifact(), tmp_path / "artifact")
    faster, picture = Tagger.load(tiny_version(), folder), as_jpeg(product("shoe", "blue", (192, 256)))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["artifact", f"trunk-{faster.trunk_hash}.onnx"]
    (one,), (other,) = faster.tag([picture]), tagger.tag([picture])
    assert isinstance(one, Tagged)
    assert isinstance(other, Tagged)
    vectors = [np.frombuffer(each.embedding.vector, dtype="<f2").astype(float) for each in (one, other)]
    assert np.allclose(*vectors, atol=0.01)
    assert one.embedding.fingerprint == other.embedding.fingerprint


def test_guesses_are_paths_of_the_vocabulary_with_confidence_band_and_runners_up(tagger: Tagger) -> None:
    (outcome,) = tagger.tag([as_jpeg(product("shoe", "blue", (192, 256)))])
    assert isinstance(outcome, Tagged)
    guesses = outcome.guesses
    assert {field: guess.path for field, guess in guesses.items() if field != "season"} == {
        "master_category": ("Footwear",),
        "sub_category": ("Footwear", "Shoes"),
        "article_type": ("Footwear", "Shoes", "Casual Shoes"),
        "colour": ("Blue",),
    }
    colour, season = guesses["colour"], guesses["season"]
    assert {path for path, _ in colour.alternatives} == {("Red",), ("Green",)}
    assert season.band == "unsure"
    assert 0.5 < colour.confidence <= 1.0
    assert colour.band == ("sure" if colour.confidence >= 0.9 else "check")


def test_outcomes_come_in_the_order_of_the_files_whatever_cannot_be_read(tagger: Tagger) -> None:
    good = drawn([2])
    bad = [b"", text_named_jpg(), truncated(as_jpeg())]
    files = [as_jpeg(each.picture) for each in good]
    mixed = [bad[0], *files[:5], bad[1], *files[5:], bad[2]]
    outcomes = tagger.tag(mixed)
    assert [number for number, each in enumerate(outcomes) if isinstance(each, Unreadable)] == [0, 6, 14]
    read = [each.guesses for each in outcomes if isinstance(each, Tagged)]
    assert [(each["article_type"].path, each["colour"].path) for each in read] == [
        (PATHS[each.kind], (COLOURS[each.colour],)) for each in good
    ]


def test_identical_pictures_have_one_fingerprint_and_one_vector_alone_or_in_company(tagger: Tagger) -> None:
    picture = as_jpeg(product("shoe", "blue", (192, 256)))
    other = as_jpeg(product("bag", "red", (192, 256)))
    (alone,), company = tagger.tag([picture]), tagger.tag([other, picture, picture])
    assert isinstance(alone, Tagged)
    seen = [each.embedding for each in company if isinstance(each, Tagged)]
    assert [each.fingerprint == alone.embedding.fingerprint for each in seen] == [False, True, True]
    assert {each.trunk_hash for each in seen} == {tagger.trunk_hash}
    assert len(alone.embedding.vector) == 2 * 1024  # float16 features of the tiny network's trunk
    vectors = [np.frombuffer(each.vector, "<f2").astype(float) for each in (alone.embedding, *seen)]
    assert [np.abs(vectors[0] - vector).max() < 0.01 for vector in vectors] == [True, False, True, True]


def test_what_cannot_be_read_says_why_in_one_sentence(tagger: Tagger) -> None:
    assert tagger.tag([b"", text_named_jpg()]) == [
        Unreadable("The file is empty."),
        Unreadable("The file is not a JPEG, PNG or WebP picture."),
    ]


def test_no_files_are_no_outcomes(tagger: Tagger) -> None:
    assert tagger.tag([]) == []


def test_a_tagger_knows_whether_it_still_works(tagger: Tagger) -> None:
    broken = Tagger.load(tiny_version(), tiny_artifact())
    broken._predictor._network.trunk = None  # as a lost GPU: every picture fails
    assert (tagger.works(), broken.works()) == (True, False)


def test_the_bridge_loads_no_torch_before_it_is_used() -> None:
    code = "import django, sys; django.setup(); import onboarding.tagging, onboarding.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    assert {"torch", "onboarding.tagging"}.intersection(done.stdout.split()) == {"onboarding.tagging"}
