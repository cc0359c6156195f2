"""The matrix of programs and courses: what is offered, offering and removing by cells."""

import frappe

from ouderavond.api import callers, running
from ouderavond.evening.offering import by_course
from ouderavond.evening.offering import matrix as matrix_of


@frappe.whitelist(methods=["GET", "POST"])
def matrix(evening: str, remove: int | bool = 0) -> dict:
    """The matrix to offer from, or with `remove` the one to remove from: see `evening.offering.matrix`."""
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    return matrix_of.to_remove(doc) if int(remove) else matrix_of.to_offer(doc)


@frappe.whitelist(methods=["POST"])
def offer(
    evening: str,
    cells: str | list | None = None,
    programs: str | list | None = None,
    courses: str | list | None = None,
    dry_run: int | bool = 0,
) -> dict:
    """Offer what lies in cells [[program, course]], or in programs and courses; nothing given means all."""
    callers.staff()
    chosen = {
        "cells": running.parsed(cells),
        "programs": running.names(programs),
        "courses": running.names(courses),
    }
    size = 0 if int(dry_run) else _lacking(evening, **chosen)
    return running.answer(by_course.offer, evening, size, dry_run=dry_run, **chosen)


@frappe.whitelist(methods=["POST"])
def remove(
    evening: str,
    cells: str | list,
    dry_run: int | bool = 0,
    confirmed: int | bool = 0,
) -> dict:
    """Remove what is offered in cells [[program, course]] or [[program, null, label]], and nowhere else."""
    callers.staff()
    # Nothing said is never everything here.
    cells = running.parsed(cells) or []
    size = 0 if int(dry_run) else _offered(evening, cells)
    return running.answer(
        by_course.remove, evening, size, dry_run=dry_run, cells=cells, confirmed=bool(int(confirmed))
    )


def _lacking(evening: str, cells: list | None, programs: list | None, courses: list | None) -> int:
    """How many of the chosen are not offered yet."""
    inside = matrix_of.covers(programs, courses, by_course.cells_of(cells))
    found = matrix_of.to_offer(frappe.get_doc("Parent Evening", evening))
    return sum(
        total - offered
        for column, row, total, offered, _asked in found["cells"]
        if inside(found["programs"][column]["name"], found["rows"][row]["course"])
    )


def _offered(evening: str, cells: list) -> int:
    wanted = by_course.cells_of(cells)
    found = matrix_of.to_remove(frappe.get_doc("Parent Evening", evening))
    return sum(
        offered
        for column, row, _total, offered, _asked in found["cells"]
        if _cell(found, column, row) in wanted
    )


def _cell(found: dict, column: int, row: int) -> matrix_of.Cell:
    place = found["rows"][row]
    return matrix_of.Cell(found["programs"][column]["name"], place["course"], place["label"])
