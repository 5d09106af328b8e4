"""The words that ship in catalog/terms: each synonym leads to its term, and none misleads."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import pytest

from catalog.models import TagField, Term, TermName
from catalog.vocabulary import TERMS_DIR, seed_after_migrate
from tests.conftest import term

Path = tuple[str, ...]
AMBIGUOUS = {
    "category": {
        "beanie": "Caps; Hats",
        "blouse": "Shirts; Tops",
        "body spray": "Deodorant; Perfume and body mist",
        "cape": "Shrug; Stoles",
        "cardigan": "Shrug; Sweaters",
        "chappals": "Flip flops; Sandals",
        "court shoes": "Formal shoes; Heels",
        "crewneck": "Sweaters; Sweatshirts",
        "crossbody bag": "Handbags; Messenger bag",
        "dressing gown": "Bath robes; Robes",
        "dungarees": "Jeans; Jumpsuits",
        "espadrilles": "Flats; Sandals",
        "face care": "Skin care; Skin care (treatments)",
        "facial care": "Skin care; Skin care (treatments)",
        "fleece": "Jackets; Sweatshirts",
        "floaters": "Sandals; Sports sandals",
        "ghagra": "Lehenga choli; Skirts",
        "gilet": "Jackets; Waistcoats",
        "hair band": "Hair accessory; Headbands",
        "half saree": "Lehenga choli; Sarees",
        "hosiery": "Socks; Tights",
        "housecoat": "Bath robes; Robes",
        "jersey": "Sweaters; Sweatshirts; T-shirts",
        "joggers": "Sports shoes; Track pants",
        "kada": "Bangles; Bracelets",
        "kaftan": "Dresses; Tunics",
        "kicks": "Casual shoes; Sports shoes",
        "kimono": "Robes; Shrug",
        "kolhapuri": "Flats; Sandals",
        "loafers": "Casual shoes; Formal shoes",
        "moisturiser": "Body lotion; Face moisturisers",
        "moisturizer": "Body lotion; Face moisturisers",
        "mules": "Flats; Sandals",
        "nail care": "Nail essentials; Nails",
        "neckwear": "Mufflers; Scarves; Ties",
        "nightie": "Baby dolls; Nightdresses",
        "nylons": "Stockings; Tights",
        "office bag": "Laptop bags; Messenger bag",
        "palazzo": "Salwar; Trousers",
        "pashmina": "Scarves; Stoles",
        "peep toes": "Heels; Sandals",
        "playsuit": "Jumpsuits; Rompers",
        "pullover": "Sweaters; Sweatshirts",
        "pumps": "Casual shoes; Flats; Heels",
        "purse": "Handbags; Wallets",
        "scents": "Fragrance; Perfumes",
        "shaving kit": "Mens grooming kit; Travel accessory",
        "sherwani": "Kurta sets; Kurtas",
        "singlet": "Camisoles; Vests (innerwear)",
        "skincare": "Skin care; Skin care (treatments)",
        "slip ons": "Casual shoes; Flats",
        "sneakers": "Casual shoes; Sports shoes",
        "sweatband": "Headbands; Wristbands",
        "tackies": "Casual shoes; Sports shoes",
        "takkies": "Casual shoes; Sports shoes",
        "tank top": "Camisoles; Tops; Vests (innerwear)",
        "vest": "Vests (innerwear); Waistcoats",
        "windcheater": "Jackets; Rain jacket",
        "wrap": "Shrug; Stoles",
    },
    "colour": {
        "aquamarine": "Sea green; Turquoise",
        "blush": "Nude; Pink",
        "bone": "Beige; Off white",
        "burnt orange": "Orange; Rust",
        "camel": "Beige; Tan",
        "chocolate": "Brown; Coffee brown",
        "chrome": "Metallic; Silver",
        "coral": "Orange; Peach",
        "ecru": "Beige; Cream; Off white",
        "fawn": "Beige; Mushroom brown",
        "flesh": "Nude; Skin tone",
        "ivory": "Cream; Off white",
        "light brown": "Mushroom brown; Tan",
        "slate": "Charcoal; Grey",
        "wine": "Burgundy; Purple",
    },
    "season": {},
    "gender": {},
    "usage": {},
}
"""What people call by one word and the vocabulary by several names; a level and what stands below it count as one."""


def entries(field: str) -> list[tuple[Path, dict[str, Any]]]:
    document = json.loads((TERMS_DIR / "en.json").read_text(encoding="utf-8"))
    return list(_below(document[field], ()))


def _below(level: Mapping[str, Any], above: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for key, entry in level.items():
        yield (*above, key), entry
        yield from _below(entry.get("children", {}), (*above, key))


def folded(text: str) -> str:
    """As it is compared: without capitals, accents and punctuation."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("'", ""))
    return " ".join(re.findall(r"\w+", "".join(each for each in letters if not unicodedata.combining(each))))


