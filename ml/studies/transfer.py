"""What does a pretrained trunk bring, and how far do larger pictures and other networks get at the same budget?

One network per field, as the public projects on these data have it, from scratch and from ImageNet weights, at two
sizes; every arm sees equally many pictures, and the learning rate of each network was chosen the same way. Beside them
stands our one network for seven fields on the very same test pictures, and what was published elsewhere.
"""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from matplotlib.figure import Figure
from torch import nn

from ml.artifact import artifact_sha256
from ml.evidence import wilson
from ml.fields import MASTER_CATEGORY, SUB_CATEGORY
from ml.metrics import macro_f1
from ml.preprocessing import Preprocessing
from ml.scores import is_correct
from ml.studies import plots
from ml.studies.data import FASHION_PRODUCTS, DataConfig, load_data
from ml.studies.laboratory import Laboratory, Scale
from ml.studies.recipes import FLIPS_AND_SHIFTS, NetworkRecipe
from ml.studies.report import best_of, cost_table, picture, table, with_deviation
from ml.studies.results import Results, values
from ml.studies.runs import Arm, Run
from ml.studies.statistics import estimate
from ml.studies.study import Study
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
class Published:
    """What others report on the published data: accuracy and macro-F1 by field."""

    title: str
    figures: Mapping[str, tuple[float, float]]


