"""What is in: shops, vocabulary, listings, photos, embeddings."""

from catalog.models.embeddings import PhotoEmbedding
from catalog.models.listings import Listing, ListingTag
from catalog.models.look_alikes import LookAlike
from catalog.models.photos import Photo
from catalog.models.shops import Invitation, Membership, Shop
from catalog.models.vocabulary import TagField, Term, TermName, VocabularyEdition

__all__ = [
    "Invitation",
    "Listing",
    "ListingTag",
    "LookAlike",
    "Membership",
    "Photo",
    "PhotoEmbedding",
    "Shop",
    "TagField",
    "Term",
    "TermName",
    "VocabularyEdition",
]
