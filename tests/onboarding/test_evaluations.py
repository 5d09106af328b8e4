"""Recording the evidence that comes with an artifact."""

from typing import Any

import pytest

from onboarding.errors import ArtifactDamaged
from onboarding.models import Evaluation
from onboarding.services.evaluations import record_report_evidence
from tests.conftest import make_version
from tests.onboarding.evidence.documents import figures_document

pytestmark = pytest.mark.django_db

EVIDENCE = {"format": 1, "sets": {"studio": figures_document(), "phone": figures_document(colour={"n": 1})}}


def recorded() -> list[tuple[Any, ...]]:
    return list(Evaluation.objects.order_by("pk").values_list("model_version", "pictures", "run", "figures"))


def test_each_report_set_becomes_an_evaluation_of_no_retraining() -> None:
    version = make_version()
    record_report_evidence(version, EVIDENCE)
    assert recorded() == [
        (version.pk, "studio", None, EVIDENCE["sets"]["studio"]),  # type: ignore[index]
        (version.pk, "phone", None, EVIDENCE["sets"]["phone"]),  # type: ignore[index]
    ]


def test_recording_it_again_changes_nothing() -> None:
    version = make_version()
    record_report_evidence(version, EVIDENCE)
    before = recorded()
    record_report_evidence(version, {"sets": {"studio": {"colour": {"n": 99}}}})
    assert recorded() == before


def test_two_versions_have_evidence_of_their_own() -> None:
    one, other = make_version(), make_version("b" * 64, state="candidate")
    for version in (one, other):
        record_report_evidence(version, {"sets": {"plain": figures_document()}})
    assert [row[:3] for row in recorded()] == [(one.pk, "plain", None), (other.pk, "plain", None)]


@pytest.mark.parametrize(
    "evidence",
    [{}, [], None, {"sets": None}, {"sets": []}, {"sets": {"studio": None}}, {"sets": {"studio": {}, "phone": [1]}}],
)
def test_evidence_without_figures_records_nothing(evidence: Any) -> None:
    record_report_evidence(make_version(), evidence)
    assert recorded() == []


def test_no_artifact_brings_figures_of_sellers_photos_or_of_sets_that_nobody_knows() -> None:
    record_report_evidence(make_version(), {"sets": {"held_out": figures_document(), "drawings": figures_document()}})
    assert recorded() == []


def test_figures_that_no_database_could_keep_are_refused_as_a_whole() -> None:
    damaged = {"sets": {"studio": figures_document(), "phone": {"colour": {"n": 1, "accuracy": float("nan")}}}}
    with pytest.raises(ArtifactDamaged, match="figures that are no numbers"):
        record_report_evidence(make_version(), damaged)
    assert recorded() == []
