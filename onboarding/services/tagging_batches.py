"""Tagging one batch: read the derivatives, one forward pass, complete under the lease."""

import logging
from collections.abc import Mapping, Sequence

from django.core.files.storage import default_storage
from django.db import transaction

from catalog.models import Term
from catalog.vocabulary import Vocabulary
from onboarding.models import ModelVersion, Prediction, TagRequest
from onboarding.services import queue
from onboarding.services.prefilling import prefill_listings
from onboarding.tagging import Guess, Outcome, Tagger, Unreadable

logger = logging.getLogger(__name__)

Reason = TagRequest.Reason
FIELD_OF_OUTPUT = {"master_category": "category", "sub_category": "category", "article_type": "category"}


def tag_batch(tagger: Tagger, lease: queue.Lease) -> int:
    """Tags what the lease holds; returns how many photos were tagged. Never inside a transaction while computing."""
    files = {request.pk: _read(request) for request in lease.requests}
    readable = [pk for pk, content in files.items() if isinstance(content, bytes)]
    tagged = tagger.tag([content for content in files.values() if isinstance(content, bytes)])
    outcomes: dict[int, Outcome | Reason] = dict(zip(readable, tagged, strict=True))
    outcomes |= {pk: content for pk, content in files.items() if isinstance(content, Reason)}
    return complete_batch(lease=lease, version=tagger.version, outcomes=outcomes)


def _read(request: TagRequest) -> bytes | Reason:
    try:
        with default_storage.open(request.photo.derivative.name or "") as stored:
            content: bytes = stored.read()
            return content
    except FileNotFoundError:
        return Reason.MISSING
    except Exception:  # storage back ends raise their own errors; none of them is the photo's fault
        logger.exception("could not fetch the derivative of photo %s", request.photo_id)
        return Reason.STORAGE


@transaction.atomic
def complete_batch(*, lease: queue.Lease, version: ModelVersion, outcomes: Mapping[int, Outcome | Reason]) -> int:
    """Writes predictions, prefills and states of a batch together, or nothing of what the lease has lost.

    `outcomes` by request id. Returns how many photos were tagged.
    """
    held = queue.hold(lease)
    vocabulary = Vocabulary()
    predictions: list[Prediction] = []
    tagged: list[TagRequest] = []
    for request in held:
        outcome = outcomes[request.pk]
        if isinstance(outcome, dict):
            predictions += _predictions(request, version, outcome, vocabulary)
            tagged.append(request)
        else:
            _record_failure(request, outcome)
    Prediction.objects.bulk_create(predictions, ignore_conflicts=True)  # a photo tagged anew by the same version
    prefill_listings(request.photo.listing_id for request in tagged)
    queue.mark_done(tagged)
    return len(tagged)


def _record_failure(request: TagRequest, outcome: Unreadable | Reason) -> None:
    if isinstance(outcome, Unreadable):
        queue.mark_failed(request, Reason.UNREADABLE)
    elif outcome == Reason.STORAGE:
        queue.retry_later(request, outcome)
    else:
        queue.mark_failed(request, outcome)


def _predictions(
    request: TagRequest, version: ModelVersion, guesses: Mapping[str, Guess], vocabulary: Vocabulary
) -> list[Prediction]:
    """One row an output; what the vocabulary does not know (any more) is left out and logged."""
    rows = []
    for output, guess in guesses.items():
        term = _term(vocabulary, output, guess.path)
        if term is None:
            logger.warning("model %s says %s=%s, which is no term", version.name, output, guess.path)
            continue
        rows.append(
            Prediction(
                photo_id=request.photo_id,
                model_version=version,
                field=output,
                term=term,
                confidence=guess.confidence,
                band=guess.band,
                alternatives=_alternatives(vocabulary, output, guess),
            )
        )
    return rows


def _alternatives(vocabulary: Vocabulary, output: str, guess: Guess) -> list[Sequence[float]]:
    found = ((_term(vocabulary, output, path), share) for path, share in guess.alternatives)
    return [[term.pk, share] for term, share in found if term]


def _term(vocabulary: Vocabulary, output: str, path: Sequence[str]) -> Term | None:
    return vocabulary.at(FIELD_OF_OUTPUT.get(output, output), path)
