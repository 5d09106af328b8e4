"""What a check-up found: counts and a few examples of each kind, however much there is."""

from collections import Counter
from typing import Any

from onboarding.consistency.findings import Finding, Kind

MAX_EXAMPLES = 5


class Report:
    """Kinds that were not found are not in it."""

    def __init__(self) -> None:
        self._found: Counter[Kind] = Counter()
        self._repaired: Counter[Kind] = Counter()
        self._examples: dict[Kind, list[str]] = {}

    def add(self, finding: Finding, *, is_repaired: bool) -> None:
        self._found[finding.kind] += 1
        self._repaired[finding.kind] += is_repaired
        examples = self._examples.setdefault(finding.kind, [])
        if len(examples) < MAX_EXAMPLES:
            examples.append(str(finding))

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, or all of it was repaired."""
        return self._found == self._repaired

    def lines(self) -> list[str]:
        """One for each kind."""
        return [self._line(kind, count) for kind, count in self._in_order()]

    def _line(self, kind: Kind, count: int) -> str:
        repaired = f" ({self._repaired[kind]} repaired)" if self._repaired[kind] else ""
        more = ", …" if count > MAX_EXAMPLES else ""
        examples = ", ".join(filter(None, self._examples[kind])) + more
        return f"{count} {kind.label}{repaired}" + (f" – {examples}" if examples else "")

    def as_json(self) -> dict[str, Any]:
        return {
            "clean": self.is_clean,
            "findings": [
                {
                    "kind": kind.value,
                    "count": count,
                    "repaired": self._repaired[kind],
                    "examples": self._examples[kind],
                }
                for kind, count in self._in_order()
            ],
        }

    def _in_order(self) -> list[tuple[Kind, int]]:
        return [(kind, self._found[kind]) for kind in Kind if self._found[kind]]
