"""The words of the vocabulary as scripts read them: what stands in them, and how long a browser may keep them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from catalog.models import Term, TermName
from catalog.vocabulary import seed_vocabulary
from catalog.word_list import Row, word_list
from tests.conftest import term

pytestmark = pytest.mark.django_db
ADDRESS = "/vocabulary.json"


def row_of(wanted: Term) -> Row:
    (found,) = [row for row in word_list() if row[0] == wanted.pk]
    return found


def test_a_row_holds_the_term_the_one_above_its_name_and_other_words_for_it() -> None:
    navy, bags = term("colour", "Navy Blue"), term("category", "Accessories", "Bags", "Handbags")
    assert row_of(navy)[:4] == [navy.pk, 0, "Navy blue", "navy"]
    assert row_of(bags)[:4] == [bags.pk, bags.parent_id, "Handbags", "purse"]


def test_every_term_that_can_be_chosen_is_there_once_below_the_one_above_it() -> None:
    rows = word_list()
    assert sorted(row[0] for row in rows) == sorted(Term.objects.values_list("pk", flat=True))
    seen = {0}
    for pk, above, *_words in rows:
        assert above in seen
        seen.add(int(pk))


@pytest.mark.parametrize("end", ["retired", "merged"])
def test_a_term_out_of_use_and_what_stands_below_it_are_not_there(end: str) -> None:
    top, shirts = term("category", "Apparel", "Topwear"), term("category", "Apparel", "Topwear", "Tshirts")
    below = set(Term.objects.filter(parent=top).values_list("pk", flat=True))
    change = {"retired_at": timezone.now()} if end == "retired" else {"merged_into": term("colour", "Red")}
    Term.objects.filter(pk=top.pk).update(**change)
    assert shirts.pk in below
    assert {row[0] for row in word_list()} & {top.pk, *below} == set()


def test_readers_of_another_language_find_terms_by_its_words_and_by_english_ones() -> None:
    seed_vocabulary({"language": "fr", "colour": {"Navy Blue": {"name": "Bleu marine", "synonyms": ["marine"]}}})
    with translation.override("fr"):
        row = row_of(term("colour", "Navy Blue"))
    assert row[2] == "Bleu marine"
    assert {"marine", "Navy blue", "navy"} <= set(row[3:])
    assert "marine" not in row_of(term("colour", "Navy Blue"))


def test_a_synonym_that_an_admin_adds_is_sent() -> None:
    red = term("colour", "Red")
    TermName.objects.create(term=red, language="en", text="post box", is_synonym=True)
    assert "post box" in row_of(red)


def test_what_has_not_changed_is_not_sent_again_and_what_has_is(client: Client) -> None:
    first = client.get(ADDRESS)
    assert first.json() == {"words": word_list()}
    again = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    TermName.objects.create(term=term("colour", "Red"), language="en", text="post box", is_synonym=True)
    changed = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, "post box" in changed.content.decode()) == (200, True)


def test_a_browser_may_keep_it_also_where_it_is_sent_compressed(client: Client) -> None:
    plain, small = client.get(ADDRESS), client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert (small["Content-Encoding"], "max-age=60" in small["Cache-Control"]) == ("gzip", True)
    assert len(small.content) < len(plain.content) / 2
    known = {"Accept-Encoding": "gzip", "If-None-Match": small["ETag"]}
    assert client.get(ADDRESS, headers=known).status_code == 304


def test_it_takes_two_queries(client: Client, django_assert_num_queries: Any) -> None:
    client.get(ADDRESS)  # reads the edition
    with django_assert_num_queries(2):
        client.get(ADDRESS)
