"""Shops with very many tagged listings, made in a moment: photos share their files."""

from collections.abc import Sequence
from itertools import product as every_pair

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.models import Invitation, Listing, LookAlike, Membership, Photo, Shop, Term
from onboarding.models import ApiToken, DoubtfulTag, ModelVersion, Prediction, TagRequest, Upload, UploadedFile, User
from onboarding.services.prefilling import prefill_listings
from tests.conftest import make_shop, make_version, term
from tests.drawing import as_jpeg, product

SIZE = (240, 320)
LOT = 250
PEOPLE = 40
"""And tokens, and models: more than a page holds."""
SURE, CHECK = Prediction.Band.SURE, Prediction.Band.CHECK
CATEGORIES = (("Apparel", "Topwear", "Shirts"), ("Apparel", "Bottomwear", "Trousers"), ("Footwear", "Shoes", "Heels"))
RUNNER_UP = "Brown"
COLOURS = ("Red", "Green", "Blue", "Yellow")


def make_drafts(shop: Shop, count: int, *, version: ModelVersion | None = None) -> list[int]:
    """Drafts with a photo and suggestions for every field, each fifth unsure of its colour; their ids in order."""
    version = version or ModelVersion.objects.first() or make_version()
    photos = photos_sharing(_files(shop), shop, count, SIZE)
    values = [_values(*pair) for pair in every_pair(CATEGORIES, COLOURS)]
    Prediction.objects.bulk_create(
        (
            _prediction(photo, version, output, value, is_unsure=output == "colour" and at % 5 == 0)
            for at, photo in enumerate(photos)
            for output, value in values[at % len(values)].items()
        ),
        batch_size=1000,
    )
    ids = [photo.listing_id for photo in photos]
    for start in range(0, count, LOT):
        prefill_listings(ids[start : start + LOT])
    return ids


def make_busy_shop(owner: User, count: int) -> Upload:
    """`count` photos of a new shop that wait for their tags, sent at once, and more than a page of all else."""
    shop = make_shop(owner, "Kashmir House of Shawls, Stoles and Embroidered Jackets")
    photos = photos_sharing(_files(shop), shop, count, SIZE)
    upload = Upload.objects.create(shop=shop, user=owner)
    names = [f"IMG_{at:05}.jpg" for at in range(count)]
    UploadedFile.objects.bulk_create(
        UploadedFile(upload=upload, key=name, name=name, photo=photo) for name, photo in zip(names, photos, strict=True)
    )
    TagRequest.objects.bulk_create(TagRequest(photo=photo, shop=shop) for photo in photos)
    pairs = zip(photos[1::2], photos[::2], strict=True)
    LookAlike.objects.bulk_create(LookAlike(photo=photo, other=other, kind="similar") for photo, other in pairs)
    red = term("colour", "Red")
    DoubtfulTag.objects.bulk_create(
        DoubtfulTag(listing=photo.listing, field="colour", term=red, confidence=0.4) for photo in photos
    )
    addresses = [f"somebody.with.a.long.name.{at}@example.com" for at in range(PEOPLE)]
    people = User.objects.bulk_create(User(email=f"colleague.{address}") for address in addresses)
    Membership.objects.bulk_create(Membership(shop=shop, user=each) for each in people)
    Invitation.objects.bulk_create(Invitation(shop=shop, email=address, invited_by=owner) for address in addresses)
    for at in range(PEOPLE):
        ApiToken.objects.create(user=owner, name=f"Till {at}")
        make_version(f"{at:064}", state="retired")
    return upload


def _prediction(photo: Photo, version: ModelVersion, output: str, value: Term, *, is_unsure: bool) -> Prediction:
    row = Prediction(photo=photo, model_version=version, field=output, term=value, confidence=0.97, band=SURE)
    if is_unsure:
        row.confidence, row.band, row.alternatives = 0.8, CHECK, [[term("colour", RUNNER_UP).pk, 0.1]]
    return row


def _files(shop: Shop) -> Sequence[str]:
    pictures = [as_jpeg(product("shirt", colour, SIZE, seed=3)) for colour in ("red", "green", "blue", "yellow")]
    return [default_storage.save(f"photos/{shop.pk}/{at}.jpg", ContentFile(each)) for at, each in enumerate(pictures)]


def photos_sharing(names: Sequence[str], shop: Shop, count: int, size: tuple[int, int]) -> list[Photo]:
    """A listing each, with stored files of `size` (width, height) in turns."""
    listings = Listing.objects.bulk_create(Listing(shop=shop) for _ in range(count))
    return Photo.objects.bulk_create(_photo(each, names[at % len(names)], *size) for at, each in enumerate(listings))


def _photo(listing: Listing, name: str, width: int, height: int) -> Photo:
    return Photo(
        listing=listing, sha256="0" * 64, width=width, height=height, master=name, display=name, derivative=name
    )


def _values(category: Sequence[str], colour: str) -> dict[str, Term]:
    path = [term("category", *category[:depth]) for depth in (1, 2, 3)]
    return {
        **dict(zip(("master_category", "sub_category", "article_type"), path, strict=True)),
        "colour": term("colour", colour),
        "season": term("season", "Summer"),
        "gender": term("gender", "Women"),
        "usage": term("usage", "Casual"),
    }
