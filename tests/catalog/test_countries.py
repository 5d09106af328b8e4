"""Countries, currencies and languages to choose from."""

import pytest
from django.utils import translation

from catalog.countries import country_choices, country_codes, currency_choices, currency_of, language_choices


@pytest.mark.parametrize(
    ("country", "currency"),
    [("IN", "INR"), ("DE", "EUR"), ("NG", "NGN"), ("NA", "NAD"), ("BT", "BTN"), ("EC", "USD"), ("AQ", ""), ("XX", "")],
)
def test_a_country_pays_with_its_own_currency_first(country: str, currency: str) -> None:
    assert currency_of(country) == currency


def test_every_country_and_every_currency_in_use_can_be_chosen() -> None:
    assert [code for code, _name in sorted(country_choices())] == sorted(country_codes())
    currencies = {code for code, _name in currency_choices()}
    assert {currency_of(code) for code in country_codes()} - currencies == set()
    assert {"ZAR", "NAD", "USD", "JOD"} - currencies == set()
    assert {"AQ", "EU", "ZZ"} & set(country_codes()) == set()


def test_choices_fit_their_columns() -> None:
    assert {len(code) for code, _name in country_choices()} == {2}
    assert {len(code) for code, _name in currency_choices()} == {3}
    assert max(len(code) for code, _name in language_choices()) <= 7


def test_names_are_in_the_readers_language_and_stand_where_one_looks_for_them() -> None:
    with translation.override("fr"):
        countries, languages = country_choices(), language_choices()
    assert (countries[0], dict(countries)["DE"]) == (("AF", "Afghanistan"), "Allemagne")
    assert dict(languages)["hi"] == "hindi"
    codes = [code for code, _name in countries]
    assert codes.index("ES") < codes.index("US") < codes.index("FJ")  # Espagne, États-Unis, Fidji


def test_a_reader_of_a_language_that_nobody_knows_reads_english() -> None:
    with translation.override("qqq"):
        assert dict(country_choices())["DE"] == "Germany"
        assert dict(currency_choices())["INR"] == "INR · Indian Rupee"
