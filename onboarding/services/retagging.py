"""What a new model means for photos that an older one has tagged: drafts may be tagged anew, decisions stand."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from catalog.models import Listing, Photo
from onboarding.chunks import by_key
from onboarding.models import ModelVersion, Prediction
from onboarding.services.prefilling import prefill_listings
from onboarding.services.queue import enqueue_again


@dataclass(frozen=True)
class Retagged:
    """`queued`: photos that workers will look at again; `renewed`: listings whose tags changed at once."""

    queued: int
    renewed: int


def retag_drafts(version: ModelVersion) -> Retagged:
    """Brings unreviewed listings up to date with a version that has just become active.

    Photos that it has not seen are queued behind everything else; where it has seen them (after a rollback) its
    predictions speak at once. Confirmed listings are not touched, nor is a field that somebody decided.
    """
    drafts = Photo.objects.filter(listing__state=Listing.State.DRAFT).select_related("listing")
    seen = Prediction.objects.filter(photo=OuterRef("pk"))
    by_version = Exists(seen.filter(model_version=version))
    queued = sum(enqueue_again(chunk) for chunk in by_key(drafts.filter(Exists(seen)).exclude(by_version)))
    renewed = sum(prefill_listings(photo.listing_id for photo in chunk) for chunk in by_key(drafts.filter(by_version)))
    return Retagged(queued=queued, renewed=renewed)
