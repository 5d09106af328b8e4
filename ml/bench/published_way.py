"""How the published projects on this data predict: a ResNet-18 per field, 224 px, fp32, full decode, one by one.

It is given what they do not do: a warm-up, and the number of threads that suits it best.
"""

import io
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any, Final

import torch
from PIL import Image
from torch import Tensor, nn

from ml.bench.timing import compare
from ml.predictor import Predictor
from ml.preprocessing import Preprocessing
from ml.zoo import models

BATCH_SIZE: Final = 16
INPUT: Final = Preprocessing(224, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def networks(sizes: Mapping[str, int]) -> dict[str, nn.Module]:
    """One network per field with an output per value; untrained, which does not change its speed."""
    return {field: models.get_model("resnet18", weights=None, num_classes=size).eval() for field, size in sizes.items()}


@torch.inference_mode()
def read(photo: bytes, one_per_field: Mapping[str, nn.Module], device: torch.device) -> dict[str, tuple[int, float]]:
    """Number and probability of the likeliest value of each field."""
    with Image.open(io.BytesIO(photo)) as image:
        square = image.convert("RGB").resize((INPUT.width, INPUT.height), Image.Resampling.BILINEAR)
    picture = INPUT(square)[None].contiguous().to(device)
    return {field: _likeliest(network(picture)) for field, network in one_per_field.items()}


def _likeliest(logits: Tensor) -> tuple[int, float]:
    probability, number = logits.softmax(1).max(1)
    return int(number), float(probability)


def measure(predictor: Predictor, photos: Mapping[str, Sequence[bytes]], repeats: int) -> dict[str, Any]:
    """Per size of photo: both ways in photos per second, and how many times faster ours is."""
    sizes = {field: len(scores.paths) for field, scores in predictor.scores(_blank(predictor)).items()}
    theirs = {field: network.to(predictor.device) for field, network in networks(sizes).items()}
    return {size: _measure(predictor, theirs, files, repeats) for size, files in photos.items()}


def _measure(
    predictor: Predictor, theirs: Mapping[str, nn.Module], files: Sequence[bytes], repeats: int
) -> dict[str, Any]:
    batch, own = list(islice(cycle(files), BATCH_SIZE)), torch.get_num_threads()

    def published(threads: int) -> None:
        torch.set_num_threads(threads)
        read(files[0], theirs, predictor.device)
        torch.set_num_threads(own)

    ours = compare({"ours": lambda: predictor.read_files(batch)}, len(batch), repeats)
    ways = {f"published, {n} threads": partial(published, n) for n in _thread_counts()}
    timings = ours | compare(ways, 1, repeats)
    best = min(timings[name].wall for name in ways)
    rows = {name: timing.as_json() for name, timing in timings.items()}
    return {**rows, "times_faster": round(best / timings["ours"].wall, 1)}


def _thread_counts() -> list[int]:
    """1, 2, 4 … up to the threads of this process."""
    return [2**power for power in range(torch.get_num_threads().bit_length())]


def _blank(predictor: Predictor) -> Tensor:
    return torch.zeros((1, predictor.preprocessing.height, predictor.preprocessing.width, 3), dtype=torch.uint8)
