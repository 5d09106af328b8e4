import time

from ml.bench.timing import Timing, compare


def test_contenders_take_turns_after_a_warm_up() -> None:
    calls: list[str] = []
    timings = compare({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, photos=1, repeats=2)
    assert calls == ["a", "b"] * 3
    assert list(timings) == ["a", "b"]


def test_time_is_the_median_for_one_photo() -> None:
    sleeps = iter([0.0, 0.02, 0.5, 0.02])
    timing = compare({"sleeper": lambda: time.sleep(next(sleeps))}, photos=2, repeats=3)["sleeper"]
    assert 0.01 <= timing.wall < 0.1
    assert timing.cpu < 0.01


def test_timing_as_json_is_in_photos_and_milliseconds() -> None:
    assert Timing(0.004, 0.0061).as_json() == {"photos_per_s": 250.0, "cpu_ms_per_photo": 6.1}
