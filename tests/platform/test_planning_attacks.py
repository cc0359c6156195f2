"""What an attack on a school's site found, each way tried again."""

import base64
import io
import re
import zipfile
from datetime import timedelta
from functools import partial

import frappe
import pytest
from frappe.utils.xlsxutils import make_xlsx

from ouderavond.api import guardian, instructor, other_names, platform
from ouderavond.api.planning import blocks, board, places, publish
from ouderavond.evening import claims, conversations, grid, my_calendar, permissions, request_rules
from ouderavond.evening.bulk import clean
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import places_change, places_file
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import basket
from tests.platform.school import PLANNER, as_user, make_evening

PACK = "outage-pack-2026-11-23-now-2bc87c3c.zip"


@pytest.fixture
def pack(site):
    """A private file of staff."""
    with as_user(PLANNER):
        file = {"doctype": "File", "file_name": PACK, "is_private": 1, "content": b"PK\x03\x04 alle gezinnen"}
        return frappe.get_doc(file).insert(ignore_permissions=True)


def test_nobody_makes_themselves_a_record_of_somebody_elses_private_file(pack, school):
    from frappe.core.doctype.communication.email import add_attachments

    address, anna = pack.file_url, school.user("anna.devries")
    before = frappe.db.count("File")
    forged = [
        {"file_url": address, "file_name": "mine.zip"},
        {"file_url": address.replace("o", "%256f")},
        {"file_url": frappe.utils.get_url(address)},
        {"file_url": address.replace("files/", "files/./")},
        {"file_url": address, "content": b",", "decode": True, "file_name": "mine.zip"},
        {"file_name": pack.file_name},
        {"file_url": address, "is_folder": 1, "file_name": "f"},
        {"file_name": pack.file_name.upper(), "content": b"my own"},
    ]
    with as_user(anna):
        for values in forged:
            with pytest.raises(frappe.PermissionError):
                frappe.get_doc({"doctype": "File", "is_private": 1, **values}).insert(ignore_permissions=True)
        with pytest.raises(frappe.PermissionError):
            add_attachments(None, [pack.name])
        own = frappe.get_doc({"doctype": "File", "file_name": "a.txt", "content": "a", "is_private": 1})
        own.insert()
        own.file_url = address
        with pytest.raises(frappe.PermissionError):
            own.save()
        me = frappe.get_doc("User", anna)
        me.user_image = address
        with pytest.raises(frappe.PermissionError):
            me.save(ignore_permissions=True)
    assert frappe.db.count("File") == before + 1
    assert frappe.db.count("File", {"file_url": address, "attached_to_name": ("is", "set")}) == 0


def test_who_brings_the_same_content_keeps_it_and_readers_may_attach(pack, school):
    same = {"doctype": "File", "file_name": "eigen.zip", "is_private": 1, "content": pack.content}
    with as_user(school.user("anna.devries")):
        assert frappe.get_doc(same).insert().has_permission("read")
    with as_user(PLANNER):
        assert frappe.get_doc({"doctype": "File", "file_url": pack.file_url}).insert(ignore_permissions=True)


CODE = '<img src=x onerror="alert(1)"><iframe src=http://127.0.0.1/></iframe>'


@pytest.fixture
def evening(site, school):
    """Places are booked directly, with remarks that instructors do not read."""
    wanted = {"procedure": "Book Directly", "request_from": None, "request_until": None}
    doc = make_evening(school, **wanted, guardian_remarks=1, show_remarks=0)
    by_course.offer(doc.name)
    frappe.db.commit()
    return frappe.get_doc("Parent Evening", doc.name)


def reserve(evening, school, **more):
    """Anna's conversation about s01 with Jansma, the first slot of the evening."""
    offer = {"evening": evening.name, "student": school.student["s01"]}
    name = frappe.db.get_value("Conversation Offer", offer | {"instructors_key": school.instructor["jan"]})
    start = grid.slots(evening)[0].starts[0]
    asker = Asker("Guardian", (school.guardian["anna.devries"],))
    wish = {"offer": name, "start": start.isoformat(), **more}
    (name,) = basket.reserve(evening, asker, [wish], frappe.generate_hash(length=20), accepted=True)["booked"]
    frappe.db.commit()
    return name


