"""The process that decodes one HEIC picture: `python -m onboarding.pictures.heic_child WIDTH HEIGHT LONGEST_SIDE`.

Takes the file from standard input. Writes a line with mode, width and height to standard output, and then the pixels.
"""

import resource
import sys
from typing import Final

from PIL import Image

from onboarding.pictures.container import Container
from onboarding.pictures.decoding import shrunk
from onboarding.pictures.decoding_apart import CANNOT_DECODE

_MAX_ADDRESS_SPACE_BYTES: Final = 1024**3
_MAX_PROCESSOR_SECONDS: Final = 10


def main(width: int, height: int, longest_side: int) -> None:
    import pillow_heif  # an extra; and no other process is to load it

    data = sys.stdin.buffer.read()
    container = Container(format="HEIF", width=width, height=height, pixels=data, is_complete=True)
    Image.preinit()  # what would be imported later cannot be opened then
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
    confine()
    try:
        picture = shrunk(container, longest_side=longest_side)
    except Exception as error:  # decoders raise anything at all on hostile bytes
        sys.stderr.write(repr(error))
        sys.exit(CANNOT_DECODE)
    sys.stdout.buffer.write(f"{picture.mode} {picture.width} {picture.height}\n".encode())
    sys.stdout.buffer.write(picture.tobytes())


def confine() -> None:
    """No more memory and time than a picture within the limits takes; no new file, no connection."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_ADDRESS_SPACE_BYTES, _MAX_ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_PROCESSOR_SECONDS, _MAX_PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # standard input, output and error
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
