"""Folders of labelled pictures inside `--data`, for the studies that look at any of them."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from PIL import Image

from ml.errors import DataError
from ml.layouts import Example
from ml.pictures import open_picture

Item = TypeVar("Item")
LABEL_FILES: Final = ("styles.csv", "labels.csv", "train.csv", "test.csv")
"""Those of the layouts that `ml.layouts` reads."""
READ_WHOLE: Final = (".csv", ".gz")


def labelled_folders(data: Path) -> list[Path]:
    """The folder itself where it has a label file, else those in it that have one; DataError where none has."""
    inside = sorted(path for path in data.iterdir() if path.is_dir()) if data.is_dir() else []
    found = [folder for folder in (data, *inside) if any((folder / name).is_file() for name in LABEL_FILES)]
    if not found:
        raise DataError(f"{data}: neither here nor one folder below is any of {', '.join(LABEL_FILES)}.")
    return found[:1] if found[0] == data else found


def fingerprint(folder: Path) -> str:
    """Changes with what tables and archives hold and with the names and sizes of all other files; empty without any.

    By it a study tells whether what it found before was found on these pictures.
    """
    lines = []
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(Path(place, name) for name in files if not name.startswith(".")):
            is_read = file.suffix in READ_WHOLE
            content = hashlib.sha256(file.read_bytes()).hexdigest() if is_read else str(file.stat().st_size)
            lines.append(f"{file.relative_to(folder).as_posix()} {content}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] if lines else ""


def evenly(items: Sequence[Item], most: int | None) -> list[Item]:
    """At most so many, from everywhere in the sequence; None: all."""
    count = len(items) if most is None else min(most, len(items))
    return [items[len(items) * number // count] for number in range(count)]


def name_of(example: Example, folder: Path) -> str:
    """Where a picture lies in its folder."""
    return example.picture.relative_to(folder).as_posix()


def open_named(folder: Path, name: str) -> Image.Image:
    """The picture of that name."""
    return open_picture(folder / name)
