"""Archiving closes everything and keeps figures; what people wrote goes when its time has come."""

import json
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.api import guardian as portal
from ouderavond.api.planning import archive as api
from ouderavond.evening import booking, claims, overview, request_rules, runs
from ouderavond.evening.archiving import closing, personal, retention
from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.offering import by_course
from ouderavond.evening.overviews import outage
from ouderavond.evening.planning import moves
from tests.platform.rights import insert, refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

WORD = "WOORDVANIEMAND"
TODAY = frappe.utils.getdate
# Fields with words that are nobody's remark: names of records and people, addresses, what the school says.
NOT_PERSONAL = {
    "Conversation Offer": {"student_name", "subject", "abbreviation", "instructors_key"},
    "Conversation Offer Instructor": {"instructor_name"},
    "Conversation Request": {"student_name", "subject", "reason"},
    "Evening Block": {"who_name"},
    "Evening Booking": {"student_name", "subject", "table_label", "published_table_label"},
    "Evening Booking Guardian": {"guardian_name"},
    "Evening Booking Instructor": {"instructor_name"},
    "Evening Instructor": {"instructor_name", "table_label"},
    "Forbidden Class Date": {"reason"},
    "Schedule Run": {"scenario", "phase", "status", "weights", "input_hash", "options", "batch"},
}
# Emptied as well, but nothing that takes any text.
NOT_TEXT = ("cant_come_choices", "instructor_wish", "taps")
WORDY = ("Data", "Small Text", "Text", "Long Text", "Text Editor", "JSON", "HTML Editor", "Code")


@pytest.fixture
def evening(site, school):
    made = make_evening(school, schedule_visible=1, maximum_per_student=0, guardian_remarks=1)
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def conversation(evening, school):
    """Anna asked for a conversation about s01, which has a time."""
    offer = frappe.get_all(
        "Conversation Offer", {"evening": evening.name, "student": school.student["s01"]}, pluck="name"
    )[0]
    start = datetime.combine(TODAY(evening.dates[0].date), datetime.min.time()) + timedelta(hours=19)
    request = insert(
        "Conversation Request",
        evening=evening.name,
        offer=offer,
        student=school.student["s01"],
        guardian=school.guardian["anna.devries"],
        guardian_name="Anna de Vries",
        party=school.guardian["anna.devries"],
        state="Placed",
        source="Guardian",
    )
    frappe.db.commit()
    guardians = [school.guardian["anna.devries"]]
    name = booking.book(offer, start, guardians=guardians, source="Staff", request=request)
    frappe.db.commit()
    return frappe._dict(offer=offer, request=request, booking=name)


def _over(evening, days: int) -> None:
    """Let the last date of the evening have been so many days ago."""
    for before, row in enumerate(reversed(evening.dates)):
        day = TODAY() - timedelta(days=days + before)
        frappe.db.set_value("Parent Evening Date", row.name, "date", day)
    closed = {"request_from": None, "request_until": TODAY() - timedelta(days=days + 9)}
    frappe.db.set_value("Parent Evening", evening.name, closed)
    frappe.clear_document_cache("Parent Evening", evening.name)
    frappe.db.commit()


def _settings(**values) -> None:
    for key, value in values.items():
        frappe.db.set_single_value("Ouderavond Settings", f"retention_{key}", value)
    frappe.db.commit()


def _write_everywhere(evening, conversation, school) -> None:
    """The word in every place in which somebody can write something about an evening."""
    about = {"Conversation Request": "request", "Evening Booking": "booking", "Conversation Offer": "offer"}
    for doctype, key in about.items():
        texts = {name: WORD for name, empty in personal.WORDS[doctype].items() if empty is None}
        texts = {name: text for name, text in texts.items() if name not in NOT_TEXT}
        if "reason_facts" in texts:
            texts["reason_facts"] = json.dumps({"who": WORD})
        frappe.db.set_value(doctype, conversation[key], texts)
        doc = frappe.get_doc(doctype, conversation[key])
        doc.add_comment("Comment", WORD)
        row = {"doctype": "Version", "ref_doctype": doctype, "docname": doc.name, "data": json.dumps([WORD])}
        frappe.get_doc(row).db_insert()
    frappe.db.set_value("Evening Booking Instructor", {"parent": conversation.booking}, "note", WORD)
    _block(evening, school)
    insert_rows(
        "Waiting List Entry",
        [
            {
                "name": "wl",
                "evening": evening.name,
                "subject": WORD,
                "state": "Passed",
                "offer": conversation.offer,
            }
        ],
    )
    for doctype in ("Offer Change", "Schedule Change"):
        insert_rows(doctype, [{"name": frappe.generate_hash(), "evening": evening.name, "records": WORD}])
    insert_rows("Evening Message", [{"name": "em", "event": WORD, "evening": evening.name, "person": "x"}])
    run = insert("Schedule Run", evening=evening.name, time_limit=1, state="Finished")
    insert("Schedule Run Data", run=run, problem=WORD)
    letter = {"doctype": "Email Queue", "message": WORD, "sender": "a@b.c", "status": "Sent"}
    letter |= {"reference_doctype": "Parent Evening", "reference_name": evening.name}
    frappe.get_doc({**letter, "recipients": [{"recipient": "anna@school.test"}]}).insert(
        ignore_permissions=True
    )
    frappe.delete_doc("Evening Block", _block(evening, school), force=True)
    for doctype, key in (("Conversation Request", "request"), ("Evening Booking", "booking")):
        frappe.db.set_value(doctype, conversation[key], "owner", school.user("anna.devries"))
    pack = {"doctype": "File", "file_name": f"{outage.PREFIX}x.zip", "content": "x", "is_private": 1}
    pack |= {"attached_to_doctype": "Parent Evening", "attached_to_name": evening.name}
    frappe.get_doc(pack).insert(ignore_permissions=True)
    frappe.db.commit()


