"""Reviewing many listings on one page: one value for those chosen, and all sure ones confirmed by one press."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalog.access import shop_or_404
from catalog.counts import grouped
from catalog.errors import ErrorForPeople
from catalog.ids import parsed_id
from catalog.models import Listing, Shop
from catalog.navigation import remember_shop
from catalog.paging import other_queries, page_of_cards
from catalog.selectors import count_by, filter_listings, in_brief, list_counts, listings_of
from catalog.vocabulary import Vocabulary
from onboarding.forms import GridFilterForm, SetValueForm
from onboarding.models import User
from onboarding.services.batches import (
    confirm_sure_ones,
    counted_along,
    latest_batch,
    set_value,
    sure_ones,
    undo_batch,
)

PAGE_SIZE = 60
ORDERS = {
    GridFilterForm.UNSURE: (F("expected_mistakes").desc(nulls_first=True), "pk"),
    GridFilterForm.UPLOADED: ("pk",),
}


@require_http_methods(["GET", "HEAD", "POST"])
def review_grid(request: HttpRequest, pk: int) -> HttpResponse:
    shop = shop_or_404(request, pk)
    remember_shop(request, shop)
    vocabulary = Vocabulary(stamp=shop.vocabulary_stamp)
    if request.method == "POST":
        _set_value(request, shop, vocabulary)
        return redirect(request.get_full_path())
    assert isinstance(request.user, User)
    form = GridFilterForm(request.GET, vocabulary=vocabulary)
    rows = _drafts(shop, form)
    shown_sure = count_by("shown sure", rows.order_by().filter(is_sure=True), "state")
    counts = list_counts(shop, rows, vocabulary, shown_sure, *counted_along(shop=shop, actor=request.user))
    form.offer(counts)
    sure = sum(counts.others.get("shown sure", {}).values())
    form.offer_certainties(sure=sure, check=counts.found - sure)
    context: dict[str, Any] = {
        "shop": shop,
        "page_obj": page_of_cards(request, in_brief(rows), vocabulary, page_size=PAGE_SIZE, total=counts.found),
        "total": counts.found,
        "filter_form": form,
        "is_filtered": form.narrows(),
        "querystring": other_queries(request),
        "value_form": SetValueForm(shop, vocabulary),
        "sure": sure_ones(counts),
        "undoable": latest_batch(counts),
        "nav_to_review": counts.to_review,
    }
    return render(request, "onboarding/review_grid.html", context)


def _drafts(shop: Shop, form: GridFilterForm) -> QuerySet[Listing]:
    chosen = form.chosen()
    rows = filter_listings(
        listings_of(shop), text=chosen["text"], state=Listing.State.DRAFT, terms=chosen["terms"]
    ).order_by(*ORDERS[chosen["order"]])
    return rows.filter(is_sure=chosen["certainty"] == GridFilterForm.SURE) if chosen["certainty"] else rows


def _set_value(request: HttpRequest, shop: Shop, vocabulary: Vocabulary) -> None:
    form = SetValueForm(shop, vocabulary, request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return
    field, term = form.chosen()
    assert isinstance(request.user, User)
    try:
        count = set_value(
            listings=list(form.cleaned_data["listings"]), field=field, term=term, actor=request.user, batch=uuid4()
        )
    except ErrorForPeople as error:
        messages.error(request, str(error))
        return
    said = ngettext("%(count)s listing: %(field)s is %(value)s.", "%(count)s listings: %(field)s is %(value)s.", count)
    value = vocabulary.name(term) if term else _("empty")
    messages.success(request, said % {"count": grouped(count), "field": field.label, "value": value})


@require_POST
def confirm_sure(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirms the drafts that were sure when the page was shown."""
    shop = shop_or_404(request, pk)
    up_to = parsed_id(request.POST.get("up_to", ""))
    if up_to is None:
        raise Http404
    assert isinstance(request.user, User)
    count = confirm_sure_ones(shop=shop, actor=request.user, batch=uuid4(), up_to=up_to)
    said = ngettext("%(count)s listing is confirmed.", "%(count)s listings are confirmed.", count)
    messages.success(request, said % {"count": grouped(count)})
    return redirect("onboarding:review_grid", shop.pk)


@require_POST
def batch_undo(request: HttpRequest, pk: int) -> HttpResponse:
    shop = shop_or_404(request, pk)
    try:
        batch = UUID(request.POST.get("batch", ""))
    except ValueError as error:
        raise Http404 from error
    assert isinstance(request.user, User)
    count = undo_batch(batch=batch, shop=shop, actor=request.user)
    said = ngettext("Undone for %(count)s listing.", "Undone for %(count)s listings.", count)
    messages.success(request, said % {"count": grouped(count)})
    return redirect("onboarding:review_grid", shop.pk)
