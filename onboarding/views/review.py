"""Reviewing prefilled listings, confirming them, undoing it, and making listings by hand."""

from contextlib import suppress
from typing import Final
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.access import listing_or_404, shop_or_404
from catalog.ids import parsed_id
from catalog.look_alikes import photos_in_question
from catalog.models import Listing, Photo, Shop
from catalog.navigation import remember_shop
from catalog.vocabulary import Vocabulary
from onboarding import access
from onboarding.accuracy import recent_accuracy
from onboarding.conflicts import conflict_of
from onboarding.errors import ListingChanged, OnboardingError
from onboarding.forms import ListingForm
from onboarding.learnt import learnt_today
from onboarding.models import Confirmation
from onboarding.pace import seconds_left
from onboarding.progress import is_waiting_for_tags
from onboarding.review import PostedChoices, posted_choices, review_fields
from onboarding.services.confirming import Decision, confirm_listing, standing_decisions, undo_confirmation
from onboarding.services.listing_by_hand import create_by_hand
from onboarding.templatetags.confirmations import UNDO_NOW, UNDO_SESSION_KEY

TURNING_HEADER: Final = "X-Turning"
"""Of requests by static/js/turning.js."""


def _drafts(shop: Shop) -> QuerySet[Listing]:
    """Each knows its shop."""
    return shop.listings.filter(state=Listing.State.DRAFT).order_by("pk")


def _vocabulary(listing: Listing) -> Vocabulary:
    """Today's terms and the listing's own: saving must not lose a value that has been retired since."""
    kept = listing.tags.values_list("term_id", flat=True)
    return Vocabulary(kept=kept, stamp=listing.shop.vocabulary_stamp)


