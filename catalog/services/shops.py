"""Opening shops, and letting people in and out."""

import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.directions import isolated
from catalog.errors import AlreadyMember, InvitationNotSent, InvitationUsed, LastOwner, TooManyInvitations
from catalog.letters import with_html
from catalog.models import Invitation, Membership, Shop

logger = logging.getLogger(__name__)

MAX_OPEN_INVITATIONS = 50  # so that nobody sends mail to the world through Lapel


@transaction.atomic
def open_shop(*, shop: Shop, owner: AbstractBaseUser, idempotency_key: UUID | None = None) -> Shop:
    """Saves the new shop with its first owner. Repeating it with the same key leads to the first one's shop."""
    if idempotency_key:
        get_user_model().objects.select_for_update().get(pk=owner.pk)  # of two with the same key, the second waits here
        shop.idempotency_key = f"{owner.pk}:{idempotency_key}"  # nobody's key can stand in another's way
        if repeated := Shop.objects.filter(idempotency_key=shop.idempotency_key).first():
            return repeated
    shop.save()
    Membership.objects.create(shop=shop, user_id=owner.pk, role=Membership.Role.OWNER)
    return shop


@transaction.atomic
def invite(*, shop: Shop, email: str, invited_by: AbstractBaseUser, link_of: Callable[[Invitation], str]) -> Invitation:
    """Mails a link into the shop; a repeated invitation sends the same link again.

    Raises `AlreadyMember` or `TooManyInvitations`; `InvitationNotSent` if the mail fails: the invitation then stands,
    and inviting again sends it.
    """
    Shop.objects.select_for_update().get(pk=shop.pk)
    if shop.memberships.filter(user__email__iexact=email).exists():
        raise AlreadyMember
    unanswered = shop.invitations.filter(accepted_at=None)
    invitation = unanswered.filter(email__iexact=email).first()
    if invitation is None:
        if unanswered.count() >= MAX_OPEN_INVITATIONS:
            raise TooManyInvitations
        invitation = Invitation.objects.create(shop=shop, email=email, invited_by_id=invited_by.pk)
    transaction.on_commit(partial(_mail, invitation, shop.name, link_of(invitation)))
    return invitation


def _mail(invitation: Invitation, shop_name: str, link: str) -> None:
    name = " ".join(shop_name.split())
    subject = _("Join %(shop)s on Lapel") % {"shop": name}
    said = _("You are invited to work in the shop %(shop)s. Open this link to join:\n\n%(link)s\n")
    text = said % {"shop": isolated(name), "link": link}
    try:
        with_html(EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email])).send()
    except OSError as error:  # SMTP's own errors are such
        logger.exception("could not send invitation %s", invitation.pk)
        raise InvitationNotSent from error


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
