"""What a run costs: wall and processor seconds, and the most memory that it held."""

import ctypes
import gc
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

import psutil
import torch

MEBIBYTE: Final = 2**20
_PAUSE_SECONDS: Final = 0.02


@dataclass
class Clock:
    """Adds up the seconds spent inside `with`; processor seconds count every thread."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds += time.perf_counter() - self._began[0]
        self.cpu_seconds += time.process_time() - self._began[1]


class PeakMemory:
    """The most memory that the work inside `with` held beyond what was held before, as `mebibytes`.

    On a GPU what PyTorch allocated there, else the growth of this process, looked at fifty times a second.
    """

    mebibytes = 0.0

    def __enter__(self) -> Self:
        _give_back_freed_memory()
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        self._process, self._done = psutil.Process(), threading.Event()
        self._before = self._most = self._process.memory_info().rss
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._watch.join()
        held = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else self._most - self._before
        self.mebibytes = held / MEBIBYTE

    def _look(self) -> None:
        while True:
            self._most = max(self._most, self._process.memory_info().rss)
            if self._done.wait(_PAUSE_SECONDS):
                return


def _give_back_freed_memory() -> None:
    """Else what an earlier run left in the allocator would hide what this one needs."""
    gc.collect()
    with suppress(OSError, AttributeError):  # only glibc can
        ctypes.CDLL("libc.so.6").malloc_trim(0)
