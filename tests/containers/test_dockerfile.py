"""The Dockerfile, without an engine: what it copies is there, what it runs exists, and the web image stays slim."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from onboarding.config.middleware import PROBES
from onboarding.management.commands import serve
from onboarding.views.probes import readyz
from tests.containers.build_context import BuildContext
from tests.containers.dockerfile import ROOT, Instruction, environment_of, instructions_of, last, read_stages
from tests.test_web_process import run

STAGES = read_stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))
TARGETS = ("web", "worker")
# Of the repository's top level, what no image needs.
STAYS_OUT = {
    ".ci", ".dockerignore", ".env.example", ".gitignore", "Dockerfile", "Makefile", "README.md", "compose.yaml", "docs",
    "pyproject.toml", "requirements-dev.in", "requirements-dev.txt", "requirements-heic.in", "requirements-studies.in",
    "requirements-web.in", "requirements.in", "tests",
}  # fmt: skip
HEAVY = {"torch", "torchvision", "triton", "numpy", "scipy", "scikit-learn", "safetensors", "networkx", "sympy"}
# Python as in the web image, which has only the packages of its list: loads all that its server and commands may load.
LOAD_ALL = """
import importlib, re, sys
from importlib.metadata import packages_distributions

HIDDEN = {
    top for top, distributions in packages_distributions().items()
    if not {re.sub("[-_.]+", "-", each).lower() for each in distributions} & PINNED
}
sys.modules.update(dict.fromkeys(HIDDEN - sys.modules.keys()))  # so nothing finds them
import django
django.setup()
import onboarding.config.wsgi, onboarding.config.celery
from django.core.management import get_commands
from django.urls import get_resolver
get_resolver().url_patterns
for name, app in get_commands().items():
    if app in ("onboarding", "catalog"):
        importlib.import_module(f"{app}.management.commands.{name}")
print("torch" in HIDDEN, "django" in HIDDEN)
"""


def copied(target: str) -> set[str]:
    """What of the repository comes into an image."""
    steps = [each for each in instructions_of(STAGES, target) if each.keyword == "COPY"]
    here = {source for step in steps if "from" not in step.flags for source in step.words()[:-1]}
    return here.union(*(copied(step.flags["from"]) for step in steps if "from" in step.flags))


def pins(file: str) -> dict[str, str]:
    """Name to version with its conditions."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==", 1) for line in lines if re.match(r"[a-z]", line))


@pytest.mark.parametrize("target", TARGETS)
def test_all_that_is_copied_is_there_to_be_copied(target: str) -> None:
    context = BuildContext()
    assert [source for source in copied(target) if source not in context or not (ROOT / source).exists()] == []


def test_nothing_of_the_repository_is_forgotten_in_the_images() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top_level = {path.partition("/")[0] for path in listed.splitlines()}
    assert top_level - STAYS_OUT - copied("web") - copied("worker") == set()


@pytest.mark.parametrize(
    "path", [".env", ".git/config", "var/lapel.sqlite3", "catalog/__pycache__/a.pyc", "data/a.jpg"]
)
def test_nothing_private_is_sent_to_the_build(path: str) -> None:
    assert path not in BuildContext()


@pytest.mark.parametrize("target", TARGETS)
def test_the_process_is_nobody_who_may_change_its_own_code(target: str) -> None:
    steps = instructions_of(STAGES, target)
    user = last(steps, "USER")
    uid, gid = map(int, user.value.split(":"))
    assert (uid > 0, gid > 0) == (True, True)
    after = [each.keyword for each in steps[steps.index(user) :]]
    assert {"RUN", "COPY"}.isdisjoint(after), "files made as that user could be changed by it"
    account = next(each.value for each in steps if "useradd" in each.value)
    assert f"--uid {uid} " in account
    assert f"--gid {gid} " in account


def test_the_web_image_has_no_network_in_it() -> None:
    assert "ml" not in copied("web")
    assert "requirements.txt" not in copied("web")
    assert HEAVY & pins("requirements-web.txt").keys() == set()
    assert pins("requirements.txt").keys() >= HEAVY


