"""What the staff should look at: what waits for a person, what went wrong, which network is at work."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from onboarding.models import DoubtfulTag, ModelVersion, RetrainRun, TagRequest

State = TagRequest.State

OVERDUE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Attention:
    """`failed_photos`: whose latest tagging failed; `overdue_photos`: nobody comes for them; `run`: the newest."""

    doubtful_tags: int
    waiting_photos: int
    overdue_photos: int
    failed_photos: int
    active_model: ModelVersion | None
    run: RetrainRun | None

    @property
    def run_is_stalled(self) -> bool:
        return self.run is not None and self.run_is_under_way and self.run.lease_until < timezone.now()

    @property
    def run_is_under_way(self) -> bool:
        return self.run is not None and self.run.state == RetrainRun.State.RUNNING


def attention() -> Attention:
    """Four queries, whatever there is."""
    newer = TagRequest.objects.filter(photo=OuterRef("photo"), pk__gt=OuterRef("pk"))
    is_first = ~Q(priority=TagRequest.Priority.RETAG)
    is_overdue = Q(state=State.PENDING, due_at__lt=timezone.now() - OVERDUE_AFTER)
    photos = TagRequest.objects.exclude(state=State.DONE).aggregate(
        waiting=Count("pk", filter=Q(state__in=TagRequest.OPEN_STATES)),
        overdue=Count("pk", filter=is_first & is_overdue),
        failed=Count("pk", filter=Q(~Exists(newer), state=State.FAILED)),
    )
    return Attention(
        doubtful_tags=DoubtfulTag.objects.count(),
        waiting_photos=photos["waiting"],
        overdue_photos=photos["overdue"],
        failed_photos=photos["failed"],
        active_model=ModelVersion.objects.filter(state=ModelVersion.State.ACTIVE).defer("card").first(),
        run=RetrainRun.objects.defer("report").order_by("pk").last(),
    )
