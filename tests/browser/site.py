"""A site with one of everything, for tests that look at its pages."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from catalog.models import Photo
from catalog.photo_files import replace_file
from tests.browser.conftest import DESKTOP, PHONE, TIMEOUT_MS
from tests.conftest import make_cast
from tests.drawing import as_jpeg, product
from tests.live import database_in, environment, python, storage_options, wait_until
from tests.services.process import HOST, answers, free_port
from tests.test_access import ACCOUNT_PAGES, PAGES, World, make_world

WIDTHS = {390: PHONE, 1280: DESKTOP}
EVERYBODY = ("visitor", "owner", "superuser")
LANGUAGES = ("en", "ar")
"""One that is written from left to right, and one from right to left."""


@dataclass
class Site:
    address: str
    world: World
    signed_in: dict[str, list[Any]] = field(default_factory=dict)

    def path(self, name: str) -> str:
        if name == "styleguide":  # with DEBUG, as the site here has it and these tests have not
            return "/styleguide/"
        if name in PAGES:
            return reverse(name, kwargs=self.world.arguments(name))
        return reverse(name, kwargs=ACCOUNT_PAGES.get(name, {}))

    def cookies(self, who: str) -> list[Any]:
        if who not in self.signed_in:
            session = self.world.browser(who).cookies.get(settings.SESSION_COOKIE_NAME)
            found = [{"name": "sessionid", "value": session.value, "url": self.address}] if session else []
            self.signed_in[who] = found
        return self.signed_in[who]

    @contextmanager
    def of_everybody(self, browser: Browser, *, language: str, **options: Any) -> Iterator[dict[str, Page]]:
        """A tab each for a visitor, an owner and a superuser; closed in the end."""
        contexts = {who: self.opened(browser, who, language=language, **options) for who in EVERYBODY}
        yield {who: context.new_page() for who, context in contexts.items()}
        for context in contexts.values():
            context.close()

    def opened(self, browser: Browser, who: str, *, language: str, **options: Any) -> BrowserContext:
        """A browser in which somebody is signed in and reads a language."""
        context = browser.new_context(base_url=self.address, locale="en", **options)
        context.set_default_timeout(TIMEOUT_MS)
        chosen = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.address}
        context.add_cookies([*self.cookies(who), chosen])
        return context


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    """A web server on a database with one of everything."""
    data_dir = tmp_path_factory.mktemp("pages")
    default = {**settings.STORAGES["default"], "OPTIONS": storage_options(data_dir)}
    stores = {**settings.STORAGES, "default": default}
    with django_db_blocker.unblock(), override_settings(STORAGES=stores), database_in(data_dir):
        world = make_world(make_cast())
        for number, photo in enumerate(Photo.objects.all()):
            for kind in ("master", "display", "derivative"):
                replace_file(getattr(photo, kind).name, as_jpeg(product("dress", "red", (300, 400), seed=number)))
        port, log = free_port(), data_dir / "web.log"
        # As `make run` does it: cookies that need no TLS.
        own = {"DJANGO_SETTINGS_MODULE": "onboarding.config.settings", "DEBUG": "1", "DATA_DIR": str(data_dir)}
        command = ("-m", "gunicorn", "onboarding.config.wsgi", "--bind", f"{HOST}:{port}")
        env = environment(data_dir, **own, SECRET_KEY=settings.SECRET_KEY, WEB_PROCESSES="1")
        web = python(*command, env=env, log=log)
        try:
            wait_until(lambda: answers(port), log=log)
            yield Site(f"http://{HOST}:{port}", world)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(web.pid, signal.SIGKILL)
            web.wait(30)
