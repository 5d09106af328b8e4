"""Recording how well model versions did: the evidence that comes with an artifact."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from onboarding.errors import ArtifactDamaged
from onboarding.models import Evaluation, ModelVersion

Pictures = Evaluation.Pictures
REPORT_SETS = (Pictures.STUDIO, Pictures.PHONE, Pictures.PLAIN)


@transaction.atomic
def record_report_evidence(version: ModelVersion, evidence: Mapping[str, Any]) -> None:
    """Adds a row for each report set in an artifact's `evidence.json`; what is recorded already is left.

    Held-out photos are a site's own: no artifact can bring figures of them. Raises `ArtifactDamaged` for figures that
    no database could keep.
    """
    sets = evidence.get("sets") if isinstance(evidence, Mapping) else None
    for pictures in REPORT_SETS:
        figures = sets.get(pictures.value) if isinstance(sets, Mapping) else None
        if isinstance(figures, Mapping) and figures:
            _check_numbers(figures)
            Evaluation.objects.get_or_create(
                model_version=version, pictures=pictures, run=None, defaults={"figures": dict(figures)}
            )


def _check_numbers(figures: Mapping[str, Any]) -> None:
    """Python reads and writes NaN in JSON; databases do not."""
    try:
        json.dumps(figures, allow_nan=False)
    except ValueError as error:
        raise ArtifactDamaged("The evidence of this model holds figures that are no numbers.") from error
