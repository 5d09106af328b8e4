from dataclasses import replace
from pathlib import Path

import torch

from ml.artifact import EMBEDDINGS_FILE, compact_weights, load, read_extra
from ml.gear import RetrainJob
from ml.heads import HeadsConfig
from ml.material import Material, gather
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.refitting import refit, refit_on
from ml.splits import REPORT
from tests.ml.tables import table_of

PUCE = {"colour": "Puce"}


def job_of(artifact: Path, features: int) -> RetrainJob:
    vectors = torch.rand(30, features, generator=torch.Generator().manual_seed(1))
    lessons = table_of([PUCE] * 30, vectors)
    return RetrainJob(artifact, lessons, artifact / "unused", heads=HeadsConfig(steps=5))


def material_of(job: RetrainJob, predictor: Predictor) -> Material:
    return gather(job.active, predictor, job.lessons, job.folders)


def test_trunk_and_pack_stay_and_both_models_are_judged_by_the_same(tiny_artifact: Path) -> None:
    active, told = load(tiny_artifact), set()
    learned = refit(job_of(tiny_artifact, active.network.feature_count), active, lambda step, _share: told.add(step))
    before, after = active.network.trunk.state_dict(), learned.network.trunk.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert learned.pack == read_extra(tiny_artifact, EMBEDDINGS_FILE)
    assert learned.before is learned.after
    assert set(learned.before.report.sides) == {REPORT}
    assert told >= {"train"}


def test_the_network_is_the_very_one_that_will_be_stored(tiny_artifact: Path) -> None:
    active = load(tiny_artifact)
    learned = refit(job_of(tiny_artifact, active.network.feature_count), active, lambda _step, _share: None)
    stored = compact_weights(learned.network)
    assert all(torch.equal(value, stored[name].float()) for name, value in learned.network.state_dict().items())


def test_the_card_says_what_was_learned_and_what_was_remembered(tiny_artifact: Path, predictor: Predictor) -> None:
    active = load(tiny_artifact)
    job = job_of(tiny_artifact, active.network.feature_count)
    material = material_of(job, predictor)
    training = refit_on(job, active, material, lambda _step, _share: None).training
    assert (training["gear"], training["steps"]) == ("heads", 5)
    assert (training["lessons"], training["replay"]) == ([30], len(material.replay))


def test_without_a_pack_one_is_made_of_what_the_folders_held(tiny_artifact: Path, predictor: Predictor) -> None:
    active = load(tiny_artifact)
    job = job_of(tiny_artifact, active.network.feature_count)
    material = replace(material_of(job, predictor), pack=None)
    pack = refit_on(job, active, material, lambda _step, _share: None).pack
    assert sorted(from_bytes(pack).names) == sorted(material.known.names)
