"""Listings: finding, reading, making, confirming, and undoing it."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from catalog.models import Listing, Shop
from catalog.selectors import filter_listings, listings_of
from catalog.services.listings import DETAIL_NAMES, ListingDetails
from catalog.vocabulary import Vocabulary
from onboarding.api.access import listing_or_404, person, shop_or_404
from onboarding.api.errors import Conflict
from onboarding.api.idempotency import KEY_HEADER, answer_once
from onboarding.api.serializers.listings import (
    DecisionSerializer,
    ListingDetailSerializer,
    ListingQuery,
    ListingSerializer,
    NewListingSerializer,
    UndoSerializer,
    chosen_terms,
)
from onboarding.errors import CannotUndo, ListingChanged
from onboarding.models import Confirmation
from onboarding.services.confirming import Choices, Decision, confirm_listing, latest_confirmation, undo_confirmation
from onboarding.services.listing_by_hand import create_by_hand


def _checked(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _vocabulary(listing: Listing) -> Vocabulary:
    """Today's terms and the listing's own: confirming must not lose a value that has been retired since."""
    return Vocabulary(kept=listing.tags.values_list("term_id", flat=True))


def _content(request: Request, pk: int) -> Any:
    """The listing as it is now."""
    listing = listing_or_404(request, pk)
    return ListingDetailSerializer(listing, context={"request": request, "vocabulary": _vocabulary(listing)}).data


class ShopListings(GenericAPIView[Listing]):
    @extend_schema(parameters=[ListingQuery], responses=ListingSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """A shop's listings, newest first."""
        shop, vocabulary = shop_or_404(request, pk), Vocabulary()
        query = _checked(ListingQuery(data=request.query_params))
        terms = {field.value: term for field, term in chosen_terms(query, vocabulary).items() if term}
        rows = filter_listings(
            listings_of(shop), text=query.get("text", ""), state=query.get("state", ""), terms=terms
        ).select_related("shop")
        page = self.paginate_queryset(rows)
        shown = ListingSerializer(page, many=True, context={"request": request, "vocabulary": vocabulary})
        return self.get_paginated_response(shown.data)

    @extend_schema(parameters=[KEY_HEADER], request=NewListingSerializer, responses={201: ListingDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Makes a listing by hand, without photos; it is confirmed as it is written."""
        shop = shop_or_404(request, pk)
        sent = _checked(NewListingSerializer(data=request.data))
        choices = chosen_terms(sent.get("values", {}), Vocabulary())
        return answer_once(request, lambda: self._create(request, shop, sent, choices))

    def _create(self, request: Request, shop: Shop, sent: Mapping[str, Any], choices: Choices) -> Response:
        confirmation = create_by_hand(
            shop=shop,
            actor=person(request),
            details=ListingDetails(**sent.get("details", {})),
            choices=choices,
            idempotency_key=str(uuid4()),
        )
        return Response(_content(request, confirmation.listing_id), status=201)


class ListingDetail(APIView):
    @extend_schema(responses=ListingDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A listing, with what the network suggests for it."""
        return Response(_content(request, pk))


class ListingConfirmation(APIView):
    @extend_schema(parameters=[KEY_HEADER], request=DecisionSerializer, responses={200: ListingDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Confirms a listing with the values that you decided; 409 with the listing if it changed meanwhile."""
        listing = listing_or_404(request, pk)
        sent = _checked(DecisionSerializer(data=request.data))
        decision = Decision(
            choices=chosen_terms(sent["values"], _vocabulary(listing)),
            seen_revision=sent["seen_revision"],
            idempotency_key=str(uuid4()),
            details=_details(listing, sent.get("details")),
        )
        return answer_once(request, lambda: self._confirm(request, listing, decision))

    def _confirm(self, request: Request, listing: Listing, decision: Decision) -> Response:
        try:
            confirm_listing(listing=listing, actor=person(request), decision=decision)
        except ListingChanged as error:
            raise Conflict(str(error), "listing_changed", listing=_content(request, listing.pk)) from error
        except Listing.DoesNotExist as error:
            raise Http404 from error
        return Response(_content(request, listing.pk))


def _details(listing: Listing, sent: Mapping[str, Any] | None) -> ListingDetails | None:
    """What is not sent stays as it is; the seen revision vouches that it is what the sender saw."""
    if sent is None:
        return None
    return ListingDetails(**{name: sent.get(name, getattr(listing, name)) for name in DETAIL_NAMES})


class ListingUndo(APIView):
    @extend_schema(parameters=[KEY_HEADER], request=UndoSerializer, responses={200: ListingDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Undoes the latest decision about a listing; 409 if there is none, or another one came after it."""
        listing = listing_or_404(request, pk)
        sent = _checked(UndoSerializer(data=request.data))
        return answer_once(request, lambda: self._undo(request, listing, sent.get("confirmation")))

    def _undo(self, request: Request, listing: Listing, wanted: int | None) -> Response:
        decisions = Confirmation.objects.filter(listing=listing)
        confirmation = decisions.filter(pk=wanted).first() if wanted else latest_confirmation(listing)
        if confirmation is None:
            raise CannotUndo
        undo_confirmation(confirmation=confirmation, actor=person(request))
        return Response(_content(request, listing.pk))
