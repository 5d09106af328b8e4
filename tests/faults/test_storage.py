"""Object storage that is away, and that fails at random."""

from datetime import timedelta

from django.core.management import call_command

from catalog.models import Listing, Photo
from onboarding.consistency.checkup import findings
from onboarding.models import TagRequest
from tests.faults.conftest import seeds
from tests.faults.flaky_storage import FlakyStorage
from tests.faults.ledger import Sent
from tests.faults.site import Site, pictures

SHARE = 0.2
TRIES = 20


def repair_files() -> None:
    """A file that could be neither stored as a whole nor deleted is the one thing that a fault may leave."""
    kinds = {finding.kind.value for finding in findings(grace=timedelta(0), thorough=False)}
    assert kinds <= {"unnamed-photo-file"}
    call_command("fsck", "--repair", "--grace-minutes", "0", verbosity=0)


def test_an_upload_that_cannot_be_stored_says_so_and_comes_in_when_it_is_sent_again(
    site: Site, storage: FlakyStorage
) -> None:
    sent = Sent(pictures(2))
    before = Photo.objects.count(), Listing.objects.count(), TagRequest.objects.count()
    storage.fail(1.0, seed=1)
    try:
        answer = site.send(sent)
    finally:
        storage.fail(0.0, seed=1)
    assert answer.status_code >= 500
    assert (Photo.objects.count(), Listing.objects.count(), TagRequest.objects.count()) == before
    repair_files()
    assert site.is_acknowledged(sent)
    site.settle()


def test_a_storage_that_fails_at_random_loses_and_doubles_nothing(site: Site, storage: FlakyStorage) -> None:
    for random in seeds():
        failed_before = storage.failed
        storage.fail(SHARE, seed=random.randrange(10**6))
        try:
            for _ in range(3):
                site.upload(4, tries=TRIES)
            site.decide(2)
            open_requests = TagRequest.objects.filter(state__in=TagRequest.OPEN_STATES)
            site.wait_until(lambda open_requests=open_requests: not open_requests.exists())
        finally:
            storage.fail(0.0, seed=0)
        assert storage.failed > failed_before
        repair_files()
        site.settle()
