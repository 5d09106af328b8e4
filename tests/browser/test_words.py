"""Sentences that scripts fill in: static/js/words.js."""

import pytest
from django.utils import translation

from catalog.counts import grouped
from tests.browser.conftest import PHONE, NewBrowser

FILLED = "async ([line, values]) => (await import('/static/js/words.js')).filled(line, values)"


@pytest.mark.parametrize("language", ["en", "es", "hi", "ar"])
def test_scripts_write_counts_as_the_server_does(new_browser: NewBrowser, language: str) -> None:
    page = new_browser(**PHONE).page
    page.goto("/")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    page.reload()
    assert page.locator("html").get_attribute("lang") == language
    for count in (0, 999, 6_500, 1_234_567):
        with translation.override(language):
            assert page.evaluate(FILLED, ["{count}", {"count": count}]) == str(grouped(count))


def test_a_file_may_be_called_what_a_replacement_would_read_as_a_pattern(new_browser: NewBrowser) -> None:
    page = new_browser(**PHONE).page
    page.goto("/")
    assert page.evaluate(FILLED, ["Remove {name}", {"name": "$&$1.jpg"}]) == "Remove $&$1.jpg"
