"""The seller's whole story in a browser, with JavaScript on a phone and without it on a desktop."""

import csv
import re
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, TIMEOUT_MS, NewBrowser
from tests.drawing import Kind, as_jpeg, product
from tests.flows.server import Server

PASSWORD = "correct horse battery"
SHOWN: Sequence[tuple[Kind, str]] = (("shirt", "red"), ("shoe", "blue"), ("bag", "green"))
WAYS: dict[str, dict[str, Any]] = {
    "on a phone with JavaScript": PHONE,
    "on a desktop without JavaScript": {**DESKTOP, "java_script_enabled": False},
}


def photos(folder: Path, count: int = len(SHOWN)) -> list[Path]:
    files = []
    for number in range(count):
        kind, colour = SHOWN[number % len(SHOWN)]
        file = folder / f"{number}-{kind}.jpg"
        file.write_bytes(as_jpeg(product(kind, colour, (300, 400), seed=500 + number)))
        files.append(file)
    return files


def sign_up(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(f"{uuid.uuid4().hex[:12]}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_label("Name").fill("Asha's Boutique")
    page.get_by_label("Country").select_option("IN")
    page.get_by_role("button", name="Open the shop").click()
    expect(page.get_by_role("heading", name="Catalogue")).to_be_visible()


def choose(page: Page, files: Sequence[Path]) -> None:
    page.get_by_role("link", name="Upload your first photos").click()
    page.locator("input[name=photos]").set_input_files(files)


def send(page: Page) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()


def wait_until_tagged(page: Page, sentence: str) -> None:
    """With JavaScript the page asks by itself; without it a person does."""
    heading = page.get_by_role("heading", name=sentence)
    look_again = page.get_by_role("link", name="Look again")
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while not heading.is_visible() and time.monotonic() < deadline:
        if look_again.is_visible():
            look_again.click()
        else:
            page.wait_for_timeout(50)  # the page asks by itself, or the next one is not there yet
    expect(heading).to_be_visible()


def group(page: Page, label: str) -> Any:
    return page.locator("fieldset").filter(has=page.locator("legend", has_text=label))


def chosen(page: Page, label: str) -> str:
    return str(group(page, label).locator("label:has(input:checked) b").inner_text())


def pick(page: Page, label: str, value: str, way: str) -> None:
    """Out of all values of a field: typed, and without JavaScript chosen in a list."""
    field = page.get_by_role("combobox", name=f"{label}: another value")
    if WAYS[way].get("java_script_enabled", True):
        box = field.and_(page.locator("input"))  # the select before the script came
        box.fill(value)
        box.press("Enter")
        expect(box).to_have_value(value)
    else:
        field.select_option(label=value)


def uploaded(page: Page, files: Sequence[Path]) -> None:
    sign_up(page)
    choose(page, files)
    send(page)
    wait_until_tagged(page, f"All {len(files)} photos are through")


def start_review(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Review .* listings?")).click()


def download(page: Page, folder: Path) -> list[dict[str, str]]:
    with page.expect_download() as started:
        page.get_by_role("link", name="Download CSV").click()
    file = folder / "listings.csv"
    started.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("way", WAYS)
def test_from_signing_up_to_the_downloaded_catalogue(new_browser: NewBrowser, tmp_path: Path, way: str) -> None:
    page = new_browser(**WAYS[way]).page
    uploaded(page, photos(tmp_path))
    start_review(page)
    # The shirt: what was suggested is right.
    assert (chosen(page, "Category"), chosen(page, "Colour")) == ("T-shirts", "Red")
    page.get_by_label("Title").fill("Red tee")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("“Red tee” is confirmed.", exact=True)).to_be_visible()
    # The shoe: another colour than suggested, out of the list of all.
    shoe = chosen(page, "Category")
    page.get_by_label("Title").fill("Canvas shoe")
    pick(page, "Colour", "Navy blue", way)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("“Canvas shoe” is confirmed.", exact=True)).to_be_visible()
    # Undone, it is there as it was before; confirmed once more.
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. The listing is as it was before.")).to_be_visible()
    assert chosen(page, "Colour") == "Blue"
    expect(page.get_by_label("Title")).to_have_value("")
    page.get_by_label("Title").fill("Canvas shoe")
    pick(page, "Colour", "Navy blue", way)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("“Canvas shoe” is confirmed.", exact=True)).to_be_visible()
    # The bag: a runner-up, by one tap.
    runner_up = group(page, "Category").locator("label.chip:not(.chip-empty):not(:has(input:checked))").first
    second = runner_up.locator("b").inner_text()
    runner_up.click()
    page.get_by_label("Title").fill("Bag")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Nothing left to review")).to_be_visible()
    rows = {row["title"]: row for row in download(page, tmp_path)}
    assert {title: (row["article_type"], row["colour"], row["state"]) for title, row in rows.items()} == {
        "Red tee": ("T-shirts", "Red", "confirmed"),
        "Canvas shoe": (shoe, "Navy blue", "confirmed"),
        "Bag": (second, "Green", "confirmed"),
    }


def test_confirming_twice_in_one_breath_confirms_once(new_browser: NewBrowser, server: Server, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    uploaded(page, photos(tmp_path, 2))
    start_review(page)
    title = uuid.uuid4().hex
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Confirm").dblclick()
    expect(page.get_by_text("1 to review")).to_be_visible()
    shop = f"select shop_id from catalog_listing where title = '{title}'"
    decided = "select l.title from onboarding_confirmation c join catalog_listing l on l.id = c.listing_id"
    assert server.rows(f"{decided} where l.shop_id = ({shop})") == [(title,)]
