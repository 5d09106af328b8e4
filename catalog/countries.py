"""Countries, currencies and languages to choose from, named in the reader's language (Unicode CLDR, by Babel)."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies
from django.utils.translation import get_language

LANGUAGE_CODES = (
    *("am", "ar", "bn", "de", "en", "es", "fa", "fr", "gu", "ha", "hi", "id", "ig", "it", "ja", "kn", "ko", "ml", "mr"),
    *("ms", "my", "ne", "nl", "pa", "pl", "pt", "ru", "si", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yo"),
    *("zh", "zu"),
)


def readers_locale() -> Locale:
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@cache
def country_codes() -> tuple[str, ...]:
    """ISO 3166 codes of the territories that have a currency of their own or a shared one in use today."""
    return tuple(
        code
        for code in sorted(Locale("en").territories)
        if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "UN", "EZ") and currency_of(code)
    )


@cache
def currency_of(country: str) -> str:
    """The ISO 4217 code of what people pay with in a country; empty where Babel knows none.

    Where several are in use, the country's own, whose code begins with the country's: NAD in NA, beside ZAR.
    """
    currencies = get_territory_currencies(country)
    return next((code for code in currencies if code.startswith(country)), currencies[0] if currencies else "")


def country_choices() -> list[tuple[str, str]]:
    names = readers_locale().territories
    return _by_name((code, names.get(code, code)) for code in country_codes())


def currency_choices() -> list[tuple[str, str]]:
    names = readers_locale().currencies
    codes = {code for country in country_codes() for code in get_territory_currencies(country)}
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(codes)]


def language_choices() -> list[tuple[str, str]]:
    names = readers_locale().languages
    return _by_name((code, names.get(code, code)) for code in LANGUAGE_CODES)


def _by_name(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Accents and capitals do not count: États-Unis stands among the E."""
    return sorted(choices, key=lambda choice: unicodedata.normalize("NFKD", choice[1]).casefold())
