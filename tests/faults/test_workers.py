"""Workers killed at random, and by a photo."""

import os
import signal
import time
from io import BytesIO
from random import Random

from onboarding.models import TagRequest
from onboarding.pictures import prepare_picture
from tests.faults.conftest import seeds
from tests.faults.ledger import Sent, sha256
from tests.faults.site import Site, pictures

KILLS = 10
State = TagRequest.State


def kill_worker(site: Site, random: Random) -> None:
    """kill -9 at a random moment after it has begun to work, but never as the third of a photo.

    The third counts as the photo's own fault, whoever did it; so the worker is held while that is looked up.
    """
    while True:
        worker = site.wait_until(lambda: met_worker(site))
        time.sleep(random.uniform(0, 0.3))
        os.kill(worker, signal.SIGSTOP)
        if not TagRequest.objects.filter(state=State.LEASED, attempts__gte=3).exists():
            os.kill(worker, signal.SIGKILL)
            return wait_until_freed(site, worker)
        os.kill(worker, signal.SIGCONT)


def wait_until_freed(site: Site, worker: int) -> None:
    """Whoever keeps the workers running frees what a dead one held."""
    site.wait_until(lambda: not TagRequest.objects.filter(leased_by__endswith=f":{worker}").exists())


def met_worker(site: Site) -> int:
    """A worker in mid-batch, given work first where little is left: it may be done before the site has answered."""
    if TagRequest.objects.filter(state=State.PENDING, attempts__lt=2).count() < 8:
        site.upload(12)
    return busy_worker()


def busy_worker() -> int:
    """Process id of a worker in mid-batch, 0 where there is none."""
    leased = TagRequest.objects.filter(state=State.LEASED).first()
    return int(leased.leased_by.rpartition(":")[2]) if leased else 0


def test_workers_killed_at_random_moments_lose_and_double_nothing(site: Site) -> None:
    for random in seeds():
        for _ in range(KILLS):
            kill_worker(site, random)
            site.decide()
        site.settle()


def test_a_photo_that_kills_whoever_decodes_it_stops_no_other(site: Site) -> None:
    sent = Sent(pictures(12))
    deadly = prepare_picture(BytesIO(sent.contents[1]))
    site.deadly.write_text(sha256(deadly.derivative))  # before any worker may see it
    site.ledger.quarantined.add(deadly.sha256)
    assert site.is_acknowledged(sent)
    site.settle()
    assert site.workers.log.read_text().count("a worker ended with -9") >= 3
