"""What the review page shows for each field, and what comes back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.ids import parsed_id
from catalog.models import Listing, ListingTag, TagField, Term
from catalog.vocabulary import Vocabulary
from onboarding.accuracy import RecentAccuracy
from onboarding.models import Prediction
from onboarding.suggestions import Suggestion, suggestions_for

OTHER_SUFFIX = "_other"
LEAST_RUNNERS_UP = 2
LEAST_CHANCE = 0.03
SHORT = 10
"""Values of a list that are shown side by side where nothing is suggested."""
FEW = 5
"""Values of a field that are all one tap away, and need no list."""
BAND_OF_PERSON, BAND_OF_NOTHING = "person", "none"


@dataclass(frozen=True)
class Choice:
    """A value that one tap chooses, with the levels above it, and the network's confidence in percent if it has any."""

    value: str
    name: str
    above: str
    percent: int | None
    checked: bool
    colour_key: str


@dataclass(frozen=True)
class Option:
    """A value in the list of all."""

    value: str
    name: str
    colour_key: str = ""


class Options:
    """Every value of a field, as a list of all offers them: in groups, whose headings are empty but for categories."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[Option]]] = ()) -> None:
        self.groups = groups

    @property
    def is_short(self) -> bool:
        return len(self.groups) == 1 and len(self.groups[0][1]) < SHORT

    @cached_property
    def html(self) -> str:
        return render_to_string("onboarding/_options.html", {"groups": self.groups})


@dataclass(frozen=True)
class ReviewField:
    """One field of the form: one-tap choices, and a select for any other value, which wins if it is set.

    Where the `other_options` are none, the choices are all there is.
    """

    key: str
    label: str
    band: str
    band_label: str
    confidence_percent: int | None
    choices: Sequence[Choice]
    other_options: Options
    other_selected: str
    recent: RecentAccuracy | None = None
    is_contradicted: bool = False
    """The photo's own pixels speak against what the network suggests, and nobody has decided yet."""
    errors: Sequence[str] = ()

    @property
    def other_name(self) -> str:
        return f"{self.key}{OTHER_SUFFIX}"

    @property
    def has_list(self) -> bool:
        """Whether there is more to choose from than what is shown side by side."""
        return bool(self.other_options.groups) and (bool(self.choices) or not self.other_options.is_short)

    @property
    def other_html(self) -> str:
        """The options, one of them selected; there are hundreds, and a page is waited for."""
        chosen = self.other_selected
        html = self.other_options.html
        return mark_safe(html.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1) if chosen else html)  # noqa: S308 (rendered with escaping)

    @property
    def is_empty(self) -> bool:
        """Nothing is chosen: neither a tap choice nor another value."""
        return not self.other_selected and not any(choice.checked for choice in self.choices)


def review_fields(
    listing: Listing | None,
    vocabulary: Vocabulary,
    posted: QueryDict | None = None,
    recent: Mapping[TagField, RecentAccuracy] | None = None,
) -> list[ReviewField]:
    """The fields of a listing (None: a new one), as stored, or as `posted` when a form is shown again.

    `recent` is what is told of suggestions beside them.
    """
    tags = {tag.field: tag for tag in listing.tags.all()} if listing else {}
    suggestions = suggestions_for([listing.pk]).get(listing.pk, {}) if listing else {}
    chosen = posted_choices(posted, vocabulary).choices if posted is not None else None
    return [
        _review_field(
            field,
            tags.get(field),
            suggestions.get(field),
            chosen.get(field) if chosen is not None else _stored(tags.get(field), vocabulary),
            vocabulary,
            (recent or {}).get(field),
        )
        for field in TagField
    ]


def _stored(tag: ListingTag | None, vocabulary: Vocabulary) -> Term | None:
    return vocabulary.get(tag.term_id) if tag else None


