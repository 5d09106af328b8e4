"""How products get in: people, uploads, the tagging queue, guesses, confirmations, model versions."""

from onboarding.models.confirmations import Confirmation, Label
from onboarding.models.model_versions import ModelVersion
from onboarding.models.predictions import Prediction
from onboarding.models.tag_requests import TagRequest
from onboarding.models.uploads import Upload, UploadedFile
from onboarding.models.users import User

__all__ = [
    "Confirmation",
    "Label",
    "ModelVersion",
    "Prediction",
    "TagRequest",
    "Upload",
    "UploadedFile",
    "User",
]
