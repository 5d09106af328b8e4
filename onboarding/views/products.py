"""Which photos and listings are one product: putting them together, taking them apart, answering what looks alike."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from catalog.access import one_or_404, photos_for, shop_or_404
from catalog.counts import grouped
from catalog.directions import isolated
from catalog.errors import ErrorForPeople
from catalog.ids import parsed_id
from catalog.look_alikes import count_questions, look_alike_groups, questions_in
from catalog.models import Listing, LookAlike, Photo, Shop
from catalog.navigation import remember_shop
from catalog.paging import page_of_cards
from catalog.selectors import in_brief, list_counts, listings_of
from catalog.services.look_alikes import answer_look_alikes, discard_copies
from catalog.services.photos import split_photo, transfer_photo
from catalog.services.variants import group_as_variants
from catalog.vocabulary import Vocabulary
from onboarding.access import uploads_for
from onboarding.forms import ProductsForm
from onboarding.models import User
from onboarding.services.combining import combine_listings

PAGE_SIZE = 48
GROUPS_ON_A_PAGE = 10


@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """The shop's products, or those of `?upload=`: chosen ones become one, and photos leave theirs."""
    shop = shop_or_404(request, pk)
    remember_shop(request, shop)
    if request.method == "POST":
        _rearrange(request, shop)
        return redirect(request.get_full_path())
    rows, vocabulary = _listings(request, shop), Vocabulary(stamp=shop.vocabulary_stamp)
    counts = list_counts(shop, rows, vocabulary, count_questions(shop))
    shown = in_brief(rows).prefetch_related("photos")
    upload = parsed_id(request.GET.get("upload", ""))
    context = {
        "shop": shop,
        "page_obj": page_of_cards(request, shown, vocabulary, page_size=PAGE_SIZE, total=counts.found),
        "upload": upload,
        "query": f"upload={upload}" if upload else "",
        "look_alikes": questions_in(counts),
        "nav_to_review": counts.to_review,
    }
    return render(request, "onboarding/arrange.html", context)


def _listings(request: HttpRequest, shop: Shop) -> QuerySet[Listing]:
    upload = parsed_id(request.GET.get("upload", ""))
    if not upload:
        return listings_of(shop)
    found = one_or_404(uploads_for(request.user).filter(shop=shop), upload)
    photos = Photo.objects.filter(uploaded_file__upload=found)
    return listings_of(shop).filter(pk__in=photos.values("listing"))


def _rearrange(request: HttpRequest, shop: Shop) -> None:
    try:
        messages.success(request, _moved(request, shop) if "photo" in request.POST else _decided(request, shop))
    except ErrorForPeople as error:
        messages.error(request, str(error))


def _moved(request: HttpRequest, shop: Shop) -> str:
    """A photo goes into the listing `to`, or gets one of its own."""
    photo = one_or_404(photos_for(request.user).filter(listing__shop=shop), parsed_id(request.POST["photo"]) or 0)
    if "to" in request.POST:
        listing = one_or_404(Listing.objects.filter(shop=shop), parsed_id(request.POST["to"]) or 0)
        transfer_photo(photo=photo, listing=listing)
        return _("The photo was moved.")
    split_photo(photo=photo)
    return _("The photo now has a listing of its own.")


def _decided(request: HttpRequest, shop: Shop) -> str:
    """What is said of the chosen listings; raises `ErrorForPeople`."""
    form = ProductsForm(shop, request.POST)
    if not form.is_valid():
        raise ErrorForPeople(next(iter(form.errors.values()))[0])
    listings, action = list(form.cleaned_data["listings"]), form.cleaned_data["action"]
    if len(listings) < 2:
        raise ErrorForPeople(_("Choose at least two products."))
    assert isinstance(request.user, User)
    return _carry_out(action, listings, request.user)


def _carry_out(action: str, listings: list[Listing], actor: User) -> str:
    if action == ProductsForm.COMBINE:
        kept = combine_listings(listings=listings, actor=actor)
        values = {"count": grouped(len(listings)), "listing": isolated(kept)}
        return _("%(count)s products are one now: %(listing)s.") % values
    if action == ProductsForm.DISCARD:
        count = discard_copies(listings=listings)
        return ngettext("%(count)s copy is removed.", "%(count)s copies are removed.", count) % {
            "count": grouped(count)
        }
    if action == ProductsForm.VARIANTS:
        group_as_variants(listings=listings)
        answer_look_alikes(listings=listings, answer=LookAlike.Answer.VARIANTS, actor=actor)
        return _("They are kept as variants of one product.")
    answer_look_alikes(listings=listings, answer=LookAlike.Answer.APART, actor=actor)
    return _("They stay apart.")


@require_http_methods(["GET", "HEAD", "POST"])
def look_alikes(request: HttpRequest, pk: int) -> HttpResponse:
    """What may be one product, a group at a time."""
    shop = shop_or_404(request, pk)
    remember_shop(request, shop)
    if request.method == "POST":
        _rearrange(request, shop)
        return redirect(reverse("onboarding:look_alikes", args=[shop.pk]))
    total, groups = look_alike_groups(shop, Vocabulary(stamp=shop.vocabulary_stamp), limit=GROUPS_ON_A_PAGE)
    context: dict[str, Any] = {"shop": shop, "total": total, "groups": groups}
    return render(request, "onboarding/look_alikes.html", context)
