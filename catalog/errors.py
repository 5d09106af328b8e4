"""What can go wrong in the catalogue, each with a sentence for people."""

from django.utils.translation import gettext_lazy as _


class ErrorForPeople(Exception):
    """Something a person asked for cannot be done; `str(error)` says why."""

    message = _("That could not be done.")

    def __init__(self, message: object = None) -> None:
        super().__init__(message or self.message)

    def __str__(self) -> str:
        return str(self.args[0])


class CatalogError(ErrorForPeople):
    """Base of what can go wrong in the catalogue."""


class InvitationUsed(CatalogError):
    message = _("This invitation has already been used. Ask for a new one.")


class LastOwner(CatalogError):
    message = _("A shop needs at least one owner.")


class AlreadyMember(CatalogError):
    message = _("This person already works in the shop.")


class TooManyInvitations(CatalogError):
    message = _("Too many invitations wait for an answer. Withdraw some of them first.")


class InvitationNotSent(CatalogError):
    message = _("The e-mail could not be sent. Please try again in a few minutes.")


class PhotoChanged(CatalogError):
    message = _("Somebody moved or removed this photo meanwhile. Please look again.")


class NoCopyToDiscard(CatalogError):
    message = _("These are confirmed already. Delete the one that is too many yourself.")


class OtherShop(CatalogError):
    message = _("A photo stays in its shop.")
