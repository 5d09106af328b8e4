"""`python -m tests.services COMMAND…`: runs the command on PostgreSQL, Redis and object storage of its own.

Where a program is missing, that is said and nothing runs; with REQUIRE_SERVICES=1 it is a failure.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.services.binaries import look_for, services_are_required
from tests.services.object_storage import ObjectStorage
from tests.services.postgresql import PostgreSQL, installed
from tests.services.redis import Redis

PROGRAMS = {"PostgreSQL": ("postgres", *installed("postgres")), "Redis": ("redis-server",)}


def main(command: list[str]) -> int:
    if missing := [name for name, programs in PROGRAMS.items() if look_for(*programs) is None]:
        print(f"Not run, as {' and '.join(missing)} is not installed: {' '.join(command)}", file=sys.stderr)
        return 1 if services_are_required() else 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lapel-services-")))
        folder.chmod(0o755)  # PostgreSQL may run as somebody else
        postgresql = stack.enter_context(PostgreSQL(folder / "postgresql"))
        redis = stack.enter_context(Redis(folder / "redis"))
        storage = stack.enter_context(ObjectStorage(folder / "objects"))
        services = {
            "LAPEL_TEST_SERVICES": "1",
            "DATABASE_URL": postgresql.create("lapel"),
            "REDIS_URL": redis.url(),
            **storage.environment(),
        }
        return subprocess.run(command, env={**os.environ, **services}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
