"""Start-up checks: what is set wrongly is said in one sentence before anything runs."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

DEVELOPMENT_KEY = "only-for-development"


@register(deploy=True)
def check_secret_key(**_kwargs: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY != DEVELOPMENT_KEY:
        return []
    hint = "Set SECRET_KEY to a long random value in the environment."
    return [Error("SECRET_KEY is the one for development.", hint=hint, id="lapel.E001")]


@register()
def check_lease(**_kwargs: Any) -> list[CheckMessage]:
    if settings.TAGGING_LEASE_SECONDS >= 5 and settings.TAGGING_BATCH_SIZE >= 1:
        return []
    hint = "Take at least 5 seconds and batches of at least 1."
    return [Error("TAGGING_LEASE_SECONDS or TAGGING_BATCH_SIZE is too small.", hint=hint, id="lapel.E002")]


@register(deploy=True)
def check_broker(**_kwargs: Any) -> list[CheckMessage]:
    """The file broker serves one machine; photos are tagged without it too, only later."""
    if not settings.BROKER_IS_A_FOLDER:
        return []
    hint = "Set REDIS_URL when web server and workers run on several machines."
    return [Warning("The broker is a folder on this machine.", hint=hint, id="lapel.W001")]
