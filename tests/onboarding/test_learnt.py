"""What the page says that comes when nothing is left to review."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.vocabulary import Vocabulary
from onboarding.learnt import Correction, Learnt, learnt_today
from onboarding.models import Confirmation, ModelVersion
from onboarding.services.confirming import undo_confirmation
from tests.conftest import Cast, make_version, term
from tests.onboarding.test_accuracy import decide

How = Confirmation.How


@pytest.fixture
def version(db: None) -> ModelVersion:
    return make_version()


def whole(*confirmations: Confirmation) -> None:
    Confirmation.objects.filter(pk__in=[each.pk for each in confirmations]).update(is_whole=True)


def learnt(cast: Cast) -> Learnt | None:
    return learnt_today(cast.seller, cast.shop, Vocabulary())


def test_who_confirmed_nothing_is_told_nothing(cast: Cast) -> None:
    assert learnt(cast) is None


def test_right_ones_are_counted_and_the_most_frequent_corrections_named(cast: Cast, version: ModelVersion) -> None:
    red, blue, navy = (term("colour", key) for key in ("Red", "Blue", "Navy Blue"))
    topwear, shirts = term("category", "Apparel", "Topwear"), term("category", "Apparel", "Topwear", "Tshirts")
    whole(*(decide(cast, version, blue, navy) for _ in range(2)), decide(cast, version, red, blue))
    whole(decide(cast, version, red, red), decide(cast, version, topwear, shirts))
    found = learnt(cast)
    assert found == Learnt(
        listings=5,
        decided=5,
        right=2,
        corrections=[Correction("Colour", "Blue", "Navy blue", 2), Correction("Colour", "Red", "Blue", 1)],
    )
    assert found.decided - found.right == 3


def test_what_was_undone_not_looked_at_or_done_yesterday_or_by_another_teaches_nothing(
    cast: Cast, version: ModelVersion
) -> None:
    red, blue = term("colour", "Red"), term("colour", "Blue")
    undone, together, old, foreign = (
        decide(cast, version, red, blue, how=how) for how in (How.SHOWN, How.BULK, How.SHOWN, How.SHOWN)
    )
    whole(undone, together, old, foreign)
    undo_confirmation(confirmation=undone, actor=cast.seller)
    Confirmation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=13))
    Confirmation.objects.filter(pk=foreign.pk).update(actor=cast.teammate)
    assert learnt(cast) == Learnt(listings=1, decided=0, right=0, corrections=[])


def test_the_page_says_it(cast: Cast, version: ModelVersion) -> None:
    whole(decide(cast, version, term("colour", "Red"), term("colour", "Blue")))
    cast.shop.listings.update(state="confirmed")
    page: Any = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/review/")
    text = " ".join(page.content.decode().split())
    assert "You confirmed <b>1</b> listing today. Of 1 value that was suggested, 0 was right." in text
    assert "<b>Blue</b>, not Red" in text
