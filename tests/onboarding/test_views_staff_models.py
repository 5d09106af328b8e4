"""The evidence pages: who may see them, what they show, and that nothing odd breaks them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from onboarding.models import EvaluatedPhoto, Evaluation, ModelVersion, RetrainRun
from tests.conftest import Cast, jpeg, make_listing, make_user, make_version
from tests.onboarding.evidence.documents import ODD_DOCUMENTS, field_document
from tests.onboarding.evidence.test_picture_sets import evaluation, retrain_run

NOW = timezone.now()
FIELD = "studio/sub_category"


@pytest.fixture
def staff(db: None) -> Client:
    """Somebody who may see model versions, and nothing more."""
    person = make_user("staff@example.com", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def versions(db: None) -> tuple[ModelVersion, ModelVersion]:
    """The one before, and the one that works now, both measured on studio shots."""
    before = make_version("b" * 64, state="retired", activated_at=NOW - timedelta(days=9))
    found = before, make_version("a" * 64, activated_at=NOW, card={"trunk": "mobilenet_v2", "history": [{"loss": 2.5}]})
    for version in found:
        evaluation(version)
    return found


def page(browser: Client, version: ModelVersion, rest: str = "", **query: str) -> Any:
    return browser.get(f"/staff/models/{version.pk}/{rest}", query)


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


# --- Who may see them ------------------------------------------------------------------------------------------------

PAGES = (
    "",
    "{pk}/",
    "{pk}/studio/sub_category/",
    "{pk}/studio/sub_category/cell/",
    "{pk}/studio/sub_category/picture/",
)


@pytest.mark.parametrize("path", PAGES)
def test_visitors_sign_in_others_find_nothing_and_staff_need_the_right(
    cast: Cast, versions: tuple[ModelVersion, ModelVersion], path: str
) -> None:
    address = "/staff/models/" + path.format(pk=versions[1].pk)
    plain_staff = make_user("plain@example.com", is_staff=True)
    answers = [cast.browser(person).get(address) for person in (None, cast.seller, plain_staff)]
    assert [answer.status_code for answer in answers] == [302, 404, 403]
    assert answers[0]["Location"] == f"/accounts/login/?next={address}"


def test_pages_are_only_read(staff: Client, versions: tuple[ModelVersion, ModelVersion]) -> None:
    before = list(Evaluation.objects.values())
    for path in PAGES:
        assert staff.post("/staff/models/" + path.format(pk=versions[1].pk)).status_code == 405
    assert list(Evaluation.objects.values()) == before


@pytest.mark.parametrize(
    "rest",
    [
        "phone/sub_category/",
        "studio/colour/",
        "studio/sleeve/",
        "drawings/colour/",
        "studio/sub_category/cell/?actual=Shoes",
        "studio/sub_category/cell/?actual=%00",
        "studio/sub_category/cell/?predicted=Topwear%27--",
        "studio/sub_category/picture/",
        "studio/sub_category/picture/?name=Topwear-0.jpg",
    ],
)
def test_what_was_not_measured_is_not_found(
    staff: Client, versions: tuple[ModelVersion, ModelVersion], rest: str
) -> None:
    assert staff.get(f"/staff/models/{versions[1].pk}/{rest}").status_code == 404


@pytest.mark.parametrize("pk", [0, 987_654_321, 10**20])
def test_a_version_that_does_not_exist_is_not_found(staff: Client, pk: int) -> None:
    for rest in ("", f"{FIELD}/", f"{FIELD}/cell/"):
        assert staff.get(f"/staff/models/{pk}/{rest}").status_code == 404


# --- All versions ----------------------------------------------------------------------------------------------------


def test_the_list_shows_versions_newest_first_with_accuracy_and_interval(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    shown = text(staff.get("/staff/models/"))
    assert shown.index(versions[1].name) < shown.index(versions[0].name)
    assert shown.count("<b>70.0 %</b><small>50.0 – 90.0 %</small>") == 2


def test_an_empty_list_says_how_to_fill_it(staff: Client) -> None:
    shown = text(staff.get("/staff/models/"))
    assert "manage.py register_model" in shown
    assert "manage.py retrain" in shown


def test_retrainings_are_listed_with_outcome_and_reasons(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    before, version = versions
    later = NOW + timedelta(hours=1)
    retrain_run(before, version, report={"reasons": []}, finished_at=later)
    retrain_run(version, None, state="failed", report={"reasons": ["There are <12> photos."]}, finished_at=later)
    retrain_run(version, None, state="running", lease_until=NOW - timedelta(minutes=1))
    shown = text(staff.get("/staff/models/"))
    bands = ("Not heard of any more", "Failed", "Promoted")
    assert sorted(bands, key=shown.index) == list(bands)
    assert escape("There are <12> photos.") in shown


def test_a_long_list_is_paged(staff: Client, db: None) -> None:
    for number in range(21):
        make_version(f"{number:064x}", state="retired", name=f"version-{number:02}")
    assert "version-00" not in text(staff.get("/staff/models/"))
    assert "version-00" in text(staff.get("/staff/models/?page=2"))
    assert "version-20" in text(staff.get("/staff/models/?page=x"))


# --- One version -----------------------------------------------------------------------------------------------------


def test_a_version_shows_its_figures_beside_those_of_the_one_before(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    before, version = versions
    better = field_document([("Topwear", "Topwear", 8), ("Dress", "Dress", 2)], accuracy_interval=[0.72, 1])
    Evaluation.objects.filter(model_version=version).update(figures={"sub_category": better})
    shown = text(page(staff, version))
    assert f"Against {before.name}" in shown
    row = "".join(f'<td class="figure">{cell}</td>' for cell in ("70.0 %", "100.0 %", "<b>+30.0</b>", "3", "0"))
    assert "".join(row.split()) in "".join(shown.split())
    assert "verdict-chance" in shown  # three of three may be chance
    assert "<b>100.0 %</b><small>72.0 – 100.0 %</small>" in shown


def test_a_version_shows_three_charts_the_learning_and_the_facts(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    shown = text(page(staff, versions[1]))
    for title in ("<figcaption>Accuracy<", "<figcaption>Macro-F1<", "<figcaption>Calibration error<"):
        assert shown.count(title) == 1
    assert "<figcaption>Loss<" in shown
    assert "mobilenet_v2" in shown
    assert versions[1].sha256 in shown


def test_a_version_that_was_never_measured_says_so(staff: Client) -> None:
    assert "Not measured" in text(page(staff, make_version()))


def test_charts_are_drawn_with_points_whatever_the_language(
    staff: Client, versions: tuple[ModelVersion, ModelVersion], settings: Any
) -> None:
    settings.LANGUAGES = [("de", "Deutsch")]
    settings.LANGUAGE_CODE = "de"
    shown = text(page(staff, versions[1]))
    assert "70,0 %" in shown
    drawings = "".join(part.partition("</svg>")[0] for part in shown.split('<svg class="chart"')[1:])
    for attribute in ("x1", "cy", "points"):
        values = [part.partition('"')[0] for part in drawings.split(f' {attribute}="')[1:]]
        assert values
        assert [value for value in values if "," in value and attribute != "points"] == []


# --- One field -------------------------------------------------------------------------------------------------------


def test_the_matrix_links_every_cell_to_its_pictures(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    version = versions[1]
    shown = text(page(staff, version, f"{FIELD}/"))
    link = f'href="/staff/models/{version.pk}/{FIELD}/cell/?actual=Topwear&amp;predicted=Dress"'
    assert shown.count(link) == 2  # in the drawing and in the table
    assert "<title>Tops and jackets, taken for Dresses: 2</title>" in shown


def test_a_field_shows_its_values_sorted_as_asked(staff: Client, versions: tuple[ModelVersion, ModelVersion]) -> None:
    def rows(**query: str) -> list[str]:
        table = text(page(staff, versions[1], f"{FIELD}/", **query)).partition('id="values"')[2]
        return [part.partition("</th>")[0] for part in table.split('<th scope="row">')[1:3]]

    assert rows() == ["Tops and jackets", "Dresses"]
    assert rows(sort="recall") == ["Dresses", "Tops and jackets"]
    assert rows(sort="odd' OR 1=1") == ["Tops and jackets", "Dresses"]


def test_142_values_are_shown_twenty_at_first_and_all_when_asked(staff: Client, db: None) -> None:
    version = make_version()
    evaluation(version, figures=ODD_DOCUMENTS["142 values"])
    first, everything = (
        text(page(staff, version, "studio/article_type/", **query)) for query in ({}, {"values": "all"})
    )
    assert first.count("Show all 142 values") == 2
    assert [shown.count('<td class="figure">0.0 %</td>') > 0 for shown in (first, everything)] == [True, True]
    assert (first.count('class="heat-'), everything.count('class="heat-7"')) != (0, 0)
    assert everything.count('tabindex="-1"') == 142
    assert "Show only the most confused" in everything


@pytest.mark.parametrize("document", ODD_DOCUMENTS.values(), ids=ODD_DOCUMENTS)
def test_odd_figures_break_no_page(staff: Client, db: None, document: Any) -> None:
    version = make_version(card=document if isinstance(document, dict) else {})
    evaluation(version, figures=document)
    assert page(staff, version).status_code == 200
    assert staff.get("/staff/models/").status_code == 200
    for field in ("colour", "article_type"):
        for rest in ("", "?values=all&sort=-precision", "cell/"):
            is_there = isinstance(document, dict) and (document.get(field) or {})
            expected = 200 if isinstance(is_there, dict) and is_there.get("n") else 404
            assert staff.get(f"/staff/models/{version.pk}/studio/{field}/{rest}").status_code == expected


def test_a_field_without_errors_says_so(staff: Client, db: None) -> None:
    version = make_version()
    evaluation(version, figures={"colour": field_document([("Red", "Red", 5)])})
    shown = text(page(staff, version, "studio/colour/"))
    assert "No errors: every picture was recognised." in shown


def test_names_of_values_are_escaped(staff: Client, db: None) -> None:
    version, odd = make_version(), '"><script>alert(1)</script>&'
    evaluation(version, figures={"colour": field_document([(odd, "Red", 5), ("Red", "Red", 1)])})
    for shown in (
        text(page(staff, version, "studio/colour/")),
        text(page(staff, version, "studio/colour/cell/", actual=odd, predicted="Red")),
    ):
        assert "<script>alert" not in shown
        assert escape(odd) in shown


# --- The pictures of a cell ------------------------------------------------------------------------------------------


def test_a_report_sets_cell_names_its_pictures_and_says_how_to_see_them(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    shown = text(page(staff, versions[1], f"{FIELD}/cell/", actual="Topwear", predicted="Dress"))
    assert "Tops and jackets, taken for Dresses" in shown
    assert [name in shown for name in ("Topwear-0.jpg", "Topwear-1.jpg", "Dress-2.jpg")] == [True, True, False]
    assert "EVALUATION_PICTURES" in shown
    assert "<img" not in shown.partition("<main")[2]


def test_a_report_sets_diagonal_says_that_it_is_only_counted(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    shown = text(page(staff, versions[1], f"{FIELD}/cell/", actual="Topwear", predicted="Topwear"))
    assert "6 pictures" in shown
    assert "only the errors are kept by name" in shown


def test_a_cell_leads_to_the_one_across_the_diagonal(
    staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    shown = text(page(staff, versions[1], f"{FIELD}/cell/", actual="Topwear", predicted="Dress"))
    assert "cell/?actual=Dress&amp;predicted=Topwear" in shown


def test_many_errors_are_paged_and_the_choice_stays(staff: Client, db: None) -> None:
    version = make_version()
    evaluation(version, figures={"colour": field_document([("Red", "Blue", 30)])})
    first = text(page(staff, version, "studio/colour/cell/", actual="Red"))
    assert (first.count("Red-"), "?actual=Red&amp;page=2" in first) == (24, True)
    assert text(page(staff, version, "studio/colour/cell/", actual="Red", page="2")).count("Red-") == 6


@pytest.fixture
def at_hand(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("Topwear-0.jpg", "secret.jpg"):
        (tmp_path / "images" / name).write_bytes(jpeg())
    settings.EVALUATION_PICTURES = [str(tmp_path)]
    return tmp_path


def test_a_report_sets_pictures_are_shown_where_they_are_at_hand(
    staff: Client, versions: tuple[ModelVersion, ModelVersion], at_hand: Path
) -> None:
    version = versions[1]
    shown = text(page(staff, version, f"{FIELD}/cell/", actual="Topwear", predicted="Dress"))
    assert f'src="/staff/models/{version.pk}/{FIELD}/picture/?name=Topwear-0.jpg"' in shown
    assert shown.count("picture/?name=") == 1  # the other one is not at hand
    response = page(staff, version, f"{FIELD}/picture/", name="Topwear-0.jpg")
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response) == jpeg()


@pytest.mark.parametrize("name", ["secret.jpg", "Topwear-1.jpg", "../images/Topwear-0.jpg", "\0", "", "x" * 5000])
def test_only_pictures_that_the_evidence_names_are_shown(
    staff: Client, versions: tuple[ModelVersion, ModelVersion], at_hand: Path, name: str
) -> None:
    assert page(staff, versions[1], f"{FIELD}/picture/", name=name).status_code == 404


def test_evidence_that_names_a_path_opens_nothing(staff: Client, db: None, at_hand: Path) -> None:
    version, path = make_version(), "../images/Topwear-0.jpg"
    document = field_document([("Red", "Blue", 1)], errors=[[path, "Red", "Blue", 0.9]])
    evaluation(version, figures={"colour": document})
    assert page(staff, version, "studio/colour/picture/", name=path).status_code == 404
    assert "picture/?name=" not in text(page(staff, version, "studio/colour/cell/"))


# --- Sellers' held-out photos ----------------------------------------------------------------------------------------


def held_out(cast: Cast, version: ModelVersion, *, count: int = 1, run: RetrainRun | None = None) -> Evaluation:
    """`count` tops, all of them taken for dresses."""
    figures = {"sub_category": field_document([("Topwear", "Dress", count)], errors=[])}
    measured = evaluation(version, "held_out", run or retrain_run(version, None, state="kept"), figures)
    for number in range(count):
        photo = make_listing(cast.shop, title=f"Top {number}").photos.get()
        EvaluatedPhoto.objects.create(
            evaluation=measured,
            photo=photo,
            field="sub_category",
            actual="Topwear",
            predicted="Dress",
            confidence=0.9,
        )
    return measured


def test_a_cell_of_sellers_photos_shows_them_and_their_listings_to_those_who_may(
    cast: Cast, staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    photo = held_out(cast, versions[1]).photos.get().photo
    address = f"/staff/models/{versions[1].pk}/held_out/sub_category/cell/?actual=Topwear&predicted=Dress"
    link = f'href="/admin/catalog/listing/{photo.listing_id}/change/"'
    shown = text(staff.get(address))
    assert (shown.count("90.0 % sure"), link in shown) == (1, False)
    picture = f"/staff/photos/{photo.pk}/display.jpg"
    assert shown.count(f'<img src="{picture}"') == 1
    assert staff.get(picture).status_code == 200
    admin = make_user("admin@example.com", is_staff=True, is_superuser=True)
    assert link in text(cast.browser(admin).get(address))


def test_photos_that_were_deleted_since_are_missed_in_words(
    cast: Cast, staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    measured = held_out(cast, versions[1], count=2)
    rest = "held_out/sub_category/cell/"
    measured.photos.all()[0].photo.listing.delete()
    assert "1 of them are still here" in text(page(staff, versions[1], rest))
    measured.photos.all()[0].photo.listing.delete()
    assert "The photos are no longer here" in text(page(staff, versions[1], rest))


def test_links_keep_to_the_retraining_that_is_in_view(
    cast: Cast, staff: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    version = versions[1]
    older, newer = held_out(cast, version), held_out(cast, version, count=2)
    run = str(older.run_id)
    field = f"/staff/models/{version.pk}/held_out/sub_category/"
    assert f'href="?run={run}#held_out"' in text(page(staff, version))
    assert f'href="{field}?run={run}"' in text(page(staff, version, run=run))
    shown = text(staff.get(field, {"run": run}))
    assert f"{field}cell/?actual=Topwear&amp;predicted=Dress&amp;run={run}" in shown
    assert "1 picture" in text(staff.get(f"{field}cell/", {"run": run}))
    assert "2 pictures" in text(staff.get(f"{field}cell/", {"run": str(newer.run_id)}))


# --- Cost ------------------------------------------------------------------------------------------------------------


def measured_again(cast: Cast, version: ModelVersion, rows: int) -> None:
    for _number in range(rows):
        held_out(cast, version, count=rows)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 10),
        ("{pk}/", 10),
        ("{pk}/held_out/sub_category/", 12),
        ("{pk}/held_out/sub_category/cell/", 12),
        ("{pk}/studio/sub_category/", 10),
    ],
)
def test_pages_cost_a_fixed_number_of_queries(
    cast: Cast,
    staff: Client,
    versions: tuple[ModelVersion, ModelVersion],
    path: str,
    queries: int,
    rows: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    measured_again(cast, versions[1], rows)
    for number in range(rows):
        make_version(f"{number:064x}", state="retired")
    with django_assert_num_queries(queries):
        text(staff.get("/staff/models/" + path.format(pk=versions[1].pk)))
