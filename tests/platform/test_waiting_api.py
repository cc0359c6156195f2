"""The waiting list through its calls, its e-mail, its command and the desk: each person with real rights."""

import email
import email.policy
import json

import frappe
import pytest

from ouderavond.api import table as table_api
from ouderavond.api import waiting as api
from ouderavond.evening import counts
from ouderavond.evening.offering.letters import speaking
from ouderavond.evening.waiting import entries, serving
from tests.platform.school import MANAGER, PLANNER, as_user, forbid_contact, mark_separated
from tests.platform.waiting import FullEvening, entry_of

KEY = "a-key-of-the-page-0001"


@pytest.fixture
def evening(site, school):
    return FullEvening(school)


def call(school, who, method, **values):
    """One call as the platform makes it for a user: rolled back when refused, committed when not."""
    frappe.local.response = frappe._dict(docs=[])
    with as_user(school.user(who) if who != "Guest" else "Guest"):
        try:
            answer = getattr(api, method)(**values)
        except Exception:
            frappe.db.rollback()
            raise
    frappe.db.commit()
    return answer


def table_of(school, who, evening, role="guardian"):
    frappe.local.request = frappe._dict(headers={})
    with as_user(school.user(who)):
        return json.loads(table_api.read(evening.name, role).get_data())["message"]


def test_a_guardian_gets_in_line_is_offered_accepts_and_declines_through_the_calls(evening, school):
    offer = evening.offer("s01")
    answer = call(
        school, "anna.devries", "watch", evening=evening.name, role="guardian", offer=offer, earliest="18:30"
    )
    entry = answer["entry"]
    assert (answer["status"], answer["message"][:15]) == ("waiting", "You are in line")
    column = next(
        one
        for one in table_of(school, "anna.devries", evening)["children"][0]["columns"]
        if one["offer"] == offer
    )
    assert column["full"]
    start = evening.free(2)
    serving.serve(evening.name)
    page = table_of(school, "bram.devries", evening)
    row = page["waiting"][0]
    assert (row["entry"], row["state"], row["offer"]) == (entry, "Offered", offer)
    assert row["start"] == f"{start:%Y-%m-%dT%H:%M}" and 0 < row["seconds"]
    cells = next(one for one in page["children"][0]["columns"] if one["offer"] == offer)["cells"]
    assert cells == {str(evening.date): "ooh"}
    evening.change(walking_minutes=15)
    evening.book("s02", "anna.devries", evening.starts[1], "dek")
    values = {"entry": entry, "role": "guardian", "key": KEY}
    warned = call(school, "anna.devries", "accept", **values)
    assert warned["status"] == "warning" and frappe.local.response["http_status_code"] == 409
    assert entry_of(entry).state == "Offered"
    done = call(school, "anna.devries", "accept", **values, accepted=True)
    assert done["status"] == "reserved"
    assert call(school, "anna.devries", "accept", **values, accepted=True) == done
    assert entry_of(entry).state == "Booked"
    other = call(
        school,
        "carla.bakker",
        "watch",
        evening=evening.name,
        role="guardian",
        offer=evening.offer("s04"),
    )["entry"]
    for _time in range(2):
        assert call(school, "carla.bakker", "leave", entry=other, role="guardian")["status"] == "left"


def test_nobody_else_reaches_or_sees_somebodys_place_in_line(evening, school):
    """Another guardian, the separated one, a student, one without any link, an instructor, and Guest."""
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    forbid_contact(school, "s07", "pieter.mulder")
    entry = evening.watch("carla.bakker", "s04")
    evening.free(0)
    serving.serve(evening.name)
    acts = [
        ("leave", {"entry": entry}),
        ("accept", {"entry": entry, "key": KEY}),
        ("decline", {"entry": entry}),
        ("leave", {"entry": "no-such-entry"}),
    ]
    refusals = set()
    others = ("dirk.bakker", "anna.devries", "els.smit", "karim.yilmaz")
    for who, role in [*((one, "guardian") for one in others), ("s01", "student"), ("s04", "student")]:
        for method, values in acts:
            with pytest.raises(frappe.PermissionError) as refused:
                call(school, who, method, role=role, **values)
            refusals.add(str(refused.value))
    assert refusals == {"This place in line is not one of yours."}
    for who, role in (("jan", "guardian"), ("jan", "student"), ("tea", "guardian"), ("Guest", "guardian")):
        for method, values in acts:
            with pytest.raises(frappe.PermissionError, match="not linked|log in"):
                call(school, who, method, role=role, **values)
    for who, student in (("dirk.bakker", "s01"), ("pieter.mulder", "s07"), ("anna.devries", "s04")):
        offer = evening.offer(student, "jan" if student != "s07" else "dek")
        with pytest.raises(frappe.PermissionError, match="not one that you can book"):
            call(school, who, "watch", evening=evening.name, role="guardian", offer=offer)
    assert not {api.watch, api.leave, api.accept, api.decline} & set(frappe.guest_methods)
    assert entry_of(entry).state == "Offered"


