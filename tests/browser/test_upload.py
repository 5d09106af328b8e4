"""Choosing and sending photos in a browser: piles of hundreds, broken networks, closed tabs."""

import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from onboarding.pictures import RefusalReason
from tests.browser import test_story as story
from tests.browser.conftest import DESKTOP, PHONE, NewBrowser, Watched
from tests.browser.outbox import is_empty, kept_photos
from tests.browser.test_story import photos, send, sign_up, uploaded, wait_until_tagged
from tests.browser.watching import weigh
from tests.drawing import as_heic, as_jpeg, product, with_gps
from tests.flows.server import Server

PILE = 300
DROPPED = 500
SLOW_BYTES_PER_SECOND = 64 * 1024
PILE_TIMEOUT_MS = 120_000
LONGEST_TASK_MS = 200
MOST_REQUESTS = 10
FOLLOWING_MS = 2000
ROUNDS = 3
"""Where other processes take the cores, a page that blocks nobody looks blocked; hardly three times in a row."""
DROP = """
async ([content, count]) => {
  const carried = new DataTransfer();
  for (let number = 0; number < count; number += 1) {
    const bytes = new Uint8Array([...content, number & 255, number >> 8]);
    carried.items.add(new File([bytes], `${number}.jpg`, { type: "image/jpeg" }));
    if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve)); // not what is measured
  }
  window.longTasks.splice(0);
  document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer: carried }));
}
"""
PAGE_BYTES = 100_000
LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration)))
  .observe({type: "longtask", buffered: true});
"""


def small_photos(folder: Path, count: int) -> list[Path]:
    """Of about 5 kB, so that they travel as they are; each one different."""
    files = [folder / f"{number:03}.jpg" for number in range(count)]
    for file in files:
        Image.effect_noise((96, 128), 60).save(file, quality=60)
    return files


def choose(page: Page, files: Sequence[Path]) -> None:
    """And wait until the page's script has them: what is sent before goes as from a browser without scripts."""
    story.choose(page, files)
    expect(page.locator("[data-rows] li").first).to_be_visible()


def stored(server: Server, shop: str) -> list[str]:
    """What was received for a shop: the SHA-256 of each photo."""
    listings = (
        f"select p.sha256 from catalog_photo p join catalog_listing l on l.id = p.listing_id where l.shop_id = {shop}"
    )
    return sorted(row[0] for row in server.rows(listings))


def shop_of(page: Page) -> str:
    found = re.search(r"/shops/(\d+)/", page.url)
    assert found, page.url
    return found[1]


def digests(files: Sequence[Path]) -> list[str]:
    return sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


class SlowNetwork:
    """Between one page and the site: slow, and at times not there at all."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self.set(is_cut=False)

    def set(self, *, is_cut: bool) -> None:
        speed = {"downloadThroughput": 4 * SLOW_BYTES_PER_SECOND, "uploadThroughput": SLOW_BYTES_PER_SECOND}
        self._session.send("Network.emulateNetworkConditions", {"offline": is_cut, "latency": 50, **speed})


def rows_in(page: Page, *states: str) -> int:
    return sum(page.locator(f'[data-rows] li[data-state="{state}"]').count() for state in states)


def wait_for(page: Page, condition: Callable[[], bool], seconds: float = PILE_TIMEOUT_MS / 1000) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, page.locator("[data-summary]").inner_text()
        page.wait_for_timeout(100)


def test_photos_that_are_chosen_before_the_script_has_come_are_not_overlooked(
    new_browser: NewBrowser, tmp_path: Path
) -> None:
    page = new_browser(**PHONE).page
    sign_up(page)
    held = hold_script(page)
    story.choose(page, photos(tmp_path))
    expect(page.get_by_text("3 photos")).to_be_hidden()
    for route in held:
        route.continue_()
    expect(page.get_by_text("3 photos", exact=True)).to_be_visible()
    send(page)
    wait_until_tagged(page, "All 3 photos are through")


def test_a_phone_offers_its_camera_and_a_computer_a_place_to_drop(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    expect(page.get_by_text("Take a photo")).to_be_visible()
    expect(page.get_by_text("Drop photos here")).to_be_hidden()
    page.get_by_label("Take a photo").set_input_files(photos(tmp_path, 1))
    expect(page.get_by_text("1 photo", exact=True)).to_be_visible()
    page = new_browser(**DESKTOP).page
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    expect(page.get_by_text("Drop photos here")).to_be_visible()
    expect(page.get_by_text("Take a photo")).to_be_hidden()


def test_a_file_that_is_refused_says_why_and_the_others_go_on(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    notes = tmp_path / "notes.jpg"
    notes.write_bytes(b"no picture")
    sign_up(page)
    choose(page, [notes, *photos(tmp_path, 1)])
    send(page)
    wait_until_tagged(page, "1 photo is through")
    problem = page.get_by_role("listitem").filter(has_text="notes.jpg")
    expect(problem).to_contain_text(str(RefusalReason.NOT_AN_IMAGE.label))
    expect(page.get_by_text("1 ready to review · 1 with a problem")).to_be_visible()


def hold_script(page: Page) -> list[Route]:
    """The upload page's own, which comes when these are continued."""
    held: list[Route] = []
    page.route("**/bundles/upload*.js", lambda route: held.append(route))
    return held


