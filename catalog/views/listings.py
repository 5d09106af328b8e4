"""The list of products, a product's page, deleting, and the CSV file."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import access, selectors
from catalog.directions import isolated
from catalog.exports import csv_lines
from catalog.forms import FilterForm
from catalog.models import Listing, Shop
from catalog.navigation import remember_shop
from catalog.paging import other_queries, page_of_cards
from catalog.services import listings as services
from catalog.services.variants import leave_variants
from catalog.vocabulary import Vocabulary

PAGE_SIZE = 24
EXPORT_CHUNK_SIZE = 500


@require_safe
def listing_list(request: HttpRequest, pk: int) -> HttpResponse:
    shop = access.shop_or_404(request, pk)
    remember_shop(request, shop)
    vocabulary = Vocabulary(stamp=shop.vocabulary_stamp)
    form, rows = _filtered(request, shop, vocabulary)
    counts = selectors.list_counts(shop, rows, vocabulary)
    form.offer(counts)
    shown = selectors.in_brief(rows)
    context: dict[str, Any] = {
        "shop": shop,
        "page_obj": page_of_cards(request, shown, vocabulary, page_size=PAGE_SIZE, total=counts.found),
        "filter_form": form,
        "total": counts.found,
        "querystring": other_queries(request),
        "is_filtered": form.narrows(),
        "nav_to_review": counts.to_review,
    }
    return render(request, "catalog/listing_list.html", context)


def _filtered(request: HttpRequest, shop: Shop, vocabulary: Vocabulary) -> tuple[FilterForm, QuerySet[Listing]]:
    form = FilterForm(request.GET, vocabulary=vocabulary)
    chosen = form.chosen()
    order = selectors.SORTS[chosen.pop("sort")]
    return form, selectors.filter_listings(selectors.listings_of(shop), **chosen).order_by(*order)


@require_safe
def listing_export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The listings that the same filters show, in the shop's language, as a CSV file that streams."""
    shop = access.shop_or_404(request, pk)
    vocabulary = Vocabulary(shop.language)
    _form, rows = _filtered(request, shop, vocabulary)
    lines = csv_lines(rows.select_related("shop").iterator(chunk_size=EXPORT_CHUNK_SIZE), vocabulary)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{slugify(shop.name) or 'lapel'}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def listing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    listing = access.listing_or_404(request, pk)
    remember_shop(request, listing.shop)
    vocabulary = Vocabulary()
    context = {
        "listing": listing,
        "shop": listing.shop,
        "photos": list(listing.photos.all()),
        "rows": selectors.tag_rows(listing, vocabulary),
        "variants": selectors.cards(selectors.variants_of(listing), vocabulary),
    }
    return render(request, "catalog/listing_detail.html", context)


@require_POST
def variants_leave(request: HttpRequest, pk: int) -> HttpResponse:
    listing = access.listing_or_404(request, pk)
    leave_variants(listing=listing)
    messages.success(request, _("It is a product of its own now."))
    return redirect("catalog:listing_detail", listing.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def listing_delete(request: HttpRequest, pk: int) -> HttpResponse:
    listing = access.listing_or_404(request, pk)
    if request.method != "POST":
        context = {"listing": listing, "shop": listing.shop, "photo_count": listing.photos.count()}
        return render(request, "catalog/listing_confirm_delete.html", context)
    name = str(listing)
    services.delete_listing(listing=listing)
    messages.success(request, _("%(listing)s is deleted.") % {"listing": isolated(name)})
    return redirect("catalog:listing_list", listing.shop_id)
