"""What completes a trained artifact: what looks familiar to it, its figures, packed embeddings and evidence.

All of it is made of labelled pictures without any training.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE, Artifact, Card, load, read_extra, save
from ml.embeddings import EmbeddingTable, embed_folders
from ml.evidence import as_bytes, evidence, metrics
from ml.network import choose_device
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.rejection import familiarity_of
from ml.replay import packed
from ml.splits import REPORT


def complete(artifact: Artifact, table: EmbeddingTable) -> tuple[Card, dict[str, bytes]]:
    """The card with familiarity and figures, and both extra files by name.

    `table` holds all sides, embedded by the artifact's trunk. Where it is too small for it, familiarity stays.
    """
    familiarity = familiarity_of(Predictor(artifact, choose_device()), table) or artifact.card.familiarity
    card = replace(artifact.card, familiarity=familiarity)
    found = evidence(Predictor(replace(artifact, card=card), choose_device()), table.on_side(REPORT))
    files = {EMBEDDINGS_FILE: packed(artifact.network, table), EVIDENCE_FILE: as_bytes(found)}
    return replace(card, metrics=metrics(found["sets"])), files


def pack_artifact(
    source: Path, folders: Sequence[Path], out: Path, progress: Callable[[float], None] = lambda share: None
) -> str:
    """Write `source`, completed, to `out` (which may be the same); returns the new SHA-256.

    The network stays as it is, and of the card all but familiarity, figures and the files' hashes. Without folders the
    embeddings that the artifact comes with take their place.
    """
    artifact = load(source)
    if folders:
        table = embed_folders(Predictor(artifact, choose_device()), folders, progress)
    else:
        table = from_bytes(read_extra(source, EMBEDDINGS_FILE))
    card, files = complete(artifact, table)
    return save(out, artifact.network, card, files)
