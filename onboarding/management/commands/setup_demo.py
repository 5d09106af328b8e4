"""`manage.py setup_demo`: people and a shop to try Lapel with, on your own machine only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.models import Shop
from catalog.services.shops import open_shop
from onboarding.models import User

SELLER, ADMIN, PASSWORD = "seller@example.com", "admin@example.com", "try-lapel"


class Command(BaseCommand):
    help = "Creates a demo seller with a shop, and an admin. Refused without DEBUG: their password is public."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("setup_demo is for DEBUG only: everybody knows its password.")
        seller = self._person(SELLER)
        if not seller.memberships.exists():
            open_shop(shop=Shop(name="Asha's Boutique", country="IN", currency="INR"), owner=seller)
        self._person(ADMIN, is_staff=True, is_superuser=True)
        self.stdout.write(f"Demo seller: {SELLER} · Admin: {ADMIN} · Password of both: {PASSWORD}")

    def _person(self, email: str, **rights: bool) -> User:
        person = User.objects.filter(email=email).first()
        return person or User.objects.create_user(email, PASSWORD, **rights)
