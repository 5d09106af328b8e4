"""Two people on one listing: what the second had entered, beside what the first has stored meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import localize

from catalog.models import Listing, ListingTag, TagField, Term
from catalog.vocabulary import Vocabulary
from onboarding.forms import ListingForm
from onboarding.models import Confirmation


@dataclass(frozen=True)
class Side:
    """What one of the two chose: as the form sends it, and as people read it."""

    value: str
    name: str
    colour_key: str = ""


@dataclass(frozen=True)
class Difference:
    """One field of both. What nobody has decided yet gives way without a question."""

    name: str
    label: str
    stored: Side
    entered: Side
    is_decided: bool = True

    @property
    def is_in_question(self) -> bool:
        return self.is_decided and self.stored != self.entered


@dataclass(frozen=True)
class Conflict:
    """`others` are the fields that need no choice, as the form sends them; `actor` changed it last, at `at`."""

    differences: Sequence[Difference]
    others: Mapping[str, str]
    actor: str = ""
    at: datetime | None = None

    @property
    def is_just_now(self) -> bool:
        return self.at is not None and timezone.now() - self.at < timedelta(minutes=1)


def conflict_of(
    listing: Listing, form: ListingForm, choices: Mapping[TagField, Term | None], vocabulary: Vocabulary
) -> Conflict:
    """`listing` as it is stored now; `form` (valid) and `choices` as they were sent, to an older revision."""
    pairs = [*_tags(listing, choices, vocabulary), *_details(listing, form)]
    last = Confirmation.objects.filter(listing=listing.pk).select_related("actor").order_by("-pk").first()
    return Conflict(
        differences=[each for each in pairs if each.is_in_question],
        others={
            **{each.name: each.entered.value for each in pairs if not each.is_in_question},
            **{each.name: str(each.value()) for each in ListingForm.to_show(listing).hidden_fields()},
        },
        actor=last.actor_name if last else "",
        at=last.created_at if last else None,
    )


def _tags(listing: Listing, choices: Mapping[TagField, Term | None], vocabulary: Vocabulary) -> Iterable[Difference]:
    tags = {tag.field: tag for tag in listing.tags.all()}
    for each in TagField:
        tag = tags.get(each)
        stored = vocabulary.get(tag.term_id) if tag else None
        sides = _term(stored, vocabulary), _term(choices.get(each), vocabulary)
        is_decided = tag is not None and tag.source != ListingTag.Source.MODEL
        yield Difference(each.value, str(each.label), *sides, is_decided=is_decided)


def _term(term: Term | None, vocabulary: Vocabulary) -> Side:
    if term is None:
        return Side("", "")
    return Side(str(term.pk), vocabulary.path_name(term), term.colour_key)


def _details(listing: Listing, form: ListingForm) -> Iterable[Difference]:
    for name in form.Meta.fields:
        stored, entered = getattr(listing, name), form.cleaned_data[name]
        side = _text(stored)  # of an equal price too, however many zeros end it
        sides = side, side if entered == stored else _text(entered)
        yield Difference(name, str(form.fields[name].label), *sides, is_decided=stored not in (None, ""))


def _text(value: object) -> Side:
    return Side("", "") if value in (None, "") else Side(str(value), str(localize(value)))
