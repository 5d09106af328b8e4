"""`manage.py export_labels`: the folder that training reads."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ml.layouts import read_folder
from tests.conftest import Cast, make_listing
from tests.onboarding.test_labels import decide


def export(folder: Path, *arguments: str) -> str:
    said = StringIO()
    call_command("export_labels", str(folder), *arguments, stdout=said)
    return said.getvalue().strip()


def labels(folder: Path) -> dict[str, dict[str, str]]:
    return {example.picture.name: dict(example.labels) for example in read_folder(folder)}


def test_all_shops_labels_are_written_and_read_back_equal(cast: Cast, tmp_path: Path) -> None:
    own, other = make_listing(cast.shop, title="Tee, red"), make_listing(cast.strangers_shop)
    decide(cast, own, colour="Red", usage="Smart Casual")
    decide(cast, other, season="Summer")
    folder = tmp_path / "new" / "labels"
    assert export(folder) == f"2 labelled photos are in {folder}."
    assert labels(folder) == {
        f"{own.photos.get().pk}.jpg": {"colour": "Red", "usage": "Smart Casual"},
        f"{other.photos.get().pk}.jpg": {"season": "Summer"},
    }


def test_one_shops_labels_can_be_chosen(cast: Cast, tmp_path: Path) -> None:
    own = make_listing(cast.shop)
    decide(cast, own, colour="Red")
    decide(cast, make_listing(cast.strangers_shop), colour="Blue")
    export(tmp_path, "--shop", str(cast.shop.pk))
    assert labels(tmp_path) == {f"{own.photos.get().pk}.jpg": {"colour": "Red"}}


def test_a_photo_without_its_file_is_left_out_and_said(
    cast: Cast, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listing = make_listing(cast.shop, photos=2)
    decide(cast, listing, colour="Red")
    lost, kept = listing.photos.all()
    lost.derivative.storage.delete(lost.derivative.name)
    export(tmp_path)
    assert list(labels(tmp_path)) == [f"{kept.pk}.jpg"]
    assert f"the file of photo {lost.pk} is missing" in caplog.messages


@pytest.mark.django_db
def test_an_unknown_shop_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no shop 7\.$"):
        export(tmp_path, "--shop", "7")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_another_export_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "styles.csv").write_text("mine")
    with pytest.raises(CommandError, match=r"is there already\. Choose another folder\.$"):
        export(tmp_path)
    assert (tmp_path / "styles.csv").read_text() == "mine"
