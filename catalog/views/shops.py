"""Shops and the people in them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import access
from catalog.directions import isolated
from catalog.errors import CatalogError
from catalog.forms import InvitationForm, NewShopForm, ShopForm
from catalog.models import Invitation, Shop
from catalog.navigation import SESSION_KEY, remember_shop
from catalog.services import shops as services

READ_OR_POST = ("GET", "HEAD", "POST")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Visitors read what Lapel is; members land in their catalogue, or open their first shop."""
    if not request.user.is_authenticated:
        return render(request, "catalog/landing.html")
    own = access.shops_for(request.user).order_by("pk")
    shop = own.filter(pk=request.session.get(SESSION_KEY, 0)).first() or own.first()
    return redirect("catalog:listing_list", shop.pk) if shop else redirect("catalog:shop_create")


@never_cache  # who goes back to open another shop gets a form with a key of its own
@login_required
@require_http_methods(READ_OR_POST)
def shop_create(request: HttpRequest) -> HttpResponse:
    form = NewShopForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        assert request.user.is_authenticated
        key = form.cleaned_data["idempotency_key"]
        shop = services.open_shop(shop=form.save(commit=False), owner=request.user, idempotency_key=key)
        remember_shop(request, shop)
        messages.success(request, _("Your shop is open. Upload your first photos."))
        return redirect("catalog:listing_list", shop.pk)
    return render(request, "catalog/shop_form.html", {"form": form, "shop": None})


@require_http_methods(READ_OR_POST)
def shop_edit(request: HttpRequest, pk: int) -> HttpResponse:
    shop = access.owned_shop_or_404(request, pk)
    remember_shop(request, shop)
    form = ShopForm(request.POST or None, instance=shop)
    if request.method == "POST" and form.is_valid():
        remember_shop(request, form.save())
        messages.success(request, _("Saved."))
        return redirect("catalog:shop_edit", shop.pk)
    return render(request, "catalog/shop_form.html", {"form": form, "shop": shop})


@require_http_methods(READ_OR_POST)
def member_list(request: HttpRequest, pk: int) -> HttpResponse:
    shop = access.shop_or_404(request, pk)
    is_owner = access.shops_owned_by(request.user).filter(pk=pk).exists()
    form = InvitationForm(request.POST or None)
    if request.method == "POST":
        if not is_owner:
            raise Http404
        if form.is_valid() and _invite(request, shop, form):
            return redirect("catalog:member_list", shop.pk)
    context = {
        "shop": shop,
        "form": form,
        "is_owner": is_owner,
        "memberships": shop.memberships.select_related("user").order_by("pk"),
        "invitations": shop.invitations.filter(accepted_at=None).order_by("pk"),
    }
    return render(request, "catalog/member_list.html", context)


def _invite(request: HttpRequest, shop: Shop, form: InvitationForm) -> bool:
    assert request.user.is_authenticated
    email = form.cleaned_data["email"]
    try:
        services.invite(
            shop=shop,
            email=email,
            invited_by=request.user,
            link_of=lambda one: request.build_absolute_uri(reverse("catalog:invitation", args=[one.token])),
        )
    except CatalogError as error:
        form.add_error("email", str(error))
        return False
    messages.success(request, _("We sent an invitation to %(email)s.") % {"email": isolated(email)})
    return True


@require_POST
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """An owner removes anybody, and everybody may leave."""
    membership = access.one_or_404(access.removable_memberships_for(request.user).select_related("user"), pk)
    try:
        services.remove_member(membership=membership)
    except CatalogError as error:
        messages.error(request, str(error))
        return redirect("catalog:member_list", membership.shop_id)
    messages.success(request, _("%(person)s no longer works in this shop.") % {"person": isolated(membership.user)})
    is_self = membership.user_id == request.user.pk
    return redirect("home") if is_self else redirect("catalog:member_list", membership.shop_id)


@require_POST
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    owned = Invitation.objects.filter(shop__in=access.shops_owned_by(request.user), accepted_at=None)
    invitation = access.one_or_404(owned, pk)
    invitation.delete()
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("catalog:member_list", invitation.shop_id)


@login_required
@require_http_methods(READ_OR_POST)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link may join, after signing in; without the link the page does not exist."""
    found = get_object_or_404(Invitation.objects.select_related("shop"), token=token)
    already_member = access.shops_for(request.user).filter(pk=found.shop_id).exists()
    if request.method == "POST" and not already_member:
        assert request.user.is_authenticated
        try:
            services.accept_invitation(invitation=found, user=request.user)
        except CatalogError as error:
            messages.error(request, str(error))
            return redirect("home")
        remember_shop(request, found.shop)
        messages.success(request, _("Welcome to %(shop)s.") % {"shop": isolated(found.shop)})
        return redirect("catalog:listing_list", found.shop_id)
    return render(request, "catalog/invitation.html", {"invitation": found, "already_member": already_member})