def test_heic_is_an_extra_since_its_decoder_brings_a_library_under_the_gpl() -> None:
    lists = ("requirements.txt", "requirements-web.txt", "requirements-heic.txt", "requirements-dev.txt")
    assert [list for list in lists if "pillow-heif" in pins(list)] == ["requirements-heic.txt", "requirements-dev.txt"]
    assert pins("requirements-heic.txt")["pillow"] == pins("requirements-web.txt")["pillow"]
    assert [each.value for each in STAGES["web"].instructions if each.keyword == "ARG"] == ["WITH_HEIC="]
    installs = [each.value for each in STAGES["web"].instructions if "pip " in each.value]
    assert ["${WITH_HEIC:+--requirement requirements-heic.txt}" in each for each in installs] == [True]


def test_both_images_have_the_same_versions() -> None:
    everything = pins("requirements.txt")
    assert {name: everything.get(name) for name in pins("requirements-web.txt")} == pins("requirements-web.txt")


def test_the_web_image_has_every_package_that_pages_and_commands_load(tmp_path: Path) -> None:
    pinned = set(pins("requirements-web.txt"))
    finished = run("-c", f"PINNED = {pinned!r}\n{LOAD_ALL}", data_dir=tmp_path, DEBUG="1")
    assert (finished.stdout.strip(), finished.returncode) == ("True False", 0), finished.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_command_and_health_check_name_what_exists(target: str) -> None:
    steps = instructions_of(STAGES, target)
    for keyword in ("CMD", "HEALTHCHECK"):
        words = last(steps, keyword).command()
        assert words[0] == "python"
        if words[1] == "-m":
            assert find_spec(words[2]) is not None, words


def test_the_web_servers_health_check_asks_for_readiness_at_the_port_that_is_served() -> None:
    steps = instructions_of(STAGES, "web")
    asked = urlsplit(re.findall(r"urlopen\('([^']+)'", last(steps, "HEALTHCHECK").value)[0])
    assert (asked.scheme, PROBES[asked.path]) == ("http", readyz)
    assert last(steps, "CMD").command()[-1] == f"0.0.0.0:{asked.port}"
    assert last(steps, "EXPOSE").value == str(asked.port)


def test_the_images_run_the_same_commands_as_serve() -> None:
    web, worker = (last(instructions_of(STAGES, target), "CMD").command() for target in TARGETS)
    assert web[1:4] == serve.web_command("0.0.0.0", 8000)[1:4]
    assert worker[1:] == [word for word in serve.worker_command(1)[1:] if word not in ("--hostname", "tagging1@%h")]


def test_data_lies_where_the_volume_is() -> None:
    for target in TARGETS:
        steps = instructions_of(STAGES, target)
        assert environment_of(steps, {})["DATA_DIR"] == last(steps, "VOLUME").value


def test_static_files_are_collected_where_they_are_served_from() -> None:
    steps = instructions_of(STAGES, "web")
    collected = next(each for each in steps if "collectstatic" in each.value)
    assert "static" in copied("web")
    assert Path(*settings.STATICFILES_DIRS) == settings.BASE_DIR / "static"
    assert steps.index(collected) < steps.index(last(steps, "USER"))


@pytest.mark.parametrize("text", ["FROM a AS b\nADD x y", "FROM a AS b\nRUN <<END", "FROM a"])
def test_a_step_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        read_stages(text)


def test_a_command_for_a_shell_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        Instruction("CMD", {}, "gunicorn app").command()


def test_stages_are_read_with_their_flags_and_long_lines() -> None:
    stages = read_stages("FROM x AS a\nENV A=1 B=$A/2\n# no\nFROM a AS b\nCOPY --from=a /x \\\n    y\nUSER 1:1\n")
    assert [(each.keyword, dict(each.flags), each.words()) for each in stages["b"].instructions] == [
        ("COPY", {"from": "a"}, ["/x", "y"]),
        ("USER", {}, ["1:1"]),
    ]
    assert environment_of(instructions_of(stages, "b"), {}) == {"A": "1", "B": "1/2"}


def test_the_last_pattern_that_matches_decides_what_is_sent(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("# all but\n*\n!app\n**/*.pyc\n")
    context = BuildContext(tmp_path)
    paths = ("app", "app/a.py", "app/deep/a.pyc", "a.pyc", "secret", "application")
    assert [path for path in paths if path in context] == ["app", "app/a.py"]
