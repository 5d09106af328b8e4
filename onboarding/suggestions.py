"""What the networks' predictions suggest for a listing: one suggestion a field, over all its photos."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from django.db.models import Case, Q, When

from catalog.models import TagField, Term
from onboarding.models import ModelVersion, Prediction

Band = Prediction.Band
Output = Prediction.Output

CATEGORY_LEVELS = (Output.MASTER_CATEGORY, Output.SUB_CATEGORY, Output.ARTICLE_TYPE)
MAX_ALTERNATIVES = 4

PhotoPredictions = Mapping[TagField, Mapping[str, Prediction]]


@dataclass(frozen=True)
class Suggestion:
    """The best guess for one field: a term id, its calibrated probability, runners-up (term id, probability).

    `contradicted`: the photo's own pixels speak for another value.
    """

    field: TagField
    term_id: int
    confidence: float
    band: Band
    alternatives: tuple[tuple[int, float], ...]
    model_version_id: int
    contradicted: bool = False

    @property
    def is_confident(self) -> bool:
        """Below its threshold a field stays empty rather than wrong."""
        return self.band != Band.UNSURE


def tag_field_of(output: str) -> TagField:
    """The field that an output of the network is about: three outputs are levels of the category."""
    return TagField.CATEGORY if output in CATEGORY_LEVELS else TagField(output)


def suggestions_for(listing_ids: Iterable[int]) -> dict[int, dict[TagField, Suggestion]]:
    """Suggestions by listing and field; one query.

    For each photo the active version speaks, also after a rollback; where it has not seen the photo, the newest does.
    """
    is_active = Q(model_version__state=ModelVersion.State.ACTIVE)
    rows = Prediction.objects.filter(photo__listing__in=listing_ids).alias(rank=Case(When(is_active, 1), default=0))
    rows = rows.order_by("photo_id", "rank", "model_version_id", "pk")
    found: dict[int, dict[int, dict[TagField, dict[str, Prediction]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    for row in rows.select_related("photo", "term"):
        outputs = found[row.photo.listing_id][row.photo_id][tag_field_of(row.field)]
        if any(older.model_version_id != row.model_version_id for older in outputs.values()):
            outputs.clear()  # levels from two versions could contradict each other
        outputs[row.field] = row
    return {listing_id: suggest(list(photos.values())) for listing_id, photos in found.items()}


def suggest(photos: Sequence[PhotoPredictions]) -> dict[TagField, Suggestion]:
    """Merges the predictions of a listing's photos: for each field the surest photo speaks."""
    found: dict[TagField, Suggestion] = {}
    for field in TagField:
        candidates = [each for photo in photos if (each := _from_photo(field, photo.get(field, {})))]
        if candidates:
            found[field] = max(candidates, key=lambda each: (each[0], each[1].confidence))[1]
    return found


def _from_photo(field: TagField, outputs: Mapping[str, Prediction]) -> tuple[int, Suggestion] | None:
    """One photo's suggestion, and how deep in the category tree it dares to go (0: it is unsure)."""
    names = CATEGORY_LEVELS if field == TagField.CATEGORY else (field.value,)
    present = [row for name in names if (row := outputs.get(name))]
    levels = list(takewhile(lambda row: _is_living(row.term), present))
    if not levels:
        return None
    depth = max((n for n, row in enumerate(levels, 1) if row.band != Band.UNSURE), default=0)
    chosen, deepest = levels[max(depth - 1, 0)], levels[-1]
    runners_up = [*([[deepest.term_id, deepest.confidence]] if chosen is not deepest else []), *deepest.alternatives]
    return depth, _suggestion(field, chosen, runners_up)


def _is_living(term: Term) -> bool:
    return term.retired_at is None and term.merged_into_id is None


def _suggestion(field: TagField, row: Prediction, runners_up: Iterable[Sequence[float]]) -> Suggestion:
    others = tuple((int(term), float(share)) for term, share in runners_up if term != row.term_id)
    return Suggestion(
        field=field,
        term_id=row.term_id,
        confidence=row.confidence,
        band=Band(row.band),
        alternatives=others[:MAX_ALTERNATIVES],
        model_version_id=row.model_version_id,
        contradicted=row.contradicted,
    )
