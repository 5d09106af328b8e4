"""What the networks' predictions suggest for a listing: one suggestion a field, over all its photos."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.models import TagField
from onboarding.models import Prediction

Band = Prediction.Band
Output = Prediction.Output

CATEGORY_LEVELS = (Output.MASTER_CATEGORY, Output.SUB_CATEGORY, Output.ARTICLE_TYPE)
MAX_ALTERNATIVES = 4


@dataclass(frozen=True)
class Suggestion:
    """The best guess for one field: a term id, its calibrated probability, runners-up (term id, probability)."""

    field: TagField
    term_id: int
    confidence: float
    band: Band
    alternatives: tuple[tuple[int, float], ...]
    model_version_id: int

    @property
    def is_confident(self) -> bool:
        """Below its threshold a field stays empty rather than wrong."""
        return self.band != Band.UNSURE


def suggestions_for(listing_ids: Iterable[int]) -> dict[int, dict[TagField, Suggestion]]:
    """Suggestions by listing and field, from each photo's latest predictions; one query."""
    rows = Prediction.objects.filter(photo__listing__in=listing_ids).order_by("model_version_id", "pk")
    latest: dict[int, dict[int, dict[str, Prediction]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows.select_related("photo"):
        latest[row.photo.listing_id][row.photo_id][row.field] = row
    return {listing_id: suggest(list(photos.values())) for listing_id, photos in latest.items()}


def suggest(photos: Sequence[Mapping[str, Prediction]]) -> dict[TagField, Suggestion]:
    """Merges the predictions of a listing's photos, each by output: the surest photo speaks."""
    found: dict[TagField, Suggestion] = {}
    for field in TagField:
        candidates = [each for photo in photos if (each := _from_photo(field, photo))]
        if candidates:
            found[field] = max(candidates, key=lambda each: (each[0], each[1].confidence))[1]
    return found


def _from_photo(field: TagField, photo: Mapping[str, Prediction]) -> tuple[int, Suggestion] | None:
    """One photo's suggestion, and how deep in the category tree it dares to go."""
    if field == TagField.CATEGORY:
        return _category(photo)
    row = photo.get(field.value)
    return (int(row.band != Band.UNSURE), _suggestion(field, row, row.alternatives)) if row else None


def _category(photo: Mapping[str, Prediction]) -> tuple[int, Suggestion] | None:
    """The deepest level that is confident enough; runners-up come from the deepest level there is."""
    levels = [row for output in CATEGORY_LEVELS if (row := photo.get(output))]
    if not levels:
        return None
    depth = max((n for n, row in enumerate(levels, 1) if row.band != Band.UNSURE), default=0)
    chosen, deepest = levels[max(depth - 1, 0)], levels[-1]
    runners_up = [*([[deepest.term_id, deepest.confidence]] if chosen is not deepest else []), *deepest.alternatives]
    return depth, _suggestion(TagField.CATEGORY, chosen, runners_up)


def _suggestion(field: TagField, row: Prediction, runners_up: Iterable[Sequence[float]]) -> Suggestion:
    others = tuple((int(term), float(share)) for term, share in runners_up if term != row.term_id)
    return Suggestion(
        field=field,
        term_id=row.term_id,
        confidence=row.confidence,
        band=Band(row.band),
        alternatives=others[:MAX_ALTERNATIVES],
        model_version_id=row.model_version_id,
    )