def _block(evening, school) -> str:
    return insert(
        "Evening Block",
        evening=evening.name,
        who_type="Guardian",
        who=school.guardian["anna.devries"],
        from_time=f"{evening.dates[0].date} 20:00:00",
        to_time=f"{evening.dates[0].date} 20:10:00",
        reason=WORD,
    )


def _tables_with(word: str, only: set[str] | None = None) -> set[str]:
    """The tables of the site in which a word stands, in any column; all, or only these."""
    named = frappe.db.sql(
        """select table_name, group_concat(column_name) from information_schema.columns
        where table_schema = database() and data_type in ('varchar', 'text', 'mediumtext', 'longtext')
        group by table_name"""
    )
    found = set()
    for table, columns in named:
        if only is not None and table not in only:
            continue
        like = " or ".join(f"`{column}` like %(word)s" for column in columns.split(","))
        if frappe.db.sql(f"select 1 from `{table}` where {like} limit 1", {"word": f"%{word}%"}):
            found.add(table)
    return found


def test_archiving_ends_what_goes_on_and_keeps_the_figures(evening, conversation, school):
    party = school.guardian["anna.devries"]
    frappe.db.set_value("Parent Evening", evening.name, "board_token", "secret")
    insert_rows(
        "Waiting List Entry",
        [{"name": "wl", "evening": evening.name, "offer": conversation.offer, "state": "Waiting"}],
    )
    start = datetime.combine(TODAY(evening.dates[0].date), datetime.min.time()) + timedelta(hours=20)
    place = claims.Span((("Guardian", party),), start, start + timedelta(minutes=10), "Hold", "wl")
    claims.replace(evening.name, [], [place])
    run = insert("Schedule Run", evening=evening.name, time_limit=1, state="Queued")
    frappe.db.commit()

    refused_unless_staff(school, "anna.devries", lambda: api.archive(evening.name))
    refused_unless_staff(school, "jan", lambda: api.archive(evening.name), lambda: api.state(evening.name))
    with as_user(PLANNER):
        assert api.before(evening.name)["ahead"] == 1
        assert api.archive(evening.name) == {"waiting": 1, "holds": 0, "runs": 1}
    frappe.db.commit()

    doc = frappe.get_doc("Parent Evening", evening.name)
    assert (doc.archived, doc.status, doc.board_token) == (1, "Archived", None)
    assert doc.archived_on and doc.request_until == evening.request_until
    assert frappe.db.get_value("Waiting List Entry", "wl", "state") == "Passed"
    assert not frappe.db.exists("Booking Claim", {"evening": evening.name, "kind": "Hold"})
    assert frappe.db.get_value("Schedule Run", run, "state") == "Cancelled"
    kept = json.loads(doc.archive_figures)
    assert (kept["conversations"], kept["placed"], kept["held"], kept["taken"]) == (1, 1, 0, 1)
    with as_user(PLANNER):
        assert ["Conversations with a time", 1] in [list(row) for row in api.state(evening.name)["lines"]]


def test_nobody_acts_on_an_archived_evening_until_a_manager_opens_it(evening, conversation, school):
    closing.archive(evening.name)
    frappe.db.commit()
    anna = school.user("anna.devries")
    with as_user(anna):
        assert overview.for_guardian([school.guardian["anna.devries"]]) == []
        with pytest.raises(frappe.ValidationError, match="archived|not one that you can see"):
            portal.save(evening=evening.name, wishes=[])
    with as_user(PLANNER):
        with pytest.raises(frappe.ValidationError, match="archived"):
            moves.move(conversation.booking, f"{evening.dates[0].date} 20:30:00")
        with pytest.raises(frappe.ValidationError, match="archived"):
            runs.start_run(evening.name)
        with pytest.raises(frappe.ValidationError, match="archived already"):
            api.archive(evening.name)
    assert request_rules
    for user, may in ((PLANNER, False), (MANAGER, True)):
        with as_user(user):
            doc = frappe.get_doc("Parent Evening", evening.name)
            doc.archived = 0
            if may:
                doc.save()
            else:
                with pytest.raises(frappe.PermissionError, match="Only an Ouderavond Manager"):
                    doc.save()
    frappe.db.commit()
    doc = frappe.get_doc("Parent Evening", evening.name)
    assert doc.archived_on is None and doc.status != "Archived"
    assert overview.for_guardian([school.guardian["anna.devries"]])
    # The form saves the tick by itself: the same happens.
    doc.archived = 1
    doc.save()
    assert doc.archived_on and json.loads(doc.archive_figures)["conversations"] == 1


