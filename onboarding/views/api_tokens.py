"""A person's own API tokens: making one, seeing it once, revoking it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalog.access import one_or_404
from catalog.directions import isolated
from onboarding.access import api_tokens_for
from onboarding.errors import TokenMadeAlready, TooManyTokens
from onboarding.forms import ApiTokenForm
from onboarding.services.api_tokens import make_token


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def api_token_list(request: HttpRequest) -> HttpResponse:
    """Answers a form with the page itself: the token is shown there, and stored nowhere on the way."""
    form, token = ApiTokenForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        assert request.user.is_authenticated
        try:
            token = make_token(
                user=request.user,
                name=form.cleaned_data["name"],
                lifetime=form.lifetime(),
                idempotency_key=form.cleaned_data["idempotency_key"],
            )
            form = ApiTokenForm()
        except TokenMadeAlready as error:
            messages.error(request, str(error))
            return redirect("onboarding:api_token_list")
        except TooManyTokens as error:
            form.add_error(None, str(error))
    tokens = api_tokens_for(request.user).order_by("-pk")
    context = {"form": form, "new_token": token, "tokens": tokens, "now": timezone.now()}
    return render(request, "onboarding/api_token_list.html", context, status=400 if form.errors else 200)


@require_POST
def api_token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = one_or_404(api_tokens_for(request.user), pk)
    token.delete()
    messages.success(
        request, _("The token “%(name)s” is revoked. It does not work any more.") % {"name": isolated(token.name)}
    )
    return redirect("onboarding:api_token_list")
