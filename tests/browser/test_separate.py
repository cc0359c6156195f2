"""Guardians who attend separately and their child, each with a page of their own, on a phone."""

from contextlib import contextmanager
from datetime import timedelta

import frappe
from playwright.sync_api import expect

from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import PATIENCE, picture
from tests.platform.school import make_evening, mark_separated

PHONE = {"width": 390, "height": 844}


@contextmanager
def _open(page_as, user: str, view: str):
    with page_as(user, **PHONE) as page:
        page.set_default_timeout(PATIENCE)
        page.add_init_script(f"localStorage.setItem('oa-booking-view', '{view}')")
        page.goto("/ouderavond")
        expect(page.locator(".oa-tabs")).to_be_attached(timeout=PATIENCE)
        yield page
        assert violations(page, ".oa-booking") == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.problems == []


def _reserve(page) -> None:
    page.get_by_role("button", name="Reserve", exact=True).click()
    expect(page.locator(".oa-booking-status")).to_have_attribute("data-kind", "done", timeout=PATIENCE)


def test_each_sees_and_books_only_their_own(site, school, page_as):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    now = frappe.utils.now_datetime()
    day = (now + timedelta(days=14)).date()
    evening = make_evening(
        school,
        procedure="Book Directly",
        contact_with="Guardians and Students",
        student_attends="Must",
        separated_guardians="Attend separately where marked",
        dates=[{"date": day, "first_time": "18:30:00", "end_time": "20:00:00"}],
        booking_from=now - timedelta(days=1),
        booking_until=now + timedelta(days=7),
        participants=[{"participant_type": "Student Group", "participant": school.group["bk1a"]}],
    )
    by_course.offer(evening.name)
    frappe.db.commit()

    with _open(page_as, school.user("carla.bakker"), "list") as page:
        page.get_by_role("button", name="18:50, Engels, free", exact=True).click()
        _reserve(page)
        expect(page.get_by_role("button", name="18:50, Engels, free", exact=True)).to_have_count(0)

    with _open(page_as, school.user("dirk.bakker"), "table") as page:
        for subject in ("Biologie", "Engels", "Nederlands", "Wiskunde"):
            name = f"18:50, {subject}, Not available"
            expect(page.get_by_role("gridcell", name=name, exact=True)).to_be_attached()
        for state in ("Others", "Mine", "booked for"):
            expect(page.get_by_role("gridcell", name=state)).to_have_count(0)
        assert "Carla" not in page.content()
        page.get_by_role("gridcell", name="19:10, Nederlands, free", exact=True).click()
        _reserve(page)
        picture(page, "separate-dirk")

    # The child attends with both, and has one conversation alone.
    with _open(page_as, school.user("s04"), "table") as page:
        for name in ("18:50, Engels, Mine", "19:10, Nederlands, Mine"):
            expect(page.get_by_role("gridcell", name=name, exact=True)).to_be_attached()
        page.get_by_role("gridcell", name="19:30, Wiskunde, free", exact=True).click()
        _reserve(page)
        booked = page.get_by_role("gridcell", name="19:30, Wiskunde, Mine", exact=True)
        expect(booked).to_be_attached(timeout=PATIENCE)
        picture(page, "separate-child")

    with _open(page_as, school.user("dirk.bakker"), "list") as page:
        said = "Gijs Bakker already has a conversation about Wiskunde by themselves."
        expect(page.locator(".oa-booking")).to_contain_text(said)
        expect(page.get_by_role("group", name="Wiskunde")).to_have_count(0)
        expect(page.get_by_role("button", name="18:40, Biologie, free", exact=True)).to_be_visible()
        for time in ("18:50", "19:10", "19:30"):
            expect(page.get_by_role("button", name=f"{time}, Biologie, free", exact=True)).to_have_count(0)
        mine = page.locator("#oa-mine-guardian")
        expect(mine).to_contain_text("Nederlands")
        expect(mine).not_to_contain_text("Engels")
        picture(page, "separate-dirk-after")
    frappe.db.rollback()
    found = frappe.get_all(
        "Evening Booking", {"evening": evening.name}, ["subject", "source"], order_by="start"
    )
    assert [(row.subject, row.source) for row in found] == [
        ("Engels", "Guardian"),
        ("Nederlands", "Guardian"),
        ("Wiskunde", "Student"),
    ]
