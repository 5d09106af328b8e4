"""What a model's card says about it, in lines for people; what is missing or odd is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from onboarding.evidence.figures import Output
from onboarding.models import ModelVersion


def model_facts(version: ModelVersion) -> list[tuple[str, str]]:
    """Names and values, in order."""
    card = version.card if isinstance(version.card, Mapping) else {}
    facts = [
        (_("Network"), _text(card.get("trunk"))),
        (_("Reads pictures of"), _input_size(_mapping(card, "preprocessing"))),
        (_("Values it knows"), _value_counts(_mapping(card, "classes"))),
        (_("Pictures"), "; ".join(_picture_counts(_mapping(_mapping(card, "data"), "pictures")))),
        (_("Trained"), _text(card.get("created"))),
        (_("With"), ", ".join(f"{name} {_text(text)}" for name, text in _mapping(card, "libraries").items())),
        (_("SHA-256"), version.sha256),
    ]
    return [(name, value) for name, value in facts if value]


def _mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _input_size(preprocessing: Mapping[str, Any]) -> str:
    width, height = preprocessing.get("width"), preprocessing.get("height")
    return _("%(width)s × %(height)s pixels") % {"width": width, "height": height} if width and height else ""


def _value_counts(classes: Mapping[str, Any]) -> str:
    labels = {output.value: str(output.label) for output in Output} | {"category": _("Category paths")}
    counts = {name: len(values) for name, values in classes.items() if isinstance(values, list | Mapping)}
    return ", ".join(f"{labels.get(name, name)} {count}" for name, count in counts.items())


def _picture_counts(sides: Mapping[str, Any]) -> Iterator[str]:
    """ "train: 2860 phone, 28372 studio" """
    for side, counts in sides.items():
        if isinstance(counts, Mapping):
            yield f"{side}: " + ", ".join(f"{count} {domain}" for domain, count in counts.items())
