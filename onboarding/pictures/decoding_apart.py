"""Decoding in a process of its own, where it may run out of memory or time, or crash, and nothing else does.

libheif and libde265, which decode HEIC, have had dozens of memory errors mended in a year. So the web process never
loads them: `heic_child` has no secrets in its environment, opens no file and no connection, and ends at its limits.
"""

import logging
import os
import subprocess
import sys
from typing import Final

from PIL import Image

from onboarding.pictures.container import Container

log = logging.getLogger(__name__)

CANNOT_DECODE: Final = 3
"""The child's exit status for a picture that its decoder refuses; every other but 0 is a child that died."""
_PATIENCE_SECONDS: Final = 60.0
"""On a busy machine the child's own limit, of processor time, takes longer."""
_SAID_BYTES: Final = 2_000


def shrunk_apart(container: Container, *, longest_side: int) -> Image.Image:
    """What `decoding.shrunk` does. Raises `ChildProcessError` where the decoder refuses the picture or dies of it."""
    command = [sys.executable, "-m", "onboarding.pictures.heic_child"]
    task = (container.width, container.height, longest_side)
    done = subprocess.run(  # noqa: S603 (numbers only)
        [*command, *map(str, task)],
        input=container.pixels,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=_PATIENCE_SECONDS,
    )
    said = done.stderr[-_SAID_BYTES:].decode(errors="replace")
    if done.returncode not in (0, CANNOT_DECODE):
        log.warning("The HEIC decoder died with status %s: %s", done.returncode, said)
    if done.returncode:
        raise ChildProcessError(said)
    head, _, pixels = done.stdout.partition(b"\n")
    mode, width, height = head.decode().split()
    return Image.frombytes(mode, (int(width), int(height)), pixels)
