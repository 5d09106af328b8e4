"""All addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from catalog.views.shops import home
from onboarding.views.styleguide import styleguide
from onboarding.views.words import script_words

handler400 = "onboarding.views.refusals.bad_request"

urlpatterns = [
    path("", home, name="home"),
    path("", include("catalog.urls")),
    path("", include("onboarding.urls")),
    path("words/<slug:language>-<slug:edition>.js", script_words, name="script_words"),
    path("language/", set_language, name="set_language"),
    path("api/v1/", include("onboarding.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
