"""Who may see what, beyond the catalogue's own rules: uploads and confirmations follow their shop."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from catalog.access import one_or_404, shops_for
from onboarding.models import ApiToken, Confirmation, Upload, User

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


def staff_right(*permissions: str) -> Callable[[View[Arguments]], View[Arguments]]:
    """For pages of the staff: visitors sign in, others find nothing, staff with none of the rights are refused."""

    def decorate(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def wrapped(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            require_staff_right(request.user, *permissions)
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


def require_staff_right(user: User, *permissions: str) -> None:
    """Raises `Http404` for whoever is no staff, `PermissionDenied` for staff with none of the rights."""
    if not user.is_staff:
        raise Http404
    if not any(user.has_perm(permission) for permission in permissions):
        raise PermissionDenied


def uploads_for(user: object) -> QuerySet[Upload]:
    return Upload.objects.filter(shop__in=shops_for(user))


def confirmations_for(user: object) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(listing__shop__in=shops_for(user))


def api_tokens_for(user: object) -> QuerySet[ApiToken]:
    """A person's own."""
    return ApiToken.objects.filter(user=getattr(user, "pk", None))


def upload_or_404(request: HttpRequest, pk: int) -> Upload:
    return one_or_404(uploads_for(request.user).select_related("shop"), pk)


def confirmation_or_404(request: HttpRequest, pk: int) -> Confirmation:
    return one_or_404(confirmations_for(request.user).select_related("listing"), pk)
