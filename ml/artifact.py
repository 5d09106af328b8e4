"""A trained model as a folder: `weights.safetensors`, `card.json` and the extra files that the card vouches for.

No pickle is ever read. The identity is the SHA-256 over card and weights; the card holds the SHA-256 of each extra,
so that it is vouched for too, and tagging need not read it.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from ml.calibration import Calibration, Thresholds
from ml.errors import ArtifactError
from ml.familiarity import Familiarity
from ml.fields import CATEGORY, FIELDS, PLAIN_FIELDS
from ml.hierarchy import Hierarchy
from ml.network import Network
from ml.preprocessing import Preprocessing
from ml.vocabulary import Vocabulary

FORMAT: Final = 1
CARD_FILE: Final = "card.json"
WEIGHTS_FILE: Final = "weights.safetensors"
EMBEDDINGS_FILE: Final = "embeddings.safetensors"
EVIDENCE_FILE: Final = "evidence.json"
DEFAULT_PATH: Final = Path(__file__).parent / "artifacts" / "default"


@dataclass(frozen=True)
class Card:
    """What travels with the weights; `metrics`, `data`, `training`, `history`, `libraries` are for people.

    `familiarity` belongs to the trunk; without it every picture passes for a product. `files` gives the SHA-256 of each
    extra file of the artifact; `save` fills it.
    """

    name: str
    trunk: str
    preprocessing: Preprocessing
    vocabulary: Vocabulary
    calibration: Calibration
    metrics: Mapping[str, Any]
    data: Mapping[str, Any]
    training: Mapping[str, Any]
    history: list[Mapping[str, float]]
    libraries: Mapping[str, str]
    created: str
    files: Mapping[str, str] = field(default_factory=dict)
    familiarity: Familiarity | None = None


@dataclass(frozen=True)
class Artifact:
    """A verified artifact in memory: the network (in evaluation mode, on the CPU), its card and identity.

    Two artifacts of one `trunk_sha256` turn a picture into the same embedding.
    """

    network: Network
    card: Card
    sha256: str
    trunk_sha256: str


def save(path: Path, network: Network, card: Card, extras: Mapping[str, bytes] | None = None) -> str:
    """Write the artifact at once or not at all, replacing what was there; returns its SHA-256.

    `extras` are further files by name; `card.files` becomes theirs.
    """
    extras = extras or {}
    card = replace(card, files={name: _sha256(content) for name, content in extras.items()})
    weights = save_tensors(compact_weights(network))
    card_bytes = json.dumps(_card_to_json(card, _sha256(weights)), indent=1).encode()
    _replace_folder(path, {**extras, WEIGHTS_FILE: weights, CARD_FILE: card_bytes})
    return _sha256(card_bytes, weights)


def _replace_folder(path: Path, files: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    unfinished.chmod(0o755)
    for name, content in files.items():
        (unfinished / name).write_bytes(content)
    if path.exists():
        shutil.rmtree(path)
    unfinished.rename(path)


def load(path: Path, expected_sha256: str | None = None) -> Artifact:
    """Read and verify an artifact; ArtifactError names what is missing, cut off, altered or foreign.

    The card vouches for the weights; `expected_sha256` (of a registered model) vouches for the card as well.
    Extra files are not looked at: `read_extra` reads one.
    """
    card_bytes, weights = _read(path / CARD_FILE), _read(path / WEIGHTS_FILE)
    identity = _sha256(card_bytes, weights)
    if expected_sha256 not in (None, identity):
        raise ArtifactError(f"{path}: the artifact is not the registered one (its SHA-256 differs).")
    card, weights_sha256 = _parse_card(path / CARD_FILE, card_bytes)
    if _sha256(weights) != weights_sha256:
        raise ArtifactError(f"{path / WEIGHTS_FILE}: the weights are cut off or altered (SHA-256 differs).")
    network = _build_network(path, card, weights)
    return Artifact(network, card, identity, trunk_sha256(network, card.preprocessing))


def read_extra(path: Path, name: str) -> bytes:
    """One extra file of an artifact, such as `EMBEDDINGS_FILE`; ArtifactError where it is missing or altered."""
    card, _ = _parse_card(path / CARD_FILE, _read(path / CARD_FILE))
    if name not in card.files:
        raise ArtifactError(f"{path}: the artifact comes without {name}.")
    content = _read(path / name)
    if _sha256(content) != card.files[name]:
        raise ArtifactError(f"{path / name}: the file is cut off or altered (SHA-256 differs).")
    return content


def artifact_sha256(path: Path) -> str:
    """The artifact's identity: SHA-256 over the bytes of the card, then of the weights."""
    return _sha256(_read(path / CARD_FILE), _read(path / WEIGHTS_FILE))


