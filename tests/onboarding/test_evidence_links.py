"""Links to the pictures of a cell."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template

from onboarding.templatetags.evidence_links import cell_link


def link(actual: str, predicted: str, run: str = "") -> str:
    return cell_link({"evidence": SimpleNamespace(cell_path="/cell/", run=run)}, actual, predicted)


def test_a_cell_is_named_by_both_its_values() -> None:
    assert link("Topwear", "Dress") == "/cell/?actual=Topwear&predicted=Dress"


def test_a_value_that_may_be_any_is_left_out() -> None:
    assert (link("Topwear", ""), link("", "Dress")) == ("/cell/?actual=Topwear", "/cell/?predicted=Dress")


def test_the_retraining_in_view_stays() -> None:
    assert link("A", "B", run="7") == "/cell/?actual=A&predicted=B&run=7"


@pytest.mark.parametrize(
    ("value", "quoted"), [("Bath & Body", "Bath+%26+Body"), ("a=b?c#d", "a%3Db%3Fc%23d"), ("été", "%C3%A9t%C3%A9")]
)
def test_values_are_quoted(value: str, quoted: str) -> None:
    assert link(value, "") == f"/cell/?actual={quoted}"


def test_in_a_template_the_link_is_escaped() -> None:
    template = Template('{% load evidence_links %}<a href="{% cell_link "A" "B" %}">')
    shown = template.render(Context({"evidence": SimpleNamespace(cell_path="/cell/", run="")}))
    assert shown == '<a href="/cell/?actual=A&amp;predicted=B">'
