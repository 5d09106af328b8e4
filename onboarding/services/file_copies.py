"""Copies of everything in storage, to and from a folder: for backups, and for moving to another storage.

A stored file never changes, so what has been copied once is not copied again.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from catalog.photo_files import replace_file
from onboarding.consistency.stored_files import content, stored_files

FOLDERS = ("photos", "models")
PARTIAL = ".partial"


def copy_to_folder(folder: Path) -> int:
    """Copies what the folder has not; returns how many files. A file that goes meanwhile is not missed."""
    copied = 0
    for file in (each for name in FOLDERS for each in stored_files(name)):
        target = folder / file.name
        if not _is_there(target, file.size_bytes) and _write(target, file.name):
            copied += 1
    return copied


def _is_there(target: Path, size_bytes: int) -> bool:
    return target.exists() and target.stat().st_size == size_bytes


def _write(target: Path, name: str) -> bool:
    data = content(name)
    if data is None:  # deleted since it was listed
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + PARTIAL)
    partial.write_bytes(data)
    os.replace(partial, target)  # what was cut off is not taken for a copy
    return True


def copy_from_folder(folder: Path) -> int:
    """Stores what storage has not, under the same names; returns how many files."""
    sizes = {file.name: file.size_bytes for name in FOLDERS for file in stored_files(name)}
    copied = 0
    for source in _files_in(folder):
        name = source.relative_to(folder).as_posix()
        if sizes.get(name) != source.stat().st_size:
            replace_file(name, source.read_bytes())
            copied += 1
    return copied


def _files_in(folder: Path) -> Iterable[Path]:
    return (
        path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_file() and path.suffix != PARTIAL
    )
