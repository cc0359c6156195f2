"""When a student, guardian or instructor is deleted.

Our records never block a deletion. What lies ahead is cancelled or, where others still meet, goes on without
the one who left; what lies behind stays as a fact of the school, without the person: links are emptied, names
replaced by a dash, remarks and versions removed. Everything runs within the platform's own transaction.
"""

from collections import defaultdict

import frappe
from frappe.utils import now_datetime, nowdate

from ouderavond.evening import claims, messages, rows, told
from ouderavond.evening.offering import journal
from ouderavond.evening.people import person_key
from ouderavond.evening.planning import changes
from ouderavond.evening.planning.disruptions import happened
from ouderavond.evening.renames import rewrite_keys
from ouderavond.evening.waiting import leaving

GONE = "—"
# What somebody who can't come said; their own words go with them.
UNSAID = {"cant_come_wish": None, "cant_come_choices": None, "cant_come_by": None}


# Deletions


def before_student_is_deleted(doc, method=None) -> None:
    """Cancel and remove what lies ahead of a student, and anonymise what lies behind."""
    bookings = rows.names("Evening Booking", student=doc.name)
    _cancel(_ahead(bookings))
    _drop_claims("Student", doc.name, bookings)
    rows.update("Evening Booking Instructor", {"parent": ("in", bookings)}, note=None)
    rows.remove_offers(_of_coming_evenings("Conversation Offer", student=doc.name))
    _anonymise("Evening Booking", {"student": doc.name}, override_reason=None, household=None, **UNSAID)
    gone = {"party": None, "remark": None, "reason_facts": None, "override_reason": None}
    _anonymise("Conversation Request", {"student": doc.name}, **gone)
    _anonymise("Conversation Offer", {"student": doc.name}, remark=None)
    _remove_blocks("Student", doc.name)
    leaving.forget("student", doc.name)
    messages.forget_record("Student", doc.name)
    happened.forget(doc.name)
    rows.remove("Guardian Arrangement", rows.names("Guardian Arrangement", student=doc.name))
    frappe.db.delete("Parent Evening Participant", {"participant_type": "Student", "participant": doc.name})
    journal.forget_student(doc.name)
    changes.forget_student(doc.name)


def before_student_group_is_deleted(doc, method=None) -> None:
    """What was decided about a class or lesson group goes with it."""
    for doctype in ("Forbidden Class Date", "Reference Week Choice"):
        rows.remove(doctype, rows.names(doctype, student_group=doc.name))


def before_guardian_is_deleted(doc, method=None) -> None:
    """Take a guardian out of what lies ahead, and anonymise what lies behind."""
    bookings = rows.parents("Evening Booking Guardian", "guardian", doc.name)
    _leave_bookings("Guardian", doc.name, bookings)
    _leave_requests(doc.name)
    _anonymise_rows("Evening Booking Guardian", "guardian", doc.name)
    rows.update("Evening Booking", {"household": doc.name}, household=None)
    rows.update("Evening Booking", {"name": ("in", bookings), "cant_come": 1}, **UNSAID)
    rows.forget("Evening Booking", bookings)
    _remove_blocks("Guardian", doc.name)
    leaving.forget("guardian", doc.name)
    messages.forget_record("Guardian", doc.name)
    happened.forget(doc.name)
    rows.remove("Guardian Arrangement", rows.names("Guardian Arrangement", guardian=doc.name))
    for side in ("guardian", "other_guardian"):
        rows.remove("Guardians Not To Meet", rows.names("Guardians Not To Meet", **{side: doc.name}))


def before_instructor_is_deleted(doc, method=None) -> None:
    """Take an instructor out of what lies ahead, and anonymise what lies behind."""
    bookings = rows.parents("Evening Booking Instructor", "instructor", doc.name)
    _leave_bookings("Instructor", doc.name, bookings)
    _leave_offers(doc.name)
    rows.update("Evening Booking Instructor", {"instructor": doc.name}, note=None)
    _anonymise_rows("Evening Booking Instructor", "instructor", doc.name)
    rows.forget("Evening Booking", bookings)
    _remove_blocks("Instructor", doc.name)
    messages.forget_record("Instructor", doc.name)
    happened.forget(doc.name)
    # Its account stays until its event has been taken away.
    rows.update("Evening Meeting", {"instructor": doc.name}, instructor=None)
    rows.remove("Evening Instructor", _of_coming_evenings("Evening Instructor", instructor=doc.name))
    _anonymise("Evening Instructor", {"instructor": doc.name})


# What lies ahead


def _ahead(bookings: list[str]) -> list[str]:
    """Those of the bookings that are still to come."""
    filters = {
        "name": ("in", bookings or [""]),
        "start": (">=", now_datetime()),
        "state": ("!=", "Cancelled"),
    }
    return frappe.get_all("Evening Booking", filters, pluck="name")


def _cancel(bookings: list[str]) -> None:
    """Cancel bookings and give up their time, where blocks may then claim again."""
    _give_up("Evening Booking", bookings)
    rows.update("Evening Booking", {"name": ("in", bookings)}, state="Cancelled", pinned=0, untold=0)
    told.note_many(bookings)


