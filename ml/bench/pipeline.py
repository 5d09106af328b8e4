"""From JPEG bytes to values: decoding alone, the network alone, and both as the worker does them."""

from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import Any, Final

import torch

from ml.bench.timing import Timing, compare
from ml.parallel import ordered_map
from ml.pictures import open_picture
from ml.predictor import Predictor

BATCHES: Final = {"12 MP": 16, "2 MP": 32, "derivative": 32}
"""Photos a batch: 32 is the worker's."""


def measure(predictor: Predictor, photos: Mapping[str, Sequence[bytes]], repeats: int) -> dict[str, Any]:
    """Per size: photos per second of each part and end to end, and the share of the slower part that this is."""
    return {size: _measure(predictor, files, BATCHES[size], repeats) for size, files in photos.items()}


def _measure(predictor: Predictor, photos: Sequence[bytes], count: int, repeats: int) -> dict[str, Any]:
    files = list(islice(cycle(photos), count))
    canvases = torch.stack(list(ordered_map(_canvas_of(predictor), files)))
    timings = compare(
        {
            "decode": lambda: list(ordered_map(predictor.open, files)),
            "forward": lambda: predictor.embed_canvases(canvases),
            "end_to_end": lambda: predictor.read_files(files),
        },
        count,
        repeats,
    )
    return {
        "batch": count,
        "kilobytes": round(sum(map(len, photos)) / len(photos) / 1024),
        **{name: timing.as_json() for name, timing in timings.items()},
        **_shares(timings),
    }


def _canvas_of(predictor: Predictor) -> Any:
    return lambda file: torch.from_numpy(predictor.preprocessing.canvas(open_picture(file)))


def _shares(timings: Mapping[str, Timing]) -> dict[str, float]:
    """`of_slower`: against the slower part with all cores to itself; `of_both`: against one part after the other.

    On a CPU the parts share the cores, so the second is what overlap can reach; on a GPU it is the first.
    """
    decode, forward, whole = (timings[name] for name in ("decode", "forward", "end_to_end"))
    return {
        "of_slower": round(max(decode.wall, forward.wall) / whole.wall, 3),
        "of_both": round((decode.wall + forward.wall) / whole.wall, 3),
        "of_both_in_cpu_time": round((decode.cpu + forward.cpu) / whole.cpu, 3),
    }
