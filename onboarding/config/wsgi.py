"""WSGI entry point, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from onboarding.config.checks import refuse_to_start
from onboarding.config.request_bodies import whole_bodies_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.config.settings")

application = whole_bodies_only(get_wsgi_application())
refuse_to_start()
