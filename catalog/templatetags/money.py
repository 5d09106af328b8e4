"""Prices as people read them, in their language's way of writing amounts (Unicode CLDR, by Babel)."""

import re
from copy import copy
from decimal import Decimal
from typing import Final

from django import template

from catalog.countries import readers_locale

LETTER_BEFORE_DIGIT: Final = re.compile(r"[^\W\d_](?=\d)")
"""CLDR sets them apart ("EGP 1,250"); Babel does not."""

register = template.Library()


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """1250 of INR as "₹1,250", 1250.5 of EUR for Spanish readers as "1.250,50 €": whole amounts without decimals."""
    locale = readers_locale()
    pattern = copy(locale.currency_formats["standard"])
    is_whole = amount == amount.to_integral_value()
    if is_whole:
        pattern.frac_prec = (0, 0)
    written = str(pattern.apply(amount, locale, currency=currency, currency_digits=not is_whole))
    return LETTER_BEFORE_DIGIT.sub("\\g<0>\u00a0", written)