def trunk_sha256(network: Network, preprocessing: Preprocessing) -> str:
    """SHA-256 over what makes an embedding: preprocessing, and name, shape and stored bytes of the trunk's tensors."""
    digest = hashlib.sha256(json.dumps(asdict(preprocessing)).encode())
    for name, value in compact_weights(network).items():
        if name.startswith("trunk."):
            digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
            digest.update(value.numpy().tobytes())
    return digest.hexdigest()


def display_name(card: Card, sha256: str) -> str:
    """The model's name in predictions, such as `lapel-mobilenetv2-1a2b3c4d`."""
    return f"{card.name}-{sha256[:8]}"


def compact_weights(network: Network) -> dict[str, Tensor]:
    """The network's tensors, matrices and filters in float16, vectors and counters as they are."""
    return {name: _compact(value).detach().cpu().contiguous() for name, value in network.state_dict().items()}


def _compact(value: Tensor) -> Tensor:
    return value.half() if value.is_floating_point() and value.ndim > 1 else value


def round_weights(network: Network) -> None:
    """Give the network in memory the very weights that `save` will store."""
    network.load_state_dict({name: value.float() for name, value in compact_weights(network).items()})


def _build_network(path: Path, card: Card, weights: bytes) -> Network:
    try:
        tensors = load_tensors(weights)
        network = Network(card.trunk, card.vocabulary.sizes)
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
        if card.familiarity and card.familiarity.width != network.feature_count:
            raise ValueError(card.familiarity.width)
    except Exception as error:
        raise ArtifactError(f"{path / WEIGHTS_FILE}: not the weights that the card describes.") from error
    return network.to(memory_format=torch.channels_last).eval()


def _card_to_json(card: Card, weights_sha256: str) -> dict[str, Any]:
    calibration, vocabulary = card.calibration, card.vocabulary
    return {
        "format": FORMAT,
        "name": card.name,
        "created": card.created,
        "trunk": card.trunk,
        "weights_sha256": weights_sha256,
        "preprocessing": asdict(card.preprocessing),
        "metrics": card.metrics,
        "temperatures": calibration.temperatures,
        "thresholds": {field: asdict(values) for field, values in calibration.thresholds.items()},
        "data": card.data,
        "training": card.training,
        "history": card.history,
        "libraries": card.libraries,
        **({"familiarity": card.familiarity.to_json()} if card.familiarity else {}),
        **({"files": card.files} if card.files else {}),
        "classes": {CATEGORY: vocabulary.hierarchy.leaves, **vocabulary.plain},
    }


def _parse_card(file: Path, data: bytes) -> tuple[Card, str]:
    try:
        content = json.loads(data)
    except ValueError as error:
        raise ArtifactError(f"{file}: the card is cut off or no JSON.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ArtifactError(f"{file}: not a card of format {FORMAT}.")
    try:
        return _card_from_json(content), str(content["weights_sha256"])
    except KeyError as error:
        raise ArtifactError(f"{file}: the card lacks {error.args[0]!r}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"{file}: the card is malformed ({error}).") from error


def _card_from_json(content: Mapping[str, Any]) -> Card:
    size = content["preprocessing"]
    return Card(
        name=str(content["name"]),
        trunk=str(content["trunk"]),
        preprocessing=Preprocessing(size["height"], size["width"], tuple(size["mean"]), tuple(size["std"])),
        vocabulary=_vocabulary_from_json(content["classes"]),
        calibration=Calibration(
            {field: float(content["temperatures"][field]) for field in FIELDS},
            {field: Thresholds(**content["thresholds"][field]) for field in FIELDS},
        ),
        metrics=content["metrics"],
        data=content["data"],
        training=content["training"],
        history=content["history"],
        libraries=content["libraries"],
        created=str(content["created"]),
        files={str(name): str(sha256) for name, sha256 in content.get("files", {}).items()},
        familiarity=Familiarity.from_json(content["familiarity"]) if "familiarity" in content else None,
    )


def _vocabulary_from_json(classes: Mapping[str, Any]) -> Vocabulary:
    leaves = tuple(tuple(map(str, leaf)) for leaf in classes[CATEGORY])
    if not leaves or any(len(leaf) != 3 for leaf in leaves):
        raise ValueError("a category leaf is not a path of three")
    return Vocabulary(Hierarchy(leaves), {field: tuple(map(str, classes[field])) for field in PLAIN_FIELDS})


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{file}: the artifact has no such file.") from error


def _sha256(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
