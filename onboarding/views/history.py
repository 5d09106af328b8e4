"""What happened to a listing, and bringing an earlier state of it back."""

from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.access import listing_or_404
from catalog.models import Listing
from catalog.navigation import remember_shop
from catalog.vocabulary import Vocabulary
from onboarding import access
from onboarding.errors import ListingChanged
from onboarding.history import history_of
from onboarding.models import Confirmation, User
from onboarding.services.confirming import Decision, choices_of, confirm_listing


@require_safe
def listing_history(request: HttpRequest, pk: int) -> HttpResponse:
    listing = listing_or_404(request, pk)
    remember_shop(request, listing.shop)
    context = {"listing": listing, "shop": listing.shop, "entries": history_of(listing, Vocabulary())}
    return render(request, "onboarding/listing_history.html", context)


@require_POST
def confirmation_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Decides once more what was decided then; the history grows by it."""
    confirmation = access.confirmation_or_404(request, pk)
    if confirmation.how == Confirmation.How.UNDO:
        raise Http404
    try:
        key = UUID(request.POST.get("idempotency_key", ""))
    except ValueError as error:
        raise Http404 from error
    assert isinstance(request.user, User)
    prefetch_related_objects([confirmation], "labels__term")
    decision = Decision(
        choices=choices_of(confirmation),
        seen_revision=confirmation.listing.revision,
        idempotency_key=str(key),
        how=Confirmation.How.RESTORED,
        is_whole=confirmation.is_whole,
    )
    try:
        confirm_listing(listing=Listing(pk=confirmation.listing_id), actor=request.user, decision=decision)
        messages.success(request, _("Restored. What was there before is in the history too."))
    except (ListingChanged, Listing.DoesNotExist):
        messages.error(request, _("The listing changed in this moment. Please look again."))
    return redirect("onboarding:listing_history", confirmation.listing_id)
