"""E-mails in the clothes of the pages: what is sent as plain text goes out as HTML beside it."""

import re
from collections.abc import Iterator
from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

TEMPLATE: Final = "email/letter.html"
LINK: Final = re.compile(r"https?://\S+")
CODE: Final = re.compile(r"[A-Z0-9-]{4,12}")


def with_html(message: EmailMultiAlternatives) -> EmailMultiAlternatives:
    """The same message with its text as HTML added, in the language in force."""
    context = {"subject": message.subject, "parts": list(_parts(str(message.body)))}
    message.attach_alternative(render_to_string(TEMPLATE, context), "text/html")
    return message


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Paragraphs; a link or a code that stands alone is one of its own kind."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        alone = paragraph.strip()
        kind = "link" if LINK.fullmatch(alone) else "code" if CODE.fullmatch(alone) else "text"
        yield kind, alone
