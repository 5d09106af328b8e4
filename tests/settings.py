"""Settings for tests: embedded parts in a folder of this run's own, cheap password hashes, real everything else."""

import os
import tempfile

os.environ["DEBUG"] = "0"
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ["DATA_DIR"] = os.environ.get("LAPEL_TEST_DATA_DIR") or tempfile.mkdtemp(prefix="lapel-tests-")
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["SECURE_SSL_REDIRECT"] = "0"
os.environ["EMAIL_URL"] = "memorymail://"

from onboarding.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
