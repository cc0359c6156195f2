"""Overviews: what was told and what is planned, who reads a letter, files that harm nobody, and PDFs."""

import io
import json
from datetime import datetime, timedelta

import frappe
import openpyxl
import pypdf
import pytest

from ouderavond.api.planning import overviews as api
from ouderavond.evening import blocks, booking, publishing, requests
from ouderavond.evening.offering import by_course
from ouderavond.evening.overviews import choosing, figures, files, kinds, letter_head, logins, pdf, reports
from ouderavond.evening.overviews.reading import Facts
from ouderavond.evening.overviews.sheets import Block, Sheet
from ouderavond.evening.planning import moves
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, forbid_contact, make_evening, mark_separated

HOSTILE = "<script>alert(1)</script><img src='file:///etc/passwd'>{{ 7*7 }}"


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=0)
    by_course.offer(made.name)
    return made


def _first(evening) -> datetime:
    day = min(frappe.utils.getdate(row.date) for row in evening.dates)
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=18, minutes=30)


def _offer(evening, school, student, number=0):
    filters = {"evening": evening.name, "student": school.student[student], "offered": 1}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[number]


def _book(evening, school, student, guardian, minutes, offer=0):
    name = booking.book(
        _offer(evening, school, student, offer),
        _first(evening) + timedelta(minutes=minutes),
        guardians=[school.guardian[guardian]] if guardian else [],
        source="Scheduler",
    )
    frappe.db.commit()
    return name


def _publish(evening):
    publishing.publish(evening.name)
    frappe.db.commit()


def _facts(evening, **chosen) -> Facts:
    return Facts(evening.name, choosing.read(chosen))


def _times(evening, kind, **chosen) -> list[str]:
    return [row["time"] for row in kinds.page(_facts(evening, **chosen), kind)["rows"]]


def _in_words(sheet) -> str:
    return json.dumps(vars(sheet), default=vars, ensure_ascii=False)


def _letters(evening, **chosen) -> dict[str, str]:
    """{first line of the address: the letter in words}."""
    sheets = kinds.printed(_facts(evening, **chosen), "household")
    return {" + ".join(sheet.address[:2]): _in_words(sheet) for sheet in sheets}


def test_families_read_what_was_told_and_staff_what_is_planned(evening, school):
    moved = _book(evening, school, "s01", "anna.devries", 0)
    gone = _book(evening, school, "s04", "carla.bakker", 30)
    _book(evening, school, "s02", "anna.devries", 60)
    assert not kinds.printed(_facts(evening), "household"), "nothing was told yet"
    with pytest.raises(frappe.ValidationError, match="Nothing of this was published yet"):
        files.content(evening.name, "instructor", "pdf")
    _publish(evening)
    moves.book(
        _offer(evening, school, "s04", 1),
        _first(evening) + timedelta(minutes=80),
        guardian=school.guardian["carla.bakker"],
    )
    moves.move(moved, _first(evening) + timedelta(minutes=50))
    moves.cancel([gone])
    for kind in ("household", "instructor", "room"):
        assert sorted(set(_times(evening, kind))) in (["18:30", "19:00", "19:30"], []), kind
        assert "18:30" not in _times(evening, kind, untold=1), kind
    assert sorted(_times(evening, "household", untold=1)) == ["19:20", "19:30", "19:50"]
    assert sorted(_times(evening, "roster")) == ["19:20", "19:30", "19:50"]
    states = {row["state"] for row in kinds.page(_facts(evening, names=1), "roster")["rows"]}
    assert states == {"Changed, not published", "Published", "Planned"}


