"""The reference week: the lesson groups where there is something to choose, and choosing."""

import frappe

from ouderavond.api import callers, running
from ouderavond.evening.offering import by_course, week


@frappe.whitelist(methods=["GET", "POST"])
def state(evening: str) -> dict:
    """How many cases there are and how many are open, or why the week cannot be used."""
    callers.staff()
    return week.state(frappe.get_doc("Parent Evening", evening))


@frappe.whitelist(methods=["GET", "POST"])
def cases(evening: str, cells: str | list | None = None) -> list[dict]:
    """The cases of the whole evening, or of cells [[program, course]]: see `evening.offering.week.cases`."""
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    return week.cases(doc, by_course.cells_of(running.parsed(cells)))


@frappe.whitelist(methods=["POST"])
def choose(
    evening: str,
    choices: str | list | None = None,
    everybody: str | None = None,
    replace: int | bool = 0,
    dry_run: int | bool = 0,
) -> dict:
    """Keep [{group, course, instructors, together}]; `everybody` chooses for all other cases at once."""
    callers.staff()
    return running.answer(
        week.choose,
        evening,
        0,
        dry_run=dry_run,
        picks=running.parsed(choices),
        everybody=everybody or None,
        replace=bool(int(replace)),
    )
