"""What those who wait see of it: their own places in line, and how many are ahead. Of others nothing else."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import get_datetime, get_timedelta, now_datetime

from ouderavond.evening import requests, wording
from ouderavond.evening.waiting import entries, wishes


def rows(evening, asker, groups: dict[str, tuple[str, ...]] | None = None) -> list[dict]:
    """What an asker waits for at an evening, and what is offered to them, in the order of asking.

    Args:
        evening: Parent Evening document.
        asker: who asks (`requests.Asker`).
        groups: {student: guardians who attend together}, where they have been read already.
    """
    if not entries.somebody_waits(evening.name):
        return []
    found = entries.of_asker(evening.name, requests.groups_of(evening, asker) if groups is None else groups)
    now = now_datetime()
    found = [row for row in found if row.state == "Waiting" or row.expires > now]
    ahead, columns = entries.ahead_of(found), entries.first_offers(found)
    return [_row(row, columns[row.name], ahead.get(row.name, 0)) for row in found]


def holds(evening, asker) -> list[str]:
    """The references of what is held for an asker because it is offered to them.

    Args:
        evening: Parent Evening document.
    """
    if not entries.somebody_waits(evening.name):
        return []
    found = entries.of_asker(evening.name, requests.groups_of(evening, asker))
    return [row.name for row in found if row.state == "Offered"]


def for_start(asker, evenings: Iterable) -> list[dict]:
    """The places that are offered to an asker now, for the start page, the most urgent first.

    Args:
        evenings: Parent Evening documents or names, of those shown to the asker.
    """
    found = []
    for evening in evenings:
        doc = frappe.get_cached_doc("Parent Evening", evening) if isinstance(evening, str) else evening
        role = "student" if asker.student else "guardian"
        found += [
            {**row, "evening": doc.name, "title": doc.title, "role": role}
            for row in rows(doc, asker)
            if row["state"] == "Offered"
        ]
    return sorted(found, key=lambda row: (row["expires"], row["entry"]))


def _row(row, offer: str, ahead: int) -> dict:
    is_offered = row.state == "Offered"
    return {
        "entry": row.name,
        "offer": offer,
        "student": row.student,
        "name": row.student_name,
        "subject": row.subject,
        "instructors": (row.instructor_names or "").split(", "),
        "state": row.state,
        "ahead": ahead,
        "from": _clock(row.earliest),
        "until": _clock(row.latest),
        "start": _iso(row.offered_start) if is_offered else None,
        "expires": _iso(row.expires) if is_offered else None,
        "seconds": max(0, int((row.expires - now_datetime()).total_seconds())) if is_offered else None,
        "sentence": offered_sentence(row) if is_offered else _waiting_sentence(row, ahead),
    }


def offered_sentence(row) -> str:
    """Which place is offered, and until when."""
    expires = get_datetime(row.expires)
    today = expires.date() == now_datetime().date()
    until = wording.time(expires.time()) if today else wording.moment(expires)
    sentence = _("A place has come free: {0}. It is held for you until {1}.")
    return sentence.format(wording.moment(row.offered_start), until)


def _waiting_sentence(row, ahead: int) -> str:
    if not ahead:
        sentence = _("You are first in line.")
    elif ahead == 1:
        sentence = _("1 other is ahead of you.")
    else:
        sentence = _("{0} others are ahead of you.").format(ahead)
    wish = wishes.in_words(row.earliest, row.latest)
    return _("{0} Only {1}.").format(sentence, wish) if wish else sentence


def _clock(value) -> str | None:
    if value is None:
        return None
    minutes = int(get_timedelta(value).total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _iso(moment) -> str:
    return get_datetime(moment).strftime("%Y-%m-%dT%H:%M")