def test_a_letter_goes_to_those_who_come_together_and_tells_nothing_of_others(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    student = school.student["s04"]
    frappe.db.set_value("Student", student, {"address_line_1": "Lindelaan 4", "city": "Utrecht"})
    frappe.db.set_value("Student", school.student["s07"], {"address_line_1": "Beukweg 1"})
    frappe.db.set_value("User", school.user("carla.bakker"), "language", "nl")
    _book(evening, school, "s04", "carla.bakker", 0)
    _book(evening, school, "s04", "dirk.bakker", 20, offer=1)
    _book(evening, school, "s07", "rosa.mulder", 40)
    _book(evening, school, "s01", "anna.devries", 0, offer=1)
    _publish(evening)
    forbid_contact(school, "s07", "pieter.mulder")
    found = _letters(evening)
    carla = next(text for name, text in found.items() if name.startswith("Carla"))
    dirk = next(text for name, text in found.items() if name.startswith("Dirk"))
    assert "18:30" in carla and "18:50" not in carla
    assert "18:50" in dirk and "18:30" not in dirk
    # Whoever attends separately, or lives with somebody whose contact is forbidden, may live elsewhere.
    assert "Lindelaan" not in "".join(found.values()) and "Beukweg" not in "".join(found.values())
    assert not any("Pieter" in text for text in found.values())
    assert any(name.startswith("Anna") for name in found)
    forbid_contact(school, "s01", "anna.devries")
    assert not any(name.startswith("Anna") for name in _letters(evening))
    assert list(_letters(evening, household=school.guardian["carla.bakker"])) == [
        name for name in found if name.startswith("Carla")
    ]


def test_a_letter_says_why_where_the_evening_tells_reasons(evening, school):
    requests.request(_offer(evening, school, "s01"), guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    name = requests.request(_offer(evening, school, "s02"), guardian=school.guardian["anna.devries"])
    frappe.db.set_value("Conversation Request", name, {"state": "Not Placed", "reason": "household_full"})
    evening.db_set({"schedule_visible": 1, "footnote": "Bel ons gerust.", "show_reasons": 1})
    frappe.db.commit()
    assert len(kinds.page(_facts(evening), "unanswered")["rows"]) == 1
    staff = kinds.page(_facts(evening), "not_placed")["rows"]
    assert "household's other conversations" in staff[0]["reason"]
    (letter,) = _letters(evening).values()
    assert "Your other conversations and times left no room for it." in letter and "Bel ons gerust." in letter
    evening.db_set("show_reasons", 0)
    (letter,) = _letters(evening).values()
    assert "left no room" not in letter and "Bel ons gerust." in letter


def test_what_hangs_on_a_door_names_nobody_unless_asked(evening, school):
    frappe.db.set_value("Evening Instructor", {"evening": evening.name}, "room", school.room["jan"])
    frappe.db.commit()
    about = _book(evening, school, "s01", "anna.devries", 0)
    _publish(evening)
    name = frappe.db.get_value("Evening Booking", about, "student_name")
    for kind in ("instructor", "room", "roster"):
        said = [
            "".join(map(_in_words, kinds.printed(_facts(evening, names=names), kind))) for names in (0, 1)
        ]
        assert name not in said[0] and name in said[1], kind
        assert name not in frappe.as_json(kinds.page(_facts(evening), kind))
    assert "Do not hang it" in kinds.printed(_facts(evening, names=1), "instructor")[0].warning


def test_occupancy_counts_slots_blocks_and_gaps(evening, school):
    first = _book(evening, school, "s01", "anna.devries", 0)
    who = frappe.get_all("Evening Booking Instructor", {"parent": first}, pluck="instructor")[0]
    start = _first(evening)
    blocks.block(
        evening.name, "Instructor", who, start + timedelta(minutes=10), start + timedelta(minutes=30)
    )
    there = {"evening": evening.name, "instructor": who, "date": start.date()}
    frappe.db.set_value("Evening Instructor", there, "present_until", "19:30:00")
    frappe.db.commit()
    day = str(_first(evening).date())
    (row,) = kinds.page(_facts(evening, instructor=[who], date=[day]), "occupancy")["rows"]
    assert (row["offered"], row["blocked"], row["booked"], row["free"], row["gaps"]) == (4, 2, 1, 3, 0)
    slots = kinds.page(_facts(evening, instructor=[who], date=[day]), "slots")["rows"]
    assert [(one["present"], one["booked"]) for one in slots[:4]] == [(1, 1), (0, 0), (0, 0), (1, 0)]
    assert {chart["key"] for chart in figures.charts(frappe.get_doc("Parent Evening", evening.name))} == {
        "answered",
        "slots",
    }


def test_who_never_logged_in(evening, school):
    frappe.db.set_value("User", school.user("anna.devries"), "last_login", "2026-01-01 10:00:00")
    frappe.db.set_value("User", school.user("carla.bakker"), {"last_login": None, "last_active": None})
    forbid_contact(school, "s07", "pieter.mulder")
    found = {row["name"]: row["account"] for row in logins.never(_facts(evening))}
    assert found[school.guardian["sanne.post"]] == "No account"
    assert found[school.guardian["carla.bakker"]] == "Never logged in"
    assert not {school.guardian["anna.devries"], school.guardian["pieter.mulder"]} & set(found)


def test_a_name_does_no_harm_on_paper_or_in_a_spreadsheet(evening, school):
    name = _book(evening, school, "s01", "anna.devries", 0)
    frappe.db.set_value("Evening Booking", name, {"student_name": HOSTILE, "subject": "=1+1"})
    frappe.db.commit()
    page = pdf.page(kinds.printed(_facts(evening, names=1), "roster"))
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page and "{{ 7*7 }}" in page
    rows = openpyxl.load_workbook(
        io.BytesIO(files.content(evening.name, "roster", "xlsx", {"names": 1}))
    ).active.values
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells and "=1+1" not in cells
    assert "'=1+1" in files.content(evening.name, "roster", "csv", {"names": 1}).decode()


def test_a_letter_head_loads_nothing(evening):
    dirty = (
        '<img src="http://evil.example/x.png"><img src="file:///etc/passwd"><script>1</script>'
        '<p style="background:url(http://evil.example)" onclick="x()">School</p>'
        '<img src="/files/../../site_config.json">'
        '<img src="data:image/png;base64,AA==">'
    )
    clean = letter_head.still(dirty)
    assert clean == '<p>School</p><img src="data:image/png;base64,AA=="/>'
    with pytest.raises(frappe.ValidationError, match="no such letter head"):
        letter_head.html("nowhere", evening)


def test_a_pdf_has_a_page_per_sheet_and_numbers_where_one_needs_more(site):
    long = Sheet("Long", blocks=[Block(["Number"], [[f"row {i}"] for i in range(400)])])
    content = pdf.make([Sheet("First"), Sheet("Second", language="nl"), long])
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    assert "First" in pages[0] and "Second" in pages[1] and "Long" in pages[2] and len(pages) > 8
    assert "/ " not in pages[0] and f"1 / {len(pages) - 2}" in pages[2]
    assert "399" in pages[-1] and all("Print" in page or "Afgedrukt" in page for page in pages)


def test_only_staff_and_a_file_only_for_who_made_it(evening, school, jobs_at_once):
    for who in ("jan", "anna.devries", "s01", None):
        refused_unless_staff(
            school,
            who,
            lambda: api.start(evening.name),
            lambda: api.read(evening.name, "roster"),
            lambda: api.people(evening.name, "a"),
            lambda: api.prepare(evening.name, "roster"),
            lambda: api.pack(evening.name),
            lambda: api.packs(evening.name),
            lambda: api.figures(evening.name),
            lambda: reports.execute("roster", {"evening": evening.name}),
        )
    _book(evening, school, "s01", "anna.devries", 0)
    with as_user(PLANNER):
        assert len(api.start(evening.name)["kinds"]) == len(kinds.KINDS)
        (found,) = api.people(evening.name, "sanne", "guardian")
        assert found["value"] == school.guardian["sanne.post"]
        with pytest.raises(frappe.ValidationError, match="no such overview"):
            api.read(evening.name, "nothing")
        columns, rows = reports.execute("roster", {"evening": evening.name, "names": 1})
        assert len(rows) == 1 and {"student", "guardians"} <= {column["fieldname"] for column in columns}
        made = api.prepare(evening.name, "roster", "csv")["report"]["more"]
        assert made["name"].endswith(".csv") and made["url"].startswith("/private/files/")
    doc = frappe.get_doc("File", {"file_url": made["url"]})
    assert doc.has_permission("read", user=PLANNER) and not doc.has_permission("read", user=MANAGER)
    frappe.db.set_value("File", doc.name, "creation", "2020-01-01")
    files.remove_old()
    assert not frappe.db.exists("File", doc.name)
    frappe.db.commit()
