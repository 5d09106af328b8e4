"""What a retraining is asked for, and what each of its two gears hands over to be measured, judged and saved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ml.augmentation import Augmentation
from ml.embeddings import EmbeddingTable
from ml.familiarity import Familiarity
from ml.heads import HeadsConfig
from ml.network import Network
from ml.train import TrainingConfig
from ml.vocabulary import Vocabulary

STEPS: Final = ("read", "embed", "train", "calibrate", "measure", "save")

Progress = Callable[[str, float], None]
"""Called with the step's name, one of `STEPS`, and the share of it that is done, in [0, 1]."""

GENTLE: Final = TrainingConfig(augmentation=Augmentation.light(), learning_rate=3e-4, epochs=2)


@dataclass(frozen=True)
class FullGear:
    """Fine-tunes the whole network. `pictures`: the folder that holds `NAME.jpg` for every lesson.

    Trunk and preprocessing are the active model's, whatever `config` says.
    """

    pictures: Path
    config: TrainingConfig = GENTLE


@dataclass(frozen=True)
class RetrainJob:
    """What to learn from, and where the candidate goes. Without `full` the heads alone are refitted.

    `lessons` were embedded by the active model's trunk; their sides say what each is for: `train` teaches,
    `calibrate` recalibrates, `report` is held out, so that both models can be measured on it. `folders` are further
    labelled pictures in any layout; the stable hash of each gives its side. `snapshot` goes into the card as it is.
    """

    active: Path
    lessons: EmbeddingTable
    out: Path
    folders: Sequence[Path] = ()
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    heads: HeadsConfig = field(default_factory=HeadsConfig)
    full: FullGear | None = None


@dataclass(frozen=True)
class Judged:
    """The pictures that a model is judged by, as its own trunk sees them."""

    report: EmbeddingTable
    held_out: EmbeddingTable


@dataclass(frozen=True)
class Learned:
    """A new network (evaluation mode, CPU, the very weights that will be stored) and what is left to do with it.

    `calibrate` is seen by its trunk; `before` and `after` are the same pictures, in the same order, as the active
    model's trunk and the new one see them. `pack` are the embeddings that travel with it. `familiarity`, `training` and
    `data` go into the card, `history` behind that of the active model.
    """

    network: Network
    vocabulary: Vocabulary
    calibrate: EmbeddingTable
    before: Judged
    after: Judged
    pack: bytes
    familiarity: Familiarity | None
    training: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    data: Mapping[str, Any] = field(default_factory=dict)
