import time

import numpy as np

from ml.studies.clock import Clock, PeakMemory


def test_clock_adds_up_what_lies_inside_only() -> None:
    clock = Clock(seconds=1.0, cpu_seconds=2.0)
    for _ in range(2):
        with clock:
            time.sleep(0.05)
        time.sleep(0.2)
    assert 1.1 <= clock.seconds < 1.3
    assert 2.0 <= clock.cpu_seconds < 2.1


def test_peak_memory_is_what_was_held_at_once() -> None:
    with PeakMemory() as memory:
        for _ in range(3):
            held = np.ones(8 * 2**20)  # 64 MiB
            time.sleep(0.1)
            del held
    assert 60 <= memory.mebibytes < 100
