"""Where the staff decide what the network is unsure of, one field at a time."""

from dataclasses import replace
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Listing, TagField
from catalog.vocabulary import Vocabulary
from onboarding.access import staff_right
from onboarding.errors import ListingChanged, OnboardingError
from onboarding.forms import SeenForm
from onboarding.low_confidence import QueueFilter, following, overview, waiting
from onboarding.models import Confirmation, DoubtfulTag
from onboarding.review import ReviewField, posted_choices, review_fields
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation

RIGHT = "onboarding.review_predictions"
UNDO_KEY = "queue_undo"


@require_safe
@staff_right(RIGHT)
def staff_queue(request: HttpRequest) -> HttpResponse:
    """What waits, by field and value."""
    fields = overview(Vocabulary())
    return render(
        request, "onboarding/staff_queue.html", {"fields": fields, "left": sum(each.count for each in fields)}
    )


@require_safe
@staff_right(RIGHT)
def staff_queue_next(request: HttpRequest) -> HttpResponse:
    """On to the least confident tag, or to the one after `?after=`."""
    chosen = QueueFilter.from_query(request.GET, Vocabulary())
    after = request.GET.get("after", "")
    skipped = DoubtfulTag.objects.filter(pk=int(after)).first() if after.isdecimal() and len(after) < 19 else None
    doubt = following(chosen, skipped)
    return redirect(_path(doubt, chosen)) if doubt else _render_done(request, chosen)


def _path(doubt: DoubtfulTag, chosen: QueueFilter) -> str:
    path = reverse("onboarding:staff_queue_item", args=[doubt.pk])
    return f"{path}?{chosen.query}" if chosen.query else path


def _render_done(request: HttpRequest, chosen: QueueFilter) -> HttpResponse:
    left = DoubtfulTag.objects.count()
    context = {"chosen": chosen, "left": left, "undo": request.session.get(UNDO_KEY)}
    return render(request, "onboarding/staff_queue_done.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_right(RIGHT)
def staff_queue_item(request: HttpRequest, pk: int) -> HttpResponse:
    vocabulary = Vocabulary()
    chosen = QueueFilter.from_query(request.GET, vocabulary)
    doubt = DoubtfulTag.objects.filter(pk=pk).select_related("listing__shop", "term").first()
    if doubt is None:
        messages.info(request, _("This one has been decided meanwhile. Here is the next."))
        return redirect(f"{reverse('onboarding:staff_queue_next')}?{chosen.query}")
    if request.method != "POST":
        return _show(request, doubt, chosen, vocabulary)
    form, field = SeenForm(request.POST), TagField(doubt.field)
    posted = posted_choices(request.POST, vocabulary)
    if not form.is_valid() or field in posted.unknown or not _is_answered(request, field):
        messages.error(request, _("Choose one of the values."))
        return _show(request, doubt, chosen, vocabulary, status=400)
    following_doubt = following(chosen, doubt)
    decision = Decision(
        choices={field: posted.choices[field]},
        seen_revision=form.cleaned_data["seen_revision"],
        idempotency_key=str(form.cleaned_data["idempotency_key"]),
        how=Confirmation.How.ADMIN,
        is_whole=False,
    )
    _decide(request, doubt.listing, decision)
    return redirect(_path(following_doubt, chosen) if following_doubt else _next_path(chosen))


def _next_path(chosen: QueueFilter) -> str:
    return f"{reverse('onboarding:staff_queue_next')}?{chosen.query}"


def _is_answered(request: HttpRequest, field: TagField) -> bool:
    """Whether anything was sent for the field; the empty value is an answer."""
    return field.value in request.POST or bool(request.POST.get(f"{field.value}_other"))


def _decide(request: HttpRequest, listing: Listing, decision: Decision) -> None:
    assert request.user.is_authenticated
    try:
        confirmation = confirm_listing(listing=listing, actor=request.user, decision=decision)
    except (ListingChanged, Listing.DoesNotExist):
        messages.warning(request, _("Somebody changed that listing meanwhile, so nothing was saved. Here is the next."))
        return
    if confirmation:
        request.session[UNDO_KEY] = confirmation.pk


def _show(
    request: HttpRequest, doubt: DoubtfulTag, chosen: QueueFilter, vocabulary: Vocabulary, status: int = 200
) -> HttpResponse:
    listing = doubt.listing
    fields = {field.key: field for field in review_fields(listing, vocabulary)}
    context = {
        "doubt": doubt,
        "listing": listing,
        "photos": list(listing.photos.all()),
        "field": _with_the_guess_chosen(fields.pop(doubt.field)),
        "others": [(each.label, choice) for each in fields.values() for choice in each.choices if choice.checked],
        "chosen": chosen,
        "chosen_name": vocabulary.name(chosen.term) if chosen.term else chosen.field.label if chosen.field else "",
        "left": waiting(chosen).count(),
        "key": uuid4(),
        "undo": request.session.get(UNDO_KEY),
    }
    return render(request, "onboarding/staff_queue_item.html", context, status=status)


def _with_the_guess_chosen(field: ReviewField) -> ReviewField:
    """Sellers find a doubtful field empty; who works through doubts agrees with one key."""
    if not field.is_empty or not field.choices:
        return field
    return replace(field, choices=[replace(field.choices[0], checked=True), *field.choices[1:]])


@require_POST
@staff_right(RIGHT)
def staff_queue_undo(request: HttpRequest) -> HttpResponse:
    """Takes back this person's last decision in the queue, and leads to it."""
    chosen = QueueFilter.from_query(request.GET, Vocabulary())
    last = Confirmation.objects.filter(pk=request.session.pop(UNDO_KEY, None), actor=request.user.pk).first()
    if last is None:
        messages.info(request, _("There is nothing to undo."))
        return redirect(_next_path(chosen))
    assert request.user.is_authenticated
    try:
        undo_confirmation(confirmation=last, actor=request.user)
    except OnboardingError as error:
        messages.error(request, str(error))
        return redirect(_next_path(chosen))
    doubt = DoubtfulTag.objects.filter(listing=last.listing_id, field__in=last.fields).first()
    return redirect(_path(doubt, chosen) if doubt else _next_path(chosen))
