"""Tagging one batch: read the derivatives, one forward pass, complete under the lease."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache

from django.core.files.storage import default_storage
from django.db import transaction

from catalog.models import Listing, Term
from catalog.vocabulary import Vocabulary
from onboarding.models import ModelVersion, Prediction, TagRequest
from onboarding.services import queue
from onboarding.services.embedding import save_embeddings
from onboarding.services.prefilling import prefill_listings
from onboarding.suggestions import tag_field_of
from onboarding.tagging import Guess, Outcome, Tagged, Tagger, Unreadable

logger = logging.getLogger(__name__)

Reason = TagRequest.Reason
READERS = 8


def tag_batch(tagger: Tagger, lease: queue.Lease) -> int:
    """Tags what the lease holds; returns how many photos were tagged. Never inside a transaction while computing."""
    files = list(_readers().map(_read, lease.requests))
    contents = [each for each in files if isinstance(each, bytes)]
    tagged = iter(tagger.tag(contents))
    outcomes = {
        request.pk: next(tagged) if isinstance(file, bytes) else file
        for request, file in zip(lease.requests, files, strict=True)
    }
    return complete_batch(lease=lease, version=tagger.version, outcomes=outcomes)


@cache
def _readers() -> ThreadPoolExecutor:
    """Far storage is slow one by one; the threads stay, since each keeps its connection to the storage."""
    return ThreadPoolExecutor(READERS, thread_name_prefix="read")


def _read(request: TagRequest) -> bytes | Reason:
    """Runs in a thread, and touches no database: the lease came with its photos."""
    name = request.photo.derivative.name
    if not name:
        return Reason.MISSING
    try:
        with default_storage.open(name) as stored:
            content: bytes = stored.read()
            return content
    except FileNotFoundError:
        return Reason.MISSING
    except Exception:  # storage back ends raise their own errors; none of them is the photo's fault
        origin = {"request_id": request.request_id}
        logger.exception("could not fetch the derivative of photo %s", request.photo_id, extra=origin)
        return Reason.STORAGE


def complete_batch(*, lease: queue.Lease, version: ModelVersion, outcomes: Mapping[int, Outcome | Reason]) -> int:
    """Writes predictions, embeddings, prefills and states of a batch together, or nothing of what the lease has lost.

    `outcomes` by request id. Returns how many photos were tagged.
    """
    vocabulary = Vocabulary()  # read before anything is locked
    with transaction.atomic():
        tagged: dict[TagRequest, Tagged] = {}
        reviewed: list[TagRequest] = []
        for request in queue.hold(lease):
            outcome = outcomes[request.pk]
            if _was_reviewed_meanwhile(request):
                reviewed.append(request)
            elif isinstance(outcome, Tagged):
                tagged[request] = outcome
            else:
                _record_failure(request, outcome)
        _write_predictions(tagged, version, vocabulary)
        save_embeddings({request.photo_id: seen.embedding for request, seen in tagged.items()})
        prefill_listings(request.photo.listing_id for request in tagged)
        queue.mark_done([*tagged, *reviewed])
        return len(tagged)


def _was_reviewed_meanwhile(request: TagRequest) -> bool:
    """Another look by a new model was for a draft; what a person has confirmed since is left as it is."""
    is_another_look = request.priority == TagRequest.Priority.RETAG
    return is_another_look and request.photo.listing.state != Listing.State.DRAFT


def _write_predictions(tagged: Mapping[TagRequest, Tagged], version: ModelVersion, vocabulary: Vocabulary) -> None:
    rows = [row for each, seen in tagged.items() for row in _predictions(each, version, seen.guesses, vocabulary)]
    Prediction.objects.bulk_create(rows, ignore_conflicts=True)  # a photo tagged anew by the same version


def _record_failure(request: TagRequest, outcome: Unreadable | Reason) -> None:
    if isinstance(outcome, Unreadable):
        origin = {"request_id": request.request_id}
        logger.warning("the derivative of photo %s cannot be read: %s", request.photo_id, outcome.why, extra=origin)
        queue.mark_failed(request, Reason.UNREADABLE)
    elif outcome == Reason.STORAGE:
        queue.retry_later(request, outcome)
    else:
        queue.mark_failed(request, outcome)


def _predictions(
    request: TagRequest, version: ModelVersion, guesses: Mapping[str, Guess], vocabulary: Vocabulary
) -> list[Prediction]:
    """One row an output; what the vocabulary does not know (any more) is left out."""
    rows = []
    for output, guess in guesses.items():
        term = _term(vocabulary, output, guess.path)
        if term is None:
            _report_unknown(version.name, output, guess.path)
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
                contradicted=guess.contradicted,
            )
        )
    return rows


def _alternatives(vocabulary: Vocabulary, output: str, guess: Guess) -> list[Sequence[float]]:
    found = ((_term(vocabulary, output, path), share) for path, share in guess.alternatives)
    return [[term.pk, share] for term, share in found if term]


def _term(vocabulary: Vocabulary, output: str, path: Sequence[str]) -> Term | None:
    return vocabulary.at(tag_field_of(output), path)


@lru_cache(maxsize=1000)
def _report_unknown(version_name: str, output: str, path: Sequence[str]) -> None:
    """Once for each value, not for each photo."""
    logger.warning("model %s says %s=%s, which is no term", version_name, output, path)
