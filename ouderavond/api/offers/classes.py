"""Classes per date on the page Offers."""

from dataclasses import asdict

import frappe
from frappe import _
from frappe.utils import format_date

from ouderavond.api import callers, running
from ouderavond.evening.offering import classes as dates_of_classes


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str) -> dict:
    """The dates, the classes by program with their places by date, and what is to be thought of."""
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    found = dates_of_classes.read(doc)
    programs: dict[str, list[dict]] = {}
    for one in found:
        places = {str(day): place._asdict() for day, place in one.places.items()}
        programs.setdefault(one.program or "", []).append(
            {"name": one.name, "places": places, "nowhere": one.nowhere}
        )
    return {
        "dates": [
            {
                "date": str(day),
                "label": format_date(day, "EEE d MMM"),
                "long": format_date(day, "EEEE d MMMM"),
            }
            for day in dates_of_classes.days(doc)
        ],
        "programs": [{"name": name, "classes": rows} for name, rows in programs.items()],
        "warnings": _warnings(dates_of_classes.warnings(doc, found)),
    }


def _warnings(found: dates_of_classes.Warnings) -> dict:
    named = [[child._asdict() for child in children] for children in found.named]
    return {**asdict(found), "named": named}


@frappe.whitelist(methods=["POST"])
def change(evening: str, classes: str | list, date: str, forbidden: int, dry_run: int = 0) -> dict:
    """Forbid classes on a date (`forbidden` 1) or allow them again (0)."""
    callers.staff()
    names = running.names(classes) or []
    if forbidden not in (0, 1):
        frappe.throw(_("A yes (1) or no (0) was expected."))
    answer = running.answer(
        dates_of_classes.set_forbidden,
        evening,
        len(names),
        dry_run=dry_run,
        classes=names,
        day=date,
        forbidden=bool(forbidden),
    )
    report = answer["report"]
    if report["changed"]:
        report["sentence"] = report["more"]["what"]
    return answer
