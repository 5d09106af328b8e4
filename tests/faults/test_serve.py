"""`manage.py serve` killed with -9 in mid-batch and started again."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from django.core.management import call_command

from onboarding.models import TagRequest
from tests.faults.ledger import Sent
from tests.faults.site import Site, pictures, site_in
from tests.live import environment, python

ENDING_SECONDS = 15.0
State = TagRequest.State


@pytest.fixture
def site(django_db_blocker: Any, tmp_path: Path) -> Iterator[Site]:
    """Its processes are started by the one command alone."""
    with django_db_blocker.unblock(), site_in(tmp_path) as site:
        yield site


def serve(site: Site) -> subprocess.Popen[bytes]:
    """Returns when it answers."""
    values = {
        "DJANGO_SETTINGS_MODULE": "onboarding.config.settings",
        "DEBUG": "1",
        "DATA_DIR": str(site.data_dir),
        "TAGGING_BATCH_SIZE": "1",
        "TAGGING_LEASE_SECONDS": "5",
        "TAGGING_POLL_SECONDS": "0.2",
    }
    command = ("manage.py", "serve", "--port", str(site.port))
    process = python(*command, env=environment(site.data_dir, **values), log=site.workers.log)
    site.workers.started.append(process)
    site.wait_until(site.answers)
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 to the command alone; its children must see for themselves."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert TagRequest.objects.filter(state__in=TagRequest.OPEN_STATES).exists()
    process.wait(10)
    _gone, alive = psutil.wait_procs(children, timeout=ENDING_SECONDS)
    assert alive == []


def send_in_vain(site: Site, sent: Sent) -> None:
    """The server is killed meanwhile; whether it had answered is not known to a sender who sends again."""
    with suppress(requests.RequestException):
        site.send(sent)


def test_the_one_command_killed_in_mid_batch_and_started_again_loses_and_doubles_nothing(site: Site) -> None:
    running = serve(site)
    site.upload(40)
    site.wait_until(TagRequest.objects.filter(state=State.LEASED).exists)
    late = Sent(pictures(12))
    sending = threading.Thread(target=send_in_vain, args=(site, late))
    sending.start()
    site.decide(3)
    kill(running)
    sending.join(60)
    serve(site)
    assert site.is_acknowledged(late)
    call_command("fsck", "--repair", "--grace-minutes", "0", verbosity=0)
    site.settle()
