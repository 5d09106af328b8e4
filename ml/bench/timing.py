"""Time contenders side by side: in turns, so that whatever else the machine does hits all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Contender = Callable[[], Any]


@dataclass(frozen=True)
class Timing:
    """Medians for one photo: seconds on the clock, and seconds of all cores together."""

    wall: float
    cpu: float

    @property
    def photos_per_second(self) -> float:
        return 1 / self.wall

    def as_json(self) -> dict[str, float]:
        return {"photos_per_s": round(self.photos_per_second, 1), "cpu_ms_per_photo": round(1000 * self.cpu, 3)}


def compare(contenders: Mapping[str, Contender], photos: int, repeats: int) -> dict[str, Timing]:
    """Each handles `photos` photos a call: one call to warm up, then `repeats` rounds."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender()
    for _ in range(repeats):
        for name, contender in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            contender()
            samples[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: Timing(*(statistics.median(column) / photos for column in zip(*rows, strict=True)))
        for name, rows in samples.items()
    }
