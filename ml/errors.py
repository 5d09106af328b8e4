"""The errors that `ml` raises for bad input: each message is one sentence for the person at the keyboard."""


class MlError(Exception):
    """Base of all errors below."""


class DataError(MlError):
    """A data folder or a label file cannot be used; the message names file and line."""


class ArtifactError(MlError):
    """A model artifact is missing, incomplete, altered or of another format."""


class ProcessLost(MlError):
    """Another process of the same training ended before it was done."""


class UnreadablePicture(MlError):
    """A picture cannot be read: `code` for programs, `reason` (one sentence) for people.

    Codes: `empty`, `missing`, `not_an_image`, `too_many_pixels`, `truncated`, `broken`.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
