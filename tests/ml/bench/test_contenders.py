from pathlib import Path

import torch

from ml.artifact import load
from ml.bench import contenders
from ml.predictor import Predictor
from tests.ml.drawings import COLOURS, draw


def test_every_engine_is_compared_with_plain_torch(tiny_artifact: Path, predictor: Predictor) -> None:
    pictures = [draw(colour=list(COLOURS)[seed % 3], seed=seed) for seed in range(40)]
    canvases = torch.stack([torch.from_numpy(predictor.preprocessing.canvas(picture)) for picture in pictures])
    colours: list[str | None] = [list(COLOURS)[seed % 3] for seed in range(39)]
    figures = contenders.measure(load(tiny_artifact), canvases, {"colour": [*colours, None]}, repeats=1)
    assert {"torch, NCHW", "torch, channels last", "ONNX Runtime", "ONNX Runtime, int8"} <= set(figures)
    assert figures["torch, NCHW"]["speedup"] == 1.0
    for engine in ("torch, channels last", "torch, traced and frozen", "ONNX Runtime"):
        assert set(figures[engine]["agreement"].values()) == {1.0}
        assert figures[engine]["accuracy_change"] == {"colour": 0.0}
