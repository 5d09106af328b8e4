"""What is in: shops, vocabulary, listings, photos."""

from catalog.models.listings import Listing, ListingTag
from catalog.models.photos import Photo
from catalog.models.shops import Invitation, Membership, Shop
from catalog.models.vocabulary import TagField, Term, TermName

__all__ = [
    "Invitation",
    "Listing",
    "ListingTag",
    "Membership",
    "Photo",
    "Shop",
    "TagField",
    "Term",
    "TermName",
]
