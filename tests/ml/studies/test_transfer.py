import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ml.__main__ import main
from ml.network import build_trunk
from ml.studies.results import Results
from ml.studies.runs import COMPARISON, TUNING, Run
from ml.studies.transfer.experiment import FIELDS, LEFT_OUT, OURS, Cell
from ml.studies.transfer.findings import PUBLISHED, draw, report
from ml.zoo import find_builder
from tests.ml.studies.drawn import write_data
from tests.ml.studies.made import make_results

NETWORKS = ("ResNet-18", "EfficientNet-B0", "MobileNetV2", "MobileNetV2 pretrained")
SIZES = ("32×24", "48×36")
QUICK = ("season",)


@pytest.fixture(scope="session")
def weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(5)
    trunk, _count = build_trunk("mobilenet_v2", {})
    return {name: value.half() if value.is_floating_point() else value for name, value in trunk.state_dict().items()}


@pytest.fixture(scope="session")
def transferred(
    tmp_path_factory: pytest.TempPathFactory, weights: dict[str, torch.Tensor], tiny_artifact: Path
) -> Path:
    """The folder of one quick run, with trunk weights drawn at random."""
    data, out = write_data(tmp_path_factory.mktemp("data")), tmp_path_factory.mktemp("transfer")
    (data / "imagenet").mkdir()
    save_file(weights, data / "imagenet" / "mobilenet_v2.safetensors")
    command = ["study", "transfer", "--quick", "--data", str(data), "--out", str(out)]
    assert main([*command, "--artifact", str(tiny_artifact)]) == 0
    return out


@pytest.fixture
def results(transferred: Path) -> Results:
    return Results.load(transferred / "results.json")


def test_every_network_learns_every_field_at_both_sizes(results: Results) -> None:
    arms = results.of(COMPARISON)
    expected = {Cell(network, pixels, field).name for network in NETWORKS for pixels in SIZES for field in QUICK}
    assert set(arms) == expected


def test_budget_is_the_same_for_all(results: Results) -> None:
    runs = [run for runs in results.of(COMPARISON).values() for run in runs]
    assert {(run.cost["steps"], run.cost["images"]) for run in runs} == {(2, 32)}
    trained = [run.config["NetworkRecipe"]["training"] for run in runs]
    own = {"trunk", "preprocessing", "learning_rate"}
    assert len({str({name: value for name, value in each.items() if name not in own}) for each in trained}) == 1


def test_learning_rate_is_chosen_alike_for_each_network(results: Results) -> None:
    tried = results.of(TUNING)
    assert len(tried) == 2 * len(NETWORKS)
    assert all(run.test is None for runs in tried.values() for run in runs)
    for network in NETWORKS:
        accuracies = {name: runs[0].validation["accuracy"] for name, runs in tried.items() if f"{network}, " in name}
        best = max(accuracies, key=lambda name: accuracies[name])
        used = {_rate(runs[0]) for name, runs in results.of().items() if Cell.of(name).network == network}
        assert used == {_rate(tried[best][0])}


def _rate(run: Run) -> float:
    rate: float = run.config["NetworkRecipe"]["training"]["learning_rate"]
    return rate


def test_pretrained_trunk_is_found_in_the_data_folder(results: Results) -> None:
    files = {name: runs[0].config["NetworkRecipe"]["pretrained"] for name, runs in results.of(COMPARISON).items()}
    assert {Cell.of(name).network for name, file in files.items() if file} == {"MobileNetV2 pretrained"}
    assert {file for file in files.values() if file} == {"imagenet/mobilenet_v2.safetensors"}


def test_weights_that_are_not_there_are_named(results: Results, transferred: Path) -> None:
    assert results.facts[LEFT_OUT] == ["ResNet-18 pretrained", "EfficientNet-B0 pretrained"]
    sentence = "Left out because their weights are neither here nor within reach: ResNet-18 pretrained, EfficientNet-B0"
    assert sentence in (transferred / "report.md").read_text()


def test_our_network_stands_beside_the_arms_on_the_same_pictures(results: Results) -> None:
    counts = {Cell.of(name).field: runs[0].pictures["test"] for name, runs in results.of(COMPARISON).items()}
    assert {field: figures["n"] for field, figures in results.facts[OURS].items()} == counts
    assert all(0 <= figures["accuracy"] <= 1 for figures in results.facts[OURS].values())
    assert results.facts[OURS]["season"]["pixels"] == "32×24"


