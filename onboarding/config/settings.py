"""Settings. The environment (or a `.env` file) switches; every default works with nothing installed.

`.env.example` lists what can be set. `make run` copies it to `.env` on its first run. What is set wrongly ends the
start with the sentences of the system checks (`checks.py`).
"""

import os
from datetime import timedelta
from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

from onboarding.config import backends, logs
from onboarding.config.environment import Environment
from onboarding.config.languages import languages_in

django_stubs_ext.monkeypatch()  # generic forms and admins, as the types have them

BASE_DIR = Path(__file__).resolve().parents[2]

env = Environment(BASE_DIR / ".env")
SETTINGS_PROBLEMS = env.problems  # what the reading below finds; the checks report it

# --- Safety -------------------------------------------------------------------------------------------------------

DEVELOPMENT_KEY = "only-for-development"

DEBUG = env.boolean("DEBUG", default=False)
HAS_SECRET_KEY = DEBUG or bool(env.text("SECRET_KEY"))  # without one the checks let nothing start
SECRET_KEY = env.text("SECRET_KEY", default=DEVELOPMENT_KEY if DEBUG else get_random_secret_key())

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default=[])

SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=not DEBUG)
# How many proxies of the operator's stand in front. What they say is believed, and nobody else: rate limits count by
# address, and without this all visitors would share the proxy's.
BEHIND_TLS_PROXY = env.boolean("BEHIND_TLS_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", default=1, at_least=1) if BEHIND_TLS_PROXY else 0
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", default=0 if DEBUG else 365 * 24 * 3600, at_least=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_NAME = "sessionid" if DEBUG else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEBUG else "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"  # as the other two have it by default
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "onboarding.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Apps ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "onboarding.apps.OnboardingConfig",
    "catalog.apps.CatalogConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "rest_framework",
    "knox",
    "drf_spectacular",
]

MIDDLEWARE = [
    "onboarding.config.middleware.Probes",
    "onboarding.config.middleware.RequestIds",
    "onboarding.config.middleware.RequestMetrics",
    "onboarding.api.middleware.JsonErrors",
    "django.middleware.security.SecurityMiddleware",
    "onboarding.config.middleware.CompressedText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onboarding.config.middleware.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "onboarding.config.middleware.NotAllowedPage",
    *(["onboarding.config.middleware.OwnNotFoundPage"] if DEBUG else []),
]

ROOT_URLCONF = "onboarding.config.urls"
WSGI_APPLICATION = "onboarding.config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.navigation.current_shop",
            ],
        },
    },
]

# --- Data: database, files, broker --------------------------------------------------------------------------------

