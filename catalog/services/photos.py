"""Putting photos into listings, ordering, moving and removing them."""

from typing import Literal

from django.db import transaction
from django.db.models import Max

from catalog.errors import CatalogError
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


@transaction.atomic
def reorder_photo(*, photo: Photo, direction: Direction) -> None:
    """Swaps the photo with its neighbour; at the end of the row nothing happens."""
    listing = lock_listing(photo.listing_id)
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
    first, second = sorted((photo.listing_id, listing.pk))  # always in the same order: two transfers cannot deadlock
    shops = {lock_listing(first).shop_id, lock_listing(second).shop_id}
    if len(shops) != 1:
        raise CatalogError("A photo stays in its shop.")
    for pk in (photo.listing_id, listing.pk):
        count_change_by_person(pk)
    left = photo.listing_id
    place_last(photo=photo, listing=listing)
    photos_regrouped.send(Listing, listing_ids=[left, listing.pk])


@transaction.atomic
def split_photo(*, photo: Photo) -> Listing:
    """Gives the photo a new draft listing of its own."""
    listing = Listing.objects.create(shop=photo.listing.shop)
    transfer_photo(photo=photo, listing=listing)
    return listing


@transaction.atomic
def remove_photo(*, photo: Photo) -> None:
    """Deletes the photo; its files go after the commit. The listing stays, also without any photo."""
    listing_id = lock_listing(photo.listing_id).pk
    photo.delete()
    count_change_by_person(listing_id)
    photos_regrouped.send(Listing, listing_ids=[listing_id])
