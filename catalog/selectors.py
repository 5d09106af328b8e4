"""Reading the catalogue: what lists and pages show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Lower, NullIf

from catalog.models import Listing, ListingTag, Photo, Shop, TagField, Term, TermName
from catalog.vocabulary import Vocabulary

SORTS = {  # what has no title or price comes last, on every database
    "newest": ("-pk",),
    "oldest": ("pk",),
    "title": (NullIf(Lower("title"), Value("")).asc(nulls_last=True), "pk"),
    "price": (F("price").asc(nulls_last=True), "pk"),
}


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
    """What a person wrote about the listing, or words of a name or synonym of what it is tagged with."""
    begun = Q(text__istartswith=text) | Q(text__icontains=f" {text}") | Q(text__icontains=f"-{text}")
    names = TermName.objects.filter(begun).values("term")  # within a word, "red" would find "multicoloured"
    tagged = ListingTag.objects.filter(term__in=names).values("listing")
    written = (
        Q(title__icontains=text) | Q(brand__icontains=text) | Q(sku__icontains=text) | Q(description__icontains=text)
    )
    return written | Q(pk__in=tagged)


def _at_or_below(term: Term) -> Q:
    return Q(term=term) | Q(term__parent=term) | Q(term__parent__parent=term)


def terms_in_use(shop: Shop) -> dict[str, set[int]]:
    """Per field the ids of the terms that this shop's listings carry."""
    found: dict[str, set[int]] = {}
    rows = ListingTag.objects.filter(listing__shop=shop, term__isnull=False)
    for field, term_id in rows.values_list("field", "term_id").distinct():
        found.setdefault(field, set()).add(term_id)
    return found


def cards(listings: Iterable[Listing], vocabulary: Vocabulary) -> list[ListingCard]:
    return [_card(listing, vocabulary) for listing in listings]


def _card(listing: Listing, vocabulary: Vocabulary) -> ListingCard:
    terms = {tag.field: tag.term for tag in listing.tags.all()}
    category, colour = terms.get(TagField.CATEGORY), terms.get(TagField.COLOUR)
    photos = list(listing.photos.all())
    return ListingCard(
        listing=listing,
        photo=photos[0] if photos else None,
        title=listing.title or vocabulary.name(category) or str(listing),
        category=vocabulary.name(category),
        colour=vocabulary.name(colour),
        colour_key=colour.key if colour else "",
        others=[vocabulary.name(term) for field in OTHER_FIELDS if (term := terms.get(field))],
    )


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
        colour_key=term.key if term and field == TagField.COLOUR else "",
    )
