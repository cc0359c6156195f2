"""Joining online conversations, and the page inside another site's, where somebody logs in."""

import json
from base64 import b64decode
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest
from playwright.sync_api import Error, expect

from ouderavond.evening.offering import by_course
from ouderavond.evening.online import job, joining
from tests.browser.axe import violations
from tests.browser.conftest import _cookies
from tests.browser.steps import picture
from tests.platform.live import make_live
from tests.platform.school import make_evening

PORTAL = "/ouderavond"
LINK = "https://meet.school.example/ouders-"
TEAMS = "https://teams.example"
# As Teams shows a tab.
TAB = """<!doctype html><title>Teams</title>
<iframe allow="local-network-access" src="{}" style="width: 100%; height: 700px"></iframe>"""


@pytest.fixture
def online(site):
    frappe.db.set_single_value("Ouderavond Settings", "link_template", LINK + "{room}")
    frappe.db.commit()


def _make_links():
    frappe.db.rollback()
    job.synchronise(patience=0)
    frappe.db.rollback()


def _fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_link_comes_by_itself_and_opens_a_tab_of_its_own(online, school, page_as):
    now = frappe.utils.now_datetime()
    evening = make_evening(
        school,
        procedure="Book Directly",
        dates=[{"date": (now + timedelta(days=14)).date(), "first_time": "18:30:00", "end_time": "20:00:00"}],
        booking_from=now - timedelta(days=1),
        booking_until=now + timedelta(days=7),
        mode="Online",
        meeting_provider="Link Template",
    )
    by_course.offer(evening.name)
    frappe.db.commit()
    with page_as(school.user("anna.devries"), width=390, height=844) as page:
        page.context.route("https://meet.school.example/**", lambda route: route.fulfill(body="room"))
        page.goto(PORTAL)
        page.locator(".oa-time-button[data-kind=free]").first.click()
        page.get_by_role("button", name="Reserve", exact=True).click()
        row = page.locator(".oa-mine .oa-conversation")
        expect(row).to_contain_text("Online, the link follows")
        expect(page.locator(".oa-booking .oa-booked-join").first).to_have_text("Online, the link follows")
        picture(page, "link-follows-390")
        row.locator("summary").focus()
        _make_links()
        # Without a reload, and what had the focus has it still.
        subject = row.locator(".oa-what strong").text_content()
        join = row.get_by_role("link", name=f"Join: {subject}, 18:30", exact=True)
        expect(join).to_be_visible(timeout=8000)
        expect(row.locator("summary")).to_be_focused()
        expect(page.locator(".oa-booking .oa-booked-join a").first).to_have_attribute(
            "rel", "noopener noreferrer"
        )
        assert violations(page, ".oa-portal") == [] and _fits(page)
        picture(page, "link-390")
        join.focus()
        with page.context.expect_page() as opened:
            page.keyboard.press("Enter")
        assert opened.value.url.startswith(LINK) and opened.value.evaluate("window.opener") is None
        assert page.url.endswith(PORTAL) and page.problems == []
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert _fits(page)
            picture(page, f"link-{width}")
        page.emulate_media(media="print")
        expect(row.locator(".oa-join-print")).to_contain_text(LINK)


@pytest.fixture
def microsoft(site):
    doc = frappe.new_doc("Social Login Key")
    doc.get_social_login_provider("Office 365", initialize=True)
    doc.update({"enable_social_login": 1, "client_id": "client-1", "client_secret": "secret"})
    doc.insert(ignore_permissions=True)
    frappe.db.commit()
    yield
    frappe.delete_doc("Social Login Key", doc.name, force=True)
    frappe.db.commit()


def _name_origins(text):
    frappe.db.set_single_value("Ouderavond Settings", "frame_origins", text)
    frappe.db.commit()


@pytest.fixture
def live(online, school):
    """Jan meets online now."""
    made = make_live(school)
    frappe.db.set_value("Parent Evening", made.evening, "meeting_provider", "Link Template")
    frappe.db.set_value("Evening Booking", {"evening": made.evening}, {"mode": "Online"})
    frappe.db.commit()
    frappe.clear_document_cache("Parent Evening", made.evening)
    _make_links()
    return made


def test_an_instructor_joins_with_a_large_button_and_logs_in_inside_a_site_that_is_named(
    live, school, web, page_as, microsoft
):
    user = school.user("jan")
    _joins(page_as, user)
    _name_origins(TEAMS)
    with page_as(None, width=1280, height=800) as page:
        page.context.route(
            f"{TEAMS}/**",
            lambda route: route.fulfill(body=TAB.format(web.url + PORTAL), content_type="text/html"),
        )

        def log_in(route):
            """Microsoft asks who it is, and sends the browser back; the platform then sets its cookie."""
            state = json.loads(b64decode(parse_qs(urlsplit(route.request.url).query)["state"][0]))
            page.context.add_cookies(_cookies(web, {}, user))
            route.fulfill(status=302, headers={"Location": web.url + state["redirect_to"]})

        page.context.route("https://login.microsoftonline.com/**", log_in)
        # The test's own server is on this machine, which not every page of the web may reach.
        with suppress(Error):
            page.context.grant_permissions(["local-network-access"], origin=TEAMS)
        page.goto(f"{TEAMS}/tab")
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="Parent Evenings")).to_be_visible()
        expect(frame.get_by_role("link", name="Open in a New Window")).to_have_attribute(
            "rel", "noopener noreferrer"
        )
        picture(page, "frame-card")
        with page.context.expect_page() as opened:
            frame.get_by_role("button", name="Log In with Office 365").click()
        expect(frame.locator(f'.oa-sitting[data-evening="{live.evening}"]')).to_be_visible(timeout=15000)
        assert opened.value.is_closed() or opened.value.wait_for_event("close")
        expect(frame.locator(".navbar")).to_be_hidden()
        # What is done in the frame arrives.
        frame.locator(f'[data-booking="{live.now}"]').get_by_role("button", name="Started").click()
        expect(frame.locator(".oa-i-live")).to_contain_text("minutes late")
        picture(page, "frame-known")
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies(web.url)}
        assert cookies["sid"]["sameSite"] == "Lax"
        frame.get_by_role("button", name="Log Out Here").click()
        expect(frame.get_by_role("button", name="Log In with Office 365")).to_be_visible()

        _name_origins("https://other.example")
        page.goto(f"{TEAMS}/tab")
        page.wait_for_timeout(500)
        refused = page.frames[1]
        assert not refused.url.startswith(web.url) or "Parent Evenings" not in refused.content()
    _name_origins("")


def _joins(page_as, user):
    with page_as(user, width=390, height=844) as page:
        page.goto(PORTAL)
        row = page.locator(".oa-i-next")
        join = row.get_by_role("link", name="Join: ")
        assert join.get_attribute("href") == joining.of([row.get_attribute("data-booking")]).popitem()[1].link
        box, others = join.bounding_box(), page.locator(".oa-i-conversation:not(.oa-i-next) .oa-join").first
        assert box["height"] >= 56 and box["width"] > 200 and others.bounding_box()["height"] < 50
        assert violations(page, ".oa-sitting") == [] and _fits(page) and page.problems == []
        row.scroll_into_view_if_needed()
        picture(page, "link-instructor-390")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert _fits(page)
            picture(page, f"link-instructor-{width}")
