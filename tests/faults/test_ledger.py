"""The checker itself: it has to see what it is there to see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.models import Listing, ListingTag, Photo
from onboarding.models import Prediction, TagRequest, UploadedFile
from tests.conftest import term
from tests.faults.ledger import Ledger, Sent
from tests.faults.site import Site, pictures


def newest(model: Any) -> Any:
    """The newest row, as a query."""
    return model.objects.filter(pk=model.objects.latest("pk").pk)


DAMAGES: dict[str, Callable[[], object]] = {
    "lost: (": lambda: newest(UploadedFile).delete(),
    "not acknowledged or doubled: (": lambda: newest(UploadedFile).update(key="0:" + "0" * 64 + ":0"),
    " listings": lambda: Listing.objects.create(shop=Listing.objects.latest("pk").shop),
    "no row names photos/": lambda: newest(Photo).update(display="photos/elsewhere.jpg"),
    "display cannot be read": lambda: newest(Photo).update(display="photos/elsewhere.jpg"),
    "[('failed', 'quarantined')]": lambda: newest(TagRequest).update(state="failed", reason="quarantined"),
    "[('done', '')], {}": lambda: Prediction.objects.filter(photo=Photo.objects.latest("pk")).delete(),
    "a person said": lambda: ListingTag.objects.filter(source="person").update(term=term("colour", "Red")),
    "fsck: listings whose tags": lambda: ListingTag.objects.filter(source="person").delete(),
}


@pytest.fixture
def ledger(site: Site) -> Ledger:
    """Of a site that is in order, and of which nothing has been read yet."""
    site.upload(1)
    site.decide()
    site.settle()
    site.ledger.read_anew()
    return site.ledger


@pytest.mark.parametrize("complaint", DAMAGES)
def test_what_is_lost_doubled_overwritten_or_unreadable_is_seen(ledger: Ledger, complaint: str) -> None:
    with transaction.atomic():
        DAMAGES[complaint]()
        with pytest.raises(AssertionError) as seen:
            ledger.check()
        transaction.set_rollback(True)
    assert complaint in str(seen.value)
    ledger.check()


def test_a_file_that_no_row_names_is_seen(ledger: Ledger) -> None:
    name = default_storage.save("photos/1/stray.jpg", ContentFile(b"stray"))
    with pytest.raises(AssertionError, match=f"no row names {name}"):
        ledger.check()
    default_storage.delete(name)
    ledger.check()


def test_what_was_acknowledged_and_never_came_is_seen(ledger: Ledger) -> None:
    ledger.acknowledged.append(Sent(pictures(1)))
    with pytest.raises(AssertionError, match="lost: "):
        ledger.check()
    ledger.acknowledged.pop()
    ledger.check()
