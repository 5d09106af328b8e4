"""The web process and the settings of a real site, each tried in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

HEAVY = ("torch", "torchvision", "ml", "pillow_heif")

SERVE_ONCE = """
import sys
import django
django.setup()
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import URLResolver, get_resolver

def views(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            yield pattern.callback

get_wsgi_application()
are_views = {callable(view) for view in views(get_resolver().url_patterns)}
statuses = [Client(headers={"host": "localhost"}).get(path).status_code for path in ("/", "/accounts/login/")]
loaded = [name for name in HEAVY if name in sys.modules]
print(are_views, statuses, loaded)
"""


def run(*arguments: str, data_dir: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs Python with our settings and nothing else of this environment's, nor of a `.env` file."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "ENV_FILE") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, "DJANGO_SETTINGS_MODULE": "onboarding.config.settings", "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check_as_deployed(data_dir: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    site = {"DEBUG": "0", "ALLOWED_HOSTS": "shop.example.com", "REDIS_URL": "redis://localhost:6379/0"}
    arguments = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    return run(*arguments, data_dir=data_dir, **{**site, **environment})


def test_the_web_process_serves_pages_and_never_loads_the_network_nor_the_decoder_of_heic(tmp_path: Path) -> None:
    finished = run("-c", f"HEAVY = {HEAVY!r}\n{SERVE_ONCE}", data_dir=tmp_path, DEBUG="1")
    assert (finished.stdout.strip(), finished.returncode) == ("{True} [200, 200] []", 0), finished.stderr


def test_a_loaded_network_would_be_noticed(tmp_path: Path) -> None:
    finished = run("-c", f"import ml\nHEAVY = {HEAVY!r}\n{SERVE_ONCE}", data_dir=tmp_path, DEBUG="1")
    assert finished.stdout.strip() == "{True} [200, 200] ['ml']", finished.stderr


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)  # exits where one is missing


def test_the_settings_of_a_real_site_pass_djangos_deployment_checks(tmp_path: Path) -> None:
    checked = check_as_deployed(tmp_path, SECRET_KEY="a-Long-secret-of-this-test-" * 3)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"SECRET_KEY": "only-for-development"}, "lapel.E001"),
        ({"SECRET_KEY": "a-Long-secret-of-this-test-" * 3, "REDIS_URL": ""}, "lapel.W001"),
    ],
)
def test_what_must_not_go_live_fails_the_deployment_checks(
    tmp_path: Path, environment: dict[str, str], complaint: str
) -> None:
    refused = check_as_deployed(tmp_path, **environment)
    assert refused.returncode != 0
    assert complaint in refused.stderr