def _review_field(
    field: TagField,
    tag: ListingTag | None,
    suggestion: Suggestion | None,
    chosen: Term | None,
    vocabulary: Vocabulary,
    recent: RecentAccuracy | None,
) -> ReviewField:
    terms = vocabulary.terms_of(field)
    choices = _choices(suggestion, chosen, vocabulary, terms if len(terms) <= FEW else [])
    band, band_label = _band(tag, suggestion)
    is_contradicted = suggestion is not None and suggestion.contradicted and band != BAND_OF_PERSON
    return ReviewField(
        key=field.value,
        label=str(field.label),
        band=band,
        band_label=band_label,
        confidence_percent=_percent(suggestion.confidence) if suggestion else None,
        choices=choices,
        other_options=Options() if len(choices) == len(terms) else _other_options(field, vocabulary),
        other_selected="" if chosen is None or any(each.checked for each in choices) else str(chosen.pk),
        recent=recent if suggestion else None,
        is_contradicted=is_contradicted,
    )


def _choices(
    suggestion: Suggestion | None, chosen: Term | None, vocabulary: Vocabulary, others: Sequence[Term]
) -> list[Choice]:
    """The suggested value and its runners-up, best first; two of them at least, then only those with a chance.

    Behind them come `others` that are not among them.
    """
    if suggestion is None:
        return []
    runners_up = suggestion.alternatives
    likely = [each for rank, each in enumerate(runners_up) if rank < LEAST_RUNNERS_UP or each[1] >= LEAST_CHANCE]
    offered: dict[int, int | None] = {suggestion.term_id: _percent(suggestion.confidence)}
    offered |= {term_id: _percent(confidence) for term_id, confidence in likely}
    offered |= {term.pk: None for term in others if term.pk not in offered}
    return [
        Choice(
            value=str(term.pk),
            name=vocabulary.name(term),
            above=" › ".join(map(vocabulary.name, vocabulary.lineage(term)[:-1])),
            percent=percent,
            checked=term == chosen,
            colour_key=term.colour_key,
        )
        for term_id, percent in offered.items()
        if (term := vocabulary.get(term_id))
    ]


def _percent(confidence: float) -> int:
    """Rounded, but certainty is for people: never 100, and never 0 for something that is offered."""
    return min(99, max(1, round(100 * confidence)))


def _band(tag: ListingTag | None, suggestion: Suggestion | None) -> tuple[str, str]:
    if tag is not None and tag.source != ListingTag.Source.MODEL:
        return BAND_OF_PERSON, str(tag.get_source_display())
    if suggestion is None:
        return BAND_OF_NOTHING, _("No suggestion")
    return suggestion.band.value, str(Prediction.Band(suggestion.band).label)


def _other_options(field: TagField, vocabulary: Vocabulary) -> Options:
    """Everything that can be chosen; categories are grouped under their subcategory."""
    return vocabulary.once(("options", field, get_language()), lambda: Options(_groups(field, vocabulary)))


def _groups(field: TagField, vocabulary: Vocabulary) -> list[tuple[str, Sequence[Option]]]:
    terms = vocabulary.terms_of(field)
    if field != TagField.CATEGORY:
        return [("", [Option(str(term.pk), vocabulary.name(term), term.colour_key) for term in terms])]
    groups: dict[str, list[Option]] = {}
    for term in terms:
        lineage = vocabulary.lineage(term)
        if len(lineage) == 1:
            groups.setdefault(vocabulary.name(term), []).append(_whole(term, vocabulary))
        else:
            heading = " › ".join(map(vocabulary.name, lineage[:2]))
            is_leaf = len(lineage) == Term.CATEGORY_DEPTH
            entry = Option(str(term.pk), vocabulary.name(term)) if is_leaf else _whole(term, vocabulary)
            groups.setdefault(heading, []).append(entry)
    return list(groups.items())


def _whole(term: Term, vocabulary: Vocabulary) -> Option:
    return Option(str(term.pk), _("%(category)s (in general)") % {"category": vocabulary.name(term)})


@dataclass(frozen=True)
class PostedChoices:
    choices: Mapping[TagField, Term | None]
    unknown: Sequence[TagField]


def posted_choices(posted: QueryDict, vocabulary: Vocabulary) -> PostedChoices:
    """The chosen term of each field. A value that is no term of its field is listed as unknown, never guessed at."""
    choices: dict[TagField, Term | None] = {}
    unknown = []
    for field in TagField:
        raw = posted.get(f"{field}{OTHER_SUFFIX}") or posted.get(field) or ""
        term = vocabulary.get(parsed_id(raw))
        if raw and (term is None or term.field != field):
            unknown.append(field)
            term = None
        choices[field] = term
    return PostedChoices(choices, unknown)
