"""Prices, written as the reader's language writes amounts."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from catalog.templatetags.money import money


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "1250", "INR", "₹1,250"),
        ("en", "1250.50", "INR", "₹1,250.50"),
        ("en", "1250.00", "EGP", "EGP\u00a01,250"),
        ("es", "1250.5", "EUR", "1.250,50\u00a0€"),
        ("es", "12500", "MXN", "12.500\u00a0MXN"),
        ("hi", "125000", "INR", "₹1,25,000"),
        ("en", "0", "JPY", "¥0"),
    ],
)
def test_an_amount_is_written_as_the_language_does(language: str, amount: str, currency: str, written: str) -> None:
    with override(language):
        assert money(Decimal(amount), currency) == written


def test_in_arabic_the_currency_keeps_its_side_of_the_amount() -> None:
    with override("ar"):
        assert money(Decimal("1250"), "EGP") == "\u200f1,250\u00a0ج.م.\u200f"
