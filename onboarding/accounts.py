"""How allauth, which signs people in, writes to them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMultiAlternatives

from catalog.letters import with_html


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # without types
    """Its e-mails go out plain, and in the clothes of the pages."""

    def render_mail(
        self, template_prefix: str, email: Any, context: Any, headers: Any = None
    ) -> EmailMultiAlternatives:
        return with_html(super().render_mail(template_prefix, email, context, headers))
