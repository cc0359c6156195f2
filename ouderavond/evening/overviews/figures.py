"""The charts on the form of an evening: each from a few counts, and only where there is something to show."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date
from frappe.utils import format_date
from pypika import Case
from pypika.functions import Sum

from ouderavond.evening import counts
from ouderavond.evening.overviews import occupied
from ouderavond.evening.overviews.choosing import Chosen
from ouderavond.evening.overviews.reading import LIVE, Facts

# More days than these say nothing in a chart of this size: the last ones are shown.
DAYS = 45


def charts(evening) -> list[dict]:
    """What the form of a Parent Evening document shows.

    Returns:
        dicts {key, title, type, labels, datasets: [{name, values}]}: `type` is bar, stacked or shares. The
        same numbers stand in a table for who cannot see the chart.
    """
    makers = (_answered, _requests_per_day, _outcomes, _bookings_per_day, _slots, _held)
    return [chart for make in makers if (chart := make(evening)) and _says_something(chart)]


def _says_something(chart: dict) -> bool:
    return any(value for dataset in chart["datasets"] for value in dataset["values"])


def _chart(key: str, title: str, kind: str, labels: list[str], **values: list[int]) -> dict:
    names = {
        "number": _("Number", context="Overviews"),
        "booked": _("Booked", context="Overviews"),
        "free": _("Free", context="Overviews"),
    }
    datasets = [{"name": names[name], "values": numbers} for name, numbers in values.items()]
    return {"key": key, "title": title, "type": kind, "labels": labels, "datasets": datasets}


def _shares(key: str, title: str, parts: dict[str, int]) -> dict:
    parts = {label: number for label, number in parts.items() if number}
    return _chart(key, title, "shares", list(parts), number=list(parts.values()))


def _answered(evening) -> dict | None:
    """For how many participants somebody asked or booked."""
    answered = set()
    for doctype, states in (("Conversation Request", counts.ASKED), ("Evening Booking", LIVE)):
        table = frappe.qb.DocType(doctype)
        query = frappe.qb.from_(table).select(table.student).distinct()
        found = query.where((table.evening == evening.name) & table.state.isin(states)).run(pluck=True)
        answered.update(filter(None, found))
    if not answered:
        return None
    without = max(0, counts.participants(evening) - len(answered))
    parts = {_("Asked or booked"): len(answered), _("Nothing yet"): without}
    return _shares("answered", _("Students for whom something was asked"), parts)


def _requests_per_day(evening) -> dict:
    table = frappe.qb.DocType("Conversation Request")
    mine = (table.evening == evening.name) & table.state.isin(counts.ASKED)
    return _per_day("requests", _("Requests per Day"), table, mine)


def _bookings_per_day(evening) -> dict:
    """What families booked themselves: the scheduler makes all of its bookings at once."""
    table = frappe.qb.DocType("Evening Booking")
    mine = (table.evening == evening.name) & table.state.isin(LIVE) & (table.source != "Scheduler")
    return _per_day("bookings", _("Bookings per Day"), table, mine)


def _per_day(key: str, title: str, table, condition) -> dict:
    day = Date(table.creation)
    query = frappe.qb.from_(table).select(day, Count("*")).where(condition)
    rows = query.groupby(day).orderby(day).run()[-DAYS:]
    labels = [format_date(day, "d MMM") for day, _number in rows]
    return _chart(key, title, "bar", labels, number=[number for _day, number in rows])


def _outcomes(evening) -> dict:
    table = frappe.qb.DocType("Conversation Request")
    query = frappe.qb.from_(table).select(table.state, Count("*")).where(table.evening == evening.name)
    found = dict(query.groupby(table.state).run())
    words = {"Placed": _("Placed"), "Not Placed": _("Not Placed"), "Requested": _("Waits for a time")}
    known = {label: found.get(state, 0) for state, label in words.items()}
    return _shares("outcomes", _("What Became of Requests"), known if found.get("Placed") else {})


def _slots(evening) -> dict | None:
    facts = Facts(evening, Chosen())
    if not facts.taken:
        return None
    rows = occupied.by_slot(facts)
    several = len(facts.dates) > 1
    labels = [f"{format_date(row['date'], 'd/M')} {row['time']}" if several else row["time"] for row in rows]
    booked, free = [row["booked"] for row in rows], [row["free"] for row in rows]
    return _chart("slots", _("Instructors per Slot"), "stacked", labels, booked=booked, free=free)


def _held(evening) -> dict:
    """What instructors noted on the evening itself."""
    table = frappe.qb.DocType("Evening Booking")
    took_place = Case().when((table.no_show == 0) & table.started.notnull(), 1).else_(0)
    query = frappe.qb.from_(table).select(Sum(table.no_show), Sum(took_place), Count("*"))
    rows = query.where((table.evening == evening.name) & table.state.isin(LIVE)).run()
    missing, held, every = (int(number or 0) for number in rows[0])
    if not (missing or held):
        return None
    parts = {_("Held"): held, _("Not There"): missing, _("Nothing noted"): every - held - missing}
    return _shares("held", _("How It Went"), parts)
