"""The links of online conversations by e-mail, to those whom an earlier letter told that they follow."""

from datetime import datetime, timedelta
from functools import partial

from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening import conversations, conversations_letter, link_promises, messages, quiet
from ouderavond.evening.offering.letters import Letter, NotTold, speaking

# From then on what is there is told, although something is still missing.
SOON = timedelta(hours=24)
# How long to wait before looking again.
AGAIN_AFTER = timedelta(minutes=10)


def tell_due(before: datetime | None = None) -> int:
    """Mail their links to all who wait for them and whose conversations have them now. For the scheduler.

    Returns:
        How many were told.
    """
    return sum(
        quiet.tell(event, partial(_compose, role), before) for role, event in link_promises.PROMISED.items()
    )


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
