"""Speaks to a running Lapel over HTTP as a seller's browser does. Knows no database and no settings."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})
FETCH = {"X-Requested-With": "fetch"}
ATTEMPTS_PER_REQUEST = 6
TIMEOUT_SECONDS = 120.0


class SiteError(Exception):
    """The site cannot be reached, or does not do what was asked; one sentence."""


@dataclass(frozen=True)
class Progress:
    """How far an upload has come; `seconds_to_tag` has a number for each tagged photo."""

    total: int
    tagged: int
    failed: int
    waiting: int
    refused: Sequence[dict[str, str]]
    seconds_to_tag: Sequence[float]


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of a folder and the folders below, by name; hidden ones are left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES)
    return sorted(path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))


class SiteClient:
    """One signed-in seller."""

    def __init__(self, address: str) -> None:
        self._address = address if address.endswith("/") else f"{address}/"
        self._session = requests.Session()

    def sign_in(self, email: str, password: str) -> None:
        """Raises `SiteError` when the site does not answer or refuses the password."""
        page = self._get("accounts/login/")
        form = {"login": email, "password": password, **hidden_fields(page.text)}
        answer = self._send("POST", page.url, data=form, headers={"Referer": page.url})
        if "/accounts/login/" in answer.url:
            raise SiteError("The site refuses this e-mail address or password.")

    def upload_address(self) -> str:
        """The upload page of the seller's shop (the one the site leads to after signing in)."""
        home = self._get("")
        found = re.search(r"/shops/(\d+)/", home.url)
        if not found:
            raise SiteError("This person has no shop yet. Open one on the site first.")
        return f"shops/{found[1]}/upload/"

    def start_upload(self, page_address: str) -> dict[str, str]:
        """The hidden fields of a fresh upload form, its token among them."""
        return hidden_fields(self._get(page_address).text)

    def send_part(self, page_address: str, hidden: dict[str, str], part: int, files: Sequence[Path]) -> str:
        """Sends some files; returns the address of the progress page. Safe to repeat: the site knows token and part."""
        form = {**hidden, "part": str(part), "arrangement": "each"}
        contents = [("photos", (path.name, path.read_bytes())) for path in files]
        address = urljoin(self._address, page_address)
        headers = {**FETCH, "Referer": address}
        answer = self._send("POST", address, data=form, files=contents, headers=headers)
        reply = _json(answer)
        if "progress" not in reply:
            raise SiteError(" ".join(reply.get("errors", ["The site did not take the files."])))
        return str(reply["progress"])

    def progress(self, progress_address: str) -> Progress:
        answer = self._send("GET", urljoin(self._address, f"{progress_address}status/"), headers=FETCH)
        found = _json(answer)
        return Progress(**{each.name: found[each.name] for each in fields(Progress)})

    def _get(self, path: str) -> requests.Response:
        return self._send("GET", urljoin(self._address, path))

    def _send(self, method: str, address: str, **options: Any) -> requests.Response:
        """Tries again, with growing pauses, when the network or the server fails."""
        trouble = ""
        for attempt in range(ATTEMPTS_PER_REQUEST):
            try:
                answer = self._session.request(method, address, timeout=TIMEOUT_SECONDS, **options)
                if answer.status_code < 500:
                    return answer
                trouble = f"it answers {answer.status_code}"
            except requests.RequestException as error:
                trouble = type(error).__name__
            time.sleep(min(8.0, 0.5 * 2**attempt))
        raise SiteError(f"{address} does not answer as it should ({trouble}).")


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        reply = answer.json()
    except ValueError as error:
        raise SiteError(f"{answer.url} answers {answer.status_code} without the expected data.") from error
    return dict(reply)


def hidden_fields(html: str) -> dict[str, str]:
    """Names and values of the hidden inputs of a page, as forms carry them."""
    inputs = re.findall(r"<input[^>]*type=[\"']hidden[\"'][^>]*>", html)
    pairs = ((re.search(r"name=[\"']([^\"']+)", tag), re.search(r"value=[\"']([^\"']*)", tag)) for tag in inputs)
    return {name[1]: value[1] if value else "" for name, value in pairs if name}
