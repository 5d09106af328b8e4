"""Work ahead in threads without losing the order or filling the memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS: Final = 4


def ordered_map(function: Callable[[Item], Result], items: Iterable[Item], ahead: int = 128) -> Iterator[Result]:
    """`map(function, items)` over a few threads, in order, with at most `ahead` results waiting."""
    with ThreadPoolExecutor(THREADS) as pool:
        remaining = iter(items)
        waiting: deque[Future[Result]] = deque()
        waiting.extend(pool.submit(function, item) for item in islice(remaining, ahead))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(remaining, 1))
            yield result
