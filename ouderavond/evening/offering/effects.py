"""What a change of offers comes to: how many before and after, and what people want to know first."""

from collections import Counter

import frappe
from frappe import _
from frappe.utils import format_date, getdate

from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering.rows import Offer, instructor_names

# More different remarks than this say nothing to anybody.
MOST_ROWS = 30


def figures(evening, about: list[str], before: list[Offer], after: list[Offer]) -> list[dict]:
    """Rows {about, label, before, after} of the values that change: how many of the offers have each.

    Args:
        evening: a Parent Evening document.
        about: which values: instructors, slots, forbidden, remark.
        before, after: the offers.
    """
    labels = {
        "instructors": instructor_names,
        "slots": dict,
        "forbidden": lambda: {getdate(d.date): format_date(d.date, "EEE d MMM") for d in evening.dates},
        "remark": lambda: {None: _("No remark")},
    }
    rows = []
    for field in about:
        counts = [
            Counter(value for offer in offers for value in _values(offer, field))
            for offers in (before, after)
        ]
        rows += _rows(field, labels[field](), *counts)
    return rows


def _values(offer: Offer, field: str) -> tuple:
    value = getattr(offer, field)
    return value if isinstance(value, tuple) else (value or None,)


def _rows(about: str, labels: dict, before: Counter, after: Counter) -> list[dict]:
    values = sorted((value for value in before | after if before[value] != after[value]), key=str)
    return [
        {
            "about": about,
            "label": str(labels.get(value) or value),
            "before": before[value],
            "after": after[value],
        }
        for value in values[:MOST_ROWS]
    ]


def notes(evening, pairs: list[tuple[Offer, Offer]]) -> list[str]:
    """Sentences about changed offers, given as (before, after): what stays for those who asked."""
    days = {getdate(row.date) for row in evening.dates}
    moved = [after.name for before, after in pairs if before.instructors_key != after.instructors_key]
    longer = [after.name for before, after in pairs if before.slots != after.slots]
    sometimes = [after for before, after in pairs if before.forbidden != after.forbidden]
    found = [
        (
            _with_state(evening, "Conversation Request", moved, ASKED),
            _("{0} requests stay, and are with the new instructors."),
        ),
        (
            _with_state(evening, "Evening Booking", longer, LIVE),
            _("{0} conversations have a time: they keep their length until they are scheduled again."),
        ),
        (
            _on_forbidden(evening, sometimes),
            _("{0} conversations have a time on a date forbidden now: they keep it until it is changed."),
        ),
        (
            sum(1 for offer in sometimes if days and days <= set(offer.forbidden)),
            _("{0} offers have every date forbidden: they cannot be scheduled."),
        ),
    ]
    return [sentence.format(number) for number, sentence in found if number]


def _with_state(evening, doctype: str, offers: list[str], states: tuple[str, ...]) -> int:
    if not offers:
        return 0
    # Far fewer than the offers may be, so that these are not all named in the question.
    filters = {"evening": evening.name, "state": ("in", states)}
    wanted = set(offers)
    return sum(1 for offer in frappe.get_all(doctype, filters, pluck="offer") if offer in wanted)


def _on_forbidden(evening, offers: list[Offer]) -> int:
    if not offers:
        return 0
    forbidden = {offer.name: set(offer.forbidden) for offer in offers}
    filters = {"evening": evening.name, "state": ("in", LIVE)}
    rows = frappe.get_all("Evening Booking", filters, ["offer", "start"])
    return sum(1 for row in rows if row.start.date() in forbidden.get(row.offer, ()))
