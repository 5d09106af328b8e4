"""What is wrong with the environment is reported, each with the id of its kind, and never stops the reading."""

from pathlib import Path
from typing import Any

import pytest

from onboarding.config import backends
from onboarding.config.environment import NO_DATABASE, Environment

NAME = "LAPEL_SETTING"


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "none")


def ids(env: Environment) -> list[str]:
    return [problem.id for problem in env.problems]


def test_what_is_not_set_is_the_default(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "  "):
        monkeypatch.delenv(NAME, raising=False)
        if value is not None:
            monkeypatch.setenv(NAME, value)
        read = (env.text(NAME, "a"), env.words(NAME, ["a"]), env.integer(NAME, 3, at_least=1))
        assert read == ("a", ["a"], 3)
    assert env.problems == []


@pytest.mark.parametrize("named", ["", "other.env"])
def test_a_file_stands_beneath_the_environment(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / (named or ".env")
    file.write_text("LAPEL_SETTING=file\nLAPEL_OTHER=file\n")
    monkeypatch.setenv(NAME, "environment")
    monkeypatch.setenv("LAPEL_OTHER", "to be forgotten after the test")
    monkeypatch.delenv("LAPEL_OTHER")
    monkeypatch.setenv("ENV_FILE", str(file) if named else "")
    env = Environment(tmp_path / ".env")
    assert (env.text(NAME), env.text("LAPEL_OTHER")) == ("environment", "file")


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), (" on ", True), ("0", False), ("", False)])
def test_yes_and_no_have_several_words(
    env: Environment, monkeypatch: pytest.MonkeyPatch, value: str, expected: bool
) -> None:
    monkeypatch.setenv(NAME, value)
    assert (env.boolean(NAME, not expected), env.problems) == (expected, [])


def test_words_stand_between_commas(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " a, b ,,c")
    assert env.words(NAME, []) == ["a", "b", "c"]


@pytest.mark.parametrize("value", ["abc", "0", "-1", "1.5", "1e3", "inf"])
def test_a_count_that_is_none_is_reported(env: Environment, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.integer(NAME, 7, at_least=1) == 7
    (problem,) = env.problems
    assert problem.id == "lapel.E002"
    assert problem.sentence == f"{NAME} is not a whole number of at least 1: {value!r}."


@pytest.mark.parametrize("value", ["nan", "inf", "0.01", "2,5"])
def test_seconds_that_are_none_are_reported(env: Environment, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert (env.number(NAME, 2.0, at_least=0.1), ids(env)) == (2.0, ["lapel.E002"])


def test_a_word_that_is_neither_yes_nor_no_is_reported(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "perhaps")
    assert (env.boolean(NAME, True), ids(env)) == (True, ["lapel.E003"])


def test_a_text_that_does_not_fit_as_a_whole_is_reported(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "mandatory!")
    read = env.pattern(NAME, "optional", pattern="optional|mandatory", example="mandatory")
    assert (read, ids(env)) == ("optional", ["lapel.E010"])


@pytest.mark.parametrize(
    "value",
    [
        "mysql://user:hidden@host/name",
        "nonsense",
        "postgres:/name",
        "postgres://user:hidden@host",
        "postgres://user:hidden@host:port/name",
        "sqlite://",
    ],
)
def test_a_database_address_that_cannot_be_used_leads_to_no_other_database(
    env: Environment, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(NAME, value)
    assert (env.database(NAME, "sqlite:////tmp/other"), ids(env)) == (NO_DATABASE, ["lapel.E004"])
    assert "hidden" not in str(env.problems)


def test_passwords_in_a_database_address_may_hold_any_character(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, "postgres://lapel:p%40ss%2F%23@db.example.com:5433/shop?sslmode=require")
    settings = env.database(NAME, "")
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"], settings["PORT"], settings["NAME"]) == (
        "lapel",
        "p@ss/#",
        "db.example.com",
        5433,
        "shop",
    )
    assert settings["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("value", ["http://host", "redis:6379", "redis://", "redis://host:port", "redis://host:99999"])
def test_an_address_that_is_none_is_reported(env: Environment, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert (env.address(NAME, "", schemes=("redis", "rediss"), id="E005"), ids(env)) == ("", ["lapel.E005"])


def test_mail_that_cannot_be_sent_that_way_is_reported(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "pigeon://host")
    config = env.email(NAME, "consolemail://")
    assert (config["EMAIL_BACKEND"], ids(env)) == ("django.core.mail.backends.console.EmailBackend", ["lapel.E009"])


# --- The parts that addresses name --------------------------------------------------------------------------------


@pytest.fixture
def without_services(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "STORAGE_BUCKET_NAME",
        "S3_ENDPOINT_URL",
        "S3_REGION_NAME",
        "LOCATION",
        "ACCESS_KEY_ID",
        "SECRET_ACCESS_KEY",
    )
    for name in ("DATABASE_URL", "REDIS_URL", *(f"AWS_{name}" for name in names)):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("without_services")
def test_without_services_everything_lies_in_the_data_folder(env: Environment, tmp_path: Path) -> None:
    database = backends.database(env, tmp_path)
    url, options = backends.broker(env, tmp_path)
    storage = backends.file_storage(env, tmp_path)
    assert (database["NAME"], database["OPTIONS"]["transaction_mode"]) == (f"{tmp_path}/lapel.sqlite3", "IMMEDIATE")
    assert (url, options["data_folder_in"]) == ("filesystem://localhost/", f"{tmp_path}/broker")
    assert backends.cache(url) == {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    assert storage["OPTIONS"]["location"] == f"{tmp_path}/media"
    assert env.problems == []


@pytest.mark.usefixtures("without_services")
def test_services_are_used_where_addresses_name_them(
    env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://lapel@db/lapel")
    monkeypatch.setenv("REDIS_URL", "rediss://:secret@redis:6380/0")
    monkeypatch.setenv("AWS_STORAGE_BUCKET_NAME", "photos")
    monkeypatch.setenv("AWS_S3_ENDPOINT_URL", "https://objects.example.com")
    database = backends.database(env, tmp_path)
    url, options = backends.broker(env, tmp_path)
    storage = backends.file_storage(env, tmp_path)
    assert (database["ENGINE"], database["CONN_HEALTH_CHECKS"]) == ("django.db.backends.postgresql", True)
    assert (url, options["max_retries"]) == ("rediss://:secret@redis:6380/0", 0)
    assert backends.cache(url)["LOCATION"] == url
    assert (
        storage["OPTIONS"]["bucket_name"],
        storage["OPTIONS"]["endpoint_url"],
        storage["OPTIONS"]["file_overwrite"],
    ) == (
        "photos",
        "https://objects.example.com",
        False,
    )
    assert env.problems == []


@pytest.mark.parametrize(
    "values",
    [
        {"AWS_S3_ENDPOINT_URL": "https://objects.example.com"},
        {"AWS_S3_REGION_NAME": "eu-west-1"},
        {"AWS_STORAGE_BUCKET_NAME": "s3://photos"},
        {"AWS_STORAGE_BUCKET_NAME": "photos", "AWS_S3_ENDPOINT_URL": "objects.example.com"},
        {"AWS_STORAGE_BUCKET_NAME": "photos", "AWS_ACCESS_KEY_ID": "key"},
        {"AWS_STORAGE_BUCKET_NAME": "photos", "AWS_SECRET_ACCESS_KEY": "secret"},
    ],
)
@pytest.mark.usefixtures("without_services")
def test_half_a_storage_is_reported(
    env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    backends.file_storage(env, tmp_path)
    assert ids(env) == ["lapel.E006"]
