"""A progress bar on standard error, as a callback that takes the share done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress

from ml.dataset import STDERR


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None]]:
    """The callback takes shares in [0, 1]; nothing is shown before the first, so that an error stands alone."""
    bar = Progress(console=STDERR)
    task = bar.add_task(title, total=1.0)

    def show(share: float) -> None:
        bar.start()
        bar.update(task, completed=share)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()
