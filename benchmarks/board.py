"""The planning board at a school's size, timed on a demo school: reading it, where one fits, and its acts.

    cd BENCH/sites && ../env/bin/python CHECKOUT/benchmarks/board.py SITE

SITE holds the demo school (`bench --site SITE ouderavond demo`) with a schedule that has been applied. The
best of several runs counts, with the processor's time of this process beside it, since the machine may have
other work. A conversation that moves is moved back.
"""

import json
import sys
import time
from collections.abc import Callable

import frappe

READS, FITS, MOVES = 8, 20, 8


def main(site: str) -> None:
    """Print a line per measurement."""
    frappe.init(site=site)
    frappe.connect()
    from ouderavond.evening.planning import board, changes, fits, placing

    evening = frappe.get_doc("Parent Evening", frappe.get_all("Parent Evening", pluck="name", limit=1)[0])
    found = timed("read the board", READS, lambda _number: board.read(evening))
    size = len(json.dumps(found)) // 1024
    print(
        f"    {len(found['instructors'])} instructors, {len(found['bookings'])} conversations, "
        f"{len(found['unplaced'])} without a time, {size} kB"
    )
    names = [row["booking"] for row in found["bookings"]][:: max(1, len(found["bookings"]) // FITS)]
    timed("where one fits", FITS, lambda number: fits.fits(evening, booking=names[number]))

    took = []
    for name in names[:MOVES]:
        starts = fits.fits(evening, booking=name)["free_instead"]["starts"]
        if starts:
            began = time.perf_counter()
            report = placing.move(evening, name, starts[0])
            took.append(time.perf_counter() - began)
            changes.undo(evening.name, report.change)
    print(f"{'move one':<24} {1000 * min(took, default=0):7.0f} ms")
    frappe.destroy()


def timed(label: str, times: int, work: Callable[[int], dict]) -> dict:
    """Do something several times, each in a fresh snapshot; the last answer."""
    wall, own, found = [], [], {}
    for number in range(times):
        frappe.db.rollback()
        began, process = time.perf_counter(), time.process_time()
        found = work(number)
        wall.append(time.perf_counter() - began)
        own.append(time.process_time() - process)
    print(f"{label:<24} {1000 * min(wall):7.0f} ms, {1000 * min(own):.0f} ms of it here")
    return found


if __name__ == "__main__":
    main(sys.argv[1])