def test_what_a_family_writes_is_no_markup_and_stays_from_who_may_not_read_it(evening, school):
    name = reserve(evening, school, remark=f"Graag <3 over {CODE}")
    kept = frappe.db.get_value("Evening Booking", name, "remark")
    assert kept.startswith("Graag <3 over < img") and not request_rules.TAG.search(kept)
    assert request_rules.plain(kept) == kept
    with as_user(school.user("jan")):
        (seen,) = [row for one in instructor.conversations() for row in one["conversations"]]
    assert seen.name == name and not seen.remark and "Graag" not in frappe.as_json(seen)


def test_what_staff_write_at_once_is_kept_as_a_form_keeps_it(evening, school):
    day = str(evening.dates[0].date)
    edit = {"instructor": school.instructor["jan"], "date": day, "values": {"table_label": CODE}}
    places_change.save(evening.name, [edit])
    label = frappe.db.get_value(
        "Evening Instructor", {"evening": evening.name, "table_label": ("is", "set")}, "table_label"
    )
    assert label and "onerror" not in label and "<iframe" not in label
    assert clean("Conversation Offer", {"subject": CODE, "remark": f'["{CODE}"]', "slots": 2})["slots"] == 2
    assert "onerror" not in str(clean("Conversation Offer", {"subject": CODE, "remark": f'["{CODE}"]'}))
    assert clean("Conversation Offer", {"subject": "Wiskunde <3 & meer"}) == {"subject": "Wiskunde <3 & meer"}


# What nobody's page sends


FAR = ("9999-12-31 23:59:59", "0001-01-01 00:00", "2020-01-01 19:00")


def test_no_reason_makes_a_time_of_what_is_none(evening, school):
    """Neither another day, nor a minute between two slots, nor more slots than a date has."""
    name, day = reserve(evening, school), grid.slots(evening)[0]
    off_grid = (*FAR, day.starts[0] + timedelta(minutes=1), day.starts[0] + timedelta(days=40))
    with as_user(PLANNER):
        for start in off_grid:
            with pytest.raises(frappe.ValidationError):
                board.move(evening.name, name, str(start), reason="x")
        for slots in (len(day.starts) + 1, 500, 10**6, 10**18, -3):
            for call in (board.fits, board.lengthen, partial(board.move, start=str(day.starts[1]))):
                more = {} if call is board.fits else {"reason": "x"}
                if call is board.fits and 0 < slots <= 500:
                    continue
                with pytest.raises(frappe.ValidationError):
                    call(evening.name, booking=name, slots=slots, **more)
        late = board.move(evening.name, name, str(day.starts[-1]), slots=2, reason="They come from abroad.")
        assert late["report"]["sentence"]
        found = board.fits(evening.name, booking=name, slots=len(day.starts) + 1)
        told = {index for dates in found["rows"].values() for cells in dates.values() for index in cells}
        assert told <= set(found["never"])
    assert claims.check() == []


def test_what_cannot_be_read_is_refused_with_a_sentence(evening, school):
    deep, long = "[" * 100_000, "x" * 200_000
    with as_user(PLANNER):
        calls = (
            *(partial(blocks.read, evening.name, "Instructor", day) for day in (10**18, "x", *FAR[:2])),
            *(partial(blocks.preview, evening.name, "Everyone", None, at, FAR[0]) for at in FAR),
            partial(board.pin, evening.name, deep, 1),
            partial(board.cancel, evening.name, "x", reason=long),
            partial(publish.save_shown, evening.name, footnote=long),
            partial(places.propose, evening.name, "week", rows=[{"instructor": "x", "date": FAR[0]}]),
            partial(places.read_file, evening.name, "a.csv", "é"),
            partial(places.read_file, evening.name, "a.csv", encoded(f"Code;{long}".encode())),
        )
        for call in calls:
            with pytest.raises(frappe.ValidationError):
                call()
    with as_user(school.user("jan")):
        for age in (1e300, 10**400, float("nan"), -(10**400)):
            with pytest.raises(frappe.ValidationError):
                instructor.tap([{"booking": "x", "id": "x", "kind": "started", "of": None, "age": age}])
        answer = instructor.tap([{"booking": "x", "id": "x", "kind": "started", "of": None, "age": 9e8}])
        assert answer["status"] == "refused"


