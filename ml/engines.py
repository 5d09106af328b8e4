"""What computes the trunk: PyTorch, or ONNX Runtime from a file that is exported once for each trunk.

Both give the same embeddings to within rounding, so what is stored stays valid whichever computes. ml/README.md has the
measurements, and why int8 is not among them.
"""

import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import torch
from torch import Tensor, nn

from ml.inference import embed
from ml.network import Network, has_fast_bfloat16
from ml.preprocessing import Preprocessing


@dataclass(frozen=True)
class Engine:
    """Canvases uint8 [N, H, W, 3] on the CPU -> the trunk's pooled features float32 [N, D] on the CPU.

    `rows_at_once` is how many pictures it is best given at once, while threads decode the next ones.
    """

    compute: Callable[[Tensor], Tensor]
    rows_at_once: int = 32

    def __call__(self, canvases: Tensor) -> Tensor:
        return self.compute(canvases)


EngineName = Literal["auto", "torch", "onnx", "compiled"]

OPSET: Final = 17
ONNX_ROWS: Final = 8
"""Few, so that it begins while most pictures are not decoded yet. PyTorch's threads wait for each other on so few."""

logger = logging.getLogger(__name__)


def torch_engine(network: Network, preprocessing: Preprocessing) -> Engine:
    """PyTorch as it is, on the network's device: always there."""
    return Engine(lambda canvases: embed(network, canvases, preprocessing, len(canvases)))


def compiled_engine(network: Network, preprocessing: Preprocessing) -> Engine:
    """`torch.compile` with CUDA graphs, in bfloat16 where the device computes it fast.

    Batches are filled up to a power of two: a graph serves one shape.
    """
    device = next(network.parameters()).device
    trunk = torch.compile(_PreprocessedTrunk(network, preprocessing), mode="reduce-overhead", dynamic=False)

    @torch.no_grad()
    def compute(canvases: Tensor) -> Tensor:
        filled = canvases.new_zeros((_power_of_two(len(canvases)), *canvases.shape[1:]))
        filled[: len(canvases)] = canvases
        with torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device)):
            features: Tensor = trunk(filled.to(device))
        return features[: len(canvases)].float().cpu()

    return Engine(compute)


def onnx_engine(network: Network, preprocessing: Preprocessing, file: Path) -> Engine:
    """ONNX Runtime on the CPU; the file is exported where there is none yet. Raises whatever the exporter raises."""
    import onnxruntime

    if not file.exists():
        export(network, preprocessing, file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, torch.get_num_threads() // 2)  # the other cores decode meanwhile
    options.log_severity_level = 3  # errors: its warnings are about its own optimisations
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return Engine(lambda canvases: torch.from_numpy(session.run(None, {"canvases": canvases.numpy()})[0]), ONNX_ROWS)


def export(network: Network, preprocessing: Preprocessing, file: Path) -> None:
    """Write preprocessing and trunk as ONNX, at once or not at all."""
    picture = torch.zeros((2, preprocessing.height, preprocessing.width, 3), dtype=torch.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".onnx-", dir=file.parent) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter needs two more packages and is slower for such networks
        torch.onnx.export(
            _PreprocessedTrunk(network, preprocessing).eval(),
            (picture,),
            str(Path(folder, file.name)),
            dynamo=False,
            opset_version=OPSET,
            input_names=["canvases"],
            output_names=["features"],
            dynamic_axes={"canvases": {0: "n"}, "features": {0: "n"}},
        )
        os.replace(Path(folder, file.name), file)


class _PreprocessedTrunk(nn.Module):
    """From canvases to features: what an exporter or compiler sees as one."""

    def __init__(self, network: Network, preprocessing: Preprocessing) -> None:
        super().__init__()
        self._trunk, self._preprocessing = network.trunk, preprocessing

    def forward(self, canvases: Tensor) -> Tensor:
        features: Tensor = self._trunk(self._preprocessing.normalise(self._preprocessing.scale(canvases)))
        return features


def _power_of_two(count: int) -> int:
    return 1 << max(0, count - 1).bit_length()


def choose_engine(
    network: Network, preprocessing: Preprocessing, file: Path | None, name: EngineName = "auto"
) -> Engine:
    """The named engine. `auto` is the fastest that is at hand: on a CPU ONNX Runtime, if there is a file to keep.

    Where that cannot be had, PyTorch computes and the log says why; by its name, whatever went wrong is raised.
    """
    if name == "compiled":
        return compiled_engine(network, preprocessing)
    if name == "onnx":
        return _kept_onnx_engine(network, preprocessing, file)
    on_cpu = next(network.parameters()).device.type == "cpu"
    if name == "auto" and file and on_cpu and find_spec("onnxruntime"):
        try:
            return onnx_engine(network, preprocessing, file)
        except Exception as error:
            file.unlink(missing_ok=True)  # it may be the file's fault: the next start exports anew
            logger.warning("ONNX Runtime cannot compute this network (%s): PyTorch does", error)
    return torch_engine(network, preprocessing)


def _kept_onnx_engine(network: Network, preprocessing: Preprocessing, file: Path | None) -> Engine:
    if file:
        return onnx_engine(network, preprocessing, file)
    with tempfile.TemporaryDirectory() as folder:
        return onnx_engine(network, preprocessing, Path(folder, "trunk.onnx"))
