"""The whole check-up."""

from collections.abc import Iterator
from datetime import timedelta

from onboarding.consistency.artifacts import artifact_findings
from onboarding.consistency.decisions import decision_findings
from onboarding.consistency.findings import Finding
from onboarding.consistency.model_versions import model_version_findings
from onboarding.consistency.photo_files import photo_file_findings
from onboarding.consistency.uploads import upload_findings


def findings(*, grace: timedelta, thorough: bool) -> Iterator[Finding]:
    """Everything that is not as it should be, one by one, so that a large site needs no more memory than a small one.

    `grace`: how long a file may lie in storage before its row comes. `thorough` reads and decodes every file.
    """
    yield from photo_file_findings(grace=grace, thorough=thorough)
    yield from artifact_findings(grace=grace, thorough=thorough)
    yield from model_version_findings()
    yield from upload_findings()
    yield from decision_findings()