def test_a_workbook_is_not_unpacked_where_it_is_too_large(evening):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 6_000_000)
    with as_user(PLANNER), pytest.raises(frappe.ValidationError, match="too large"):
        places.read_file(evening.name, "a.xlsx", encoded(book.getvalue()))
    heads = list(places_file.heads().values())
    rows = [heads, *([[]] * 10), *(["x"] for _number in range(places_file.MOST_LINES + 10))]
    with as_user(PLANNER):
        with pytest.raises(frappe.ValidationError, match="At most"):
            places.read_file(evening.name, "a.xlsx", encoded(make_xlsx(rows, "a").getvalue()))
        few = encoded(make_xlsx(rows[:13], "a").getvalue())
        assert places.read_file(evening.name, "a.xlsx", few)["lines"] == 2


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_calendars_and_programs_tell_nothing_before_it_is_published(evening, school):
    name, starts = reserve(evening, school), grid.slots(evening)[0].starts
    before = as_read(school)
    with as_user(PLANNER):
        board.pin(evening.name, [name], 1)
        board.move(evening.name, name, str(starts[2]))
        assert as_read(school) == before
        board.cancel(evening.name, booking=name, reason="x")
        assert as_read(school) == before
        publish.publish(evening.name)
    after = as_read(school)
    gone = conversations.of("guardian", school.user("anna.devries"), cancelled=True)
    assert after != before and "STATUS:CANCELLED" in my_calendar.ics(gone, "guardian").decode()
    with as_user(school.user("anna.devries")):
        pages = frappe.as_json([guardian.evenings(), before[0]])
    assert not {"untold", "modified", "pinned", "told_on"} & set(re.findall(r'"(\w+)":', pages))


def as_read(school) -> list:
    """What the family and the instructor read by programs and calendars."""
    found = []
    readers = ("guardian", "anna.devries", guardian.evenings), ("instructor", "jan", instructor.conversations)
    for role, code, read in readers:
        user = school.user(code)
        with as_user(user):
            pages = [{**one, "now": None} for one in read()]
        rows = conversations.of(role, user, cancelled=True)
        found += [frappe.as_json(pages), my_calendar.ics(rows, role).decode()]
    frappe.db.rollback()
    return found


# What the platform keeps and sends


def test_what_is_kept_about_records_is_not_a_way_around_them(evening, school):
    jan, anna = school.user("jan"), school.user("anna.devries")
    note = frappe.get_doc("Parent Evening", evening.name).add_comment("Info", "Niet voor ouders")
    assert not permissions.has_trace_permission(note, user=jan)
    assert permissions.has_trace_permission(note, user=PLANNER)
    for user, sees in ((jan, 0), (PLANNER, 1)):
        condition = permissions.trace_conditions(user, "Comment") or "1=1"
        where = f"name = %s and {condition}"
        assert frappe.db.sql(f"select count(*) from tabComment where {where}", note.name)[0][0] == sees
    report = {"doctype": "Auto Email Report", "report": "Parent Evening Roster", "email_to": "x@y.example"}
    mailed = frappe.get_doc({**report, "format": "HTML", "frequency": "Daily", "filters": "{}"})
    for sender, user, may in ((jan, PLANNER, 0), (PLANNER, jan, 0), (PLANNER, PLANNER, 1)):
        mailed.user = user
        with as_user(sender):
            assert is_refused(partial(permissions.refuse_mailing, mailed)) is not bool(may)
    with as_user(school.user("s01")):
        assert frappe.get_list("User", pluck="name", ignore_permissions=False) == [frappe.session.user]
    with as_user(anna):
        assert is_refused(partial(platform.report_to_pdf, "<iframe src=http://127.0.0.1/></iframe>"))


