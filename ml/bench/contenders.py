"""The trunk by every engine that was considered: its speed, and how often its values are those of fp32 PyTorch."""

import copy
import tempfile
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from ml.artifact import Artifact
from ml.bench.timing import compare
from ml.engines import Engine, compiled_engine, export, onnx_engine
from ml.predictor import Predictor
from ml.preprocessing import Preprocessing

BASE: Final = "torch, NCHW"
BATCH_SIZE: Final = 32


def measure(
    artifact: Artifact, canvases: Tensor, truths: Mapping[str, list[str | None]], repeats: int
) -> dict[str, Any]:
    """Per engine: speed against PyTorch as it comes, agreement per field, and change of accuracy in points.

    canvases uint8 [N, H, W, 3]; `truths` has the true values per field, if they are known. int8 is calibrated on
    every tenth of the canvases.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    predictor = Predictor(artifact, torch.device(device), "torch")
    engines = contenders(artifact, predictor, canvases[::10])
    batch = canvases[:BATCH_SIZE]
    timings = compare({name: _run(engine, batch) for name, engine in engines.items()}, len(batch), repeats)
    chosen = {name: _chosen(predictor, _embed(engine, canvases)) for name, engine in engines.items()}
    return {
        name: {
            **timings[name].as_json(),
            "speedup": round(timings[BASE].wall / timings[name].wall, 2),
            "agreement": _equal_shares(chosen[name], chosen[BASE]),
            "accuracy_change": _accuracy_changes(chosen[name], chosen[BASE], truths),
        }
        for name in engines
    }


def contenders(artifact: Artifact, predictor: Predictor, calibration: Tensor) -> dict[str, Engine]:
    """Every engine that runs on the predictor's device."""
    network, preprocessing = artifact.network, artifact.card.preprocessing
    found: dict[str, Engine] = {
        BASE: _whole_batch(copy.deepcopy(network.trunk).to(memory_format=torch.contiguous_format), preprocessing),
        "torch, channels last": _whole_batch(network.trunk, preprocessing),
        "torch, bfloat16": _whole_batch(network.trunk, preprocessing, bfloat16=True),
    }
    if predictor.device.type == "cuda":
        return {**found, "torch, compiled with graphs": compiled_engine(network, preprocessing)}
    found["torch, traced and frozen"] = _frozen(network.trunk, preprocessing)
    if find_spec("onnxruntime"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "trunk.onnx")
            export(network, preprocessing, file)
            found["ONNX Runtime"] = onnx_engine(network, preprocessing, file)
            quantized = _quantized(file, calibration)
            found["ONNX Runtime, int8"] = onnx_engine(network, preprocessing, quantized)
    return found


@torch.no_grad()
def _compute(trunk: Any, canvases: Tensor, preprocessing: Preprocessing, device: torch.device) -> Tensor:
    pictures = preprocessing.normalise(preprocessing.scale(canvases.to(device)))
    features: Tensor = trunk(pictures)
    return features.float().cpu()


def _whole_batch(trunk: nn.Module, preprocessing: Preprocessing, *, bfloat16: bool = False) -> Engine:
    device = next(trunk.parameters()).device

    def compute(canvases: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            return _compute(trunk, canvases, preprocessing, device)

    return Engine(compute)


def _frozen(trunk: nn.Module, preprocessing: Preprocessing) -> Engine:
    """Batch normalisation folded into the filters; traced for one size of batch."""
    picture = torch.zeros(BATCH_SIZE, 3, preprocessing.height, preprocessing.width)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated: it is timed, not relied on
        traced = torch.jit.trace(trunk.eval(), picture.to(memory_format=torch.channels_last))  # type: ignore[no-untyped-call]
        frozen = torch.jit.freeze(traced)
    return Engine(lambda canvases: _compute(frozen, canvases, preprocessing, torch.device("cpu")))


def _quantized(file: Path, calibration: Tensor) -> Path:
    """8-bit weights per channel, 8-bit activations between the extremes seen on the calibration canvases."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Canvases(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._rest = iter(torch.split(calibration, 1))

        def get_next(self) -> dict[str, Any] | None:
            return next(({"canvases": rows.numpy()} for rows in self._rest), None)

    quantized = file.with_name("int8.onnx")
    quantize_static(
        file,
        quantized,
        Canvases(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Add", "Clip", "Relu"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        activation_type=QuantType.QUInt8,
    )
    return quantized


def _run(engine: Engine, batch: Tensor) -> Any:
    return lambda: _embed(engine, batch)


def _embed(engine: Engine, canvases: Tensor) -> Tensor:
    return torch.cat([engine(part) for part in torch.split(canvases, engine.rows_at_once)])


def _chosen(predictor: Predictor, embeddings: Tensor) -> dict[str, list[str]]:
    scores = predictor.embedding_scores(embeddings)
    return {field: [each.paths[row][-1] for row in each.chosen.tolist()] for field, each in scores.items()}


def _equal_shares(chosen: Mapping[str, list[str]], base: Mapping[str, list[str]]) -> dict[str, float]:
    return {
        field: round(sum(map(str.__eq__, values, base[field])) / len(values), 4) for field, values in chosen.items()
    }


def _accuracy_changes(
    chosen: Mapping[str, list[str]], base: Mapping[str, list[str]], truths: Mapping[str, list[str | None]]
) -> dict[str, float]:
    changes = {}
    for field, known in truths.items():
        rows = [row for row, truth in enumerate(known) if truth is not None]
        gained = sum((chosen[field][row] == known[row]) - (base[field][row] == known[row]) for row in rows)
        changes[field] = round(100 * gained / max(1, len(rows)), 2)
    return changes
