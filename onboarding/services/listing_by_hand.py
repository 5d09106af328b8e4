"""A listing made by hand: it is confirmed as it is written."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from catalog.models import Shop
from catalog.services.listings import ListingDetails, create_listing
from onboarding.models import Confirmation
from onboarding.services.confirming import Choices, Decision, confirm_listing


@transaction.atomic
def create_by_hand(
    *, shop: Shop, actor: AbstractBaseUser, details: ListingDetails, choices: Choices, idempotency_key: str
) -> Confirmation:
    """Creates and confirms a listing without photos. A repeated send with the same key finds the first one."""
    Shop.objects.select_for_update().get(pk=shop.pk)
    key = f"new:{idempotency_key}"
    sent_before = Confirmation.objects.filter(listing__shop=shop, idempotency_key__endswith=f":{key}").first()
    if sent_before:
        return sent_before
    decision = Decision(choices=choices, seen_revision=0, idempotency_key=key, how=Confirmation.How.HIDDEN)
    confirmation = confirm_listing(listing=create_listing(shop=shop, details=details), actor=actor, decision=decision)
    assert confirmation is not None  # a listing that has just been made is not settled
    return confirmation
