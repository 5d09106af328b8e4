"""What the upload page keeps in the browser's own database until it has been sent."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page

READ: Final = """
async () => {
  const answer = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const database = await answer(indexedDB.open("lapel-outbox"));
  const photos = await answer(database.transaction("photos").objectStore("photos").getAll());
  return Promise.all(photos.map(async ({name, blob, advice}) => {
    const reader = new FileReader();
    const read = new Promise((resolve) => { reader.onload = () => resolve(reader.result.split(",")[1]); });
    reader.readAsDataURL(blob);
    return { name, advice, content: await read };
  }));
}
"""


@dataclass(frozen=True)
class Kept:
    """What travels of a photo, and what is advised."""

    content: bytes
    advice: Sequence[str]


def kept_photos(page: Page) -> dict[str, Kept]:
    """By their names, all of which must have been made ready."""
    return {each["name"]: Kept(b64decode(each["content"]), each["advice"]) for each in page.evaluate(READ)}


COUNT: Final = """
async () => {
  const answer = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const database = await answer(indexedDB.open("lapel-outbox"));
  return answer(database.transaction("piles").objectStore("piles").count());
}
"""


def is_empty(page: Page) -> bool:
    """Whether every pile that was sent is forgotten, which happens a moment after the page says that it is through."""
    return page.evaluate(COUNT) == 0
