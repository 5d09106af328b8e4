from pathlib import Path

from ml.evaluate import evaluate_folders
from ml.predictor import Predictor


def test_card_figures_are_those_of_the_stored_artifact(predictor: Predictor, drawn_data: list[Path]) -> None:
    measured = evaluate_folders(predictor, drawn_data, "report")["domains"]
    assert {f"{domain} report": figures for domain, figures in measured.items()} == predictor.card.metrics


def test_card_names_the_libraries_and_the_moment(predictor: Predictor) -> None:
    assert {"python", "torch", "torchvision", "pillow"} <= set(predictor.card.libraries)
    assert predictor.card.created.endswith("+00:00")
