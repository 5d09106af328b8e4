"""The tagging queue. These rows are the queue; a broker message is only a nudge to look at them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TagRequest(models.Model):
    """One photo that waits for its tags, is being tagged under a lease, or is through."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        LEASED = "leased", _("being tagged")
        DONE = "done", _("tagged")
        FAILED = "failed", _("could not be tagged")

    class Reason(models.TextChoices):
        STORAGE = "storage", _("The stored photo could not be fetched.")
        UNREADABLE = "unreadable", _("The stored photo could not be read.")
        MISSING = "missing", _("The stored photo is missing.")
        QUARANTINED = "quarantined", _("Tagging stopped unexpectedly three times on this photo.")

    class Priority(models.IntegerChoices):
        INTERACTIVE = 0, _("a person waits for it")
        BULK = 10, _("part of a large pile")
        RETAG = 20, _("tagged already, by an older model")

    OPEN_STATES = (State.PENDING, State.LEASED)

    photo = models.ForeignKey("catalog.Photo", models.CASCADE, related_name="tag_requests", verbose_name=_("photo"))
    shop = models.ForeignKey("catalog.Shop", models.CASCADE, related_name="+", verbose_name=_("shop"))
    priority = models.SmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.INTERACTIVE)
    turn = models.PositiveBigIntegerField(
        _("turn"), default=0, help_text=_("Place in the order of service among its priority: shops take turns.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(
        _("attempts"), default=0, help_text=_("Claims that ended in a crash, and the one under way.")
    )
    fetch_failures = models.PositiveSmallIntegerField(
        _("failures to fetch"), default=0, help_text=_("Claims that ended in order, but without the file.")
    )
    batch_limit = models.PositiveSmallIntegerField(
        _("largest batch"),
        null=True,
        blank=True,
        help_text=_("Largest batch it may join: falls each time a batch kills its worker."),
    )
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    lease_token = models.UUIDField(_("lease"), null=True, blank=True)
    lease_until = models.DateTimeField(_("lease ends"), null=True, blank=True)
    leased_by = models.CharField(
        _("worker"), max_length=100, blank=True, help_text=_("Host and process of the worker.")
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True, editable=False)
    request_id = models.CharField(
        _("request"),
        max_length=64,
        blank=True,
        default="",
        db_default="",  # while an older version, which knows nothing of it, still serves
        editable=False,
        help_text=_("Of the web request that queued the photo, as in the logs."),
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("tag request")
        verbose_name_plural = _("tag requests")
        constraints = (
            models.UniqueConstraint(
                fields=("photo",),
                condition=models.Q(state__in=("pending", "leased")),
                name="tag_request_open_once_per_photo",
            ),
            models.CheckConstraint(
                condition=models.Q(state="leased", lease_token__isnull=False, lease_until__isnull=False)
                | (~models.Q(state="leased") & models.Q(lease_token=None, lease_until=None)),
                name="tag_request_lease_matches_state",
            ),
        )
        indexes = (
            models.Index(
                fields=("priority", "turn", "id"), condition=models.Q(state="pending"), name="tag_request_pending"
            ),
            models.Index(fields=("priority", "turn"), condition=~models.Q(state="pending"), name="tag_request_served"),
            models.Index(fields=("shop", "priority", "turn"), name="tag_request_by_shop"),
            models.Index(fields=("lease_until",), condition=models.Q(state="leased"), name="tag_request_leased"),
            models.Index(fields=("lease_token",), name="tag_request_by_lease"),
            models.Index(fields=("claimed_at",), name="tag_request_claimed"),
            models.Index(
                fields=("state", "finished_at"),
                condition=models.Q(finished_at__isnull=False),
                name="tag_request_finished",
            ),
        )

    def __str__(self) -> str:
        return f"{self.photo_id}: {self.state}"
