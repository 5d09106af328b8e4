"""Listings: what a person wrote, how they are tagged, what is suggested; and decisions about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import Listing, ListingTag, TagField, Term
from catalog.vocabulary import Vocabulary
from onboarding.api.serializers.photos import PhotoSerializer
from onboarding.api.serializers.strict import StrictFields
from onboarding.models import Confirmation, Prediction
from onboarding.services.confirming import latest_confirmation
from onboarding.suggestions import suggestions_for

MAX_REVISION = 2**31 - 1


class KeyPath(serializers.ListField):
    """A value as keys from the root down: ["Apparel", "Topwear", "Tshirts"], or ["Red"]."""

    child = serializers.CharField(max_length=80)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=Term.CATEGORY_DEPTH, **options)


class ValueSerializer(serializers.Serializer[Any]):
    path = KeyPath()
    name = serializers.CharField(help_text="With the levels above, in the reader's language.")


class TagSerializer(ValueSerializer):
    field = serializers.ChoiceField(TagField.choices)
    path = KeyPath(help_text="Empty where there is no value.")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        ListingTag.Source.choices,
        allow_null=True,
        help_text="Who set it. Null: nobody; with an empty path, somebody left it empty on purpose.",
    )


class AlternativeSerializer(ValueSerializer):
    confidence = serializers.FloatField(min_value=0, max_value=1)


class SuggestionSerializer(AlternativeSerializer):
    field = serializers.ChoiceField(TagField.choices)
    band = serializers.ChoiceField(Prediction.Band.choices)
    alternatives = AlternativeSerializer(many=True)


class ConfirmationSerializer(serializers.ModelSerializer[Confirmation]):
    class Meta:
        model = Confirmation
        fields = ("id", "how", "created_at")


def _value(term: Term | None, vocabulary: Vocabulary) -> dict[str, Any]:
    path = [each.key for each in vocabulary.lineage(term)] if term else []
    return {"path": path, "name": vocabulary.path_name(term)}


class ListingSerializer(serializers.ModelSerializer[Listing]):
    """Needs the `vocabulary` in its context; tags, photos and shop come with the rows."""

    currency = serializers.CharField(source="shop.currency", read_only=True)
    tags = serializers.SerializerMethodField()
    photos = PhotoSerializer(many=True, read_only=True)

    class Meta:
        model = Listing
        fields: Sequence[str] = (
            "id", "shop", "state", "title", "brand", "description", "sku", "price", "currency", "revision", "tags",
            "photos",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(TagSerializer(many=True))
    def get_tags(self, listing: Listing) -> list[dict[str, Any]]:
        tags = {tag.field: tag for tag in listing.tags.all()}
        return [self._tag(field, tags.get(field)) for field in TagField]

    def _tag(self, field: TagField, tag: ListingTag | None) -> dict[str, Any]:
        value = _value(tag.term if tag else None, self.context["vocabulary"])
        return {"field": field.value, **value, "source": tag.source if tag else None}


class ListingDetailSerializer(ListingSerializer):
    """With what the network suggests, and the decision that stands."""

    suggestions = serializers.SerializerMethodField()
    confirmation = serializers.SerializerMethodField()

    class Meta(ListingSerializer.Meta):
        fields = (*ListingSerializer.Meta.fields, "suggestions", "confirmation")
        read_only_fields = fields

    @extend_schema_field(SuggestionSerializer(many=True))
    def get_suggestions(self, listing: Listing) -> list[dict[str, Any]]:
        vocabulary: Vocabulary = self.context["vocabulary"]
        found = suggestions_for([listing.pk]).get(listing.pk, {})
        return [
            {
                "field": field.value,
                "confidence": each.confidence,
                "band": each.band.value,
                **_value(vocabulary.get(each.term_id), vocabulary),
                "alternatives": [
                    {"confidence": confidence, **_value(vocabulary.get(term_id), vocabulary)}
                    for term_id, confidence in each.alternatives
                    if vocabulary.get(term_id)
                ],
            }
            for field, each in found.items()
            if vocabulary.get(each.term_id)
        ]

    @extend_schema_field(ConfirmationSerializer(allow_null=True))
    def get_confirmation(self, listing: Listing) -> dict[str, Any] | None:
        standing = latest_confirmation(listing)
        return ConfirmationSerializer(standing).data if standing else None


class ListingQuery(serializers.Serializer[Any]):
    """What a list is narrowed to. A category stands for everything below it: `?category=Apparel&category=Topwear`."""

    text = serializers.CharField(required=False, max_length=100, allow_blank=True)
    state = serializers.ChoiceField(Listing.State.choices, required=False)
    category = KeyPath(required=False)
    colour = KeyPath(required=False)
    season = KeyPath(required=False)
    gender = KeyPath(required=False)
    usage = KeyPath(required=False)


class ValuesSerializer(StrictFields):
    """A value for each field. What is missing or null is left empty."""

    category = KeyPath(required=False, allow_null=True)
    colour = KeyPath(required=False, allow_null=True)
    season = KeyPath(required=False, allow_null=True)
    gender = KeyPath(required=False, allow_null=True)
    usage = KeyPath(required=False, allow_null=True)


class DetailsSerializer(StrictFields, serializers.ModelSerializer[Listing]):
    class Meta:
        model = Listing
        fields = ("title", "brand", "description", "sku", "price")


class NewListingSerializer(StrictFields):
    details = DetailsSerializer(required=False)
    values = ValuesSerializer(required=False)


class DecisionSerializer(StrictFields):
    values = ValuesSerializer(help_text="All of them: what is missing or null is left empty.")
    details = DetailsSerializer(required=False, help_text="What is missing stays as it is.")
    seen_revision = serializers.IntegerField(
        min_value=0, max_value=MAX_REVISION, help_text="The `revision` of the listing that you decided about."
    )


class UndoSerializer(StrictFields):
    confirmation = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Which decision to undo; the standing one if it is missing.",
    )


def chosen_terms(values: Mapping[str, Any], vocabulary: Vocabulary) -> dict[TagField, Term | None]:
    """The term of each field, None where it is left empty. Raises `ValidationError` that names unknown values."""
    paths = {field: values.get(field.value) or [] for field in TagField}
    chosen = {field: vocabulary.at(field, path) if path else None for field, path in paths.items()}
    unknown = {
        field.value: [_("There is no value %(path)s.") % {"path": " › ".join(paths[field])}]
        for field, term in chosen.items()
        if paths[field] and term is None
    }
    if unknown:
        raise serializers.ValidationError(unknown)
    return chosen
