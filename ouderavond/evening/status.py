"""Where an evening stands: its status, the step that is due, and a summary in figures.

The stored status serves lists and filters only. Every rule compares the windows themselves.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import format_date, format_datetime, get_datetime, now_datetime

from ouderavond.evening import cant_come, grid
from ouderavond.evening import counts as figures
from ouderavond.evening.online import report

REQUESTS = ("Request and Schedule", "Request, Schedule, then Book")
BOOKS = ("Book Directly", "Request, Schedule, then Book")
BUSY = ("Queued", "Running")

STATUS_FIELDS = (
    "name status procedure published schedule_visible archived "
    "request_from request_until booking_from booking_until"
).split()


@dataclass
class Step:
    """What is to be done next, by whom, and where.

    `key` names it for the form, `label` is the button's, `sentence` says why; `waits_for` is staff, guardians
    or nobody; `doctype` and `docname` are the record where it is done.
    """

    key: str
    label: str
    sentence: str
    waits_for: str
    doctype: str
    docname: str


# The status


def derive(evening, now: datetime, booked: int) -> str:
    """The status of a record (a document, or its fields with `dates`) at a moment, with so many bookings."""
    if evening.archived:
        return "Archived"
    if not evening.published:
        return "Scheduled" if booked else "Draft"
    if not evening.dates:
        return "Announced"
    if now > _end(evening):
        return "Held"
    if evening.schedule_visible and _is_today(evening, now):
        return "Today"
    if evening.procedure in REQUESTS and not _after_requests(evening, now):
        return "Announced" if _before(now, evening.request_from) else "Requesting"
    return _status_after_requests(evening, now, booked)


def _status_after_requests(evening, now: datetime, booked: int) -> str:
    if evening.procedure in REQUESTS and not evening.schedule_visible:
        return "Scheduled" if booked else "To Schedule"
    if booking_is_open(evening, now):
        return "Booking"
    if evening.procedure == "Book Directly" and _before(now, evening.booking_from):
        return "Announced"
    return "Published"


def booking_is_open(evening, now: datetime) -> bool:
    """Whether the clock is within the booking window of a procedure that has one."""
    if evening.procedure not in BOOKS or _before(now, evening.booking_from):
        return False
    return now <= (get_datetime(evening.booking_until) if evening.booking_until else _end(evening))


def live_bookings(evening: str | None) -> int:
    """How many conversations of an evening have a time."""
    return figures.booked([evening]).get(evening, 0) if evening else 0


def bookings_off_the_grid(evening) -> set[tuple[datetime, datetime, int]]:
    """The booked times of an evening that begin or end outside its slots, each with its number."""
    starts = {start for evening_date in grid.slots(evening) for start in evening_date.starts}
    ends = {start + grid.duration(evening, 1) for start in starts}
    return {row for row in figures.times_booked(evening.name) if row[0] not in starts or row[1] not in ends}


def refresh_all() -> None:
    """Store the status of every evening whose status has changed by the clock."""
    evenings = frappe.get_all("Parent Evening", filters={"archived": 0}, fields=STATUS_FIELDS)
    names = [evening.name for evening in evenings]
    dates: dict[str, list] = {name: [] for name in names}
    for row in frappe.get_all(
        "Parent Evening Date",
        filters={"parent": ("in", names), "parenttype": "Parent Evening"},
        fields=["parent", "date", "first_time", "end_time"],
    ):
        dates[row.parent].append(row)
    booked, now = figures.booked(names), now_datetime()
    for evening in evenings:
        evening.dates = dates[evening.name]
        status = derive(evening, now, booked.get(evening.name, 0))
        if status != evening.status:
            frappe.db.set_value("Parent Evening", evening.name, "status", status, update_modified=False)


def refresh(evening: str) -> str:
    """Store the status of one evening, after something else than a save has changed it."""
    doc = frappe.get_doc("Parent Evening", evening)
    status = derive(doc, now_datetime(), live_bookings(evening))
    if status != doc.status:
        doc.db_set("status", status, update_modified=False)
    return status


# The step that is due


def due_step(evening, counts: figures.Counts | None = None, now: datetime | None = None) -> Step:
    """The first step of a Parent Evening (document or name) that has not been taken yet."""
    if isinstance(evening, str):
        evening = frappe.get_doc("Parent Evening", evening)
    counts, now = counts or figures.of(evening), now or now_datetime()
    if evening.archived:
        return _step(evening, "done", _("Open"), _("This evening is archived."), "nobody")
    if evening.dates and now > _end(evening):
        return _step(
            evening,
            "archive",
            _("Archive", context="Parent Evening"),
            _over(evening),
        )
    return _prepare(evening, counts) or _carry_out(evening, counts, now)


def _over(evening) -> str:
    from ouderavond.evening.archiving import retention

    day = retention.day_of(evening)
    if not day:
        return _("The evening is over and can be archived.")
    sentence = _("The evening is over and can be archived. That happens by itself on {0}; remarks go then.")
    return sentence.format(format_date(day))


def _prepare(evening, counts) -> Step | None:
    if not counts.participants:
        sentence = _("Nobody takes part yet: choose programs and classes.")
        return _step(evening, "participants", _("Choose Participants"), sentence)
    if not counts.offers:
        if not evening.reference_week:
            sentence = _("Fill in the reference week, so that it is known who teaches whom.")
            return _step(evening, "reference_week", _("Fill In the Reference Week"), sentence)
        sentence = _("No conversations are on offer yet for {0} students.").format(counts.participants)
        return _step(evening, "offers", _("Make Offers"), sentence)
    if evening.published:
        return None
    if evening.procedure in REQUESTS and not evening.request_until:
        sentence = _("Until when can conversations be requested?")
        return _step(evening, "deadline", _("Fill In the Deadline"), sentence)
    if evening.procedure == "Book Directly" and not (evening.booking_from and evening.booking_until):
        sentence = _("From when and until when can conversations be booked?")
        return _step(evening, "booking_window", _("Fill In the Booking Window"), sentence)
    sentence = _("{0} offers are ready; guardians do not see the evening yet.").format(counts.offers)
    return _step(evening, "publish_evening", _("Publish Evening"), sentence)


def _carry_out(evening, counts, now: datetime) -> Step:
    if evening.procedure in REQUESTS:
        step = _request_step(evening, counts, now) or _schedule_step(evening, counts)
        if step:
            return step
    untold = counts.bookings.get("Planned", 0) + counts.untold
    if untold:
        sentence = _("{0} conversations have a time that nobody has been told.").format(untold)
        return _step(evening, "publish", _("Publish Schedule"), sentence)
    if counts.meetings_failed:
        sentence = _("{0} online meetings failed. See why, put it right, and try them again.")
        sentence = sentence.format(counts.meetings_failed)
        return _step(evening, "meetings", _("See Online Meetings"), sentence)
    if evening.procedure in BOOKS and not _after(now, evening.booking_until):
        return _booking_step(evening, counts, now)
    sentence = _("Everything is ready: {0} conversations, the first on {1}.").format(
        counts.booked, _moment(grid.slots(evening)[0].first)
    )
    return _step(evening, "held", _("See Conversations"), sentence, "nobody")


def _request_step(evening, counts, now: datetime) -> Step | None:
    if _after_requests(evening, now):
        return None
    if _before(now, evening.request_from):
        sentence = _("Guardians can request conversations from {0}.").format(_moment(evening.request_from))
        return _step(evening, "wait", _("See Requests"), sentence, "nobody")
    sentence = _("Requests are open until {0}: {1} requests of {2} households so far.").format(
        _moment(evening.request_until), counts.asked, counts.households
    )
    return _step(evening, "wait", _("See Requests"), sentence, "guardians")


def _schedule_step(evening, counts) -> Step | None:
    run, open_requests = counts.run, counts.requests.get("Requested", 0)
    if run and run.state in BUSY:
        step = _step(evening, "run", _("See Progress"), _("The schedule is being made."), "nobody")
        step.doctype, step.docname = "Schedule Run", run.name
        return step
    if not open_requests:
        return None
    if run and run.state == "Finished" and not run.applied_on and not counts.changed_since_run:
        sentence = _("Run {0} places {1} of {2} conversations. Look at it and apply it.").format(
            run.name, run.placed, run.total
        )
        step = _step(evening, "apply", _("Apply Schedule"), sentence)
        step.doctype, step.docname = "Schedule Run", run.name
        return step
    sentence = _("The deadline has passed: {0} requests wait for a time.").format(open_requests)
    return _step(evening, "schedule", _("Make Schedule"), sentence)


def _booking_step(evening, counts, now: datetime) -> Step:
    if _before(now, evening.booking_from):
        sentence = _("Guardians can book from {0}.").format(_moment(evening.booking_from))
        return _step(evening, "wait_booking", _("See Conversations"), sentence, "nobody")
    until = evening.booking_until or _end(evening)
    sentence = _("Booking is open until {0}: {1} conversations so far.").format(_moment(until), counts.booked)
    return _step(evening, "wait_booking", _("See Conversations"), sentence, "guardians")


def _step(evening, key: str, label: str, sentence: str, waits_for: str = "staff") -> Step:
    return Step(key, label, sentence, waits_for, "Parent Evening", evening.name)


# The summary


def summary(evening: str) -> dict:
    """Figures, the strip of steps and the step that is due, as the form shows them."""
    doc = frappe.get_doc("Parent Evening", evening)
    counts = figures.of(doc)
    step = due_step(doc, counts)
    return {
        "evening": doc.name,
        "title": doc.title,
        "status": derive(doc, now_datetime(), counts.booked),
        **asdict(counts),
        "asked": counts.asked,
        "booked": counts.booked,
        "step": asdict(step),
        "strip": _strip(doc, counts, step),
        "waiting": _waiting(doc, counts, step),
    }


def _strip(evening, counts, step: Step) -> list[dict]:
    """The stations of the procedure, each with its figure and its state: done, current or to do."""
    rows = [("offers", _("Offers"), counts.offers, ("participants", "reference_week", "offers"))]
    if evening.procedure in REQUESTS:
        publish = ("publish_evening", "deadline", "wait")
        rows.append(("requests", _("Requests"), counts.asked, publish))
        rows.append(
            ("schedule", _("Schedule", context="Parent Evening"), counts.booked, ("run", "apply", "schedule"))
        )
        keys = ("publish", "meetings")
        rows.append(("publication", _("Publication"), counts.bookings.get("Published", 0), keys))
    if evening.procedure in BOOKS:
        keys = ("booking_window", "wait_booking")
        if evening.procedure == "Book Directly":
            keys = (*keys, "publish_evening", "publish", "meetings")
        rows.append(("booking", _("Booking"), counts.booked, keys))
    rows.append(("evening", _("Evening"), len(evening.dates), ("held", "archive", "done")))
    current = next((i for i, row in enumerate(rows) if step.key in row[3]), 0)
    return [
        {
            "key": key,
            "label": label,
            "figure": figure,
            "state": "done" if i < current or step.key == "done" else "current" if i == current else "todo",
        }
        for i, (key, label, figure, _keys) in enumerate(rows)
    ]


def _waiting(evening, counts, step: Step) -> list[dict]:
    """What else waits, beside the step that is due: a number, a sentence and the list behind it."""
    said = {"wait": "Requested", "schedule": "Requested", "publish": "Planned"}.get(step.key)
    requests, bookings = counts.requests, counts.bookings
    rows = [
        ("Conversation Request", "Requested", requests, _("requests wait for a time")),
        ("Evening Booking", "Planned", bookings, _("conversations are not published")),
        ("Conversation Request", "Not Placed", requests, _("requests could not be placed")),
        ("Waiting List Entry", "Waiting", counts.waiting, _("in line for a place")),
        ("Waiting List Entry", "Offered", counts.waiting, _("offered from the waiting list")),
    ]
    found = [
        {
            "number": numbers[state],
            "sentence": sentence,
            "doctype": doctype,
            "filters": {"evening": evening.name, "state": state},
        }
        for doctype, state, numbers, sentence in rows
        if numbers.get(state) and state != said
    ]
    without = counts.participants - counts.students_with_offers
    if counts.offers and without > 0:
        sentence = _("participants have no offer")
        found.append({"number": without, "sentence": sentence, "doctype": None, "filters": {}})
    if counts.meetings_failed and step.key != "meetings":
        route = ["ouderavond-planning", evening.name, "online", "failed"]
        sentence = _("online meetings failed")
        found.append(
            {
                "number": counts.meetings_failed,
                "sentence": sentence,
                "doctype": None,
                "filters": {},
                "route": route,
            }
        )
    given_up = len(cant_come.given_up(evening.name))
    if given_up:
        sentence, filters = _("can't come and have no other time"), {"evening": evening.name, "cant_come": 1}
        row = {"number": given_up, "sentence": sentence, "doctype": "Evening Booking", "filters": filters}
        found.append(row)
    return found


def table(evening: str) -> list[tuple[str, str]]:
    """The summary as rows of (what, figure), for the command line."""
    facts = summary(evening)
    doc = frappe.get_doc("Parent Evening", evening)
    rows = [
        (_("Evening"), f"{doc.title} ({doc.name})"),
        (_("Status"), _(facts["status"])),
        (_("Dates"), ", ".join(format_date(row.date) for row in doc.dates)),
        (_("Participants"), facts["participants"]),
        (_("Classes"), facts["classes"]),
        (_("Offers"), facts["offers"]),
        (_("Instructors", context="Parent Evening"), facts["instructors"]),
        (_("Households that asked"), facts["households"]),
    ]
    rows += [
        (_("Requests: {0}").format(_(state)), number) for state, number in sorted(facts["requests"].items())
    ]
    rows += [
        (_("Bookings: {0}").format(_(state)), number) for state, number in sorted(facts["bookings"].items())
    ]
    rows += _online(doc)
    if facts["run"]:
        run = facts["run"]
        rows.append((_("Latest run"), f"{run['name']}: {_(run['state'])}, {run['placed']}/{run['total']}"))
    rows.append((_("Next step"), f"{facts['step']['label']}. {facts['step']['sentence']}"))
    return [(str(label), str(value)) for label, value in rows]


def _online(evening) -> list[tuple[str, str]]:
    """How many online meetings are there, and why some are not."""
    found = report.figures(evening)
    if not (found.total or found.leaving):
        return []
    there = _("{0} of {1} are there").format(found.made, found.total)
    failed = [(_("Failed: {0}").format(one.number), one.sentence) for one in report.reasons(evening.name)]
    return [(_("Online meetings"), there), *failed]


# The clock


def _end(evening) -> datetime:
    return max(grid.at(row.date, row.end_time) for row in evening.dates)


def _is_today(evening, now: datetime) -> bool:
    return any(grid.at(row.date, row.end_time).date() == now.date() for row in evening.dates)


def _before(now: datetime, opens) -> bool:
    return bool(opens) and now < get_datetime(opens)


def _after(now: datetime, closes) -> bool:
    return bool(closes) and now > get_datetime(closes)


def _after_requests(evening, now: datetime) -> bool:
    return _after(now, evening.request_until)


def _moment(value) -> str:
    return format_datetime(value, "EEEE d MMMM HH:mm")