def is_refused(call) -> bool:
    try:
        call()
    except frappe.PermissionError:
        return True
    return False


def test_what_is_noted_of_an_evening_is_nobodys_to_write_nor_a_formula(evening, school):
    noted = {"board_token": "x", "anonymised_on": "2030-01-01 00:00:00", "archive_figures": "{}"}
    with as_user(PLANNER):
        doc = frappe.get_doc("Parent Evening", evening.name)
        doc.update({**noted, "title": "Nieuw"}).save()
        doc = frappe.get_doc("Parent Evening", evening.name)
    assert doc.title == "Nieuw" and not any(doc.get(name) for name in noted)
    written = {"=1+1": " =1+1", " +31 6": " +31 6", "- a": " - a", "a=b": "a=b"}
    assert {text: request_rules.plain(text) for text in written} == written


def test_no_other_name_reaches_what_we_stand_in_for(site, school, monkeypatch):
    attendance = "education.education.doctype.student_attendance.student_attendance"
    refused = (
        ("/api/method/frappe.model.mapper.map_docs", {"method": "frappe.client.get_count"}),
        ("/api/method/frappe.desk.treeview.get_all_nodes", {"tree_method": "frappe.desk.search.search_link"}),
        ("/", {"cmd": f"{attendance}.get_student_group_students"}),
        (f"/api/method/{attendance}.get_student_group_students", {}),
        (f"/api/v1/method/{attendance}.get_student_group_students/x", {}),
        ("/api/v2/method/Student Attendance/get_student_group_students", {}),
        ("/", {"cmd": "frappe.model.mapper.x", "source_names": '["frappe.client.get_count"]'}),
        ("/", {"cmd": "x", "args": [{"a": '{"b": "frappe.model.mapper.map_docs"}'}]}),
        ("/api/method/frappe.desk.x", {"query": "frappe.client.get_count"}),
    )
    allowed = (
        ("/api/method/frappe.client.get_count", {"cmd": "frappe.client.get_count", "doctype": "ToDo"}),
        ("/api/method/frappe.model.mapper.map_docs", {"method": "erpnext.selling.x.make_sales_order"}),
        (
            "/api/method/login",
            {"cmd": "login", "text": "See frappe.client.get_count", "query": "x.get_count"},
        ),
        ("/api/v2/method/User/get_count", {}),
        ("/", {"cmd": "frappe.desk.search.search_link", "query": "frappe.client.get_count"}),
    )
    for asked, is_open in ((refused, False), (allowed, True)):
        for path, form in asked:
            monkeypatch.setattr(frappe.local, "request", frappe._dict(path=path), raising=False)
            monkeypatch.setattr(frappe.local, "form_dict", frappe._dict(form))
            assert is_refused(other_names.refuse) is not is_open, path
    monkeypatch.undo()
    with as_user(school.user("s01")):
        query = "education.education.doctype.student_group.student_group.fetch_students"
        filters = {"group_based_on": "Activity"}
        search = partial(platform.search_link, "ToDo", "", query=query, filters=filters, page_length=50)
        # The platform's search swallows the refusal.
        assert not search()
        chart = partial(platform.get_monthly_goal_graph_data, "User", "(select 1) FROM `tabUser` #")
        assert is_refused(chart)


def test_what_a_conversation_with_a_time_answers_is_not_deleted(evening, school):
    booking = frappe.get_doc("Evening Booking", reserve(evening, school))
    with pytest.raises(frappe.ValidationError, match="has a time"):
        frappe.delete_doc("Conversation Offer", booking.offer)
