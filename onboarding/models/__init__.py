"""How products get in: people, uploads, the tagging queue, guesses, confirmations, model versions, retraining."""

from onboarding.models.api_tokens import ApiToken
from onboarding.models.confirmations import Confirmation, Label
from onboarding.models.doubtful_tags import DoubtfulTag
from onboarding.models.evaluations import EvaluatedPhoto, Evaluation
from onboarding.models.idempotency import IdempotentRequest
from onboarding.models.model_versions import ModelVersion
from onboarding.models.predictions import Prediction
from onboarding.models.retrain_runs import RetrainRun
from onboarding.models.tag_requests import TagRequest
from onboarding.models.uploads import Upload, UploadedFile
from onboarding.models.users import User

__all__ = [
    "ApiToken",
    "Confirmation",
    "DoubtfulTag",
    "EvaluatedPhoto",
    "Evaluation",
    "IdempotentRequest",
    "Label",
    "ModelVersion",
    "Prediction",
    "RetrainRun",
    "TagRequest",
    "Upload",
    "UploadedFile",
    "User",
]
