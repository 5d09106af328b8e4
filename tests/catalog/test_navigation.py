"""What the header knows: the person's shops, the one in view, and how much waits for review."""

import re
from typing import Any

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory

from catalog.models import Membership
from catalog.navigation import SESSION_KEY, current_shop, remember_shop
from onboarding.models import User
from tests.conftest import Cast, make_listing, make_shop, make_user

EVERYTHING = "{{ nav_shop.name }}|{% for shop in nav_shops %}{{ shop.name }},{% endfor %}|{{ nav_to_review }}"


def request_of(user: User, **session: Any) -> Any:
    request = RequestFactory().get("/")
    request.user, request.session = user, session  # type: ignore[assignment]
    return request


def shown(user: User, **session: Any) -> str:
    request = request_of(user, **session)
    return Template(EVERYTHING).render(RequestContext(request, current_shop(request)))


def test_a_visitor_has_no_shop(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        context = cast.browser().get("/accounts/login/").context
    assert (context["nav_shop"], context["nav_shops"], context["nav_to_review"]) == (None, [], 0)


def test_the_header_shows_the_shop_that_was_looked_at_last(cast: Cast) -> None:
    second = make_shop(cast.seller, "A second shop")
    assert shown(cast.seller, **{SESSION_KEY: cast.shop.pk}).startswith("Asha&#x27;s Boutique|")
    assert shown(cast.seller, **{SESSION_KEY: second.pk}).startswith("A second shop|")


def test_without_a_choice_the_first_by_name_is_shown(cast: Cast) -> None:
    make_shop(cast.seller, "A second shop")
    assert shown(cast.seller) == "A second shop|A second shop,Asha&#x27;s Boutique,|0"


@pytest.mark.parametrize("chosen", ["left", "foreign", 0, 10**20, "x", None])
def test_a_shop_one_does_not_work_in_any_more_is_not_shown(cast: Cast, chosen: object) -> None:
    left = make_shop(cast.stranger, "Left behind")
    Membership.objects.create(shop=left, user=cast.seller).delete()
    keys = {"left": left.pk, "foreign": cast.strangers_shop.pk}
    assert shown(cast.seller, **{SESSION_KEY: keys.get(str(chosen), chosen)}).startswith("Asha&#x27;s Boutique|")


def test_what_waits_for_review_is_counted_in_the_shop_in_view(cast: Cast) -> None:
    for state in ("draft", "draft", "confirmed"):
        make_listing(cast.shop, photos=0, state=state)
    make_listing(make_shop(cast.seller, "Z"), photos=0)
    make_listing(cast.strangers_shop, photos=0)
    assert shown(cast.seller).endswith("|2")


def test_somebody_without_a_shop_sees_none(cast: Cast) -> None:
    assert shown(make_user("new@example.com")) == "||0"


def test_a_fragment_that_shows_no_header_costs_no_query(cast: Cast, django_assert_num_queries: Any) -> None:
    request = request_of(cast.seller)
    with django_assert_num_queries(0):
        assert Template("fragment").render(RequestContext(request, current_shop(request))) == "fragment"
    with django_assert_num_queries(2):
        shown(cast.seller)


def test_looking_at_the_same_shop_again_writes_no_session(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    browser.get(f"/shops/{cast.shop.pk}/listings/")
    assert browser.session[SESSION_KEY] == cast.shop.pk
    session = browser.session
    session.modified = False
    request = RequestFactory().get("/")
    request.session = session
    remember_shop(request, cast.shop)
    assert session.modified is False


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("upload/", "Upload"),
        ("review/", "Review"),
        ("review/grid/", "Review"),
        ("listings/", "Catalogue"),
        ("arrange/", "Catalogue"),
        ("look-alikes/", "Catalogue"),
        ("members/", "Shop"),
    ],
)
def test_the_bar_below_says_in_which_part_of_the_shop_one_is(cast: Cast, path: str, section: str) -> None:
    page = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/{path}").content.decode()
    bar = page[page.index('<nav class="tabbar"') :]
    assert re.findall(r'aria-current="page".*?</svg>\s*<span>(\w+)', bar[: bar.index("</nav>")], re.DOTALL) == [section]


def test_a_page_that_is_not_there_is_in_no_part_of_the_shop(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    browser.get(f"/shops/{cast.shop.pk}/listings/")
    page = browser.get("/nowhere/").content.decode()
    assert '<nav class="tabbar"' in page
    assert 'aria-current="page"' not in page
