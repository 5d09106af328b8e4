"""The extra files of an artifact: packed embeddings and evidence, made of labelled pictures without any training."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE, Artifact, load, save
from ml.embeddings import EmbeddingTable, embed_folders
from ml.evidence import as_bytes, evidence
from ml.network import choose_device
from ml.predictor import Predictor
from ml.replay import packed
from ml.splits import REPORT


def extras(artifact: Artifact, table: EmbeddingTable) -> dict[str, bytes]:
    """Both files by name; `table` holds all sides, embedded by the artifact's trunk."""
    figures = evidence(Predictor(artifact, choose_device()), table.on_side(REPORT))
    return {EMBEDDINGS_FILE: packed(artifact.network, table), EVIDENCE_FILE: as_bytes(figures)}


def pack_artifact(
    source: Path, folders: Sequence[Path], out: Path, progress: Callable[[float], None] = lambda share: None
) -> str:
    """Write `source` with both files to `out` (which may be the same); returns the new SHA-256.

    Network and card stay as they are, but for the files' hashes in the card.
    """
    artifact = load(source)
    table = embed_folders(Predictor(artifact, choose_device()), folders, progress)
    return save(out, artifact.network, artifact.card, extras(artifact, table))