PUBLISHED: Final = (
    Published(
        "ResNet-18, as its authors' executed notebooks print it",
        {SUB_CATEGORY: (0.9649, 0.7766), MASTER_CATEGORY: (0.9938, 0.7419), "season": (0.7735, 0.7895)},
    ),
    Published(
        "EfficientNet-B0, likewise",
        {SUB_CATEGORY: (0.9604, 0.7600), MASTER_CATEGORY: (0.9902, 0.6889), "season": (0.7766, 0.7737)},
    ),
    Published(
        "the same authors' README at best (large pictures too)",
        {SUB_CATEGORY: (0.9682, 0.8164), MASTER_CATEGORY: (0.9768, 0.8689), "season": (0.8795, 0.8738)},
    ),
)
DIFFERS: Final = (
    "Published figures come from the same data with a random 70/15/15 split (identical twins may fall on both sides), "
    "ImageNet weights and 224 px, one network per field. The arms here come from 75/10/15 by picture, twins together, "
    "smaller pictures and the budget in the table; ours was trained for longer, on all seven fields and more pictures."
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


def report(results: Results) -> list[str]:
    arms = results.of()
    fields = [field for field in FIELDS if _of_field(arms, field)]
    return [
        " ".join([_pretraining(arms), _pixels(arms)]),
        *(block for field in fields for block in _section(results, field)),
        DIFFERS,
        _left_out(results),
        "## What it costs",
        cost_table(arms),
    ]


def _of_field(arms: Mapping[str, Sequence[Run]], field: str) -> dict[str, Sequence[Run]]:
    return {name: runs for name, runs in arms.items() if Cell.of(name).field == field}


def _section(results: Results, field: str) -> list[str]:
    arms, ours = _of_field(results.of(), field), results.facts[OURS][field]
    return [
        f"## {_plain(field).capitalize()}",
        _best(field, arms, ours),
        _figures_table(arms, field, ours),
        picture(f"{field}-learning-curves", f"Learning curves, {_plain(field)}"),
        picture(f"{field}-confusion", f"Confusions of the best arm, {_plain(field)}"),
        picture(f"{field}-precision-recall", f"Precision over recall of the best arm, {_plain(field)}"),
        picture(f"{field}-calibration", f"Calibration of all arms, {_plain(field)}"),
    ]


def _best(field: str, arms: Mapping[str, Sequence[Run]], ours: Mapping[str, Any]) -> str:
    """Which arm is the best one, and where it stands beside ours and the best that was published."""
    best = best_of(arms)
    cell, accuracy = Cell.of(best), estimate(values(arms[best], "accuracy")).mean
    low, high = _interval(arms[best])
    published = max(PUBLISHED[:2], key=lambda each: each.figures[field][0])
    others = published.figures[field][0]
    return (
        f"Best of the arms is {cell.network} at {cell.pixels} px with an accuracy of {accuracy:.4f} (95 % over test "
        f"pictures: {low:.4f} to {high:.4f}). Our network for seven fields has {ours['accuracy']:.4f} on the same "
        f"pictures, {_against(ours['accuracy'], accuracy)} that, and {_against(ours['accuracy'], others)} the "
        f"{others:.4f} that {published.title.split(',')[0]} was published with."
    )


def _against(ours: float, other: float) -> str:
    points = 100 * (ours - other)
    return f"{abs(points):.2f} points {'above' if points >= 0 else 'below'}"


def _pretraining(arms: Mapping[str, Sequence[Run]]) -> str:
    """What the same network gains by starting from ImageNet, mean over fields and sizes."""
    gains: dict[str, list[float]] = {}
    for name in arms:
        cell = Cell.of(name)
        pretrained = replace(cell, network=f"{cell.network} {PRETRAINED}").name
        if pretrained in arms:
            gains.setdefault(cell.network, []).append(_mean(arms[pretrained]) - _mean(arms[name]))
    if not gains:
        return "No pretrained weights were at hand, so every network starts from scratch."
    parts = [
        f"{network} {_gain(found)} from ImageNet weights ({min(found) * 100:+.2f} to {max(found) * 100:+.2f} over "
        f"{len(found)} pairs of arms)"
        for network, found in gains.items()
    ]
    return f"At the same budget {'; '.join(parts)}."


def _pixels(arms: Mapping[str, Sequence[Run]]) -> str:
    """What the larger pictures bring, mean over fields and networks."""
    sizes = list(dict.fromkeys(Cell.of(name).pixels for name in arms))
    if len(sizes) < 2:
        return ""
    small, large = sizes[0], sizes[-1]
    pairs = [(name, replace(Cell.of(name), pixels=large).name) for name in arms if Cell.of(name).pixels == small]
    gains = [_mean(arms[larger]) - _mean(arms[name]) for name, larger in pairs if larger in arms]
    return f"From {small} to {large} px an arm {_gain(gains)} ({min(gains) * 100:+.2f} to {max(gains) * 100:+.2f})."


def _gain(found: Sequence[float]) -> str:
    points = 100 * estimate(found).mean
    return f"{'gains' if points >= 0 else 'loses'} {abs(points):.2f} points of accuracy on the mean"


def _mean(runs: Sequence[Run]) -> float:
    return estimate(values(runs, "accuracy")).mean


def _interval(runs: Sequence[Run]) -> list[float]:
    """Wilson's over the test pictures: with one seed it is the only chance that can be told."""
    n = runs[0].pictures["test"]
    return wilson(round(_mean(runs) * n), n)


def _figures_table(arms: Mapping[str, Sequence[Run]], field: str, ours: Mapping[str, Any]) -> str:
    headers = ["network", "px", "images seen", "epochs", "seeds", "accuracy", "95 % over test pictures", "macro-F1"]
    rows = [_row(Cell.of(name), runs) for name, runs in arms.items()]
    low, high = ours["interval"]
    cells = [f"ours, one for seven fields (`{ours['model']}`)", ours["pixels"], "see its card", "", "1"]
    rows.append([*cells, f"{ours['accuracy']:.4f}", f"{low:.4f} to {high:.4f}", f"{ours['f1_macro']:.4f}"])
    for each in PUBLISHED:
        accuracy, f1 = each.figures[field]
        rows.append([f"published: {each.title}", "224×224", "", "", "", f"{accuracy:.4f}", "", f"{f1:.4f}"])
    return table(headers, rows)


def _row(cell: Cell, runs: Sequence[Run]) -> list[str]:
    low, high = _interval(runs)
    cost = runs[0].cost
    budget = [f"{cost['images']:,.0f}", f"{cost['epochs']:.3g}", str(len(runs))]
    figures = [with_deviation(values(runs, "accuracy")), f"{low:.4f} to {high:.4f}"]
    return [cell.network, cell.pixels, *budget, *figures, with_deviation(values(runs, "f1_macro"))]


def _left_out(results: Results) -> str:
    missing = results.facts[LEFT_OUT]
    if not missing:
        return "All weights were at hand."
    return f"Left out because their weights are neither here nor within reach: {', '.join(missing)}."


def _plain(field: str) -> str:
    return field.replace("_", " ")


def draw(results: Results) -> dict[str, Figure]:
    """What every comparison shows, for each field."""
    figures: dict[str, Figure] = {}
    for field in FIELDS:
        arms = _of_field(results.of(), field)
        if arms:
            named = {f"{Cell.of(name).network} {Cell.of(name).pixels}": runs for name, runs in arms.items()}
            shown = plots.standard(named, best_of(named))
            figures |= {f"{field}-{name}": figure for name, figure in shown.items()}
    return figures


STUDY: Final = Study("What do pretrained weights, larger pictures and other networks bring?", run, report, draw)
