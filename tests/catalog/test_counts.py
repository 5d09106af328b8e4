import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.functional import SimpleLazyObject

COUNTED = Template(
    "{% load counts i18n %}{{ count|grouped }}: {% blocktranslate count count=count|grouped %}{{ count }} listing to"
    " review{% plural %}{{ count }} listings to review{% endblocktranslate %}"
)


@pytest.mark.parametrize(
    ("language", "count", "written"),
    [
        ("en", 1, "1: 1 listing to review"),
        ("en", 6500, "6,500: 6,500 listings to review"),
        ("hi", 1234567, "12,34,567: "),
        ("es", 1, "1: 1 publicación por revisar"),
        ("es", 65000, "65.000: 65.000 publicaciones por revisar"),
        ("ar", 6500, "6,500: "),
    ],
)
def test_counts_are_written_as_their_readers_do_and_choose_the_plural_form(
    language: str, count: int, written: str
) -> None:
    with translation.override(language):
        assert COUNTED.render(Context({"count": count})).startswith(written)
        assert COUNTED.render(Context({"count": SimpleLazyObject(lambda: count)})).startswith(written)