DATA_DIR = Path(env.text("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

DATABASES = {"default": backends.database(env, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES = {
    "default": backends.file_storage(env, DATA_DIR),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
STATIC_URL = "static/"
STATIC_ROOT = None if DEBUG else BASE_DIR / "staticfiles"  # with DEBUG they are served from where they are
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG

# Read by gunicorn.conf.py. Threads wait for the database and the storage, processes decode photos side by side.
WEB_PROCESSES = env.integer("WEB_PROCESSES", default=1, at_least=1)
WEB_THREADS = env.integer("WEB_THREADS", default=8, at_least=1)

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = backends.broker(env, DATA_DIR)
CELERY_BROKER_TRANSPORT = backends.broker_transport(CELERY_BROKER_URL)
# The database is the queue, so a message may be lost, late or doubled: nothing here needs results or redelivery.
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_POOL = "solo"  # one process per GPU; forking after CUDA or BLAS has started breaks both
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a worker tags meanwhile

CACHES = {"default": backends.cache(CELERY_BROKER_URL)}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# --- Tagging ------------------------------------------------------------------------------------------------------

DEFAULT_ARTIFACT_DIR = BASE_DIR / "ml" / "artifacts" / "default"
ARTIFACT_CACHE_DIR = DATA_DIR / "artifact-cache"
# What computes the network: by default ONNX Runtime on a CPU, PyTorch on a GPU or where the first is missing.
TAGGING_ENGINE = env.pattern("TAGGING_ENGINE", "auto", pattern="auto|onnx|torch|compiled", example="torch")
TAGGING_BATCH_SIZE = env.integer("TAGGING_BATCH_SIZE", default=32, at_least=1)
TAGGING_BATCH_SECONDS = env.number("TAGGING_BATCH_SECONDS", default=0.25, at_least=0.01)
# Of one host, at once; a pile leaves the other workers to whoever waits for a few photos.
TAGGING_PILE_WORKERS = env.integer("TAGGING_PILE_WORKERS", default=os.cpu_count() or 1, at_least=1)
TAGGING_LEASE_SECONDS = env.integer("TAGGING_LEASE_SECONDS", default=30, at_least=5)
TAGGING_POLL_SECONDS = env.number("TAGGING_POLL_SECONDS", default=2.0, at_least=0.1)
TAGGING_MAX_ATTEMPTS = 3
TAGGING_STALLED_SECONDS = env.number("TAGGING_STALLED_SECONDS", default=300, at_least=1)
WORKER_HEARTBEAT_FILE = Path(env.text("WORKER_HEARTBEAT_FILE", default=str(DATA_DIR / "worker-heartbeat")))
WORKER_METRICS_PORT = env.integer("WORKER_METRICS_PORT", default=0, at_least=0)  # 0: no page of the worker's own
WORKER_MAX_RSS_BYTES = env.integer("WORKER_MAX_RSS_MB", default=3000, at_least=1) * 1024 * 1024

# --- Watching it --------------------------------------------------------------------------------------------------

METRICS_TOKEN = env.text("METRICS_TOKEN")  # without one there is no /metrics

# --- Evidence -----------------------------------------------------------------------------------------------------

# Data folders of the report sets, whose pictures are not shipped: with them the staff see what a model got wrong.
EVALUATION_PICTURES = env.words("EVALUATION_PICTURES", default=[])

# --- Uploads ------------------------------------------------------------------------------------------------------

SHOP_MAX_PHOTOS = env.integer("SHOP_MAX_PHOTOS", default=20_000, at_least=1)  # where the admin sets no other
UPLOAD_MAX_PHOTOS = 200  # per request; the page's script sends larger piles in several requests
# Django counts every file, so its own guard stands above ours: ours answers with a sentence, Django's with a bare 400.
DATA_UPLOAD_MAX_NUMBER_FILES = 5 * UPLOAD_MAX_PHOTOS

# --- People -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "onboarding.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "onboarding.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = env.pattern(
    "ACCOUNT_EMAIL_VERIFICATION", default="optional", pattern="optional|mandatory|none", example="mandatory"
)
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Lapel] "
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
ACCOUNT_SESSION_REMEMBER = True

vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="Lapel <no-reply@localhost>")

# --- API ----------------------------------------------------------------------------------------------------------

# Per person, or per address of a visitor.
API_RATE = env.pattern("API_RATE", "600/minute", pattern=r"[1-9]\d*/(second|minute|hour|day)", example="600/minute")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "onboarding.api.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["onboarding.api.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "onboarding.api.negotiation.OneFormat",
    "DEFAULT_PAGINATION_CLASS": "onboarding.api.pagination.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": API_RATE},
    # Visitors are counted by address, which must not be theirs to choose.
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "EXCEPTION_HANDLER": "onboarding.api.errors.answer_error",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lapel",
    "OAS_VERSION": "3.1.0",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ListingState": "catalog.models.Listing.State",
        "ModelVersionState": "onboarding.models.ModelVersion.State",
        "PhotoState": "onboarding.api.serializers.uploads.PROGRESS",
        "TagField": "catalog.models.TagField",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "onboarding.api.schema.add_errors",
        "onboarding.api.schema.close_requests",
    ],
}
KNOX_TOKEN_MODEL = "onboarding.ApiToken"  # noqa: S105 (the name of a model)
MIGRATION_MODULES = {"knox": None}  # its own table of tokens, without names, is not used
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=90)}
API_TOKENS_PER_PERSON = 20
IDEMPOTENCY_KEYS_KEPT = timedelta(days=1)
LABEL_IMPORT_MAX_ROWS = 300  # per request: one transaction decides them all, and nobody else writes meanwhile

# --- Language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = languages_in(BASE_DIR / "locale")
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Logs ---------------------------------------------------------------------------------------------------------

LOGGING = logs.configuration(
    level=env.pattern("LOG_LEVEL", "INFO", pattern=logs.LEVELS, example="WARNING"),
    format=env.pattern("LOG_FORMAT", "text", pattern=logs.FORMATS, example="json"),
)
