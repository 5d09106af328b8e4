"""All components of the pages on one sheet, for those who build pages: there with DEBUG alone."""

import re
from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onboarding.evidence.comparison import Verdict

STATIC: Final = Path(settings.BASE_DIR, "static")
BUTTONS: Final = ("", "button-primary", "button-danger", "button-quiet", "button-quiet is-danger")
BANDS: Final = (("sure", "check"), ("check", "eye"), ("unsure", "question"), ("none", "empty"), ("person", "person"))

PRODUCT_STATES: Final = (
    ("", "As it is"),
    ("is-checked", "Chosen"),
    ("is-over", "Another one above it"),
)
FILE_STATES: Final = (
    ("preparing", "clock", "Being made smaller", ""),
    ("chosen", "clock", "Ready to send", ""),
    ("waiting", "clock", "Waiting", ""),
    ("sending", "clock", "Sending", ""),
    ("stored", "clock", "Being tagged", ""),
    ("ready", "check", "Ready", ""),
    ("untagged", "warning", "No suggestions", ""),
    ("problem", "warning", "Problem", "The file is not a picture; send photos as JPEG, PNG or WebP."),
)


class ExampleForm(forms.Form):
    """One field of each kind; what is entered is refused here and there."""

    name = forms.CharField(help_text="A sentence helps.")
    email = forms.EmailField(label="E-mail address")
    country = forms.ChoiceField(choices=[("IN", "India"), ("MX", "Mexico")])
    text = forms.CharField(label="Description", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="Agreed", required=False)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    tokens = re.findall(r"^  (--[\w-]+):", _root(), re.MULTILINE)
    scales = ("--text", "--space", "--font", "--radius", "--touch", "--tabbar", "--shadow")
    context: dict[str, Any] = {
        "palette": [name for name in tokens if not name.startswith(scales)],
        "type_scale": [name for name in tokens if name.startswith("--text")],
        "spaces": [name for name in tokens if name.startswith("--space")],
        "icons": re.findall(r'<symbol id="([^"]+)"', (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")),
        "buttons": BUTTONS,
        "bands": BANDS,
        "levels": ("success", "info", "warning", "error"),
        "steps": (("upload", "Upload"), ("review", "Check"), ("download", "Download")),
        "product_states": PRODUCT_STATES,
        "options": ("The one chosen", "Another"),
        "file_states": FILE_STATES,
        "verdicts": list(Verdict),
        "one_error": ["Choose one of the values."],
        "form": ExampleForm({"name": "", "email": "asha@", "country": "IN", "text": "Blue, of cotton."}),
    }
    return render(request, "styleguide.html", context)


def _root() -> str:
    """The tokens of light pages."""
    return (STATIC / "css" / "tokens.css").read_text(encoding="utf-8").partition("@media")[0]