def called(field: str) -> dict[str, list[tuple[Path, str]]]:
    """By synonym: the paths and names of the terms that have it."""
    found: dict[str, list[tuple[Path, str]]] = {}
    for path, entry in entries(field):
        for synonym in entry.get("synonyms", ()):
            found.setdefault(folded(synonym), []).append((path, entry["name"]))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("field", TagField.values)
def test_every_synonym_leads_to_its_term(field: str) -> None:
    rows = TermName.objects.filter(language="en", is_synonym=True, term__field=field)
    seeded = [(row.term.path, row.text) for row in rows.select_related("term__parent__parent")]
    expected = [(path, synonym) for path, entry in entries(field) for synonym in entry.get("synonyms", ())]
    assert sorted(seeded) == sorted(expected)


@pytest.mark.parametrize("field", TagField.values)
def test_no_synonym_is_another_terms_name_at_the_same_level_nor_said_twice(field: str) -> None:
    names: dict[tuple[int, str], set[str]] = {}
    for path, entry in entries(field):
        names.setdefault((len(path), folded(entry["name"])), set()).add(path[-1])
    for path, entry in entries(field):
        synonyms = [folded(synonym) for synonym in entry.get("synonyms", ())]
        assert len({folded(entry["name"]), *synonyms}) == 1 + len(synonyms), path
        assert [each for each in synonyms if (len(path), each) in names] == [], path


@pytest.mark.parametrize("field", TagField.values)
def test_every_synonym_of_terms_with_different_names_is_listed_as_ambiguous(field: str) -> None:
    found = {synonym: "; ".join(sorted(_names(terms))) for synonym, terms in called(field).items()}
    assert {synonym: names for synonym, names in sorted(found.items()) if "; " in names} == AMBIGUOUS[field]


def _names(terms: list[tuple[Path, str]]) -> set[str]:
    """Without what stands below another one of them."""
    paths = {path for path, _name in terms}
    return {name for path, name in terms if not any(path[:depth] in paths for depth in range(1, len(path)))}


def test_an_article_type_has_the_same_synonyms_wherever_it_stands() -> None:
    leaves = [
        (path[-1], entry.get("synonyms")) for path, entry in entries("category") if len(path) == Term.CATEGORY_DEPTH
    ]
    for key, same in groupby(sorted(leaves, key=lambda leaf: leaf[0]), key=lambda leaf: leaf[0]):
        first, *others = (synonyms for _key, synonyms in same)
        assert all(each == first for each in others), key


def test_nearly_every_article_type_and_every_colour_has_other_words() -> None:
    for field, depth in (("category", Term.CATEGORY_DEPTH), ("colour", 1)):
        assert [path for path, entry in entries(field) if len(path) == depth and not entry.get("synonyms")] == []


@pytest.mark.django_db
@pytest.mark.parametrize("spelled", ["kicks", "Kicks", "KICKS"])
def test_seeding_again_neither_deletes_nor_doubles_what_an_admin_added(spelled: str) -> None:
    shoes = term("category", "Footwear", "Shoes", "Casual Shoes")
    shoes.names.filter(text__iexact="kicks").delete()
    for text in (spelled, "daps"):
        TermName.objects.create(term=shoes, language="en", text=text, is_synonym=True)
    before = list(TermName.objects.order_by("pk").values())
    seed_after_migrate()
    assert list(TermName.objects.order_by("pk").values()) == before
