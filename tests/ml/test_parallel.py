from collections.abc import Iterator
from time import sleep

import pytest

from ml.parallel import ordered_map


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_first(number: int) -> int:
        sleep(0.02 if number == 0 else 0)
        return number * number

    assert list(ordered_map(slow_first, range(20))) == [number * number for number in range(20)]


def test_items_are_drawn_only_a_little_ahead() -> None:
    drawn: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            drawn.append(len(drawn))
            yield drawn[-1]

    results = ordered_map(lambda number: number, endless(), ahead=8)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(drawn) <= 8 + 5
    results.close()  # type: ignore[attr-defined]  # a generator behind its interface


def test_error_of_an_item_reaches_the_reader() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ordered_map(lambda number: 1 // number, [1, 0]))


def test_nothing_gives_nothing() -> None:
    assert list(ordered_map(str, [])) == []
