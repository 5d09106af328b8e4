"""What does a pretrained trunk bring, and how far do larger pictures and other networks get at the same budget?

One network per field, as the public projects on these data have it, from scratch and from ImageNet weights, at two
sizes; every arm sees equally many pictures, and the learning rate of each network was chosen the same way. Beside them
stands our one network for seven fields on the very same test pictures, and what was published elsewhere.
"""

import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from ml.artifact import artifact_sha256
from ml.evidence import wilson
from ml.fields import MASTER_CATEGORY, SUB_CATEGORY
from ml.metrics import macro_f1
from ml.preprocessing import Preprocessing
from ml.scores import is_correct
from ml.studies.data import FASHION_PRODUCTS, DataConfig, load_data
from ml.studies.laboratory import Laboratory, Scale
from ml.studies.recipes import FLIPS_AND_SHIFTS, NetworkRecipe
from ml.studies.runs import Arm
from ml.train import TrainingConfig
from ml.zoo import models, register

FIELDS: Final = (SUB_CATEGORY, MASTER_CATEGORY, "season")
RATES: Final = (3e-4, 1e-3, 3e-3)
PRETRAINED: Final = "pretrained"
OURS: Final = "ours"
LEFT_OUT: Final = "left out"
WEIGHTS: Final = Path("imagenet", "mobilenet_v2.safetensors")
"""In the folder of `--data`, unless `--pretrained` names another file."""
TIMEOUT_SECONDS: Final = 10.0
IMAGENET: Final = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and standard deviation that torchvision's weights expect."""


@register
def resnet18_imagenet() -> nn.Module:
    """With torchvision's own weights."""
    model: nn.Module = models.resnet18(weights=models.ResNet18_Weights.DEFAULT)
    return model


@register
def efficientnet_b0_imagenet() -> nn.Module:
    """With torchvision's own weights."""
    model: nn.Module = models.efficientnet_b0(weights=models.EfficientNet_B0_Weights.DEFAULT)
    return model


@dataclass(frozen=True)
class Contender:
    """A network and where it starts: `weights` is a file, `download` torchvision's own."""

    title: str
    trunk: str
    weights: Path | None = None
    download: Any = None

    def preprocessing(self, size: tuple[int, int]) -> Preprocessing:
        return Preprocessing(*size, *IMAGENET) if self.download else Preprocessing(*size)


FROM_SCRATCH: Final = (
    Contender("ResNet-18", "resnet18"),
    Contender("EfficientNet-B0", "efficientnet_b0"),
    Contender("MobileNetV2", "mobilenet_v2"),
)
DOWNLOADED: Final = (
    Contender(f"ResNet-18 {PRETRAINED}", "resnet18_imagenet", None, models.ResNet18_Weights.DEFAULT),
    Contender(
        f"EfficientNet-B0 {PRETRAINED}", "efficientnet_b0_imagenet", None, models.EfficientNet_B0_Weights.DEFAULT
    ),
)


@dataclass(frozen=True)
class Cell:
    """One place of the grid; its name is the arm's."""

    network: str
    pixels: str
    field: str

    @property
    def name(self) -> str:
        return f"{self.network}, {self.pixels}, {self.field}"

    @classmethod
    def of(cls, name: str) -> "Cell":
        return cls(*name.rsplit(", ", 2))


def run(lab: Laboratory) -> None:
    """Choose each network's learning rate on small pictures, then walk through the grid, size after size."""
    sizes = lab.scale.pick(((32, 24), (48, 36)), ((40, 30), (80, 60)), ((80, 60), (224, 168)))
    steps = lab.scale.pick(2, 500, 9000)
    seeds = lab.scale.pick((1,), (1,), (1, 2, 3))
    fields = lab.scale.pick(FIELDS[2:], FIELDS, FIELDS)
    contenders, lab.results.facts[LEFT_OUT] = _at_hand(lab)
    lab.results.facts[OURS] = {field: _ours(lab, field) for field in fields}
    rates = {each.title: _rate(lab, each, sizes[0], max(1, steps // 4)) for each in contenders}
    for size in sizes:
        for field in fields:
            lab.run([_arm(lab, each, size, field, steps, rates[each.title]) for each in contenders], seeds)


def _at_hand(lab: Laboratory) -> tuple[list[Contender], list[str]]:
    """Who can start, and who cannot for lack of weights."""
    trunk = Contender(f"MobileNetV2 {PRETRAINED}", "mobilenet_v2", lab.pretrained or WEIGHTS)
    assert trunk.weights
    has_file = (lab.data / trunk.weights).is_file()
    is_found = {trunk: has_file, **{each: _is_at_hand(each.download, lab.scale) for each in DOWNLOADED}}
    found = [each for each, is_there in is_found.items() if is_there]
    return [*FROM_SCRATCH, *found], [each.title for each in is_found if each not in found]


def _is_at_hand(weights: Any, scale: Scale) -> bool:
    """Whether torchvision's weights are cached, or can be fetched; a quick study does not try that."""
    if Path(torch.hub.get_dir(), "checkpoints", Path(weights.url).name).is_file():
        return True
    if scale is Scale.QUICK:
        return False
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_SECONDS)
    try:
        weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError):
        return False
    finally:
        socket.setdefaulttimeout(before)
    return True


def _data(lab: Laboratory, field: str) -> DataConfig:
    return DataConfig(FASHION_PRODUCTS, field, limit=lab.scale.pick(200, None, None))


def _arm(lab: Laboratory, contender: Contender, size: tuple[int, int], field: str, steps: int, rate: float) -> Arm:
    training = TrainingConfig(
        trunk=contender.trunk,
        preprocessing=contender.preprocessing(size),
        augmentation=FLIPS_AND_SHIFTS,
        steps=steps,
        batch_size=lab.scale.pick(16, 64, 64),
        learning_rate=rate,
        label_smoothing=0.0,
    )
    recipe = NetworkRecipe(training, pretrained=str(contender.weights) if contender.weights else None)
    cell = Cell(contender.title, f"{size[0]}×{size[1]}", field)
    return Arm(cell.name, _data(lab, field), recipe)


def _rate(lab: Laboratory, contender: Contender, size: tuple[int, int], steps: int) -> float:
    """The learning rate that is best for a network on the validation side, on sub category and with less to see."""
    rates = lab.scale.pick(RATES[1:], RATES, RATES)
    arms = [_arm(lab, contender, size, SUB_CATEGORY, steps, rate) for rate in rates]
    tried = [replace(arm, name=f"{arm.name}, rate {rate:g}") for arm, rate in zip(arms, rates, strict=True)]
    return rates[tried.index(lab.best(tried))]


def _ours(lab: Laboratory, field: str) -> dict[str, Any]:
    """Our network on the test pictures that the arms of this field were measured on."""
    config = {"field": field, "artifact": artifact_sha256(lab.artifact), "scale": lab.scale.value}

    def compute() -> dict[str, Any]:
        size = lab.predictor.preprocessing
        test = load_data(_data(lab, field), size, lab.data, seed=0).test
        scores = lab.predictor.scores(test.canvases)[field]
        truths = [example.labels[field] for example in test.examples]
        hits = int(is_correct(scores, truths).sum())
        predicted = [scores.paths[number][-1] for number in scores.chosen.tolist()]
        return {
            "model": lab.predictor.name,
            "pixels": f"{size.height}×{size.width}",
            "n": len(truths),
            "accuracy": round(hits / len(truths), 5),
            "interval": wilson(hits, len(truths)),
            "f1_macro": round(macro_f1(truths, predicted), 5),
        }

    found: dict[str, Any] = lab.fact(OURS, config, compute)
    return found
