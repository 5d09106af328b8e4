"""All addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from catalog.views.shops import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("catalog.urls")),
    path("", include("onboarding.urls")),
    path("words.js", JavaScriptCatalog.as_view(), name="javascript_catalog"),
    path("api/v1/", include("onboarding.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
