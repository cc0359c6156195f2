"""The links of online conversations by e-mail, to those whom an earlier letter told that they follow.

Also where a link became another one: the one in an earlier letter leads nowhere then.
"""

from datetime import datetime, timedelta
from functools import partial

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening import conversations, conversations_letter, link_promises, messages, quiet, rows
from ouderavond.evening.offering.letters import Letter, NotTold, speaking
from ouderavond.evening.online import joining

# From then on what is there is told, although something is still missing.
SOON = timedelta(hours=24)
# How long to wait before looking again.
AGAIN_AFTER = timedelta(minutes=10)
# Links that became others are looked for this far back, also where the scheduler stood still for a while.
LATELY = timedelta(hours=1)


def tell_due(before: datetime | None = None) -> int:
    """Mail their links to all who wait for them and whose conversations have them now. For the scheduler.

    Returns:
        How many were told.
    """
    _promise_changed()
    frappe.db.commit()
    return sum(
        quiet.tell(event, partial(_compose, role), before) for role, event in link_promises.PROMISED.items()
    )


def _promise_changed() -> None:
    """Note whose links became others lately. Who knows them by now is not told again: see `_compose`."""
    changed = joining.changed_since(now_datetime() - LATELY)
    guardians = rows.of_parents("Evening Booking Guardian", "guardian", changed)
    fields = ["name", "evening", "student"]
    for row in frappe.get_all("Evening Booking", {"name": ("in", changed or [""])}, fields):
        link_promises.promise(row.evening, list(filter(None, guardians[row.name])), row.student)


def _compose(role: str, evening, person: str) -> tuple[list[Letter], NotTold]:
    records = conversations_letter.records(role, person)
    found = conversations.READ[role](records) if records else []
    found = [row for row in found if row.own and row.evening == evening.name]
    coming = link_promises.online(found)
    there = [row for row in coming if row.link]
    now = now_datetime()
    if len(there) < len(coming):
        messages.mark(link_promises.PROMISED[role], evening.name, person, now + AGAIN_AFTER)
        if not any(row.start < now + SOON for row in there):
            return [], []
    if not there or not link_promises.is_first(evening.name, role, person, there):
        return [], []
    made, _left_out = conversations_letter.letters_to(evening, role, records, coming, promises=False)
    for letter in made:
        with speaking(letter.language):
            letter.subject = _("Where to join: {0}").format(evening.title)
            letter.opening = _("These are the links of your online conversations:")
            letter.closing = [
                _("You also find them on your page."),
                _("The file with this e-mail puts them in your calendar."),
            ]
    return made, []
