"""Who may see what, beyond the catalogue's own rules: uploads and confirmations follow their shop."""

from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.access import one_or_404, shops_for
from onboarding.models import Confirmation, Upload


def uploads_for(user: object) -> QuerySet[Upload]:
    return Upload.objects.filter(shop__in=shops_for(user))


def confirmations_for(user: object) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(listing__shop__in=shops_for(user))


def upload_or_404(request: HttpRequest, pk: int) -> Upload:
    return one_or_404(uploads_for(request.user).select_related("shop"), pk)


def confirmation_or_404(request: HttpRequest, pk: int) -> Confirmation:
    return one_or_404(confirmations_for(request.user).select_related("listing"), pk)
