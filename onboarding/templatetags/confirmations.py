"""What pages of the catalogue show of confirmations; templates may look into any app."""

from typing import Any

from django import template

from catalog.models import Listing
from onboarding.access import confirmations_for
from onboarding.models import Confirmation
from onboarding.services.confirming import latest_confirmation

UNDO_SESSION_KEY = "undo"
"""Of the session: the confirmation that the next page offers to undo."""
UNDO_NOW = "confirmed_now"
"""Of a page's context: the confirmation that this very page offers to undo."""

register = template.Library()


@register.simple_tag
def confirmation_of(listing: Listing) -> Confirmation | None:
    """The decision that stands for a listing, if any."""
    return latest_confirmation(listing)


@register.simple_tag(takes_context=True)
def undo_offer(context: dict[str, Any]) -> Confirmation | None:
    """What this person has just confirmed, once: for a bar that offers to undo it."""
    now: Confirmation | None = context.get(UNDO_NOW)
    if now:
        return now
    request = context.get("request")
    pk = request.session.pop(UNDO_SESSION_KEY, None) if request and hasattr(request, "session") else None
    if pk is None or request is None:
        return None
    return confirmations_for(request.user).filter(pk=pk, withdrawn_by=None).select_related("listing").first()