@require_safe
def review_next(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the next draft, oldest first; `?after=` skips one, and starts over at the end; `?before=` goes back."""
    shop = shop_or_404(request, pk)
    remember_shop(request, shop)
    after, before = (parsed_id(request.GET.get(name, "")) for name in ("after", "before"))
    following = _next_draft(shop, after=after, before=before)
    if following:
        return redirect("onboarding:review", following.pk)
    confirmed = Listing.objects.filter(shop=shop, state=Listing.State.CONFIRMED).count()
    context = {
        "shop": shop,
        "confirmed_count": confirmed,
        "learnt": learnt_today(request.user, shop, Vocabulary(stamp=shop.vocabulary_stamp)),
        "look_alikes": photos_in_question(shop),
    }
    return render(request, "onboarding/review_done.html", context)


def _next_draft(shop: Shop, *, after: int | None = None, before: int | None = None) -> Listing | None:
    drafts = _drafts(shop)
    if before:
        return drafts.filter(pk__lt=before).last() or drafts.last()
    return drafts.filter(pk__gt=after or 0).first() or drafts.first()


def _next_photo(listing: Listing, *, is_last: bool) -> Photo | None:
    """What the browser may fetch already, so that the next page need not wait for it."""
    drafts = _drafts(listing.shop)
    following = drafts.exclude(pk=listing.pk) if is_last else drafts.filter(pk__gt=listing.pk)
    return Photo.objects.filter(listing=following.values("pk")[:1]).first()


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    listing = listing_or_404(request, pk)
    remember_shop(request, listing.shop)
    if request.method != "POST":
        return _show(request, listing, ListingForm.to_show(listing))
    was_draft = listing.state == Listing.State.DRAFT
    form = ListingForm(request.POST, instance=listing)
    posted = posted_choices(request.POST, _vocabulary(listing))
    if not form.is_valid() or posted.unknown:
        _complain_of_unknown(form, posted)
        return _show(request, listing, form, posted=request.POST, status=400)
    try:
        confirmation = _confirm(request, listing.pk, form, posted)
    except Listing.DoesNotExist:
        messages.error(request, _("This listing was deleted meanwhile."))
        return redirect("catalog:listing_list", listing.shop_id)
    except ListingChanged:
        return _let_choose(request, listing_or_404(request, pk), form, posted)
    if was_draft or (confirmation and _is_first(confirmation)):
        return _go_on(request, listing, confirmation)
    _tell_on_next_page(request, confirmation)
    return redirect("catalog:listing_detail", listing.pk)


def _go_on(request: HttpRequest, listing: Listing, confirmation: Confirmation | None) -> HttpResponse:
    """To the next draft: the way there, or at once the page itself for a script that asks for it."""
    following = _next_draft(listing.shop, after=listing.pk)
    if following is None or confirmation is None or TURNING_HEADER not in request.headers:
        _tell_on_next_page(request, confirmation)
        way = reverse("onboarding:review_next", args=[listing.shop_id])
        return redirect(f"{way}?after={listing.pk}")
    response = _show(request, following, ListingForm.to_show(following), confirmed=confirmation)
    response["Content-Location"] = reverse("onboarding:review", args=[following.pk])
    return response


def _let_choose(request: HttpRequest, listing: Listing, form: ListingForm, posted: PostedChoices) -> HttpResponse:
    """What is stored beside what was entered; where that is the same there is nothing to choose."""
    conflict = conflict_of(listing, form, posted.choices, _vocabulary(listing))
    if not conflict.differences:
        form.cleaned_data["seen_revision"] = listing.revision
        with suppress(ListingChanged):  # once more: the page below then shows the newest
            return _go_on(request, listing, _confirm(request, listing.pk, form, posted))
    context = {
        "listing": listing,
        "shop": listing.shop,
        "photos": list(listing.photos.all()[:1]),
        "conflict": conflict,
    }
    return render(request, "onboarding/review_conflict.html", context, status=409)


def _is_first(confirmation: Confirmation) -> bool:
    """Whether a draft was confirmed by it: a form that was sent twice leads on as the first one would have."""
    others = standing_decisions([confirmation.listing_id]).exclude(pk=confirmation.pk)
    return not others.exists()


def _confirm(request: HttpRequest, pk: int, form: ListingForm, posted: PostedChoices) -> Confirmation | None:
    assert request.user.is_authenticated
    decision = Decision(
        choices=posted.choices,
        seen_revision=form.cleaned_data["seen_revision"],
        idempotency_key=str(form.cleaned_data["idempotency_key"]),
        details=form.details(),
    )
    return confirm_listing(listing=Listing(pk=pk), actor=request.user, decision=decision)


def _tell_on_next_page(request: HttpRequest, confirmation: Confirmation | None) -> None:
    if confirmation:
        request.session[UNDO_SESSION_KEY] = confirmation.pk
    else:
        messages.success(request, _("Saved."))


def _complain_of_unknown(form: ListingForm, posted: PostedChoices) -> None:
    for field in posted.unknown:
        form.add_error(None, _("%(field)s: choose one of the values.") % {"field": field.label})


def _show(
    request: HttpRequest,
    listing: Listing,
    form: ListingForm,
    *,
    posted: QueryDict | None = None,
    status: int = 200,
    confirmed: Confirmation | None = None,
) -> HttpResponse:
    """`confirmed`: what the same request has confirmed, which can be undone."""
    is_draft = listing.state == Listing.State.DRAFT
    up_to_here = Count("pk", filter=Q(pk__lte=listing.pk))
    drafts = _drafts(listing.shop).aggregate(remaining=Count("pk"), position=up_to_here)
    remaining = drafts["remaining"]
    context = {
        "listing": listing,
        "shop": listing.shop,
        "photos": list(listing.photos.all()),
        "form": form,
        "fields": review_fields(listing, _vocabulary(listing), posted, recent_accuracy(listing.shop)),
        "is_draft": is_draft,
        "remaining": remaining,
        "nav_to_review": remaining,
        "seconds_left": seconds_left(request.user, listing.shop, remaining) if is_draft else None,
        "position": drafts["position"] if is_draft else None,
        "waiting_for_tags": is_waiting_for_tags(listing),
        "next_photo": _next_photo(listing, is_last=drafts["position"] == remaining) if is_draft else None,
        UNDO_NOW: confirmed,
        "undoable": _last_decision(request, listing.shop) if is_draft and not confirmed else None,
    }
    return render(request, "onboarding/review.html", context, status=status)


def _last_decision(request: HttpRequest, shop: Shop) -> Confirmation | None:
    """The listing that this person confirmed last, if that still stands: it can be undone after a reload too.

    None where the notice of its confirmation offers that already.
    """
    decided = access.confirmations_for(request.user).filter(
        listing__shop=shop, actor=request.user.pk, is_whole=True, withdrawn_by=None
    )
    last = decided.exclude(how=Confirmation.How.UNDO).order_by("-pk").first()
    is_offered = last is not None and request.session.get(UNDO_SESSION_KEY) == last.pk
    return last if last and last.batch is None and not is_offered else None


@require_http_methods(["GET", "HEAD", "POST"])
def listing_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A listing by hand, without a photo."""
    shop = shop_or_404(request, pk)
    remember_shop(request, shop)
    vocabulary = Vocabulary()
    if request.method != "POST":
        form = ListingForm(initial={"seen_revision": 0, "idempotency_key": uuid4()})
        return _show_new(request, shop, form, None)
    form = ListingForm(request.POST)
    posted = posted_choices(request.POST, vocabulary)
    if not form.is_valid() or posted.unknown:
        _complain_of_unknown(form, posted)
        return _show_new(request, shop, form, request.POST)
    assert request.user.is_authenticated
    confirmation = create_by_hand(
        shop=shop,
        actor=request.user,
        details=form.details(),
        choices=posted.choices,
        idempotency_key=str(form.cleaned_data["idempotency_key"]),
    )
    _tell_on_next_page(request, None)
    return redirect("catalog:listing_detail", confirmation.listing_id)


def _show_new(request: HttpRequest, shop: Shop, form: ListingForm, posted: QueryDict | None) -> HttpResponse:
    context = {"shop": shop, "form": form, "fields": review_fields(None, Vocabulary(), posted), "is_draft": True}
    return render(request, "onboarding/listing_new.html", context, status=400 if posted else 200)


@require_POST
def confirmation_undo(request: HttpRequest, pk: int) -> HttpResponse:
    confirmation = access.confirmation_or_404(request, pk)
    assert request.user.is_authenticated
    try:
        undo_confirmation(confirmation=confirmation, actor=request.user)
        messages.success(request, _("Undone. The listing is as it was before."))
    except OnboardingError as error:
        messages.error(request, str(error))
    return redirect("onboarding:review", confirmation.listing_id)
