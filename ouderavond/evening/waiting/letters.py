"""The e-mail to whom a place is offered: once per offer to each who can act on it, in their own language."""

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from ouderavond.evening import messages, people, wording
from ouderavond.evening.offering.letters import Letter, Line, NotTold, Section, speaking, tell
from ouderavond.evening.offering.readers import Families, Reader
from ouderavond.evening.offering.telling import conversation, new_letter
from ouderavond.evening.waiting import entries

EVENT = "waiting offered"


def tell_offered(evening: str) -> None:
    """Tell everybody to whom a place is offered now and who was not told yet. Never raises; commits."""
    rows = [row for row in entries.in_line(evening) if row.state == "Offered"]
    if not rows:
        return
    told = set(
        frappe.get_all(
            messages.DOCTYPE,
            {"event": EVENT, "evening": evening, "version": ("in", [version(row) for row in rows])},
            ["person", "version"],
            as_list=True,
        )
    )
    families = Families(frappe.get_cached_doc("Parent Evening", evening), {row.student for row in rows})
    for row in rows:
        for person, reader in _readers(families, row):
            if (person, version(row)) not in told and row.expires > now_datetime():
                _tell_one(evening, row, person, reader)


def version(row) -> str:
    """Which offer of an entry this is: who watches again may be offered another."""
    return f"{row.name} {get_datetime(row.offered_at):%Y%m%d%H%M%S}"


def _readers(families: Families, row) -> list[tuple[str, Reader]]:
    """(person, reader): those who attend together and can log in; else who can at least be written to."""
    if not row.guardian:
        found = [("Student", row.student, families.student(row.student))]
    else:
        group = families.group(row.student, row.guardian)
        found = [("Guardian", name, families.guardian(row.student, name)) for name in group]
    found = [one for one in found if one[2]]
    keys = people.person_keys((doctype, name) for doctype, name, _reader in found)
    with_page = [one for one in found if one[2].has_page]
    return [(keys[doctype, name], reader) for doctype, name, reader in with_page or found]


def _tell_one(evening: str, row, person: str, reader: Reader) -> None:
    def compose(doc) -> tuple[list[Letter], NotTold]:
        # Within the transaction that queues the letter: both are there together, or neither.
        is_first = messages.once(EVENT, evening, person, version(row))
        return ([offered(doc, row, reader)] if is_first else []), []

    if not tell(evening, compose).sent:
        # Nothing was queued, so nobody was told.
        frappe.db.rollback()


def offered(evening, row, reader: Reader) -> Letter:
    """The letter about one offered place."""
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("A place has come free: {0}"))
        letter.opening = _("You are waiting for a conversation, and a place for it has come free.")
        text = conversation(row.subject, [row.instructor_names])
        letter.sections = [
            Section(row.student_name, [Line(f"{text}, {wording.moment(row.offered_start)}")]),
        ]
        until = wording.moment(row.expires)
        letter.closing = [
            _("The place is held for you until {0}. Accept it or say no on your page before then.").format(
                until
            ),
            _("If you do nothing, it goes to the next in line."),
        ]
        if letter.link:
            letter.link_label = _("Accept or say no")
    return letter