def _give_up(doctype: str, names: list[str]) -> None:
    by_evening = defaultdict(list)
    for row in frappe.get_all(doctype, {"name": ("in", names or [""])}, ["name", "evening"]):
        by_evening[row.evening].append(row.name)
    for evening, references in by_evening.items():
        claims.replace(evening, references, [])


def _leave_bookings(doctype: str, name: str, bookings: list[str]) -> None:
    """Cancel the coming bookings in which nobody else attends for this one; leave the others."""
    field = doctype.lower()
    row = frappe.qb.DocType(f"Evening Booking {doctype}")
    ahead = _ahead(bookings)
    others = row.parent.isin(ahead or [""]) & (row[field] != name)
    kept = set(frappe.qb.from_(row).select(row.parent).distinct().where(others).run(pluck=True))
    _cancel([booking for booking in ahead if booking not in kept])
    _drop_claims(doctype, name, bookings)
    if kept:
        frappe.db.delete(f"Evening Booking {doctype}", {"parent": ("in", list(kept)), field: name})


def _leave_requests(guardian: str) -> None:
    """What a guardian asked goes to who attended with them, or, where nobody did, away."""
    request = frappe.qb.DocType("Conversation Request")
    found = (
        frappe.qb.from_(request)
        .select(request.name, request.offer, request.guardian, request.party)
        .where((request.guardian == guardian) | request.party.like(f"%{guardian}%"))
    ).run(as_dict=True)
    coming = set(_of_coming_evenings("Conversation Request", name=("in", [row.name for row in found])))
    rows.remove_requests([row.name for row in found if row.name in coming and not _hand_over(row, guardian)])
    gone = {"party": None, "remark": None, "reason_facts": None, "override_reason": None}
    _anonymise("Conversation Request", {"guardian": guardian}, **gone)


def _hand_over(request, guardian: str) -> bool:
    """Make a request that of the others of its party; False where there are none, or they asked the same."""
    party = (request.party or "").split("|")
    others = [name for name in party if name != guardian]
    if guardian not in party:
        # Somebody else's, whose name only contains this one.
        return request.guardian != guardian
    if not others or frappe.db.exists(
        "Conversation Request", {"offer": request.offer, "party": "|".join(others)}
    ):
        return False
    values = {"party": "|".join(others)}
    if request.guardian == guardian:
        name = frappe.db.get_value("Guardian", others[0], "guardian_name")
        values |= {"guardian": others[0], "guardian_name": name}
    rows.update("Conversation Request", {"name": request.name}, **values)
    return True


def _leave_offers(instructor: str) -> None:
    """Offers of this instructor alone go; those with several instructors go on with the others."""
    offers = rows.parents("Conversation Offer Instructor", "instructor", instructor)
    coming = _of_coming_evenings("Conversation Offer", name=("in", offers or [""]))
    row = frappe.qb.DocType("Conversation Offer Instructor")
    others = row.parent.isin(coming or [""]) & (row.instructor != instructor)
    kept = set(frappe.qb.from_(row).select(row.parent).distinct().where(others).run(pluck=True))
    rows.remove_offers([offer for offer in coming if offer not in kept])
    if kept:
        rows.forget("Conversation Offer", kept)
        frappe.db.delete(
            "Conversation Offer Instructor", {"parent": ("in", list(kept)), "instructor": instructor}
        )
        rewrite_keys(kept)
        leaving.follow_offers()
    behind = [offer for offer in offers if offer not in coming]
    _anonymise_rows("Conversation Offer Instructor", "instructor", instructor)
    rows.update("Conversation Offer", {"name": ("in", behind)}, instructors_key=None)
    rows.forget("Conversation Offer", behind)


def _remove_blocks(doctype: str, name: str) -> None:
    """Remove the coming blocks of somebody, and anonymise those that have been."""
    own = {"who_type": doctype, "who": name}
    frappe.db.delete("Booking Claim", {"reference": ("in", rows.names("Evening Block", **own) or [""])})
    rows.remove("Evening Block", rows.names("Evening Block", **own, to_time=(">=", now_datetime())))
    behind = rows.names("Evening Block", **own)
    rows.update("Evening Block", {"name": ("in", behind)}, who=None, who_name=GONE, reason=None)
    rows.forget("Evening Block", behind)


# Rows


def _of_coming_evenings(doctype: str, **filters) -> list[str]:
    """Records of evenings that have a date still to come."""
    coming = frappe.get_all("Parent Evening Date", {"date": (">=", nowdate())}, pluck="parent", distinct=True)
    return rows.names(doctype, **filters, evening=("in", coming or [""]))


def _anonymise(doctype: str, filters: dict, **values) -> None:
    """Empty the link by which records were found, with the name beside it and the given fields."""
    names = rows.names(doctype, **filters)
    (link,) = filters
    rows.update(doctype, {"name": ("in", names)}, **{link: None, f"{link}_name": GONE}, **values)
    rows.forget(doctype, names)


def _anonymise_rows(child: str, link: str, name: str) -> None:
    rows.update(child, {link: name}, **{link: None, f"{link}_name": GONE})


def _drop_claims(doctype: str, name: str, bookings: list[str]) -> None:
    """Give up somebody's own claims in bookings that others go on with."""
    if bookings:
        who = person_key(doctype, name)
        frappe.db.delete("Booking Claim", {"who": who, "reference": ("in", bookings)})
