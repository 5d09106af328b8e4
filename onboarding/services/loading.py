"""Loading a model version for work, from its local copy."""

from onboarding.errors import ArtifactDamaged
from onboarding.models import ModelVersion
from onboarding.services.artifacts import discard_local_copy, local_copy
from onboarding.tagging import Tagger


def load_tagger(version: ModelVersion) -> Tagger:
    """Raises `ArtifactDamaged` where the stored artifact, too, is not the registered one."""
    try:
        return Tagger.load(version, local_copy(version))
    except ArtifactDamaged:
        discard_local_copy(version)  # the cache may be at fault: fetch it once more
        return Tagger.load(version, local_copy(version))
