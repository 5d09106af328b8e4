"""One uploaded file becomes a clean picture in three sizes, or a refusal with one sentence for the seller.

Which room does what, in the order in which a file passes through:

| module | does |
|---|---|
| `preparing` | reads and hashes the file, and calls the others |
| `formats` | tells by the first bytes what the file is |
| `jpeg`, `png`, `webp`, `heic` | take it apart into a `container`: size, metadata, a copy with nothing but pixels |
| `limits` | judges it by its header, before anything is decoded |
| `metadata` | which way is up, and whether the file tells where the photo was taken |
| `decoding` | decodes once, upright, in sRGB, no larger than the master |
| `decoding_apart` | does so for HEIC, in a process of its own |

No database, no storage, no global state: safe to call from several threads at once.
"""

from onboarding.pictures.formats import READS_HEIC
from onboarding.pictures.limits import PictureLimits
from onboarding.pictures.preparing import PreparedPicture, prepare_picture
from onboarding.pictures.refusals import PictureRefused, RefusalReason

__all__ = ["READS_HEIC", "PictureLimits", "PictureRefused", "PreparedPicture", "RefusalReason", "prepare_picture"]
