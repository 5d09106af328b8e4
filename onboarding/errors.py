"""What can go wrong while products get in, each with a sentence for people."""

from django.utils.translation import gettext_lazy as _

from catalog.errors import ErrorForPeople


class OnboardingError(ErrorForPeople):
    """Base of what can go wrong while products get in."""


class ListingChanged(OnboardingError):
    message = _("Somebody changed this listing while you were looking at it. Please look again.")


class CannotUndo(OnboardingError):
    message = _("Only the latest confirmation of a listing can be undone.")


class NoActiveModel(OnboardingError):
    message = _("No model is active. Register one with `manage.py register_model`.")


class ArtifactDamaged(OnboardingError):
    """A stored model whose files are missing or do not match their SHA-256."""


class ModelBroken(OnboardingError):
    """The loaded network fails on a plain picture: the fault is the machine's, not the photos'."""

    message = _("The network fails even on a plain picture.")
