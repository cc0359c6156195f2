"""Overviews: what there is, their rows on the screen, their files, and the outage pack."""

import frappe
from frappe import _

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening.overviews import choosing, files, kinds, letter_head, logins, outage
from ouderavond.evening.overviews import figures as dashboard
from ouderavond.evening.overviews.reading import Facts

# The most rows of one page.
MOST_ROWS = 1_000
PAGE = 200


@frappe.whitelist(methods=["GET", "POST"])
def start(evening: str) -> dict:
    """The kinds of overviews with their filters, what can be chosen for these, letter heads and packs."""
    doc = evening_of(evening)
    return {
        "kinds": [
            {
                "key": key,
                "label": kind.label(),
                "about": kind.about(),
                "filters": list(kind.filters),
                "switches": list(kind.switches),
            }
            for key, kind in kinds.KINDS.items()
        ],
        "choices": _choices(doc),
        "letter_heads": letter_head.names(),
        "packs": outage.packs(doc.name),
    }


def _choices(doc) -> dict:
    """What can be chosen of dates, instructors, classes, rooms and states: (value, label)."""
    facts = Facts(doc)
    rooms = {place.room for place in facts.places if place.room}
    people = {place.instructor: place.instructor_name for place in facts.places}
    groups = set(facts.classes.values())
    return {
        "date": [[str(row.date), frappe.utils.format_date(row.date, "EEE d MMM")] for row in facts.dates],
        "instructor": sorted(([name, title or name] for name, title in people.items()), key=_by_label),
        "group": sorted(([name, title] for name, title in groups), key=_by_label),
        "room": sorted(([name, facts.rooms.get(name, name)] for name in rooms), key=_by_label),
        "state": [[state, _(state)] for state in ("Planned", "Published")],
    }


def _by_label(pair: list) -> str:
    return (pair[1] or "").casefold()


@frappe.whitelist(methods=["GET", "POST"])
def people(evening: str, text: str = "", who: str = "student") -> list[dict]:
    """Participants, or their guardians, whose name has this in it: [{value, label, description}]."""
    return logins.search(Facts(evening_of(evening)), text, who == "guardian")


@frappe.whitelist(methods=["GET", "POST"])
def read(
    evening: str,
    kind: str,
    filters: str | dict | None = None,
    start: int = 0,
    length: int = PAGE,
    order_by: str | None = None,
) -> dict:
    """A page of the rows of an overview: {columns, rows, total}."""
    doc = evening_of(evening)
    facts = Facts(doc, choosing.read(running.filters(filters)))
    return kinds.page(facts, kind, max(0, start), min(max(1, length), MOST_ROWS), order_by)


@frappe.whitelist(methods=["POST"])
def prepare(
    evening: str,
    kind: str,
    file_format: str = "pdf",
    filters: str | dict | None = None,
    head: str | None = None,
) -> dict:
    """Make a file: {report} with its address in `more`, or {job} where it takes long."""
    doc = evening_of(evening)
    where = running.filters(filters)
    many = files.size(doc.name, kind, file_format, where) > files.FEW
    return running.answer(
        files.make,
        doc.name,
        size=running.MANY + 1 if many else 0,
        kind=kind,
        file_format=file_format,
        filters=where,
        head=head,
    )


@frappe.whitelist(methods=["POST"])
def pack(evening: str) -> dict:
    """Make the outage pack: {job}."""
    doc = evening_of(evening)
    return running.answer(outage.make, doc.name, size=running.MANY + 1)


@frappe.whitelist(methods=["GET", "POST"])
def packs(evening: str) -> list[dict]:
    """The outage packs that are there, the last one first."""
    return outage.packs(evening_of(evening).name)


@frappe.whitelist(methods=["GET", "POST"])
def figures(evening: str) -> dict:
    """The charts of the evening's form: those for which there is something to show."""
    return {"charts": dashboard.charts(evening_of(evening))}