def test_what_others_are_told_is_a_number(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    for who, student in (("carla.bakker", "s04"), ("linda.vandijk", "s09")):
        evening.watch(who, student, "18:40")
    evening.watch("dirk.bakker", "s04")
    told = table_of(school, "dirk.bakker", evening)["waiting"]
    assert [row["ahead"] for row in told] == [2]
    assert told[0]["sentence"] == "2 others are ahead of you."
    for word in ("arla", "inda", "Noor", "18:40", "van Dijk"):
        assert word not in json.dumps(told)
    assert table_of(school, "anna.devries", evening)["waiting"] == []


@pytest.mark.parametrize(
    "values",
    [{"earliest": ["18:30"]}, {"offer": None}, {"offer": {"x": 1}}, {"role": "staff"}, {"evening": "x"}],
)
def test_nonsense_is_refused(evening, school, values):
    given = {"evening": evening.name, "role": "guardian", "offer": evening.offer("s01"), **values}
    with pytest.raises((frappe.ValidationError, frappe.PermissionError, frappe.exceptions.FrappeTypeError)):
        call(school, "anna.devries", "watch", **given)
    assert frappe.db.count(entries.DOCTYPE) == 0


# E-mail


def letters():
    frappe.db.rollback()
    rows = frappe.get_all("Email Queue", ["name", "message"], order_by="creation, name")
    found = []
    for row in rows:
        message = email.message_from_string(row.message, policy=email.policy.default)
        to = frappe.get_all("Email Queue Recipient", {"parent": row.name}, pluck="recipient")
        text = message.get_body(("plain",)).get_content()
        found.append((to, str(message["Subject"]), text))
    return found


def test_each_who_can_act_is_told_once_in_their_language_until_when(evening, school, outgoing_mail):
    frappe.db.set_value("User", school.user("bram.devries"), "language", "nl")
    frappe.db.commit()
    entry = evening.watch("anna.devries", "s01")
    evening.free(0)
    serving.serve(evening.name)
    serving.serve(evening.name)
    serving.serve_all()
    sent = {to[0]: (subject, text) for to, subject, text in letters()}
    assert set(sent) == {school.user("anna.devries"), school.user("bram.devries")} and len(letters()) == 2
    subject, text = sent[school.user("anna.devries")]
    assert subject == "A place has come free: Oudercontact"
    with speaking("en"):
        until = frappe.utils.format_time(entry_of(entry).expires.time(), "HH:mm")
    for words in ("Daan de Vries", "Nederlands – Joke Jansma", "18:30", until, "/ouderavond"):
        assert words in text
    for word in ("Lotte", "Boer", "Bakker"):
        assert word not in text
    frappe.db.set_value("User", school.user("bram.devries"), "language", None)
    frappe.db.commit()


def test_separated_guardians_and_sites_that_are_not_confirmed_read_nothing(
    evening, school, outgoing_mail, monkeypatch
):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    evening.watch("carla.bakker", "s04")
    evening.free(0)
    monkeypatch.setattr("ouderavond.evening.offering.letters.is_confirmed", lambda: False)
    serving.serve(evening.name)
    assert letters() == [] and frappe.db.count("Evening Message") == 0
    monkeypatch.undo()
    monkeypatch.setitem(frappe.local.conf, "mail_server", "localhost")
    monkeypatch.setitem(frappe.local.conf, "auto_email_id", "school@school.test")
    serving.serve(evening.name)
    assert [to for to, _subject, _text in letters()] == [[school.user("carla.bakker")]]


# Staff


def test_staff_read_the_list_and_nobody_else_does(evening, school, run):
    entry = evening.watch("anna.devries", "s01")
    for user in (MANAGER, PLANNER):
        with as_user(user):
            assert frappe.get_list(entries.DOCTYPE, pluck="name") == [entry]
            assert frappe.has_permission(entries.DOCTYPE, "read", entry)
            assert not frappe.has_permission(entries.DOCTYPE, "write", entry)
    for who in ("anna.devries", "s01", "jan", "els.smit"):
        with as_user(school.user(who)):
            with pytest.raises(frappe.PermissionError):
                frappe.get_list(entries.DOCTYPE)
            assert not frappe.has_permission(entries.DOCTYPE, "read", entry)
    doc = frappe.get_doc(entries.DOCTYPE, entry)
    with pytest.raises(frappe.PermissionError, match="kept by the system"):
        doc.save()
    frappe.db.rollback()
    assert counts.of(evening.doc).waiting == {"Waiting": 1}
    done = run("waiting")
    assert done.returncode == 0, done.stderr
    for word in ("Daan de Vries", "Anna de Vries", "Joke Jansma", "waiting"):
        assert word in done.stdout
