"""Opening shops, and letting people in and out."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import AlreadyMember, InvitationUsed, LastOwner
from catalog.models import Invitation, Membership, Shop


@transaction.atomic
def open_shop(*, shop: Shop, owner: AbstractBaseUser) -> Shop:
    """Saves the new shop with its first owner."""
    shop.save()
    Membership.objects.create(shop=shop, user_id=owner.pk, role=Membership.Role.OWNER)
    return shop


@transaction.atomic
def invite(*, shop: Shop, email: str, invited_by: AbstractBaseUser, link_of: Callable[[Invitation], str]) -> Invitation:
    """Mails a link into the shop; a repeated invitation sends the same link again. Raises `AlreadyMember`."""
    if shop.memberships.filter(user__email__iexact=email).exists():
        raise AlreadyMember
    open_invitation = Invitation.objects.filter(shop=shop, email__iexact=email, accepted_at=None).first()
    invitation = open_invitation or Invitation.objects.create(shop=shop, email=email, invited_by_id=invited_by.pk)
    transaction.on_commit(lambda: _mail(invitation, link_of(invitation)))
    return invitation


def _mail(invitation: Invitation, link: str) -> None:
    shop = invitation.shop.name
    send_mail(
        _("Join %(shop)s on Lapel") % {"shop": shop},
        _("You are invited to work in the shop %(shop)s. Open this link to join:\n\n%(link)s\n")
        % {"shop": shop, "link": link},
        settings.DEFAULT_FROM_EMAIL,
        [invitation.email],
    )


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: AbstractBaseUser) -> Membership:
    """Makes the person a member; the link is used up. Raises `InvitationUsed`."""
    now = timezone.now()
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=now):
        raise InvitationUsed
    membership, _created = Membership.objects.get_or_create(shop=invitation.shop, user_id=user.pk)
    return membership


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """Takes a person out of the shop; what they confirmed stays. Raises `LastOwner`."""
    Shop.objects.select_for_update().get(pk=membership.shop_id)
    owners = Membership.objects.filter(shop=membership.shop_id, role=Membership.Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise LastOwner
    membership.delete()
