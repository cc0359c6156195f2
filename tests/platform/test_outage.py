"""The outage pack: what is in it, who may have it, on which morning it is made, and when it is gone."""

import io
import zipfile
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening import booking
from ouderavond.evening.offering import by_course
from ouderavond.evening.overviews import outage, pdf
from tests.platform.school import PLANNER, make_evening

HOSTILE = "</td><script>alert(1)</script>"


@pytest.fixture
def evening(site, school, monkeypatch):
    """An evening with one conversation, today; PDFs are not set but taken as given."""
    today = frappe.utils.getdate()
    dates = [{"date": today, "first_time": "18:30:00", "end_time": "21:00:00"}]
    now = frappe.utils.now_datetime()
    window = {"request_from": now - timedelta(days=9), "request_until": now - timedelta(days=2)}
    made = make_evening(school, dates=dates, maximum_per_student=0, **window)
    by_course.offer(made.name)
    offer = frappe.get_all("Conversation Offer", {"student": school.student["s01"]}, pluck="name")[0]
    start = datetime.combine(today, datetime.min.time()) + timedelta(hours=18, minutes=30)
    guardian = school.guardian["anna.devries"]
    name = booking.book(offer, start, guardians=[guardian], source="Scheduler", override_reason="Test")
    frappe.db.set_value("Evening Booking", name, "student_name", HOSTILE)
    frappe.db.commit()
    monkeypatch.setattr(pdf, "make", lambda *_given: b"%PDF")
    return made


def _packs() -> list[str]:
    return frappe.get_all("File", {"file_name": ("like", f"{outage.PREFIX}%")}, pluck="name")


def _morning(monkeypatch, hour: int) -> None:
    now = frappe.utils.now_datetime().replace(hour=hour)
    monkeypatch.setattr(outage, "now_datetime", lambda: now)


def test_the_pack_opens_without_a_network_and_harms_nobody(evening):
    content, problems = outage.build(evening.name)
    pack = zipfile.ZipFile(io.BytesIO(content))
    assert not problems and sum(name.endswith(".pdf") for name in pack.namelist()) >= 4
    page = pack.read("Roster.html").decode()
    assert "&lt;/td&gt;&lt;script&gt;" in page and page.count("<script") == 1
    for fetched in ("src=", "href=", "url(", "http:", "https:", "@import"):
        assert fetched not in page, fetched


def test_without_pdfs_the_pack_has_pages_and_says_so(evening, monkeypatch):
    def fail(*_given):
        raise pdf.NotPossible("This server has no wkhtmltopdf.")

    monkeypatch.setattr(pdf, "make", fail)
    report = outage.make(evening.name)
    assert "no PDF could be made" in report.more["problems"][0]
    doc = frappe.get_doc("File", {"file_url": report.more["url"]})
    names = zipfile.ZipFile(io.BytesIO(doc.get_content())).namelist()
    assert not any(name.endswith(".pdf") for name in names)
    assert {"Roster.html", "Read-me.txt", "Per-Class.html"} <= set(names)
    doc.delete(ignore_permissions=True)
    frappe.db.commit()


def test_only_those_who_run_evenings_may_have_it_and_it_goes_with_the_evening(evening, school, web):
    url = outage.make(evening.name).more["url"]
    frappe.db.commit()
    answer = web.session(PLANNER).get(url)
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    for who in ("jan", "anna.devries", None):
        answer = web.session(school.user(who) if who else None).get(url)
        assert answer.status_code in (401, 403, 404) and b"PK" not in answer.content[:4], who
    frappe.delete_doc("Parent Evening", evening.name, ignore_permissions=True)
    frappe.db.commit()
    assert not _packs()


def test_it_is_made_once_on_the_morning_and_expires(evening, monkeypatch, jobs_at_once):
    _morning(monkeypatch, outage.HOUR - 1)
    outage.make_this_morning()
    assert not _packs()
    _morning(monkeypatch, outage.HOUR)
    outage.make_this_morning()
    outage.make_this_morning()
    outage.make_in_the_morning(evening.name)
    (pack,) = _packs()
    assert not frappe.db.count("Email Queue")
    frappe.db.set_value("File", pack, "creation", frappe.utils.add_days(None, 1 - outage.DAYS))
    outage.remove_expired()
    assert _packs()
    frappe.db.set_value("File", pack, "creation", frappe.utils.add_days(None, -1 - outage.DAYS))
    outage.remove_expired()
    assert not _packs()
    frappe.db.set_value("Parent Evening", evening.name, "archived", 1)
    outage.make_this_morning()
    assert not _packs()
    frappe.db.commit()
