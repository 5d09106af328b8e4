"""The whole story, as a seller lives it: `manage.py serve` with its worker process, spoken to over HTTP.

The network is a tiny one, really trained, on pictures that are drawn by code.
"""

import csv
import re
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from onboarding.site_client import SiteClient, hidden_fields
from tests import drawing
from tests.artifacts import tiny_artifact
from tests.flows.server import Server

EMAIL, PASSWORD = "asha@example.com", "correct horse battery"
TAGGING_SECONDS = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("site")
    running = Server(folder / "var", artifact=tiny_artifact())
    with running:
        yield running


class Seller:
    """A browser without JavaScript."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.page = self.get("/")

    def get(self, path: str) -> requests.Response:
        self.page = self.session.get(self.address + path, timeout=30)
        return self.page

    def post(self, path: str, files: object = None, **fields: object) -> requests.Response:
        """Fills in the form of the page in view and sends it."""
        data = {**hidden_fields(self.page.text), **fields}
        self.page = self.session.post(
            self.address + path, data=data, files=files, headers={"Referer": self.page.url}, timeout=60
        )
        return self.page

    def path(self) -> str:
        return self.page.url.removeprefix(self.address).partition("?")[0]


def wait_until_tagged(seller: Seller, upload: str) -> dict[str, object]:
    deadline = time.monotonic() + TAGGING_SECONDS
    while time.monotonic() < deadline:
        status = seller.session.get(
            f"{seller.address}{upload}status/", headers={"X-Requested-With": "fetch"}, timeout=30
        ).json()
        if not status["waiting"]:
            return dict(status)
        time.sleep(0.3)
    raise AssertionError("the photos were not tagged in time")


def checked(page: str, field: str) -> str:
    """The value of the field's chosen radio button."""
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{field}"' in tag and " checked" in tag:
            found = re.search(r'value="([^"]*)"', tag)
            return found[1] if found else ""
    return ""


def term_id(server: Server, field: str, key: str) -> str:
    return str(server.rows(f"select id from catalog_term where field='{field}' and key='{key}'")[0][0])


def test_from_signing_up_to_the_downloaded_catalogue(server: Server) -> None:
    seller = Seller(server.address)
    seller.get("/accounts/signup/")
    seller.post("/accounts/signup/", email=EMAIL, password1=PASSWORD)
    assert seller.path() == "/shops/new/"
    seller.post("/shops/new/", name="Asha's Boutique", country="IN", currency="", language="hi")
    shop = seller.path().removesuffix("listings/")
    assert re.fullmatch(r"/shops/\d+/", shop)

    shirt = drawing.as_jpeg(drawing.product("shirt", "red", seed=101))
    shoe = drawing.with_gps(drawing.product("shoe", "blue", seed=102))
    sent = [("shirt.jpg", shirt), ("shoe.jpg", shoe), ("notes.jpg", b"no picture"), ("empty.jpg", b"")]
    seller.get(f"{shop}upload/")
    seller.post(f"{shop}upload/", files=[("photos", file) for file in sent], arrangement="each")
    upload = seller.path()
    assert re.fullmatch(r"/uploads/\d+/", upload)
    status = wait_until_tagged(seller, upload)
    assert (status["total"], status["tagged"], status["failed"]) == (2, 2, 0)
    assert status["refused"] == [
        {"name": "notes.jpg", "reason": "not_an_image"},
        {"name": "empty.jpg", "reason": "empty"},
    ]

    # The network's guesses stand in the form; the seller agrees with the shirt ...
    seller.get(f"{shop}review/")
    first_listing = seller.path()
    tshirts, red = term_id(server, "category", "Tshirts"), term_id(server, "colour", "Red")
    assert (checked(seller.page.text, "category"), checked(seller.page.text, "colour")) == (tshirts, red)
    seller.post(first_listing, title="=Red tee", price="499.50", category=tshirts, colour=red)
    # ... and corrects the shoe's colour.
    second_listing = seller.path()
    assert second_listing != first_listing
    shoes = checked(seller.page.text, "category")
    navy = term_id(server, "colour", "Navy Blue")
    seller.post(second_listing, title="Canvas shoe", category=shoes, colour_other=navy)
    assert seller.path() == f"{shop}review/"

    download = csv.DictReader(StringIO(seller.get(f"{shop}listings.csv").content.decode("utf-8-sig")))
    catalogue = {row["title"]: row for row in download}
    assert set(catalogue) == {"'=Red tee", "Canvas shoe"}
    red_tee = catalogue["'=Red tee"]
    assert (red_tee["price"], red_tee["currency"], red_tee["colour"]) == ("499.50", "INR", "लाल")
    assert (red_tee["article_type"], red_tee["state"]) == ("टी-शर्ट", "confirmed")
    assert catalogue["Canvas shoe"]["colour"] == "नेवी ब्लू"

    labels = server.rows(
        "select t.key, s.key from onboarding_label l join catalog_term t on t.id = l.term_id"
        " left join catalog_term s on s.id = l.suggested_id where l.field = 'colour' order by l.id",
    )
    assert labels == [("Red", "Red"), ("Navy Blue", "Blue")]

    # Undo brings the second listing back for review, and its labels count no more.
    newest = server.rows("select max(id) from onboarding_confirmation")[0][0]
    seller.get(second_listing)
    seller.post(f"/confirmations/{newest}/undo/")
    assert seller.path() == second_listing
    assert checked(seller.page.text, "category") == shoes
    assert server.rows("select state from catalog_listing order by id") == [("confirmed",), ("draft",)]


def test_a_stranger_sees_nothing_of_it(server: Server) -> None:
    stranger = Seller(server.address)
    pages = ("/listings/1/", "/listings/1/review/", "/photos/1/display.jpg", "/shops/2/listings.csv", "/uploads/1/")
    for path in pages:
        assert stranger.get(path).status_code == 404


def test_a_worker_that_is_killed_twice_loses_and_doubles_nothing(server: Server, tmp_path: Path) -> None:
    for number in range(60):
        colour, kind = ("red", "blue")[number % 2], ("shirt", "shoe")[number // 2 % 2]
        content = drawing.as_jpeg(drawing.product(kind, colour, size=(90, 120), seed=number))
        (tmp_path / f"{number}.jpg").write_bytes(content)
    client = SiteClient(server.address)
    client.sign_in("seller@example.com", "try-lapel")
    page = client.upload_address()
    hidden = {**client.start_upload(page), "token": str(uuid4())}
    files = sorted(tmp_path.glob("*.jpg"))
    for part in range(3):
        progress_address = client.send_part(page, hidden, part, files[20 * part : 20 * part + 20])
        if part < 2:
            server.kill_worker()
    deadline = time.monotonic() + TAGGING_SECONDS
    while (progress := client.progress(progress_address)).waiting and time.monotonic() < deadline:
        time.sleep(0.3)
    assert (progress.total, progress.tagged, progress.failed) == (60, 60, 0)
    doubled = "group by photo_id, model_version_id, field having count(*) > 1"
    assert server.rows(f"select count(*) from onboarding_prediction {doubled}") == []
    photos, predicted = (
        server.rows(f"select count(distinct {column}) from {table}")[0][0]
        for column, table in (("id", "catalog_photo"), ("photo_id", "onboarding_prediction"))
    )
    assert photos == predicted
