"""Settings for tests: embedded parts in a folder of this run's own, or the services that `python -m tests.services`
has started; cheap password hashes, real everything else.
"""

import os
import tempfile

ON_SERVICES = os.environ.get("LAPEL_TEST_SERVICES") == "1"

os.environ["ENV_FILE"] = os.devnull  # not what `make run` has put into .env
os.environ["DEBUG"] = "0"
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ["DATA_DIR"] = os.environ.get("LAPEL_TEST_DATA_DIR") or tempfile.mkdtemp(prefix="lapel-tests-")
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["SECURE_SSL_REDIRECT"] = "0"
os.environ["EMAIL_URL"] = "memorymail://"
# Tests run side by side, and tiny networks lose time to thread switches.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("TAGGING_ENGINE", "torch")  # the other exports each tiny network first, for seconds
if not ON_SERVICES and "LAPEL_TEST_DATA_DIR" not in os.environ:  # whatever the developer's own environment names
    for name in ("DATABASE_URL", "REDIS_URL", "AWS_STORAGE_BUCKET_NAME"):
        os.environ[name] = ""

from onboarding.config.settings import *  # noqa: E402, F403 (they read the environment)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None
# Static files from where they are, and looked for when a browser asks: each test client would list them all anew.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests that run side by side must not count towards each other's rate limits, nor clear them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
