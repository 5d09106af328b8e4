"""Reading the environment. A wrong value never stops the reading: it becomes a problem that the start-up checks report.

So whoever starts Lapel sees all that is wrong at once, each in a sentence, instead of a traceback for the first.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
NO_DATABASE = {"ENGINE": "django.db.backends.dummy"}
ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "sqlite": "django.db.backends.sqlite3",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with the environment: reported as a system check's error."""

    id: str
    sentence: str
    hint: str


class Environment:
    """The environment and a `.env` file beneath it, or that of ENV_FILE; what is wrong is in `problems`."""

    def __init__(self, file: Path) -> None:
        self.problems: list[Problem] = []
        self._env = environ.Env()
        if named := self.text("ENV_FILE"):
            file = Path(named)
        if file.exists():
            self._env.read_env(file)
        elif named:
            self.report("E012", f"ENV_FILE names no file: {named!r}.", "Write a path, or leave it empty for .env.")

    def report(self, id: str, sentence: str, hint: str) -> None:
        self.problems.append(Problem(f"lapel.{id}", sentence, hint))

    def text(self, name: str, default: str = "") -> str:
        return os.environ.get(name, "").strip() or default

    def words(self, name: str, default: list[str]) -> list[str]:
        """Values between commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()] or default

    def pattern(self, name: str, default: str, *, pattern: str, example: str) -> str:
        """A text that the pattern matches as a whole."""
        value = self.text(name, default)
        if not re.fullmatch(pattern, value):
            self.report("E010", f"{name} cannot be {value!r}.", f"Write for example {name}={example}.")
            return default
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = os.environ.get(name)
        if value is None:
            return default
        if value.strip().lower() not in (*YES, *NO):
            self.report("E003", f"{name} is neither yes nor no: {value!r}.", "Set it to 1 or 0.")
            return default
        return value.strip().lower() in YES

    def integer(self, name: str, default: int, *, at_least: int) -> int:
        return int(self._number(name, default, at_least, "a whole number", int))

    def number(self, name: str, default: float, *, at_least: float) -> float:
        return self._number(name, default, at_least, "a number", float)

    def _number(self, name: str, default: float, at_least: float, what: str, read: type[int] | type[float]) -> float:
        value = self.text(name)
        try:
            number = read(value) if value else default
        except ValueError:
            number = float("nan")
        if not at_least <= number < float("inf"):
            self.report(
                "E002", f"{name} is not {what} of at least {at_least}: {value!r}.", f"The default is {default}."
            )
            return default
        return number

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Django's settings of the database; a wrong address leads to no database rather than to another one."""
        value = self.text(name, default)
        scheme = value.partition(":")[0]
        hint = f"Write {name}=postgres://USER:PASSWORD@HOST:PORT/NAME, with special characters percent-encoded."
        if scheme not in ENGINES or "://" not in value:
            self.report("E004", f"{name} names no database that Lapel works with.", hint)
            return dict(NO_DATABASE)
        try:
            settings: dict[str, Any] = environ.Env.db_url_config(value)
        except ValueError:
            settings = {"NAME": ""}
        if settings.get("NAME") in (None, "", ":memory:"):  # each process would have a memory of its own
            self.report("E004", f"{name} cannot be read.", hint)
            return dict(NO_DATABASE)
        return {**settings, "ENGINE": ENGINES[scheme]}

    def address(self, name: str, default: str, *, schemes: tuple[str, ...], id: str) -> str:
        """A URL with one of the schemes and a host."""
        value = self.text(name)
        if not value:
            return default
        if not _is_address(value, schemes):
            hint = f"Write {name}={schemes[0]}://HOST:PORT or leave it out."
            kinds = " or ".join(f"{scheme}://" for scheme in schemes)
            self.report(id, f"{name} is not an address that begins with {kinds}.", hint)
            return default
        return value

    def email(self, name: str, default: str) -> Mapping[str, Any]:
        try:
            config: Mapping[str, Any] = self._env.email(name, default=default)
        except (ImproperlyConfigured, ValueError):
            hint = f"Write {name}=smtp+tls://USER:PASSWORD@HOST:587."
            self.report("E009", f"{name} names no way to send mail that Lapel knows.", hint)
            return environ.Env.email_url_config(default)  # type: ignore[no-any-return]
        return config


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is none
        return False
