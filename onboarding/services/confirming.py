"""Confirming listings, and undoing it. Every path that sets a tag ends here."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Listing, ListingTag, TagField, Term
from catalog.services.listings import Changes, ListingDetails, describe_listing, take_back_details
from catalog.services.revisions import count_change_by_person, lock_listing
from onboarding.errors import CannotUndo, ListingChanged
from onboarding.models import Confirmation, Label
from onboarding.services.doubts import settle_doubts
from onboarding.services.prefilling import prefill_listings, renew_certainty
from onboarding.suggestions import Suggestion, suggestions_for

How = Confirmation.How
Source = ListingTag.Source

Choices = Mapping[TagField, Term | None]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided: a term or nothing for each field, and which revision of the listing was in view.

    With `is_whole` the listing is confirmed by it. Otherwise it is about its fields only: a draft stays a draft, the
    rest of which somebody else will decide. `batch` is shared by what one press of a button decides.
    """

    choices: Choices
    seen_revision: int
    idempotency_key: str
    how: Confirmation.How = How.SHOWN
    is_whole: bool = True
    details: ListingDetails | None = None
    batch: UUID | None = None


@transaction.atomic
def confirm_listing(*, listing: Listing, actor: AbstractBaseUser, decision: Decision) -> Confirmation | None:
    """Writes the decision: details, tags, the confirmation and a label for each filled field, all or nothing.

    Repeating it with the same key changes nothing and returns the first confirmation. A confirmed listing whose tags
    stay as they are gets its new details and no further confirmation (None). Raises `ListingChanged` if a person
    changed the listing after the revision that was seen; a late prefill is no such change. Raises
    `Listing.DoesNotExist` if the listing has been deleted meanwhile.
    """
    current = lock_listing(listing.pk)  # first: of two requests with the same key, the second waits here
    repeated = Confirmation.objects.filter(idempotency_key=_key(current, decision)).first()
    if repeated:
        return repeated
    is_settled = _is_settled(current, decision)
    if is_settled and _is_described(current, decision.details):
        return None
    if not current.person_revision <= decision.seen_revision <= current.revision:
        raise ListingChanged
    changes = describe_listing(listing=current, details=decision.details) if decision.details else {}
    if is_settled:
        count_change_by_person(current.pk)
        return None
    return _record(current, actor, decision, changes)


def _key(listing: Listing, decision: Decision) -> str:
    """Unique for the listing, so that nobody's key can stand in another's way."""
    return f"{listing.pk}:{decision.idempotency_key}"


def _is_settled(listing: Listing, decision: Decision) -> bool:
    """Whether people have decided the very same already."""
    decided = {tag.field: tag for tag in listing.tags.all() if tag.source != Source.MODEL}
    if decision.is_whole and listing.state != Listing.State.CONFIRMED:
        return False
    return all(
        field.value in decided and decided[field.value].term_id == (term.pk if term else None)
        for field, term in decision.choices.items()
    )


def _is_described(listing: Listing, details: ListingDetails | None) -> bool:
    return details is None or all(getattr(listing, name) == value for name, value in asdict(details).items())


def _record(listing: Listing, actor: AbstractBaseUser, decision: Decision, changes: Changes) -> Confirmation:
    confirmation = Confirmation.objects.create(
        listing=listing,
        actor_id=actor.pk,
        how=decision.how,
        seen_revision=decision.seen_revision,
        idempotency_key=_key(listing, decision),
        fields=[field.value for field in decision.choices],
        details=dict(changes),
        is_whole=decision.is_whole,
        batch=decision.batch,
    )
    shown = _suggestions_in_view(listing, decision)
    Label.objects.bulk_create(
        label_of(confirmation, field, term.pk, shown.get(field)) for field, term in decision.choices.items() if term
    )
    _write_tags(listing, decision.choices, _source(decision.how), actor.pk)
    settle_doubts(listing, None if decision.is_whole else decision.choices)
    if decision.is_whole:
        Listing.objects.filter(pk=listing.pk).update(state=Listing.State.CONFIRMED)
    else:
        renew_certainty([listing.pk])
    count_change_by_person(listing.pk)
    return confirmation