def test_report_quotes_what_was_published_for_each_field(transferred: Path) -> None:
    text = (transferred / "report.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Season", "What it costs", "Learning rates"]
    assert "| published: EfficientNet-B0, likewise | 224×224 |  |  |  | 0.7766 |  | 0.7737 |" in text
    assert text.count("| published: ") == len(PUBLISHED)


def test_every_field_has_its_plots(transferred: Path) -> None:
    kinds = ("calibration", "confusion", "learning-curves", "precision-recall")
    expected = sorted(f"{field}-{kind}.svg" for field in QUICK for kind in kinds)
    assert sorted(path.name for path in transferred.glob("*.svg")) == expected


def test_another_file_of_weights_must_be_weights(
    results: Results, transferred: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = write_data(tmp_path / "data"), tmp_path / "weights.safetensors"
    file.write_text("none")
    command = ["study", "transfer", "--quick", "--data", str(data), "--out", str(tmp_path / "out")]
    runs = tmp_path / "out" / "runs"
    runs.mkdir(parents=True)
    for stored in (transferred / "runs").iterdir():
        (runs / stored.name).write_bytes(stored.read_bytes())
    assert main([*command, "--pretrained", str(file)]) == 2
    assert "weights.safetensors: not the weights of this trunk as safetensors" in capsys.readouterr().err


def made(accuracies: dict[str, float], ours: float = 0.9) -> Results:
    """One run for each arm; names are those of cells."""
    results = make_results({name: [accuracy] for name, accuracy in accuracies.items()})
    figures = {"model": "m", "pixels": "128×96", "n": 8, "accuracy": ours, "interval": [0.5, 1.0], "f1_macro": 0.8}
    results.facts = {OURS: dict.fromkeys(FIELDS, figures), LEFT_OUT: []}
    return results


def said(accuracies: dict[str, float], ours: float = 0.9) -> str:
    return "\n".join(report(made(accuracies, ours)))


SCRATCH, PRETRAINED = "MobileNetV2, 64×48, season", "MobileNetV2 pretrained, 64×48, season"


def test_sentences_name_the_other_arm_when_two_are_swapped() -> None:
    text = said({SCRATCH: 0.5, PRETRAINED: 0.75})
    assert "MobileNetV2 gains 25.00 points of accuracy on the mean from ImageNet weights" in text
    assert "Best of the arms is MobileNetV2 pretrained at 64×48 px with an accuracy of 0.7500" in text
    text = said({SCRATCH: 0.75, PRETRAINED: 0.5})
    assert "MobileNetV2 loses 25.00 points of accuracy on the mean from ImageNet weights" in text
    assert "Best of the arms is MobileNetV2 at 64×48 px with an accuracy of 0.7500" in text


def test_sentence_on_sizes_follows_the_figures() -> None:
    small, large = "ResNet-18, 64×48, season", "ResNet-18, 96×72, season"
    assert "From 64×48 to 96×72 px an arm gains 20.00 points" in said({small: 0.5, large: 0.7})
    assert "From 64×48 to 96×72 px an arm loses 20.00 points" in said({small: 0.7, large: 0.5})


def test_ours_is_above_or_below_the_best_arm_and_the_best_published() -> None:
    text = said({SCRATCH: 0.5}, ours=0.8)
    assert "30.00 points above that, and 7.95 points below the 0.8795 that is the best" in text
    text = said({SCRATCH: 0.875}, ours=0.7)
    assert "17.50 points below that, and 17.95 points below the 0.8795 that is the best" in text


def test_without_pretrained_weights_the_report_says_so() -> None:
    assert "No pretrained weights were at hand, so every network starts from scratch." in said({SCRATCH: 0.5})


def test_only_fields_that_were_run_are_drawn() -> None:
    assert {name.split("-")[0] for name in draw(made({SCRATCH: 0.5}))} == {"season"}


@pytest.mark.parametrize("name", ["resnet18_imagenet", "efficientnet_b0_imagenet"])
def test_networks_with_torchvisions_weights_are_known_by_name(name: str) -> None:
    assert find_builder(name)
