"""Reading compose.yaml: its services, and what their variables come to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from tests.containers.dockerfile import ROOT

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")


def services() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
    return read


def required() -> dict[str, set[str]]:
    """What has to be set, with the sentences that are said where it is not."""
    found: dict[str, set[str]] = {}
    for match in VARIABLE.finditer(TEXT):
        if match["kind"] == "?":
            found.setdefault(match["name"], set()).add(match["rest"])
    return found


def mentioned() -> set[str]:
    """Every variable that an operator can set."""
    passed_on = {name for service in services().values() for name in _passed_on(service)}
    return passed_on | {match["name"] for match in VARIABLE.finditer(TEXT)}


def _passed_on(service: Mapping[str, Any]) -> Iterator[str]:
    for name, value in service.get("environment", {}).items():
        if value is None:
            yield name


def environment_of(service: str, values: Mapping[str, str]) -> dict[str, str]:
    """What the service's processes find in their environment. Raises `KeyError` for what has to be set and is not."""
    found = {}
    for name, value in services()[service].get("environment", {}).items():
        if value is not None:
            found[name] = VARIABLE.sub(lambda match: _resolved(match, values), str(value))
        elif name in values:
            found[name] = values[name]
    return found


def _resolved(match: "re.Match[str]", values: Mapping[str, str]) -> str:
    if values.get(match["name"]) or match["kind"] != "-":
        return values[match["name"]]
    return match["rest"]


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))
