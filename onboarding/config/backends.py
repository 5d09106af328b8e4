"""What Lapel stands on: database, broker and file storage; embedded, or services that the environment names."""

import re
from pathlib import Path
from typing import Any

from onboarding.config.environment import Environment

BUCKET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
CONNECT_SECONDS, READ_SECONDS, TRIES = 3, 10, 3  # a storage that is away must not hold a web thread for minutes


def database(env: Environment, data_dir: Path) -> dict[str, Any]:
    """PostgreSQL where DATABASE_URL names it, else a file of SQLite."""
    settings = env.database("DATABASE_URL", f"sqlite:///{data_dir / 'lapel.sqlite3'}")
    # Opening one takes each page milliseconds, of SQLite too, which reads the definitions of all tables first.
    settings["CONN_MAX_AGE"] = env.integer("DATABASE_CONN_MAX_AGE_SECONDS", 60, at_least=0)
    if settings["ENGINE"].endswith("sqlite3"):
        # Under DEFERRED two writers that both began by reading fail with "database is locked"; IMMEDIATE queues them.
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
        }
    elif settings["ENGINE"].endswith("postgresql"):
        settings["CONN_HEALTH_CHECKS"] = True
        settings["OPTIONS"] = {"connect_timeout": 5, **settings.get("OPTIONS", {})}
    return settings


def broker(env: Environment, data_dir: Path) -> tuple[str, dict[str, Any]]:
    """Celery's broker and its options: Redis where REDIS_URL names it, else a folder."""
    url = env.address("REDIS_URL", "", schemes=("redis", "rediss"), id="E005")
    if url:  # a broker that is out of reach costs an upload a few seconds, and no photo
        return url, {"socket_connect_timeout": 2, "socket_timeout": 3, "max_retries": 0}
    folders = {
        "data_folder_in": str(data_dir / "broker"),
        "data_folder_out": str(data_dir / "broker"),
        "control_folder": str(data_dir / "broker-control"),
        "polling_interval": 0.2,  # seconds until a nudge is found
    }
    return "filesystem://localhost/", folders


def broker_transport(url: str) -> str | None:
    """The transport where it is not the one that the address names."""
    return "onboarding.config.folder_broker.Transport" if url.startswith("filesystem:") else None


def cache(redis_url: str) -> dict[str, Any]:
    """Rate limits, shared by all web processes. While Redis is away nothing is limited, and every page still works."""
    if not redis_url.startswith("redis"):
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    options = {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1}
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis_url, "OPTIONS": options}


def file_storage(env: Environment, data_dir: Path) -> dict[str, Any]:
    """Photos and models: a bucket where AWS_STORAGE_BUCKET_NAME names one, else a folder."""
    bucket = env.text("AWS_STORAGE_BUCKET_NAME")
    endpoint = env.address("AWS_S3_ENDPOINT_URL", "", schemes=("https", "http"), id="E006")
    if not bucket:
        _report_settings_without_bucket(env)
        options = {"location": str(data_dir / "media"), "base_url": None}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    if not BUCKET_NAME.fullmatch(bucket):
        env.report("E006", f"AWS_STORAGE_BUCKET_NAME is no name of a bucket: {bucket!r}.", "Write the name alone.")
    if bool(env.text("AWS_ACCESS_KEY_ID")) != bool(env.text("AWS_SECRET_ACCESS_KEY")):
        hint = "Set both, or neither where the machine itself has the right to the bucket."
        env.report("E006", "Of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set.", hint)
    return {"BACKEND": "onboarding.config.bucket.Bucket", "OPTIONS": _bucket_options(env, bucket, endpoint)}


def _report_settings_without_bucket(env: Environment) -> None:
    if any(env.text(name) for name in ("AWS_S3_ENDPOINT_URL", "AWS_S3_REGION_NAME", "AWS_LOCATION")):
        hint = "Set AWS_STORAGE_BUCKET_NAME, or remove the other AWS_… settings to keep photos on this machine."
        env.report("E006", "Object storage is set, but not which bucket.", hint)


def _bucket_options(env: Environment, bucket: str, endpoint: str) -> dict[str, Any]:
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    return {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": env.text("AWS_S3_REGION_NAME") or None,
        "location": env.text("AWS_LOCATION"),
        "default_acl": None,  # as private as the bucket: Lapel itself hands photos to whoever may see them
        "file_overwrite": False,
        "transfer_config": TransferConfig(use_threads=False),  # photos are small
        "client_config": Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            s3={"addressing_style": env.text("AWS_S3_ADDRESSING_STYLE", "auto")},
            # Checksums that came later are unknown to some servers that speak S3; TLS and our own SHA-256 remain.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
