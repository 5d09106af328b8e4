"""The evidence pages for all eyes and ears: what is drawn has a name, a table beside it, and a way without a mouse."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from onboarding.models import Evaluation, ModelVersion
from tests.conftest import Cast
from tests.onboarding.evidence.documents import field_document, figures_document
from tests.onboarding.evidence.test_picture_sets import evaluation, retrain_run
from tests.onboarding.test_views_staff_models import held_out, text
from tests.onboarding.test_views_staff_models import staff as staff
from tests.onboarding.test_views_staff_models import versions as versions


class Reader(HTMLParser):
    """Collects all tags with their attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str, tag: str = "") -> list[str]:
        return [found[name] or "" for each, found in self.tags if name in found and tag in ("", each)]


@pytest.fixture
def rich_pages(cast: Cast, staff: Client, versions: tuple[ModelVersion, ModelVersion]) -> list[Reader]:
    """Every page, with all that can be on it."""
    before, version = versions
    row = {"pictures": "studio", "field": "colour", "n": 9, "before": 0, "after": 1, "only_before": 1, "only_after": 9}
    run = retrain_run(before, version, report={"comparison": [row], "reasons": ["x"], "snapshot": {"photos": 3}})
    figures = {"colour": field_document(MANY_COLOURS), **figures_document()}
    Evaluation.objects.filter(pictures="studio").update(figures=figures)
    for each in versions:
        evaluation(each, "phone")
        held_out(cast, each, count=2, run=run)
    rest = ("", "studio/colour/", "studio/colour/?values=all", "studio/colour/cell/", "held_out/sub_category/")
    paths = ["/staff/models/", *(f"/staff/models/{version.pk}/{each}" for each in rest)]
    return [Reader(text(staff.get(path))) for path in paths]


MANY_COLOURS = [(f"C{n:02}", f"C{m:02}", 30 - n - m if n != m else 40) for n in range(25) for m in (n, (n + 1) % 5)]


def test_no_page_names_two_things_alike(rich_pages: list[Reader]) -> None:
    for reader in rich_pages:
        names = reader.values("id")
        assert sorted(names) == sorted(set(names))
        assert set(" ".join(reader.values("aria-labelledby")).split()) <= set(names)


def test_every_drawing_has_a_name_or_only_decorates(rich_pages: list[Reader]) -> None:
    drawings = [found for reader in rich_pages for tag, found in reader.tags if tag == "svg"]
    assert [found for found in drawings if "aria-hidden" not in found and "aria-labelledby" not in found] == []
    named = [found for found in drawings if "aria-labelledby" in found]
    with_links = [found for found in named if "matrix-cells" in (found.get("class") or "")]
    assert with_links
    assert {found.get("role") for found in with_links} == {"group"}  # what stands in a picture could not be reached
    assert {found.get("role") for found in named if found not in with_links} == {"img"}


def test_no_page_carries_style_of_its_own(rich_pages: list[Reader]) -> None:
    assert [reader.values("style") for reader in rich_pages] == [[]] * len(rich_pages)
    assert not any(tag == "style" for reader in rich_pages for tag, _found in reader.tags)


def test_whatever_scrolls_can_be_reached_with_the_keyboard_and_has_a_name(rich_pages: list[Reader]) -> None:
    for reader in rich_pages:
        boxes = [found for _tag, found in reader.tags if {"scroll", "matrix"} & set((found.get("class") or "").split())]
        assert boxes
        assert all(found.get("tabindex") == "0" and found.get("aria-label") for found in boxes)


def test_the_tables_hold_every_cell_of_the_drawing(rich_pages: list[Reader]) -> None:
    for reader, count in zip(rich_pages[2:4], (20, 25), strict=True):  # the most confused values, and all
        links = [found for tag, found in reader.tags if tag == "a" and "predicted=" in (found.get("href") or "")]
        drawn = {found["href"] for found in links if found.get("tabindex") == "-1"}
        listed = {found["href"] for found in links if "tabindex" not in found}
        wrong = {each for each in drawn if each and len(set(re.findall(r"=(C\d+)", each))) == 2}
        assert len(wrong) == count
        assert wrong <= listed
