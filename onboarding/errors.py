"""What can go wrong while products get in, each with a sentence for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from catalog.errors import ErrorForPeople


class OnboardingError(ErrorForPeople):
    """Base of what can go wrong while products get in."""


class ListingChanged(OnboardingError):
    message = _("Somebody changed this listing while you were looking at it. Please look again.")


class NothingToCombine(OnboardingError):
    message = _("Choose at least two products that are still there.")


class CannotUndo(OnboardingError):
    message = _("Only the latest confirmation of a listing can be undone.")


class NetworkNotInstalled(OnboardingError):
    message = _("This needs PyTorch, which is not installed here. Run it where the tagging workers run.")


class NoActiveModel(OnboardingError):
    message = _("No model is active. Register one with `manage.py register_model`.")


class NoEarlierModel(OnboardingError):
    message = _("No other model was active before this one.")


class ActiveModelChanged(OnboardingError):
    message = _("Another model became active meanwhile. The comparison was with the one before; retrain again.")


class ArtifactDamaged(OnboardingError):
    """A stored model whose files are missing or do not match their SHA-256."""


class ModelBroken(OnboardingError):
    """The loaded network fails on a plain picture: the fault is the machine's, not the photos'."""

    message = _("The network fails even on a plain picture.")


class PhotosNotStored(OnboardingError):
    """The storage failed, for want of room or otherwise: not the photos' fault, so it may work later."""

    message = _("The site cannot store photos just now. What was stored stays; try again in a minute.")


class RetrainingUnderWay(OnboardingError):
    """Another run has not ended; two at a time would compare with the same model and overwrite each other."""


class TooFewLabels(OnboardingError):
    """There is less to learn from, or to measure on, than a retraining needs."""


class ShopFull(OnboardingError):
    """The shop has as many photos as it may have."""


class TokenMadeAlready(OnboardingError):
    message = _("This token exists already, and is shown only once. If you did not see it, revoke it and make another.")


class TooManyTokens(OnboardingError):
    message = _("You have as many tokens as one person can have. Revoke one first.")


class TrainingFailed(OnboardingError):
    """The network could not be trained with what was given."""


@dataclass(frozen=True)
class WrongCell:
    """Where a table of labels is wrong, and why, in one sentence; the header is line 1."""

    line: int
    column: str
    detail: str


class InvalidLabels(OnboardingError):
    """A table of labels that cannot be imported; `cells` says where it is wrong."""

    message = _("Some lines cannot be imported. Nothing was changed.")

    def __init__(self, cells: Sequence[WrongCell]) -> None:
        super().__init__()
        self.cells = cells
