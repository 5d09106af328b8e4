"""Texts that may be ids."""

import pytest

from catalog.ids import parsed_id


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("0012", 12), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert parsed_id(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "1.5", "x", "१२", "²", "1\0", "9" * 19])
def test_what_no_row_can_have_is_none(text: str) -> None:
    assert parsed_id(text) is None