def _suggestions_in_view(listing: Listing, decision: Decision) -> Mapping[TagField, Suggestion]:
    """What the person had in front of them: not what came after the form was opened."""
    came_late = listing.prefilled_revision is None or listing.prefilled_revision > decision.seen_revision
    if came_late or decision.how in (How.HIDDEN, How.IMPORT, How.RESTORED):
        return {}
    return suggestions_for([listing.pk]).get(listing.pk, {})


def label_of(confirmation: Confirmation, field: str, term_id: int, shown: Suggestion | None) -> Label:
    """What was chosen, beside what was suggested (if it was in view); not saved yet."""
    return Label(
        confirmation=confirmation,
        field=field,
        term_id=term_id,
        suggested_id=shown.term_id if shown else None,
        suggested_confidence=shown.confidence if shown else None,
        model_version_id=shown.model_version_id if shown else None,
    )


def _write_tags(listing: Listing, choices: Choices, source: ListingTag.Source, actor_id: int | None) -> None:
    ListingTag.objects.filter(listing=listing, field__in=[field.value for field in choices]).delete()
    ListingTag.objects.bulk_create(
        ListingTag(listing=listing, field=field.value, term=term, source=source, set_by_id=actor_id)
        for field, term in choices.items()
    )


def latest_confirmation(listing: Listing) -> Confirmation | None:
    """The decision that stands: the newest that is neither an undo nor undone."""
    return standing_decisions([listing.pk]).last()


def standing_decisions(listing_ids: Iterable[int]) -> QuerySet[Confirmation]:
    """Decisions that are not undone, oldest first."""
    decisions = Confirmation.objects.filter(listing__in=listing_ids, withdrawn_by=None).exclude(how=How.UNDO)
    return decisions.select_related("actor").order_by("pk")


@transaction.atomic
def undo_confirmation(*, confirmation: Confirmation, actor: AbstractBaseUser) -> Confirmation:
    """Withdraws the listing's latest decision and its labels, and restores what stood before it.

    Before it stood what the earlier decisions come to, or a draft with suggestions; and details (title, price), of
    which those stay that were written since. Repeating it changes nothing. Raises `CannotUndo` for an older decision,
    and when the listing is gone.
    """
    try:
        listing = lock_listing(confirmation.listing_id)
    except Listing.DoesNotExist as error:
        raise CannotUndo from error
    undone = Confirmation.objects.filter(withdraws=confirmation.pk).first()
    if undone:
        return undone
    latest = latest_confirmation(listing)
    if latest is None or latest.pk != confirmation.pk:
        raise CannotUndo
    undo = Confirmation.objects.create(
        listing=listing,
        actor_id=actor.pk,
        how=How.UNDO,
        seen_revision=listing.revision,
        idempotency_key=f"undo:{confirmation.pk}",
        withdraws=confirmation,
    )
    take_back_details(listing=listing, changes=confirmation.details)
    _restore(listing)
    return undo


def _restore(listing: Listing) -> None:
    """Each standing decision in its turn decides its fields; what nobody has decided follows the suggestions."""
    standing = list(standing_decisions([listing.pk]).prefetch_related("labels__term"))
    listing.tags.all().delete()
    count_change_by_person(listing.pk)
    for decision in standing:
        _write_tags(listing, choices_of(decision), _source(decision.how), decision.actor_id)
    if not any(decision.is_whole for decision in standing):
        Listing.objects.filter(pk=listing.pk).update(state=Listing.State.DRAFT)
        prefill_listings([listing.pk])


def choices_of(confirmation: Confirmation) -> Choices:
    """What was decided by it, in the order of the fields; quick where its labels are fetched with their terms."""
    chosen = {label.field: label.term for label in confirmation.labels.all()}
    decided = set(confirmation.fields)
    return {field: chosen.get(field) for field in TagField if field in decided}


def _source(how: str) -> Source:
    return Source.IMPORT if how == How.IMPORT else Source.PERSON