@pytest.mark.parametrize("kind", [personal.DELETE, personal.ANONYMISE])
def test_nothing_personal_remains_after_the_retention(evening, conversation, school, kind, monkeypatch):
    _write_everywhere(evening, conversation, school)
    _settings(days=30, kind=kind)
    ours = {f"tab{name}" for name in frappe.get_all("DocType", {"module": "Ouderavond"}, pluck="name")}
    assert len(_tables_with(WORD, ours)) > 8
    _over(evening, days=29)
    assert retention.daily() == 0
    _over(evening, days=30)
    (due,) = retention.coming()
    assert due.number >= 9 and not due.archived
    assert "Tonight: 1 evenings" in retention.sentences()[1]

    # A worker that is killed after a batch: the next day goes on.
    def killed(progress, doctype, names):
        frappe.db.commit()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(personal, "_end_of_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            retention.daily()
    frappe.db.rollback()
    assert not frappe.db.get_value("Parent Evening", evening.name, "anonymised_on")
    assert _tables_with(WORD, ours)
    assert retention.daily() == 1
    frappe.db.rollback()

    assert _tables_with(WORD) == set()
    kept = frappe.get_doc("Evening Booking", conversation.booking)
    assert (kept.student, kept.state, bool(kept.start)) == (school.student["s01"], "Published", True)
    gone = kind == personal.ANONYMISE
    (row,) = [row for row in kept.guardians if row.idx == 1]
    assert (row.guardian, row.guardian_name) == ((None, "—") if gone else (row.guardian, "Anna de Vries"))
    assert bool(frappe.db.get_value("Conversation Request", conversation.request, "guardian")) != gone
    assert outage.packs(evening.name) == []
    for word in (school.guardian["anna.devries"], school.user("anna.devries"), "Anna de Vries"):
        left = _tables_with(word, ours)
        assert (left == set()) == gone, (word, left)
    assert not [sentence for sentence in claims.check() if conversation.booking in sentence]
    doc = frappe.get_doc("Parent Evening", evening.name)
    assert doc.archived and doc.anonymised_on
    before = json.loads(doc.archive_figures)
    assert before["conversations"] == 1
    assert retention.coming() == []

    # Out of the archive: what went is gone, and the evening is not archived again over night.
    doc.archived = 0
    doc.save()
    frappe.db.commit()
    assert retention.coming() == [] and retention.day_of(doc) is None
    assert api._removal(doc).startswith("Personal remarks were removed on")
    frappe.db.set_value("Conversation Offer", conversation.offer, "remark", WORD)
    doc.archived = 1
    doc.save()
    frappe.db.commit()
    assert json.loads(doc.archive_figures)["participants"] == before["participants"]
    assert retention.daily() == 1 and _tables_with(WORD, ours) == set()


def test_remarks_stay_where_the_settings_say_so(evening, conversation):
    frappe.db.set_value("Evening Booking", conversation.booking, "remark", WORD)
    _settings(days=0)
    _over(evening, days=4000)
    assert retention.daily() == 0
    assert frappe.db.get_value("Evening Booking", conversation.booking, "remark") == WORD
    assert "Nothing is removed" in retention.sentences()[0]


def test_every_field_with_words_is_removed_or_known_as_nobodys_remark(site):
    """A new field in which people write something must be named in `personal`."""
    whole = {*personal.GOES, "Schedule Run Data"}
    forgotten = []
    doctypes = set(personal.WORDS) | set(personal.ROWS) | set(NOT_PERSONAL)
    ours = frappe.get_all("DocType", {"module": "Ouderavond", "issingle": 0}, pluck="name")
    of_evenings = {name for name in ours if frappe.get_meta(name).has_field("evening")}
    assert of_evenings - whole - doctypes - {"Reference Week Choice", "Booking Claim"} == set()
    for doctype in doctypes:
        named = set(personal.WORDS.get(doctype, ())) | NOT_PERSONAL.get(doctype, set())
        named |= set(personal.NAMES.get(doctype, ()))
        named |= set(personal.ROWS.get(doctype, ("", ()))[1])
        for field in frappe.get_meta(doctype).fields:
            if field.fieldtype in WORDY and field.fieldname not in named:
                forgotten.append((doctype, field.fieldname))
    assert forgotten == []
