"""compose.yaml, without an engine: it fits the Dockerfile and the settings, and says what is missing."""

import re
from pathlib import Path
from runpy import run_path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.containers import compose
from tests.containers.dockerfile import ROOT, instructions_of, last, read_stages
from tests.test_web_process import run

STAGES = read_stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))
SERVICES = compose.services()
OWN = {name: service for name, service in SERVICES.items() if service["image"].startswith("lapel-")}
SECRETS = dict.fromkeys(
    ("SECRET_KEY", "POSTGRES_PASSWORD", "AWS_SECRET_ACCESS_KEY", "STORAGE_RPC_SECRET"), "0123456789abcdef" * 4
)
SITE = {**SECRETS, "ALLOWED_HOSTS": "shop.example.com", "AWS_ACCESS_KEY_ID": "GK" + "a1" * 16}
# What .env.example documents and no container needs: development, the image's own folder, one machine's port.
NOT_FOR_CONTAINERS = {"DEBUG", "DATA_DIR", "WORKER_HEARTBEAT_FILE", "PORT", "EVALUATION_PICTURES"}
# What compose.yaml decides, because database, broker and storage are its own.
DECIDED = {
    "DATABASE_URL", "REDIS_URL", "AWS_STORAGE_BUCKET_NAME", "AWS_S3_ENDPOINT_URL", "AWS_S3_REGION_NAME",
    "AWS_S3_ADDRESSING_STYLE", "AWS_LOCATION",
}  # fmt: skip


def documented() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def test_every_image_of_ours_is_a_target_of_the_dockerfile() -> None:
    built = {service["build"]["target"]: service["image"] for service in OWN.values() if "build" in service}
    assert built.keys() <= STAGES.keys()
    assert set(built.values()) == {service["image"] for service in OWN.values()}


def test_no_image_of_others_moves_by_itself_to_another_major_version() -> None:
    tags = {name: service["image"].partition(":")[2] for name, service in SERVICES.items() if name not in OWN}
    assert {name: bool(re.match(r"v?\d", tag)) for name, tag in tags.items()} == dict.fromkeys(tags, True)


def test_every_variable_is_documented() -> None:
    assert compose.mentioned() - documented() == set()


def test_every_documented_setting_reaches_a_container() -> None:
    assert documented() - compose.mentioned() - NOT_FOR_CONTAINERS - DECIDED == set()


def test_what_is_missing_is_said_with_a_hint() -> None:
    assert compose.required().keys() == SITE.keys()
    assert [name for name, sentences in compose.required().items() if not any(sentences)] == []


@pytest.mark.parametrize("name", sorted(OWN))
def test_the_site_starts_with_the_environment_it_gets(name: str, tmp_path: Path) -> None:
    check = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    checked = run(*check, data_dir=tmp_path, **compose.environment_of(name, SITE))
    assert checked.returncode == 0, checked.stderr


def test_settings_of_the_operator_reach_the_site() -> None:
    chosen = {**SITE, "WEB_PROCESSES": "3", "EMAIL_URL": "smtp://mail", "BEHIND_TLS_PROXY": "0"}
    environment = compose.environment_of("web", chosen)
    assert {name: environment[name] for name in ("WEB_PROCESSES", "EMAIL_URL", "BEHIND_TLS_PROXY")} == {
        "WEB_PROCESSES": "3",
        "EMAIL_URL": "smtp://mail",
        "BEHIND_TLS_PROXY": "0",
    }
    assert "API_RATE" not in environment, "what is not set keeps the default of the settings"


def test_only_the_web_server_can_be_reached_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["${WEB_ADDRESS:-127.0.0.1:8000}:8000"]}
    outside = [name for name, service in SERVICES.items() if service["networks"] != ["inside"]]
    assert outside == ["web"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_broken_into_container_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only", False) == (name != "storage")


@pytest.mark.parametrize("name", sorted(OWN))
def test_the_data_folder_is_the_images_and_its_users(name: str) -> None:
    target = OWN[name]["image"].partition(":")[0].removeprefix("lapel-")
    steps = instructions_of(STAGES, target)
    folder, user = last(steps, "VOLUME").value, last(steps, "USER").value.split(":")
    assert f"{folder}:uid={user[0]},gid={user[1]},mode=0700" in OWN[name]["tmpfs"]


def test_the_site_is_prepared_once_before_anything_of_it_starts() -> None:
    *_python, command = SERVICES["migrate"]["command"]
    assert command in get_commands()
    waits = {name: service["depends_on"]["migrate"] for name, service in OWN.items() if name != "migrate"}
    completed = {"condition": "service_completed_successfully"}
    assert waits == {"web": completed, "worker": completed, "worker-gpu": completed}


def test_what_is_waited_for_says_when_it_is_ready() -> None:
    healthy = {
        other
        for service in SERVICES.values()
        for other, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert [name for name in healthy if "test" not in SERVICES[name].get("healthcheck", {})] == []


def test_work_in_hand_is_finished_before_a_container_is_killed() -> None:
    graceful = run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"]
    assert compose.seconds(SERVICES["web"]["stop_grace_period"]) > graceful
    for name in ("worker", "worker-gpu"):
        assert compose.seconds(SERVICES[name]["stop_grace_period"]) > settings.TAGGING_LEASE_SECONDS


def test_redis_refuses_rather_than_forgets_nudges() -> None:
    assert "--maxmemory-policy noeviction" in " ".join(SERVICES["redis"]["command"])


def test_the_storage_makes_the_bucket_and_the_key_that_the_site_uses() -> None:
    site, storage = compose.environment_of("web", SITE), compose.environment_of("storage", SITE)
    made = [storage[f"GARAGE_DEFAULT_{name}"] for name in ("BUCKET", "ACCESS_KEY", "SECRET_KEY")]
    assert made == [site[f"AWS_{name}"] for name in ("STORAGE_BUCKET_NAME", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY")]
    assert f's3_region = "{site["AWS_S3_REGION_NAME"]}"' in compose.TEXT
