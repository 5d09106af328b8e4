"""Object storage, with one session of its client library for all threads of a process.

A session takes a tenth of a second of computing to get ready, and django-storages makes one for each thread.
"""

from functools import cache
from threading import Lock
from typing import Any

import boto3
from storages.backends.s3 import S3Storage

_making = Lock()  # a session may be shared, but not by two threads at the same moment


@cache
def _session() -> Any:
    return boto3.Session()


class Bucket(S3Storage):  # type: ignore[misc]
    def _create_session(self) -> Any:
        return _session()

    @property
    def connection(self) -> Any:
        with _making:
            return super().connection
