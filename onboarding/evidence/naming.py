"""Names of values for people: evidence speaks in the keys that networks and data sets use."""

from collections.abc import Mapping

from django.db.models import Q
from django.utils.translation import get_language

from catalog.models import TagField, TermName
from onboarding.evidence.figures import Output
from onboarding.suggestions import CATEGORY_LEVELS, tag_field_of

AT_DEPTH = (
    Q(term__parent=None),
    Q(term__parent__isnull=False, term__parent__parent=None),
    Q(term__parent__parent__isnull=False),
)


class ValueNames:
    """The names of one output's values, read in one query; a value without a term keeps its key."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    @classmethod
    def of(cls, output: Output, language: str | None = None) -> "ValueNames":
        """Retired terms are named too: evidence is about the past. English where a language has no name."""
        wanted = (language or get_language() or "en").partition("-")[0]
        rows = TermName.objects.filter(language__in={wanted, "en"}, is_synonym=False, term__field=tag_field_of(output))
        if tag_field_of(output) == TagField.CATEGORY:
            rows = rows.filter(AT_DEPTH[CATEGORY_LEVELS.index(output)])
        found = sorted(rows.values_list("language", "term__key", "text"), key=lambda row: row[0] == wanted)
        return cls({key: text for _language, key, text in found})

    def name(self, value: str) -> str:
        return self._names.get(value, value)
