"""What the upload page makes of phone photos: how small they become, whether they are tagged alike, what is advised.

    R=tests/benchmarks/results
    python -m tests.benchmarks.upload_page --originals DATA/phone-photos/originals --out $R/upload_page.json

A real site and Chromium, as a seller's phone would show the page; the photos are chosen, prepared and kept, and read
out of what the browser keeps for sending. Phone photos of 12 megapixels are made of the originals at hand: enlarged to
3,000 × 4,000 with a sensor's noise (standard deviation 4 of 255), JPEG of quality 92. Each photo is tagged as the site
would, once as it was and once as it travels. Advice is counted on the photos as they are and on damaged copies.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop running

import django

django.setup()

import numpy as np  # noqa: E402 (Django first)
from PIL import Image, ImageFilter, ImageOps  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from ml.artifact import DEFAULT_PATH, load  # noqa: E402
from ml.bench import machine  # noqa: E402
from ml.network import choose_device  # noqa: E402
from ml.predictor import Predictor, Seen  # noqa: E402
from onboarding.pictures import prepare_picture  # noqa: E402
from tests.browser.conftest import FLAGS, PHONE  # noqa: E402
from tests.browser.outbox import Kept, kept_photos  # noqa: E402
from tests.browser.test_story import sign_up  # noqa: E402
from tests.drawing import as_jpeg  # noqa: E402
from tests.flows.server import Server  # noqa: E402
from tests.services.binaries import find_binary  # noqa: E402

AT_ONCE: Final = 10
QUALITY: Final = 92
TIMEOUT_MS: Final = 300_000
Change = Callable[[Image.Image], Image.Image]


def opened(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def of_12_megapixels(picture: Image.Image) -> Image.Image:
    size = (3000, 4000) if picture.height >= picture.width else (4000, 3000)
    large = np.asarray(picture.resize(size, Image.Resampling.LANCZOS), dtype=np.float32)
    noise = np.random.default_rng(1).normal(0, 4, large.shape)
    return Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8))


def blurred(picture: Image.Image) -> Image.Image:
    """As by a shaken hand: a Gaussian of 0.5 % of the longest side."""
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) * 0.005))


def rotated(picture: Image.Image) -> Image.Image:
    margin = round(0.12 * min(picture.size))
    turned = picture.rotate(8, Image.Resampling.BICUBIC)
    return turned.crop((margin, margin, picture.width - margin, picture.height - margin))


def far(picture: Image.Image) -> Image.Image:
    """The product on a ninth of each side, on the shade of the photo's border."""
    rows = np.asarray(picture)
    shade = np.median(np.concatenate([rows[0], rows[-1]]), axis=0)
    wide = Image.new("RGB", picture.size, tuple(int(value) for value in shade))
    small = picture.resize((picture.width // 6, picture.height // 6))
    wide.paste(small, ((wide.width - small.width) // 2, (wide.height - small.height) // 2))
    return wide


CHANGES: Final[Mapping[str, Change]] = {
    "as it is": lambda picture: picture,
    "a third of the light": lambda picture: picture.point(lambda value: value * 0.33),
    "blurred": blurred,
    "tilted by 8°": rotated,
    "from far away": far,
    "300 px": lambda picture: ImageOps.contain(picture, (300, 300)),
}


def keep(page: Page, contents: Mapping[str, bytes]) -> dict[str, Kept]:
    """Chooses the photos, waits until they are ready to send, and takes them out again."""
    kept: dict[str, Kept] = {}
    names = list(contents)
    with TemporaryDirectory() as folder:
        for start in range(0, len(names), AT_ONCE):
            files = [Path(folder) / name for name in names[start : start + AT_ONCE]]
            for file in files:
                file.write_bytes(contents[file.name])
            page.locator("input[name=photos]").set_input_files(files)
            rows = page.locator('[data-rows] li[data-state="chosen"]')
            rows.nth(len(files) - 1).wait_for(timeout=TIMEOUT_MS)
            kept |= kept_photos(page)
            page.get_by_role("button", name="Remove all").click()
            page.locator("[data-rows] li").first.wait_for(state="detached")
            for file in files:
                file.unlink()
    return kept


def sub_categories(predictor: Predictor, contents: Sequence[bytes]) -> Iterator[str]:
    """As the site tags a photo that arrives so."""
    for content in contents:
        derivative = prepare_picture(BytesIO(content)).derivative
        (seen,) = predictor.read_files([derivative])
        assert isinstance(seen, Seen)
        yield seen.fields["sub_category"].value


def measure_sending(page: Page, originals: Mapping[str, bytes]) -> dict[str, Any]:
    kept = keep(page, originals)
    predictor = Predictor(load(DEFAULT_PATH), choose_device())
    names = sorted(originals)
    before = list(sub_categories(predictor, [originals[name] for name in names]))
    after = list(sub_categories(predictor, [kept[name].content for name in names]))
    same = sum(one == other for one, other in zip(before, after, strict=True))
    bytes_before, bytes_after = (
        sum(map(len, each)) for each in (originals.values(), [k.content for k in kept.values()])
    )
    return {
        "photos": len(names),
        "mean_bytes_of_a_photo": round(bytes_before / len(names)),
        "mean_bytes_sent": round(bytes_after / len(names)),
        "share_of_bytes_sent": round(bytes_after / bytes_before, 4),
        "same_sub_category": round(same / len(names), 4),
    }


def measure_advice(page: Page, pictures: Mapping[str, Image.Image]) -> dict[str, dict[str, float]]:
    """Share of the photos with each piece of advice, by what was done to them."""
    found = {}
    for change, apply in CHANGES.items():
        kept = keep(page, {name: as_jpeg(apply(picture), quality=QUALITY) for name, picture in pictures.items()})
        codes = [code for each in kept.values() for code in each.advice]
        found[change] = {code: round(codes.count(code) / len(kept), 3) for code in sorted(set(codes))}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=250)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    files = sorted(options.originals.glob("*.jpg"))[: options.limit]
    pictures = {file.name: opened(file) for file in files}
    with (
        TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        Server(Path(folder) / "var", artifact=DEFAULT_PATH) as server,
    ):
        browser = playwright.chromium.launch(executable_path=find_binary("chromium"), args=list(FLAGS))
        page = browser.new_context(base_url=server.address, locale="en", **PHONE).new_page()
        sign_up(page)
        page.get_by_role("link", name="Upload your first photos").click()
        advice = measure_advice(page, pictures)
        sent = measure_sending(
            page, {name: as_jpeg(of_12_megapixels(each), quality=QUALITY) for name, each in pictures.items()}
        )
        browser.close()
    results = {"machine": machine.describe(), "sent": sent, "advice": advice}
    text = json.dumps(results, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
