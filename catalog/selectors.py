"""Reading the catalogue: what lists and pages show."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Final

from django.db.models import CharField, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Lower, NullIf

from catalog.folding import folded
from catalog.models import Listing, ListingTag, Photo, Shop, TagField, Term, TermName
from catalog.vocabulary import Vocabulary

SORTS = {  # what has no title or price comes last, on every database
    "newest": ("-pk",),
    "oldest": ("pk",),
    "title": (NullIf(Lower("title"), Value("")).asc(nulls_last=True), "pk"),
    "price": (F("price").asc(nulls_last=True), "pk"),
}


FIRST_PHOTO: Final = "first_photo_"
VALUE: Final = "value_"
PHOTO_COLUMNS: Final = ("pk", "width", "height")
OTHER_FIELDS = (TagField.SEASON, TagField.GENDER, TagField.USAGE)


def photo_room(shop: Shop) -> int:
    """How many more photos the shop may have; not below 0."""
    return max(0, shop.photo_limit - Photo.objects.filter(listing__shop=shop).count())


@dataclass(frozen=True)
class ListingCard:
    """A listing as lists show it; texts are in the reader's language."""

    listing: Listing
    photo: Photo | None
    title: str
    category: str
    colour: str
    colour_key: str
    others: Sequence[str]


@dataclass(frozen=True)
class TagRow:
    """One field of a listing as its page shows it."""

    field: TagField
    label: str
    name: str
    source: str
    source_label: str
    colour_key: str


def listings_of(shop: Shop) -> QuerySet[Listing]:
    """The shop's listings with tags and photos, in a fixed number of queries."""
    tags = Prefetch("tags", ListingTag.objects.select_related("term"))
    return Listing.objects.filter(shop=shop).prefetch_related(tags, "photos").order_by("-pk")


def variants_of(listing: Listing) -> QuerySet[Listing]:
    """The other variants of the product."""
    if listing.variant_group is None:
        return Listing.objects.none()
    return listings_of(listing.shop).filter(variant_group=listing.variant_group).exclude(pk=listing.pk)


def filter_listings(
    rows: QuerySet[Listing], *, text: str = "", state: str = "", terms: Mapping[str, Term] | None = None
) -> QuerySet[Listing]:
    """Narrows listings. A category term stands for everything below it; `terms` by field."""
    if text:
        rows = rows.filter(_says(text))
    if state:
        rows = rows.filter(state=state)
    for field, term in (terms or {}).items():
        tagged = ListingTag.objects.filter(field=field).filter(_at_or_below(term))
        rows = rows.filter(pk__in=tagged.values("listing"))
    return rows


def _says(text: str) -> Q:
    """Every word that is typed stands in what a person wrote about the listing, or begins one of a name of its tags."""
    words = filter(None, map(folded, text.split()))
    return reduce(and_, map(_says_word, dict.fromkeys(words)), Q()) or Q(pk__in=())


def _says_word(word: str) -> Q:
    # Within a word of a name, "red" would find "multicoloured".
    names = TermName.objects.filter(search_text__contains=f" {word}").values("term")
    tagged = ListingTag.objects.filter(term__in=names).values("listing")
    return Q(search_text__contains=word) | Q(pk__in=tagged)


def _at_or_below(term: Term) -> Q:
    return Q(term=term) | Q(term__parent=term) | Q(term__parent__parent=term)


@dataclass(frozen=True)
class ListCounts:
    """What a list counts, by one query: the listings that it shows (`found`), and among them by state and by term.

    A category counts what is below it. `in_use`: the terms that any listing of the shop carries, or stands below.
    `to_review`: the shop's drafts, whatever is shown. `others`: what else was counted, by kind and key.
    """

    by_state: Mapping[str, int]
    by_term: Mapping[int, int]
    in_use: Set[int]
    to_review: int
    others: Mapping[str, Mapping[str, int]]

    @property
    def found(self) -> int:
        return sum(self.by_state.values())


Counted = QuerySet[Any, tuple[str, str, int]]
"""Rows of a kind, a key, and how many there are of it."""


