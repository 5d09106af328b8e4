"""Counts as people read them, in their language's way of writing numbers (Unicode CLDR, by Babel)."""

from babel.numbers import format_decimal

from catalog.countries import readers_locale


class _Count(int):
    """Still a number, since plural forms are chosen by it; templates and `%(count)s` write numbers by their `str`."""

    def __str__(self) -> str:
        return format_decimal(int(self), locale=readers_locale())


def grouped(count: int) -> int:
    """6500 as "6,500", for Spanish readers as "6.500"."""
    return _Count(count + 0)  # a lazy one is no `int` before its sum