UNREADABLE = "This photo cannot be read."


def test_a_file_that_is_gone_says_so_and_the_others_go_on(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    files = small_photos(tmp_path, 3)
    sign_up(page)
    held = hold_script(page)
    story.choose(page, files)
    files[1].unlink()  # as where an app for photos kept online lent it
    for route in held:
        route.continue_()
    expect(row(page, files[1].name)).to_contain_text(UNREADABLE)
    expect(page.locator('[data-rows] li[data-state="chosen"]')).to_have_count(2)
    expect(page.get_by_text("This browser has no room to keep the photos.")).to_be_hidden()
    send(page)
    wait_until_tagged(page, "All 2 photos are through")
    expect(page.get_by_text("2 ready to review · 1 with a problem")).to_be_visible()
    page.get_by_role("button", name=f"Remove {files[1].name}").click()
    expect(page.locator("[data-rows] li")).to_have_count(2)
    expect(page.get_by_text("with a problem")).to_have_count(0)


def test_a_file_that_goes_before_it_is_sent_does_not_hold_back_what_travels_with_it(
    new_browser: NewBrowser, tmp_path: Path
) -> None:
    seller = new_browser(**PHONE)
    page, files = seller.page, small_photos(tmp_path, 3)
    page.add_init_script("IDBFactory.prototype.open = () => { throw new Error('a private window'); }")
    sign_up(page)
    choose(page, files)
    expect(page.locator('[data-rows] li[data-state="chosen"]')).to_have_count(3)
    files[1].unlink()
    send(page)
    wait_until_tagged(page, "All 2 photos are through")
    expect(row(page, files[1].name)).to_contain_text(UNREADABLE)
    assert seller.complaints.take("net::ERR_") > 0


def break_worker(page: Page, script: str) -> None:
    """Has what makes photos smaller begin with a script of the test's."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=script + response.text())

    page.route("**/bundles/picture_worker*.js", answer)


def test_what_cannot_be_made_smaller_goes_as_it_is(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    contents = {"home.jpg": with_location(), "shirt.jpg": photo_bytes()}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    sign_up(page)
    break_worker(page, "OffscreenCanvas.prototype.convertToBlob = async () => { throw new Error('no memory'); };")
    choose(page, [tmp_path / name for name in contents])
    expect(page.locator('[data-rows] li[data-state="chosen"]')).to_have_count(2)
    assert {name: photo.content for name, photo in kept_photos(page).items()} == contents
    send(page)
    wait_until_tagged(page, "All 2 photos are through")
    expect(page.locator("[data-tagged]")).to_contain_text("Location removed from 1 photo")


def test_a_photo_that_hangs_goes_as_it_is_after_a_while(new_browser: NewBrowser, tmp_path: Path) -> None:
    page, files = new_browser(**PHONE).page, small_photos(tmp_path, 2)
    page.clock.install()
    sign_up(page)
    hangs = f"file.name === '{files[0].name}' ? new Promise(() => {{}}) : decode(file, options)"
    break_worker(page, f"const decode = createImageBitmap; self.createImageBitmap = (file, options) => {hangs};")
    choose(page, files)
    for state in ("preparing", "chosen"):
        expect(page.locator(f'[data-rows] li[data-state="{state}"]')).to_have_count(2)
        page.clock.fast_forward("01:00")


def test_after_a_pile_of_which_nothing_was_accepted_others_are_chosen(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    notes = tmp_path / "notes.jpg"
    notes.write_bytes(b"no picture")
    sign_up(page)
    choose(page, [notes])
    send(page)
    expect(page.get_by_role("heading", name="No photo was accepted")).to_be_visible()
    wait_for(page, lambda: is_empty(page))
    page.locator("input[name=photos]").set_input_files(photos(tmp_path, 1))
    wait_until_tagged(page, "1 photo is through")


HEAR = """
() => {
  const hear = (name, element) => {
    const heard = (window.heard ??= {})[name] = [];
    const options = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => heard.push(element.innerText)).observe(element, options);
  };
  hear("aloud", document.querySelector("[data-announcer]"));
  hear("chosen", document.querySelector("[data-chosen-count]"));
}
"""


def heard(page: Page, name: str) -> list[str]:
    return list(page.evaluate("(name) => window.heard[name]", name))


def test_what_happens_is_said_aloud_and_the_focus_goes_along(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**DESKTOP).page
    page.clock.install()
    (tmp_path / "notes.jpg").write_bytes(b"no picture")
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    expect(page.locator("html.is-enhanced")).to_be_visible()
    page.evaluate(HEAR)
    send(page)
    expect(page.locator("input[name=photos]")).to_be_focused()
    expect(page.locator("[data-errors]")).to_have_text("Choose at least one photo.")
    page.locator("input[name=photos]").set_input_files([tmp_path / "notes.jpg", *photos(tmp_path, 2)])
    expect(page.locator('[data-rows] li[data-state="chosen"]')).to_have_count(3)
    held: list[Route] = []
    page.route("**/upload/", lambda route: held.append(route))
    send(page)
    expect(page.get_by_role("heading", name="Your photos")).to_be_focused()
    wait_for(page, lambda: rows_in(page, "sending") == 3)
    assert heard(page, "aloud") == []
    page.clock.fast_forward("00:15")
    for route in held:
        route.continue_()
    wait_until_tagged(page, "All 2 photos are through")
    expect(page.locator("[data-announcer]")).to_contain_text("All 2 photos are through")
    aloud = "\n".join(heard(page, "aloud"))
    assert f"notes.jpg: {RefusalReason.NOT_AN_IMAGE.label}" in aloud
    assert re.search(r"\b[12] of 3 sent", aloud)
    assert heard(page, "chosen").count("3 photos") == 1


def test_trouble_is_said_and_many_problems_at_once_as_one(new_browser: NewBrowser, tmp_path: Path) -> None:
    seller = new_browser(**DESKTOP)
    page = seller.page
    sign_up(page)
    choose(page, small_photos(tmp_path, 5))
    expect(page.locator('[data-rows] li[data-state="chosen"]')).to_have_count(5)
    page.evaluate(HEAR)
    answers = [(503, "The disk is full.")] * 2 + [(409, "The shop is full.")]

    def answer(route: Route) -> None:
        status, sentence = answers.pop(0)
        route.fulfill(status=status, json={"errors": [sentence]})

    page.route("**/upload/", answer)
    send(page)
    trouble = page.get_by_role("status").filter(has_text="The disk is full.")
    expect(trouble).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Try now").click()
    expect(page.locator("[data-announcer]")).to_contain_text("5 with a problem")
    assert "The shop is full." not in "\n".join(heard(page, "aloud"))
    assert seller.complaints.take("503") > 0
    assert seller.complaints.take("409") > 0


def lose_twice(page: Page) -> None:
    """The connection is gone in the middle, twice."""
    network = SlowNetwork(page)
    send(page)
    for arrived in (30, 90):
        wait_for(page, lambda least=arrived: rows_in(page, "stored", "ready") >= least)  # type: ignore[misc]
        network.set(is_cut=True)
        expect(page.get_by_text("The network is not answering.")).to_be_visible()
        network.set(is_cut=False)


def test_hundreds_through_a_slow_network_cut_twice_and_a_killed_tab_lose_and_double_nothing(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    files = small_photos(tmp_path, PILE)
    seller = new_browser(**PHONE)
    page = seller.page
    sign_up(page)
    choose(page, files)
    address, shop = page.url, shop_of(page)
    lose_twice(page)
    wait_for(page, lambda: rows_in(page, "stored", "ready") >= 150)
    before = len(stored(server, shop))
    page.close()  # as when the phone needs the memory
    assert before < PILE
    page = seller.another_tab()
    page.goto(address)
    expect(page.get_by_text("The upload goes on where it stopped.")).to_be_visible()
    expect(page.get_by_role("heading", name=f"All {PILE} photos are through")).to_be_visible(timeout=PILE_TIMEOUT_MS)
    assert rows_in(page, "ready") == PILE
    assert stored(server, shop) == digests(files)
    assert server.rows(f"select count(*) from catalog_listing where shop_id = {shop}") == [(PILE,)]
    assert seller.complaints.take("net::ERR_") > 0
    wait_for(page, lambda: is_empty(page))
    page.reload()  # and nothing is left to send
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_visible()
    assert page.locator("[data-rows] li").count() == 0


def test_hundreds_without_javascript_go_in_batches(new_browser: NewBrowser, server: Server, tmp_path: Path) -> None:
    files = small_photos(tmp_path, PILE)
    page = new_browser(**DESKTOP, java_script_enabled=False).page
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    address, shop = page.url, shop_of(page)
    for start in range(0, PILE, 150):
        page.goto(address)
        page.locator("input[name=photos]").set_input_files(files[start : start + 150])
        page.get_by_role("button", name="Upload", exact=True).click(timeout=PILE_TIMEOUT_MS)
        expect(page.get_by_role("heading", name="Your photos")).to_be_visible(timeout=PILE_TIMEOUT_MS)
    assert stored(server, shop) == digests(files)


def test_hundreds_dropped_at_once_keep_the_page_responsive_and_its_memory_small(new_browser: NewBrowser) -> None:
    seller = new_browser(**DESKTOP)
    page = seller.page
    page.add_init_script(LONG_TASKS)
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    expect(page.locator("html.is-enhanced")).to_be_visible()
    content = list(photo_bytes())
    for _ in range(ROUNDS):
        if longest_task_of_a_drop(page, content) < LONGEST_TASK_MS:
            break
        page.get_by_role("button", name="Remove all").click()
        expect(page.locator("[data-rows] li")).to_have_count(0)
    else:
        raise AssertionError("the page was blocked for too long in every round")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    assert metrics["JSHeapUsedSize"] < 25e6
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("[data-rows] li")).to_have_count(0)


def longest_task_of_a_drop(page: Page, content: Sequence[int]) -> float:
    """Milliseconds for which the page did not answer while hundreds of files were dropped and made ready."""
    page.evaluate(DROP, [content, DROPPED])
    wait_for(page, lambda: rows_in(page, "chosen") == DROPPED)
    return float(max(page.evaluate("window.longTasks"), default=0))


def photo_bytes(**options: bytes) -> bytes:
    return as_jpeg(product("shirt", "red", (600, 800), seed=1), quality=80, **options)


def with_location() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (19.0, 4.0, 34.0), 3: "E", 4: (72.0, 52.0, 39.0)})
    return photo_bytes(exif=exif.tobytes())


def test_what_is_seen_in_a_photo_is_told_before_it_is_sent_and_its_location_never_travels(
    new_browser: NewBrowser, tmp_path: Path
) -> None:
    page = new_browser(**PHONE).page
    contents = {"home.jpg": with_location(), "again.jpg": photo_bytes(), "dark.jpg": dark()}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    sign_up(page)
    choose(page, [tmp_path / name for name in contents])
    expect(row(page, "dark.jpg")).to_contain_text("Dark: daylight shows the colours.")
    expect(row(page, "dark.jpg")).to_contain_text("Small: most channels ask for 500 px.")
    expect(row(page, "again.jpg")).to_contain_text("Looks the same as home.jpg.")
    assert b"Exif" in contents["home.jpg"]
    kept = {name: photo.content for name, photo in kept_photos(page).items()}
    assert kept.keys() == contents.keys()
    assert all(content.startswith(b"\xff\xd8") and b"Exif" not in content for content in kept.values())
    send(page)
    wait_until_tagged(page, "All 3 photos are through")
    expect(page.locator("[data-tagged]")).to_contain_text("Location removed from 1 photo")


HAS_LOCATION = """
async (content) => {
  const { hasLocation } = await import("/static/js/upload/location.js");
  const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
  return hasLocation(new File([bytes], "photo.heic"));
}
"""


def test_heic_goes_as_it_is_where_the_browser_cannot_read_it(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**DESKTOP).page
    content = with_gps(product("shirt", "red", (600, 800), seed=1), "HEIF")
    (tmp_path / "iphone.heic").write_bytes(content)
    sign_up(page)
    choose(page, [tmp_path / "iphone.heic", *photos(tmp_path, 1)])
    expect(page.get_by_text("2 photos", exact=True)).to_be_visible()
    assert kept_photos(page)["iphone.heic"].content == content
    send(page)
    wait_until_tagged(page, "All 2 photos are through")
    expect(page.locator("[data-tagged]")).to_contain_text("Location removed from 1 photo")


def test_location_in_heic_is_found_wherever_it_lies_by_browsers_that_can_read_it(new_browser: NewBrowser) -> None:
    page = new_browser(**DESKTOP).page
    page.goto("/accounts/login/")
    noise = Image.effect_noise((600, 600), 100).convert("RGB")
    contents = [with_gps(noise, "HEIF"), as_heic(noise)]
    assert contents[0].rindex(b"Exif") > 256 * 1024  # behind the pixels
    found = [page.evaluate(HAS_LOCATION, b64encode(content).decode()) for content in contents]
    assert found == [True, False]


def dark() -> bytes:
    return as_jpeg(product("bag", "blue", (300, 400), seed=2).point(lambda value: value // 4), quality=75)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=name)


def test_who_is_signed_out_in_between_signs_in_and_goes_on(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    seller = new_browser(**PHONE)
    page, files = seller.page, small_photos(tmp_path, 3)
    sign_up(page)
    choose(page, files)
    shop = shop_of(page)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    send(page)
    expect(page.get_by_text("You are not signed in any more.")).to_be_visible()
    assert stored(server, shop) == []
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were given
    page.reload()
    wait_until_tagged(page, "All 3 photos are through")
    assert stored(server, shop) == digests(files)
    assert seller.complaints.take("404") > 0


def sign_out_and_in(seller: Watched, ask: Callable[[], None]) -> None:
    """While the page asks how far the photos are; `ask` makes it do so."""
    page, asked = seller.page, []
    notice = page.get_by_role("alert").filter(has_text="You are not signed in any more.")
    page.on("response", lambda response: asked.append(response.status) if "/status/" in response.url else None)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    ask()
    expect(notice).to_be_visible()
    page.wait_for_timeout(2 * FOLLOWING_MS)
    assert asked.count(404) == 1  # it does not go on
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were given
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # back from where they signed in
    expect(notice).to_be_hidden()
    assert asked.count(404) == 1
    assert seller.complaints.take("404") > 0


def test_who_is_signed_out_while_photos_are_tagged_is_told_and_not_asked_for_ever(
    new_browser: NewBrowser, tmp_path: Path
) -> None:
    seller = new_browser(**PHONE)
    page = seller.page
    nothing_yet = {"seen": "", "finished": [], "look_alikes": 0}
    sign_up(page)
    choose(page, small_photos(tmp_path, 3))
    page.route("**/uploads/*/status/", lambda route: route.fulfill(json=nothing_yet))
    send(page)
    expect(page.locator('[data-rows] li[data-state="stored"]')).to_have_count(3)
    sign_out_and_in(seller, lambda: page.unroute("**/uploads/*/status/"))
    wait_until_tagged(page, "All 3 photos are through")


def test_the_progress_page_tells_who_is_signed_out(new_browser: NewBrowser, server: Server, tmp_path: Path) -> None:
    seller = new_browser(**PHONE)
    page = seller.page
    uploaded(page, photos(tmp_path, 2))
    [(pk,)] = server.rows("select max(id) from onboarding_upload")
    asks = f'id="upload-status" hx-get="/uploads/{pk}/status/" hx-trigger="every 2s" hx-swap="outerHTML"'

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace('id="upload-status"', asks))

    page.route(f"**/uploads/{pk}/", answer)  # as before the photo was tagged
    page.goto(f"/uploads/{pk}/")
    sign_out_and_in(seller, lambda: None)
    expect(page.locator("[data-announcer]")).to_have_text("2 photos are ready to review.")


def test_what_the_site_will_not_have_can_be_tried_again(new_browser: NewBrowser, tmp_path: Path) -> None:
    seller = new_browser(**PHONE)
    page = seller.page
    sign_up(page)
    choose(page, small_photos(tmp_path, 3))
    page.route("**/upload/", lambda route: route.fulfill(status=409, json={"errors": ["The shop is full."]}))
    send(page)
    expect(page.get_by_role("listitem").filter(has_text="The shop is full.")).to_have_count(3)
    page.unroute("**/upload/")
    for _ in range(3):
        page.get_by_role("button", name="Try again").first.click()
    wait_until_tagged(page, "All 3 photos are through")
    assert seller.complaints.take("409") > 0


def test_photos_that_wait_in_a_browser_are_not_shown_to_the_next_person(
    new_browser: NewBrowser, tmp_path: Path
) -> None:
    page = new_browser(**PHONE).page
    sign_up(page)
    choose(page, small_photos(tmp_path, 2))
    expect(page.locator('[data-rows] li[data-state="chosen"]')).to_have_count(2)
    page.reload()
    expect(page.locator("[data-rows] li")).to_have_count(2)  # they are still there
    page.context.clear_cookies()
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    expect(page.locator("html.is-enhanced")).to_be_visible()
    expect(page.locator("[data-rows] li")).to_have_count(0)


def test_names_of_files_keep_their_order_in_arabic(new_browser: NewBrowser, tmp_path: Path) -> None:
    page = new_browser(**PHONE).page
    files = [tmp_path / name for name in ("20240501_123456.jpg", "20240501_123457.jpg")]
    for file in files:
        file.write_bytes(photo_bytes())
    sign_up(page)
    page.get_by_role("link", name="Upload your first photos").click()
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": page.url}])
    page.reload()
    expect(page.locator("html.is-enhanced")).to_have_attribute("dir", "rtl")
    page.locator("input[name=photos]").set_input_files(files)
    name = row(page, files[0].name).locator("[data-name]").first
    assert name.evaluate("(element) => getComputedStyle(element).direction") == "ltr"
    expect(row(page, files[1].name).locator("[data-advice]").last).to_contain_text(f"\u2068{files[0].name}\u2069")
    label = page.locator("[data-remove]").first.get_attribute("aria-label")
    assert f"\u2068{files[0].name}\u2069" in str(label)


def test_the_page_weighs_little(new_browser: NewBrowser) -> None:
    """Compressed as the site sends its static files; the page itself as it is."""
    seller = new_browser(**PHONE)
    sign_up(seller.page)
    page = seller.another_tab()
    sizes = weigh(page)
    page.goto(seller.page.get_by_role("link", name="Upload your first photos").get_attribute("href") or "")
    expect(page.locator("html.is-enhanced")).to_be_visible()
    assert sum(sizes.values()) < PAGE_BYTES, sizes
    assert len(sizes) <= MOST_REQUESTS, sizes


@pytest.mark.parametrize("many", [False, True])
def test_photos_of_one_product_arrive_in_their_order(
    new_browser: NewBrowser, server: Server, tmp_path: Path, many: bool
) -> None:
    files = small_photos(tmp_path, 30 if many else 3)
    page = new_browser(**PHONE).page
    sign_up(page)
    choose(page, files)
    shop = shop_of(page)
    page.get_by_text("All photos show one product").click()
    send(page)
    expect(page.get_by_role("heading", name=f"All {len(files)} photos are through")).to_be_visible()
    listings = f"select id from catalog_listing where shop_id = {shop}"
    ordered = server.rows(f"select sha256 from catalog_photo where listing_id in ({listings}) order by position")
    assert [each[0] for each in ordered] == [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    assert len(server.rows(listings)) == 1
