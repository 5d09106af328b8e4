"""Shops and the people who work in them."""

import secrets
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.countries import country_choices, currency_choices, language_choices


class Shop(models.Model):
    """`vocabulary_stamp`: which edition of the vocabulary there is, where it was read along with the shop."""

    vocabulary_stamp: UUID | None = None

    name = models.CharField(_("shop name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    currency = models.CharField(_("currency"), max_length=3, choices=currency_choices)
    language = models.CharField(_("language of your listings"), max_length=7, choices=language_choices, default="en")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="catalog.Membership", related_name="shops")
    max_photos = models.PositiveIntegerField(
        _("most photos"), null=True, blank=True, help_text=_("Empty: as many as any shop of this site may have.")
    )
    idempotency_key = models.CharField(
        _("key against repetition"), max_length=100, unique=True, null=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name

    @property
    def photo_limit(self) -> int:
        """How many photos it may have."""
        return settings.SHOP_MAX_PHOTOS if self.max_photos is None else self.max_photos


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MEMBER = "member", _("Member")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="memberships", verbose_name=_("shop"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (models.UniqueConstraint(fields=("shop", "user"), name="membership_once_per_shop"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.shop}"


def new_invitation_token() -> str:
    return secrets.token_urlsafe(24)


class Invitation(models.Model):
    """A way into a shop for whoever holds the link that was mailed; it works once."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="invitations", verbose_name=_("shop"))
    email = models.EmailField(_("e-mail address"))
    token = models.CharField(_("token"), max_length=64, unique=True, default=new_invitation_token, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = (
            models.UniqueConstraint(
                "shop",
                Lower("email"),
                condition=models.Q(accepted_at=None),
                name="invitation_open_once_per_email",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} · {self.shop}"
