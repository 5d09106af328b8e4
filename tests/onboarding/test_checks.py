"""What is set wrongly ends the start of whatever is started, with a sentence for each and no traceback."""

from pathlib import Path

import pytest

from tests.services.process import free_port
from tests.test_web_process import run

GOOD = {"SECRET_KEY": "a-Long-secret-of-this-test-" * 3, "ALLOWED_HOSTS": "shop.example.com"}
STARTS = {
    "web": ("-m", "gunicorn", "onboarding.config.wsgi", "--bind", "127.0.0.1:{port}"),
    "worker": ("-m", "celery", "--app", "onboarding.config.celery", "worker"),
    "serve": ("manage.py", "serve", "--port", "{port}"),
}
WRONG = {
    "E001": ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
    "E002": ({"TAGGING_BATCH_SIZE": "many"}, "TAGGING_BATCH_SIZE is not a whole number of at least 1: 'many'."),
    "E003": ({"BEHIND_TLS_PROXY": "perhaps"}, "BEHIND_TLS_PROXY is neither yes nor no: 'perhaps'."),
    "E004": ({"DATABASE_URL": "oracle://db/lapel"}, "DATABASE_URL names no database that Lapel works with."),
    "E005": ({"REDIS_URL": "redis"}, "REDIS_URL is not an address that begins with redis:// or rediss://."),
    "E006": ({"AWS_S3_REGION_NAME": "eu-west-1"}, "Object storage is set, but not which bucket."),
    "E007": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set: every request would be refused."),
    "E008": ({"TRUSTED_PROXY_COUNT": "2"}, "TRUSTED_PROXY_COUNT is set, but not BEHIND_TLS_PROXY."),
    "E009": ({"EMAIL_URL": "pigeon://loft"}, "EMAIL_URL names no way to send mail that Lapel knows."),
    "E010": ({"API_RATE": "often"}, "API_RATE cannot be 'often'."),
    "E011": ({"DATA_DIR": "/dev/null/var"}, "Nothing can be written to DATA_DIR, /dev/null/var."),
    "E012": ({"ENV_FILE": "/nowhere/.env"}, "ENV_FILE names no file: '/nowhere/.env'."),
}


@pytest.mark.parametrize("what", STARTS)
def test_nothing_starts_with_wrong_settings(what: str, tmp_path: Path) -> None:
    command = [part.format(port=free_port()) for part in STARTS[what]]
    refused = run(*command, data_dir=tmp_path, **{**GOOD, "SECRET_KEY": "", "DATABASE_URL": "oracle://db/lapel"})
    said = refused.stdout + refused.stderr
    assert (refused.returncode != 0, "Traceback" in said) == (True, False), said
    for id in ("E001", "E004"):
        assert (said.count(f"(lapel.{id})"), said.count(WRONG[id][1])) == (1, 1)
    assert list(tmp_path.glob("*.sqlite3")) == []


@pytest.mark.parametrize("id", WRONG)
def test_each_kind_of_mistake_has_its_id_and_its_sentence(id: str, tmp_path: Path) -> None:
    values, sentence = WRONG[id]
    folder = Path(values.get("DATA_DIR", tmp_path))
    refused = run("manage.py", "check", data_dir=folder, **{**GOOD, **values})
    lines = [line for line in refused.stderr.splitlines() if "lapel." in line]
    assert (refused.returncode, lines) == (1, [f"?: (lapel.{id}) {sentence}"])


def test_static_files_can_be_collected_without_any_setting(tmp_path: Path) -> None:
    """Images are built without secrets."""
    collected = run("manage.py", "collectstatic", "--noinput", "--dry-run", data_dir=tmp_path)
    assert collected.returncode == 0, collected.stderr
