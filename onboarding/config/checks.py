"""Start-up checks: what is set wrongly is said in one sentence, and nothing starts.

`manage.py` runs the system checks before its commands; `refuse_to_start` does the same for web server and worker.
"""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Warning, register, run_checks

EXIT_STATUS = 3  # gunicorn ends with it too, instead of starting the web process again and again


@register()
def check_environment(**_kwargs: Any) -> list[CheckMessage]:
    """What could not be read: each value has an id of its kind, lapel.E002 to E010."""
    return [Error(each.sentence, hint=each.hint, id=each.id) for each in settings.SETTINGS_PROBLEMS]


@register()
def check_secret_key(**_kwargs: Any) -> list[CheckMessage]:
    hint = "Set SECRET_KEY to a long random value in the environment, or DEBUG=1 on your own machine."
    if not settings.HAS_SECRET_KEY:
        return [Error("SECRET_KEY is not set.", hint=hint, id="lapel.E001")]
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY and not settings.DEBUG:
        return [Error("SECRET_KEY is the one for development.", hint=hint, id="lapel.E001")]
    return []


@register()
def check_hosts(**_kwargs: Any) -> list[CheckMessage]:
    if settings.ALLOWED_HOSTS:
        return []
    hint = "Set ALLOWED_HOSTS to the names of the site, with commas between them, or DEBUG=1 on your own machine."
    return [Error("ALLOWED_HOSTS is not set: every request would be refused.", hint=hint, id="lapel.E007")]


@register()
def check_proxies(**_kwargs: Any) -> list[CheckMessage]:
    """A count of proxies without the switch would be overlooked: visitors would all share one address."""
    if settings.BEHIND_TLS_PROXY or not os.environ.get("TRUSTED_PROXY_COUNT"):
        return []
    hint = "Set BEHIND_TLS_PROXY=1 if a proxy of yours sets X-Forwarded-Proto and X-Forwarded-For."
    return [Error("TRUSTED_PROXY_COUNT is set, but not BEHIND_TLS_PROXY.", hint=hint, id="lapel.E008")]


@register()
def check_data_dir(**_kwargs: Any) -> list[CheckMessage]:
    """The nearest folder that exists has to be writable: the rest is made when it is needed."""
    folder: Path = settings.DATA_DIR
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return []
    hint = "Set DATA_DIR to a folder that Lapel may write to, or give it the right to write there."
    return [Error(f"Nothing can be written to DATA_DIR, {folder}.", hint=hint, id="lapel.E011")]


@register(deploy=True)
def check_broker(**_kwargs: Any) -> list[CheckMessage]:
    """The file broker serves one machine; photos are tagged without it too, only later."""
    if not settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return []
    hint = "Set REDIS_URL when web server and workers run on several machines."
    return [Warning("The broker is a folder on this machine.", hint=hint, id="lapel.W001")]


def refuse_to_start() -> None:
    """Ends the process if a check finds an error, with a sentence for each."""
    errors = [each for each in run_checks() if each.is_serious(ERROR)]
    if errors:
        sentences = [f"Lapel does not start. {each.msg} {each.hint or ''} ({each.id})" for each in errors]
        print("\n".join(sentences), file=sys.stderr, flush=True)
        raise SystemExit(EXIT_STATUS)
