"""The browser of the harness: it reaches the site, as somebody, in a language."""

from urllib.parse import urlsplit


def test_a_guest_sees_the_page_to_log_in(page_as):
    with page_as() as page:
        page.goto("/login")
        assert page.locator("#login_email").is_visible()


def test_somebody_logged_in_sees_a_page_in_the_chosen_language(site, school, page_as):
    with page_as(school.user("anna.devries"), width=390, height=844, lang="nl") as page:
        page.goto("/me")
        assert urlsplit(page.url).path == "/me"
        assert page.evaluate("document.documentElement.lang") == "nl"
