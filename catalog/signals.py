"""What the catalogue tells whoever listens."""

from django.dispatch import Signal

photos_regrouped = Signal()
"""Photos left or joined listings; sent inside the transaction, with `listing_ids` (list[int])."""
