"""E-mails: plain, and as HTML beside it, with nothing in it that could run or load anything."""

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import override

from catalog.letters import with_html

LINK = "https://shop.example.com/accounts/password/reset/key/1-abc/"


def html_of(text: str, subject: str = "A subject") -> str:
    message = with_html(EmailMultiAlternatives(subject, text, "lapel@example.com", ["seller@example.com"]))
    assert message.body == text
    [(content, kind)] = [(each.content, each.mimetype) for each in message.alternatives]
    assert kind == "text/html"
    return str(content)


def test_a_link_that_stands_alone_is_a_button_and_can_be_copied() -> None:
    html = html_of(f"Choose a new password:\n\n{LINK}\n\nIf it was not you, do nothing.\n")
    assert html.count(f'href="{LINK}"') == 1
    assert f">{LINK}</p>" in html
    assert "If it was not you, do nothing." in html


def test_a_link_within_a_sentence_stays_text() -> None:
    assert "href" not in html_of(f"Look at {LINK} now.")


def test_what_people_typed_cannot_become_markup() -> None:
    html = html_of("You are invited to <script>alert(1)</script> & Sons.", subject="<b>Join</b>")
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html


def test_it_is_written_in_the_readers_direction() -> None:
    with override("ar"):
        assert '<html lang="ar" dir="rtl">' in html_of("مرحبا")
    assert '<html lang="en" dir="ltr">' in html_of("Hello")
