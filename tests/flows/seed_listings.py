"""Puts many tagged drafts into a running site's database: `seed_listings.py SHOP COUNT`."""

import sys

import django

django.setup()

from catalog.models import Shop  # noqa: E402 (Django first)
from tests.many_listings import make_drafts  # noqa: E402

if __name__ == "__main__":
    shop, count = sys.argv[1:]
    make_drafts(Shop.objects.get(pk=int(shop)), int(count))
