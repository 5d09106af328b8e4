"""Opening shops, and letting people in and out."""

import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from catalog.errors import AlreadyMember, InvitationNotSent, InvitationUsed, LastOwner, TooManyInvitations
from catalog.models import Invitation, Membership, Shop
from catalog.services import shops
from onboarding.models import User
from tests.conftest import Cast, make_shop, make_user

Commit = Callable[..., Any]


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    """`with commit():` does what is left for after the transaction."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def link_of(invitation: Invitation) -> str:
    return f"https://shop.example.com/join/{invitation.token}/"


def invite(cast: Cast, email: str = "new@example.com") -> Invitation:
    return shops.invite(shop=cast.shop, email=email, invited_by=cast.seller, link_of=link_of)


def people(shop: Shop) -> list[tuple[User, str]]:
    return [(each.user, each.role) for each in shop.memberships.select_related("user").order_by("pk")]


def test_who_opens_a_shop_owns_it(cast: Cast) -> None:
    shop = make_shop(cast.stranger, "Second shop")
    assert people(shop) == [(cast.stranger, "owner")]


def test_a_shop_without_an_owner_is_not_opened(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        shops.open_shop(shop=Shop(name="Nobody's", country="IN", currency="INR"), owner=User())
    assert not Shop.objects.filter(name="Nobody's").exists()


def test_an_invitation_is_mailed_with_its_link(cast: Cast, commit: Commit) -> None:
    with commit():
        invitation = invite(cast)
        assert mail.outbox == []
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["new@example.com"], "Join Asha's Boutique on Lapel")
    assert message.body == (
        "You are invited to work in the shop Asha's Boutique. Open this link to join:\n\n"
        f"https://shop.example.com/join/{invitation.token}/\n"
    )


def test_a_transaction_that_fails_sends_no_mail(cast: Cast, commit: Commit) -> None:
    with commit(), transaction.atomic():
        invite(cast)
        transaction.set_rollback(True)
    assert (mail.outbox, Invitation.objects.count()) == ([], 0)


def test_a_repeated_invitation_sends_the_same_link(cast: Cast, commit: Commit) -> None:
    with commit():
        first, second = invite(cast), invite(cast, "NEW@example.com")
    assert first == second
    assert [message.body for message in mail.outbox] == [mail.outbox[0].body] * 2


def test_links_cannot_be_guessed(cast: Cast) -> None:
    tokens = {invite(cast, f"{number}@example.com").token for number in range(5)}
    assert {len(token) for token in tokens} == {32}
    assert len(tokens) == 5


def test_a_member_is_not_invited_again(cast: Cast, commit: Commit) -> None:
    with commit(), pytest.raises(AlreadyMember):
        invite(cast, "Teammate@Example.com")
    assert (mail.outbox, Invitation.objects.count()) == ([], 0)


def test_a_shop_cannot_send_mail_to_the_world(cast: Cast, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shops, "MAX_OPEN_INVITATIONS", 2)
    for name in ("a", "b"):
        invite(cast, f"{name}@example.com")
    with commit(), pytest.raises(TooManyInvitations):
        invite(cast, "c@example.com")
    assert (mail.outbox, Invitation.objects.count()) == ([], 2)
    with commit():
        invite(cast, "a@example.com")  # one that waits may be sent again
    assert len(mail.outbox) == 1


def test_line_breaks_in_a_shops_name_add_no_header_to_the_mail(cast: Cast, commit: Commit) -> None:
    Shop.objects.filter(pk=cast.shop.pk).update(name="Asha\r\nBcc: all@example.com")
    cast.shop.refresh_from_db()
    with commit():
        invite(cast)
    assert mail.outbox[0].subject == "Join Asha Bcc: all@example.com on Lapel"
    assert mail.outbox[0].recipients() == ["new@example.com"]


class BrokenMail:
    """A mail server that answers no more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def send_messages(self, messages: list[Any]) -> int:
        raise smtplib.SMTPServerDisconnected("gone")


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_fails_is_said_and_can_be_sent_again(cast: Cast, settings: Any) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.BrokenMail"
    with pytest.raises(InvitationNotSent):
        invite(cast)
    settings.EMAIL_BACKEND = working
    invite(cast)
    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    assert Invitation.objects.count() == 1


def test_an_invitation_works_once(cast: Cast) -> None:
    invitation, other = invite(cast), make_user("other@example.com")
    membership = shops.accept_invitation(invitation=invitation, user=cast.stranger)
    assert (membership.shop, membership.user, membership.role) == (cast.shop, cast.stranger, "member")
    before = people(cast.shop)
    for user in (other, cast.stranger):
        with pytest.raises(InvitationUsed):
            shops.accept_invitation(invitation=invitation, user=user)
    assert people(cast.shop) == before


def test_an_invitation_that_was_withdrawn_works_no_more(cast: Cast) -> None:
    invitation = invite(cast)
    Invitation.objects.filter(pk=invitation.pk).delete()
    with pytest.raises(InvitationUsed):
        shops.accept_invitation(invitation=invitation, user=cast.stranger)
    assert people(cast.shop) == [(cast.seller, "owner"), (cast.teammate, "member")]


def test_a_member_who_follows_a_link_keeps_the_role(cast: Cast) -> None:
    shops.accept_invitation(invitation=invite(cast), user=cast.seller)
    assert people(cast.shop) == [(cast.seller, "owner"), (cast.teammate, "member")]


def test_after_a_used_invitation_the_same_address_can_be_invited_again(cast: Cast) -> None:
    first = invite(cast)
    membership = shops.accept_invitation(invitation=first, user=cast.stranger)
    shops.remove_member(membership=membership)
    assert invite(cast).token != first.token


def test_the_last_owner_cannot_leave(cast: Cast) -> None:
    before = people(cast.shop)
    with pytest.raises(LastOwner):
        shops.remove_member(membership=cast.shop.memberships.get(user=cast.seller))
    assert people(cast.shop) == before


def test_one_of_two_owners_can_leave(cast: Cast) -> None:
    Membership.objects.filter(user=cast.teammate).update(role="owner")
    shops.remove_member(membership=cast.shop.memberships.get(user=cast.seller))
    assert people(cast.shop) == [(cast.teammate, "owner")]


def test_an_owner_of_another_shop_does_not_count(cast: Cast) -> None:
    make_shop(cast.teammate, "The teammate's own")
    with pytest.raises(LastOwner):
        shops.remove_member(membership=cast.shop.memberships.get(user=cast.seller))


def test_a_member_can_be_taken_out_of_one_shop_only(cast: Cast) -> None:
    Membership.objects.create(shop=cast.strangers_shop, user=cast.teammate)
    shops.remove_member(membership=cast.shop.memberships.get(user=cast.teammate))
    assert people(cast.shop) == [(cast.seller, "owner")]
    assert people(cast.strangers_shop) == [(cast.stranger, "owner"), (cast.teammate, "member")]