def list_counts(shop: Shop, rows: QuerySet[Listing], vocabulary: Vocabulary, *others: Counted) -> ListCounts:
    """`rows` are the shop's listings that are shown, all or some; `others` are counted along."""
    shown = rows.order_by()
    tags = ListingTag.objects.filter(term__isnull=False)
    drafts = Listing.objects.filter(shop=shop, state=Listing.State.DRAFT)
    counted = count_by("state", shown, "state").union(
        count_by("term", tags.filter(listing__in=shown.values("pk")), "term_id"),
        count_by("in use", tags.filter(listing__shop=shop), "term_id"),
        count_by("to review", drafts, "state"),
        *others,
        all=True,
    )
    found: dict[str, dict[str, int]] = {}
    for kind, key, count in counted:
        found.setdefault(kind, {})[key] = count
    by_term: Counter[int] = Counter()
    for key, count in found.get("term", {}).items():
        by_term.update(dict.fromkeys(_with_those_above(int(key), vocabulary), count))
    return ListCounts(
        by_state=found.get("state", {}),
        by_term=by_term,
        in_use={pk for key in found.get("in use", {}) for pk in _with_those_above(int(key), vocabulary)},
        to_review=sum(found.get("to review", {}).values()),
        others=found,
    )


def count_by(kind: str, rows: QuerySet[Any], key: str | Combinable) -> Counted:
    """So many rows of each key: a column, or an expression, which may be an aggregate itself."""
    text = CharField()
    named = rows.annotate(of_kind=Value(kind, text)).values("of_kind").annotate(of_key=Cast(key, text))
    counts: Counted = named.annotate(how_many=Count("pk")).values_list("of_kind", "of_key", "how_many")
    return counts


def _with_those_above(term_id: int, vocabulary: Vocabulary) -> list[int]:
    """Nothing for a term that is out of use."""
    term = vocabulary.get(term_id)
    return [each.pk for each in vocabulary.lineage(term)] if term else []


def in_brief(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    """As `cards` need them, in one query: with the first photo, and with the values' ids."""
    first = Photo.objects.filter(listing=OuterRef("pk")).order_by("position", "pk")
    photo = {f"{FIRST_PHOTO}{name}": Subquery(first.values(name)[:1]) for name in PHOTO_COLUMNS}
    tag = ListingTag.objects.filter(listing=OuterRef("pk"))
    values = {f"{VALUE}{field}": Subquery(tag.filter(field=field).values("term")[:1]) for field in TagField}
    return rows.prefetch_related(None).annotate(**photo, **values)


def cards(listings: Iterable[Listing], vocabulary: Vocabulary) -> list[ListingCard]:
    return [_card(listing, vocabulary) for listing in listings]


def _card(listing: Listing, vocabulary: Vocabulary) -> ListingCard:
    terms = {field: vocabulary.known(term_id) for field, term_id in _values(listing).items()}
    category, colour = terms.get(TagField.CATEGORY), terms.get(TagField.COLOUR)
    return ListingCard(
        listing=listing,
        photo=_first_photo(listing),
        title=listing.title or vocabulary.name(category) or str(listing),
        category=vocabulary.name(category),
        colour=vocabulary.name(colour),
        colour_key=colour.colour_key if colour else "",
        others=[vocabulary.name(term) for field in OTHER_FIELDS if (term := terms.get(field))],
    )


def _values(listing: Listing) -> Mapping[str, int | None]:
    """Ids of terms by field."""
    if hasattr(listing, f"{VALUE}{TagField.COLOUR}"):
        return {field: getattr(listing, f"{VALUE}{field}") for field in TagField}
    return {tag.field: tag.term_id for tag in listing.tags.all()}


def _first_photo(listing: Listing) -> Photo | None:
    """With what a thumbnail needs of it."""
    if not hasattr(listing, f"{FIRST_PHOTO}pk"):
        return next(iter(listing.photos.all()), None)
    values = {name: getattr(listing, f"{FIRST_PHOTO}{name}") for name in PHOTO_COLUMNS}
    return Photo(listing=listing, **values) if values["pk"] else None


def tag_rows(listing: Listing, vocabulary: Vocabulary) -> Sequence[TagRow]:
    """A row for every field, also the empty ones."""
    tags = {tag.field: tag for tag in listing.tags.select_related("term")}
    return [_tag_row(field, tags.get(field), vocabulary) for field in TagField]


def _tag_row(field: TagField, tag: ListingTag | None, vocabulary: Vocabulary) -> TagRow:
    term = tag.term if tag else None
    return TagRow(
        field=field,
        label=str(field.label),
        name=vocabulary.path_name(term),
        source=tag.source if tag and term else "",
        source_label=tag.get_source_display() if tag and term else "",
        colour_key=term.colour_key if term else "",
    )
