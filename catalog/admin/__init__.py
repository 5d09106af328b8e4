"""The catalogue in the admin. Tags are shown here and changed by confirmations only."""

from catalog.admin import listings as listings
from catalog.admin import photos as photos
from catalog.admin import shops as shops
from catalog.admin import terms as terms
