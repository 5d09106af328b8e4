"""The vocabulary: seeded from files, grown by admins, named in the reader's language."""

import json
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone, translation

from catalog.models import TagField, Term, TermName, VocabularyEdition
from catalog.vocabulary import TERMS_DIR, Vocabulary, seed_after_migrate, seed_vocabulary
from tests.conftest import term

pytestmark = pytest.mark.django_db


def english() -> dict[str, Any]:
    return dict(json.loads((TERMS_DIR / "en.json").read_text(encoding="utf-8")))


def rows() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in (Term, TermName)]


def paths(entries: dict[str, Any]) -> list[tuple[str, ...]]:
    below = [(key, *path) for key, entry in entries.items() for path in paths(entry.get("children", {}))]
    return [(key,) for key in entries] + below


def test_seeding_again_changes_nothing() -> None:
    before = rows()
    assert seed_vocabulary(english()) == 0
    assert rows() == before


def test_every_path_of_the_file_is_a_term_and_nothing_else() -> None:
    seeded = sorted((each.field, *each.path) for each in Term.objects.select_related("parent__parent"))
    assert seeded == sorted((field, *path) for field in TagField.values for path in paths(english()[field]))


def test_only_categories_have_levels_and_no_more_than_three() -> None:
    deep = list(Term.objects.exclude(parent=None))
    assert {each.field for each in deep} == {"category"}
    assert max(len(each.path) for each in deep) == Term.CATEGORY_DEPTH


def test_every_term_has_one_english_name() -> None:
    named = TermName.objects.filter(language="en", is_synonym=False).values_list("term", flat=True)
    assert sorted(named) == sorted(Term.objects.values_list("pk", flat=True))


def test_the_same_article_type_stands_under_several_subcategories() -> None:
    bags = term("category", "Accessories", "Bags", "Messenger Bag")
    others = term("category", "Accessories", "Accessories", "Messenger Bag")
    assert bags != others
    assert (bags.path[-1], others.path[-1]) == ("Messenger Bag", "Messenger Bag")
    assert Vocabulary().path_name(bags) == "Accessories › Bags › Messenger bag"


def test_a_name_that_an_admin_changed_survives_the_next_seeding() -> None:
    shirts = term("category", "Apparel", "Topwear", "Tshirts")
    shirts.names.filter(is_synonym=False).update(text="Tees")
    before = rows()
    seed_after_migrate()
    assert rows() == before
    assert Vocabulary().name(shirts) == "Tees"


def test_words_that_are_missing_are_added() -> None:
    for name in ("Navy Blue", "Maroon"):
        term("colour", name).delete()
    assert seed_vocabulary(english()) == 2
    assert Vocabulary().name(term("colour", "Navy Blue")) == "Navy blue"


def test_what_an_admin_added_stays_and_is_found() -> None:
    Term.objects.create(field="colour", key="Petrol")
    seed_after_migrate()
    assert Vocabulary().name(term("colour", "Petrol")) == "Petrol"


def test_names_come_in_the_readers_language_then_english_then_as_the_key() -> None:
    seed_vocabulary({"language": "fr", "colour": {"Blue": {"name": "Bleu", "synonyms": ["azur"]}}})
    blue, red = term("colour", "Blue"), term("colour", "Red")
    nameless = Term.objects.create(field="colour", key="Petrol")
    for language in ("fr", "fr-ca"):
        with translation.override(language):
            names = Vocabulary()
        assert [names.name(each) for each in (blue, red, nameless)] == ["Bleu", "Red", "Petrol"]
    assert Vocabulary("fr").name(blue) == "Bleu"
    assert Vocabulary("sw").name(blue) == "Blue"


def test_terms_are_found_by_their_whole_path_only() -> None:
    vocabulary = Vocabulary()
    found = vocabulary.at("category", ["Apparel", "Topwear", "Tshirts"])
    assert found is not None
    assert [each.key for each in vocabulary.lineage(found)] == ["Apparel", "Topwear", "Tshirts"]
    for field, path in (("category", ["Tshirts"]), ("category", ["Footwear", "Topwear", "Tshirts"]), ("colour", [])):
        assert vocabulary.at(field, path) is None
    assert vocabulary.at("season", ["Blue"]) is None


def test_nothing_has_no_name_and_no_term() -> None:
    vocabulary = Vocabulary()
    assert (vocabulary.name(None), vocabulary.path_name(None)) == ("", "")
    assert [vocabulary.get(pk) for pk in (None, 0, -1, 10**20)] == [None] * 4


def test_categories_are_read_as_a_tree_and_other_terms_as_they_were_seeded() -> None:
    vocabulary = Vocabulary()
    categories = [vocabulary.path_name(each) for each in vocabulary.terms_of("category")]
    assert categories == sorted(categories)
    assert [each.key for each in vocabulary.terms_of("season")] == list(english()["season"])


@pytest.mark.parametrize("end", ["retired", "merged"])
def test_a_term_out_of_use_can_not_be_chosen_but_is_still_named(end: str) -> None:
    top = term("category", "Apparel", "Topwear")
    shirts = term("category", "Apparel", "Topwear", "Tshirts")
    merged_into = term("category", "Apparel", "Bottomwear")
    change = {"retired_at": timezone.now()} if end == "retired" else {"merged_into": merged_into}
    Term.objects.filter(pk=top.pk).update(**change)
    vocabulary = Vocabulary()
    for each in (top, shirts):  # what stands below it goes with it
        assert (vocabulary.get(each.pk), vocabulary.at("category", each.path)) == (None, None)
        assert each not in vocabulary.terms_of("category")
    assert vocabulary.path_name(Term.objects.get(pk=shirts.pk)) == "Clothing › Tops and jackets › T-shirts"


def test_an_edition_is_read_once_and_every_change_makes_another(django_assert_num_queries: Any) -> None:
    blue = term("colour", "Blue")
    name = TermName.objects.get(term=blue, language="en", is_synonym=False)

    def rename_one() -> None:
        name.text = "Sky"
        name.save()

    changes = {
        rename_one: "Sky",
        lambda: TermName.objects.filter(pk=name.pk).update(text="Sea"): "Sea",
        lambda: TermName.objects.filter(pk=name.pk).delete(): "Blue",
        lambda: TermName.objects.bulk_create([TermName(term=blue, language="en", text="Azure")]): "Azure",
    }
    for change, expected in changes.items():
        change()
        Vocabulary()
        with django_assert_num_queries(1):
            assert Vocabulary().name(blue) == expected


def test_who_knows_the_edition_needs_no_query(django_assert_num_queries: Any) -> None:
    stamp = VocabularyEdition.current()
    Vocabulary()
    with django_assert_num_queries(0):
        vocabulary = Vocabulary(stamp=stamp)
        [vocabulary.path_name(each) for field in TagField for each in vocabulary.terms_of(field)]
        assert Vocabulary(stamp=stamp).terms_of("colour") is not vocabulary.terms_of("colour")


def test_what_was_read_in_a_transaction_that_was_undone_is_forgotten() -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        TermName.objects.filter(term=term("colour", "Blue"), is_synonym=False).update(text="Never")
        assert Vocabulary().name(term("colour", "Blue")) == "Never"
        raise ZeroDivisionError
    assert Vocabulary().name(term("colour", "Blue")) == "Blue"
