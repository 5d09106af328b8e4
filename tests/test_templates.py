"""The templates and the files beside them, read as text: what must hold for every page, also for new ones."""

import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Template
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

TEMPLATES_DIR = Path(settings.BASE_DIR) / "templates"
STATIC_DIR = Path(settings.BASE_DIR) / "static"
NAMES = sorted(path.relative_to(TEMPLATES_DIR).as_posix() for path in TEMPLATES_DIR.rglob("*") if path.is_file())
HTML_NAMES = [name for name in NAMES if name.endswith(".html")]

MAX_STATIC_BYTES_PER_PAGE = 40_000  # compressed, as they are sent
SPOKEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "label"}
TEXTS_OF_NO_LANGUAGE = {"Lapel", "· Lapel", "U", "Ctrl Z"}  # names, and keys of every keyboard

TRANSLATED = re.compile(r"{%\s*(blocktranslate|blocktrans)\b.*?%}.*?{%\s*end\1\s*%}", re.DOTALL)
UNREAD = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|{% block \w+_class %}.*?{% endblock %}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
URL_NAME = re.compile(r"{%\s*url\s+'([^']+)'")
STATIC_FILE = re.compile(r"{%\s*static\s+'([^']+)'")
OTHER_TEMPLATE = re.compile(r'{%\s*(?:extends|include)\s+"([^"]+)"')
LETTER = re.compile(r"[^\W\d_]")


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text that a person would read."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(TAG.sub(" ", TRANSLATED.sub(" ", UNREAD.sub("", source))))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._keep(*(found[name] or "" for name in SPOKEN_ATTRIBUTES & found.keys()))
        self._keep(*(value or "" for name, value in attrs if name.startswith("data-text")))

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def _keep(self, *texts: str) -> None:
        shown = (" ".join(text.split()) for text in texts)
        self.texts += [text for text in shown if LETTER.search(text) and text not in TEXTS_OF_NO_LANGUAGE]


def source_of(name: str) -> str:
    return (TEMPLATES_DIR / name).read_text(encoding="utf-8")


def static_files_of(name: str) -> set[str]:
    """What a page loads from `static/`, before compression: its own, its parents' and its fragments' files."""
    source = source_of(name)
    named = set(STATIC_FILE.findall(source))
    return named.union(*(static_files_of(other) for other in OTHER_TEMPLATE.findall(source)))


def url_names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from url_names(pattern.url_patterns, inner)
        elif pattern.name:
            yield namespace + pattern.name


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles(name: str) -> None:
    assert isinstance(get_template(name).template, Template)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in HTML_NAMES if name != "email/letter.html"])  # mail knows no sheets
def test_no_template_carries_style_or_script_of_its_own(name: str) -> None:
    for tag, attributes in Reader(source_of(name)).tags:
        assert tag != "style"
        assert tag != "script" or "src" in attributes
        assert "style" not in attributes
        assert [key for key in attributes if key.startswith(("on", "hx-on"))] == []
        assert "javascript:" not in (attributes.get("href") or "")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "styleguide.html"])  # for those who build pages
def test_every_text_for_people_is_translatable(name: str) -> None:
    assert Reader(source_of(name)).texts == []


@pytest.mark.parametrize("name", HTML_NAMES)
def test_every_image_says_what_it_shows_or_that_it_only_decorates(name: str) -> None:
    images = [attributes for tag, attributes in Reader(source_of(name)).tags if tag == "img"]
    assert [image for image in images if "alt" not in image] == []


@pytest.mark.parametrize("name", HTML_NAMES)
def test_every_link_in_a_template_leads_to_a_page_that_exists(name: str) -> None:
    known = set(url_names(get_resolver().url_patterns))
    assert set(URL_NAME.findall(source_of(name))) - known == set()


@pytest.mark.parametrize("name", HTML_NAMES)
def test_every_form_that_posts_is_protected_against_forgery(name: str) -> None:
    forms = re.findall(r'<form[^>]*method="post".*?</form>', source_of(name), re.DOTALL)
    assert [form for form in forms if "{% csrf_token %}" not in form] == []


def test_the_error_page_of_last_resort_needs_no_context() -> None:
    page = get_template("500.html").render()
    assert "<h1>" in page
    assert "{" not in page


@pytest.mark.parametrize("name", [name for name in HTML_NAMES if not name.startswith("admin/")])  # Django's own pages
def test_no_page_loads_more_than_a_slow_network_can_carry(name: str) -> None:
    files = static_files_of(name)
    sizes = [len(gzip.compress((STATIC_DIR / file).read_bytes())) for file in files]
    assert sum(sizes) < MAX_STATIC_BYTES_PER_PAGE


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC_DIR / "img" / "icons.svg").read_text()))
    used = {icon for name in HTML_NAMES for icon in re.findall(r'"_icon.html" with name="([^"]+)"', source_of(name))}
    assert used - sprite == set()


def test_every_colour_of_the_vocabulary_has_a_swatch() -> None:
    terms = json.loads((Path(settings.BASE_DIR) / "catalog" / "terms" / "en.json").read_text(encoding="utf-8"))
    swatches = re.findall(r'\[data-colour="([^"]+)"\]', (STATIC_DIR / "css" / "swatches.css").read_text())
    assert sorted(swatches) == sorted(terms["colour"])
