"""The desk page Offers at a school's size, timed on a demo school: what it shows, and what it changes.

    cd BENCH/sites && ../env/bin/python CHECKOUT/benchmarks/offers.py SITE

SITE holds the demo school (`bench --site SITE ouderavond demo`). What is shown is that of its evening; what
is changed belongs to a second evening, which is deleted afterwards. The peer of a bulk change in the same run
is the platform's ordinary way, a record at a time, on a sample.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

import frappe
from road import copy_of, one_at_a_time, print_row, timed

CALLS = 20
LINES = 50_000
PAGE = 200


def main() -> None:
    """Run the whole benchmark and print its two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site")
    arguments = parser.parse_args()
    frappe.init(site=arguments.site)
    frappe.connect()
    frappe.set_user("Administrator")
    first = frappe.get_all("Parent Evening", pluck="name", order_by="creation")[0]
    shown(first)
    second = copy_of(first)
    frappe.db.set_value("Parent Evening", second, "published", 0)
    frappe.db.commit()
    try:
        changed(second)
    finally:
        frappe.db.rollback()
        frappe.delete_doc("Parent Evening", second)
        frappe.db.commit()


def shown(evening: str) -> None:
    """Milliseconds on the server of everything that is read."""
    from ouderavond.api.offers import by_course, check, classes, mentors, page, students, views

    student = frappe.get_all("Conversation Offer", {"evening": evening}, pluck="student", limit=1)[0]
    print(f"{'shown':<36}{'median ms':>10}{'p95 ms':>9}")
    measure("start of the page", lambda: page.start(evening))
    measure("by course: the matrix", lambda: by_course.matrix(evening))
    measure("by course: the matrix to remove", lambda: by_course.matrix(evening, remove=1))
    measure("mentors: the classes", lambda: mentors.classes(evening))
    measure("per student: the students", lambda: students.students(evening, search="a"))
    measure("per student: one student", lambda: students.possibilities(evening, student))
    measure("classes per date", lambda: classes.read(evening))
    for order in ("last_name", "instructors desc", "guardians"):
        measure(f"list of {PAGE} by {order}", lambda order=order: views.offers(evening, None, order, 0, PAGE))
    for view in ("program", "class", "student", "instructor", "household"):
        measure(f"view by {view}", lambda view=view: views.groups(evening, view))
    measure("whole evening", lambda: views.overall(evening))
    measure("check, without the forecast", lambda: check.read(evening, slow=0))


def measure(label: str, call: Callable) -> None:
    """Print the median and the 95th percentile of some warm calls, each in a transaction of its own."""
    times = []
    for number in range(CALLS + 2):
        frappe.db.rollback()
        begin = time.perf_counter()
        call()
        if number >= 2:
            times.append(1000 * (time.perf_counter() - begin))
    print(f"{label:<36}{statistics.median(times):>10.0f}{statistics.quantiles(times, n=20)[-1]:>9.0f}")


def changed(evening: str) -> None:
    """Seconds of everything that is written, with the rows written."""
    from ouderavond.evening.offering import by_course, from_file, journal
    from ouderavond.evening.offering.changes import perform

    print(f"\n{'changed':<14}{'rows':>8}{'seconds':>10}  peer")
    with timed() as took:
        report = by_course.offer(evening)
    print_row("offer all", report.created, took[0], one_at_a_time(evening) * report.created)
    with timed() as took:
        journal.undo(evening, report.change)
    print_row("undo", report.created, took[0])
    by_course.offer(evening)
    content = lines()
    with timed() as took:
        _encoding, rows = from_file.preview(evening, content)
    print_row("file: preview", len(rows), took[0])
    with timed() as took:
        report = from_file.offer(evening, content)
    print_row("file: offer", report.created, took[0], one_at_a_time(evening) * report.created)
    with timed() as took:
        report = perform(evening, "Remove Offers", lambda edit: edit.remove(edit.offers()))
    print_row("remove all", report.removed, took[0])


def lines() -> bytes:
    """A file of students, instructors and courses by code, whatever the timetable says."""
    codes = [
        frappe.get_all(doctype, pluck="ouderavond_code") for doctype in ("Student", "Instructor", "Course")
    ]
    rng = random.Random(1)
    found: set[tuple[str, ...]] = set()
    while len(found) < LINES:
        found.add(tuple(rng.choice(known) for known in codes))
    return "\r\n".join("\t".join(row) for row in sorted(found)).encode("cp1252")


if __name__ == "__main__":
    main()
