"""Putting photos into listings, ordering, moving and removing them."""

from typing import Literal

from django.db import transaction
from django.db.models import Max

from catalog.errors import OtherShop, PhotoChanged
from catalog.models import Listing, Photo
from catalog.services.revisions import count_change_by_person, lock_listing
from catalog.signals import photos_regrouped

Direction = Literal["earlier", "later"]


def place_last(*, photo: Photo, listing: Listing) -> None:
    """Saves the photo as the listing's last. The caller holds a transaction."""
    last = Photo.objects.filter(listing=listing).aggregate(last=Max("position"))["last"]
    photo.listing = listing
    photo.position = 0 if last is None else last + 1
    photo.save()


def _lock(photo: Photo, *also: Listing) -> Photo:
    """The photo as it is now, its listing locked (and others). Raises `PhotoChanged` if it went away meanwhile.

    Listings are always locked in the same order, so that two transfers cannot deadlock.
    """
    try:
        for pk in sorted({photo.listing_id, *(listing.pk for listing in also)}):
            lock_listing(pk)
        return Photo.objects.select_related("listing").get(pk=photo.pk, listing=photo.listing_id)
    except (Listing.DoesNotExist, Photo.DoesNotExist) as error:
        raise PhotoChanged from error


@transaction.atomic
def reorder_photo(*, photo: Photo, direction: Direction) -> None:
    """Swaps the photo with its neighbour; at the end of the row nothing happens."""
    listing = _lock(photo).listing
    order = list(listing.photos.all())
    here = order.index(photo)
    there = here + (-1 if direction == "earlier" else 1)
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, each in enumerate(order):
        each.position = position
    Photo.objects.bulk_update(order, ["position"])
    count_change_by_person(listing.pk)


@transaction.atomic
def transfer_photo(*, photo: Photo, listing: Listing) -> None:
    """Moves the photo to another listing of the same shop."""
    if listing.pk == photo.listing_id:
        return
    current = _lock(photo, listing)
    if current.listing.shop_id != listing.shop_id:
        raise OtherShop
    left = current.listing_id
    place_last(photo=current, listing=listing)
    for pk in (left, listing.pk):
        count_change_by_person(pk)
    photos_regrouped.send(Listing, listing_ids=[left, listing.pk])


@transaction.atomic
def split_photo(*, photo: Photo) -> Listing:
    """Gives the photo a new draft listing of its own; one that is alone already stays where it is."""
    current = _lock(photo).listing
    if current.photos.count() == 1:
        return current
    listing = Listing.objects.create(shop_id=current.shop_id)
    transfer_photo(photo=photo, listing=listing)
    return listing


@transaction.atomic
def remove_photo(*, photo: Photo) -> None:
    """Deletes the photo; its files go after the commit. The listing stays, also without any photo."""
    current = _lock(photo)
    listing_id = current.listing_id
    current.delete()
    count_change_by_person(listing_id)
    photos_regrouped.send(Listing, listing_ids=[listing_id])
