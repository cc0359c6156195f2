"""What staff read about runs: what one starts with, which there are, how far one is, what applying does."""

from collections import Counter, defaultdict

import frappe
from frappe import _
from frappe.utils import cint, format_datetime, get_datetime

from ouderavond.evening import problem
from ouderavond.evening.planning import proposal, run_options, run_progress
from ouderavond.evening.planning.run_options import RunOptions

FIELDS = (
    *("name", "scenario", "state", "status", "phase", "seconds", "time_limit", "objective", "bound"),
    *("total", "placed", "must_unplaced", "wanted_unplaced", "must_unplaced_bound", "wanted_unplaced_bound"),
    *("households_with_nothing", "moved", "extra_dates", "waiting_minutes", "preferences_missed"),
    *("breaks_missed", "instructor_waiting_minutes", "options", "batch", "message", "applied_on", "creation"),
    "owner",
)
GOING_ON = ("Waiting", "Queued", "Running")
RECENT = 50
MOST_ROWS = 300


def beginning(evening) -> dict:
    """What a run of a Parent Evening document starts with: weights, limits, presets, and who may move."""
    own = problem.weights(evening)
    live = {"evening": evening.name, "state": ("!=", "Cancelled")}
    bookings = frappe.get_all("Evening Booking", live, ["state", "pinned", "request"])
    settings = frappe.get_cached_doc("Ouderavond Settings")
    states = Counter("pinned" if row.pinned else row.state.lower() for row in bookings)
    return {
        "weights": own,
        "presets": presets(own),
        "minutes": cint(evening.minutes_per_conversation),
        "dates": len(evening.dates),
        "time_limit": cint(settings.time_limit) or 120,
        "requests": frappe.db.count(
            "Conversation Request", {"evening": evening.name, "state": ("in", problem.OPEN_STATES)}
        ),
        "planned": states["planned"],
        "published": states["published"],
        "pinned": states["pinned"],
    }


def presets(own: dict[str, float]) -> list[dict]:
    """Sets of weights with a name, each the evening's own but for what it is about."""
    chosen = [
        ("own", _("As the evening says"), {}),
        ("waiting", _("Little waiting"), {"waiting": 10, "date": 15}),
        ("one_date", _("One date per family"), {"date": 90}),
        ("changes", _("Few changes"), {"moved": 500}),
        ("preferences", _("Preferred time of day"), {"preference": 10}),
        ("instructors", _("Quiet evenings for instructors"), {"break": 20, "instructor_waiting": 5}),
        ("everybody", _("Everybody at least one conversation"), {"nothing": 5000}),
    ]
    return [{"key": key, "label": label, "weights": {**own, **other}} for key, label, other in chosen]


def listing(evening: str) -> list[dict]:
    """The latest runs of an evening, the last one first."""
    rows = frappe.get_all(
        "Schedule Run", {"evening": evening}, FIELDS, order_by="creation desc, name desc", limit=RECENT
    )
    return [_described(row) for row in rows]


def _described(row) -> dict:
    options = RunOptions.of_run(row)
    found = {key: row[key] for key in FIELDS if key not in ("options", "creation", "owner", "applied_on")}
    return {
        **found,
        "title": row.scenario or row.name,
        "moves": run_options.label(options),
        "options": options.as_dict(),
        "by": frappe.utils.get_fullname(row.owner),
        "on": str(row.creation),
        "applied_on": str(row.applied_on) if row.applied_on else None,
        "going_on": row.state in GOING_ON,
        "left": row.total - row.placed,
    }


def live(evening: str, run: str, since: int = 0) -> dict:
    """How far a run is, with the points of its progress from number `since` on."""
    row = frappe.db.get_value("Schedule Run", {"name": run, "evening": evening}, FIELDS, as_dict=True)
    if not row:
        frappe.throw(_("The run {0} is not one of this evening.").format(frappe.utils.escape_html(run)))
    points = run_progress.read(frappe.db.get_value("Schedule Run Data", run, "progress"))
    # A series that was thinned out is shorter than what was read of it: then it is read anew.
    since = since if 0 <= since <= len(points) else 0
    seconds_left = max(0, row.time_limit - (row.seconds or 0)) if row.state == "Running" else None
    return {
        **_described(row),
        "points": points[since:],
        "since": since,
        "number": len(points),
        "seconds_left": seconds_left,
    }


def summary(evening: str, run: str) -> dict:
    """What applying a run changes, before it is done.

    Returns:
        {"run", "title", "figures", "lines": sentences, "out_of_date": bool, "refusal": a sentence or None,
         "told": [{student, subject, instructors, from, to}] of people who know a time that changes}
    """
    found = proposal.of_run(run)
    if found["evening"] != evening:
        frappe.throw(_("The run {0} is not one of this evening.").format(frappe.utils.escape_html(run)))
    row = frappe.db.get_value("Schedule Run", run, FIELDS, as_dict=True)
    out_of_date = proposal.is_out_of_date(run)
    refusal = None
    if out_of_date:
        refusal = _("Requests, offers or times have changed since this run. Run the scheduler again.")
    return {
        "run": run,
        "title": row.scenario or row.name,
        "figures": found["figures"],
        "lines": _lines(found["figures"]),
        "out_of_date": out_of_date,
        "refusal": refusal,
        "told": _told(found["changes"]),
    }


def _lines(figures: dict[str, int]) -> list[str]:
    told = figures["published_moved"] + figures["published_lost"]
    sentences = (
        (figures["added"], _("{0} conversations get a time.")),
        (figures["kept"], _("{0} keep the time that they have.")),
        (figures["moved"], _("{0} move to another time.")),
        (figures["lost"], _("{0} lose the time that they have.")),
        (figures["unplaced"], _("{0} requests are marked as not placed, with the reason.")),
        (told, _("{0} of these changes concern people who were told a time.")),
    )
    found = [sentence.format(number) for number, sentence in sentences if number]
    if told:
        found.append(_("They see the time that they were told until you publish the change."))
    elif figures["added"] or figures["moved"]:
        found.append(_("Nobody sees this until you publish it."))
    return found


def _told(changes: dict) -> list[dict]:
    rows = {
        key: row for key, row in changes.items() if row["published"] and row["change"] in ("moved", "lost")
    }
    bookings = frappe.get_all(
        "Evening Booking",
        {"name": ("in", [row["booking"] for row in rows.values()][:MOST_ROWS] or [""])},
        ["name", "student_name", "subject", "request"],
        order_by="student_name, subject",
    )
    return [
        {
            "student": booking.student_name,
            "subject": booking.subject,
            "from": _when(rows[key]["from"]),
            "to": _when(rows[key]["to"]),
        }
        for booking in bookings
        if (key := booking.request if booking.request in rows else booking.name) in rows
    ]


def _when(start: str | None) -> str | None:
    return format_datetime(get_datetime(start), "EEE d MMM HH:mm") if start else None


def outlook(evening) -> dict:
    """Whether there is room for what was asked, instructor by instructor: no run can do better than this.

    Returns:
        {"asked": slots, "short": slots that cannot be had, "instructors": [{instructor, name, asked,
         available}] of those who have too few, the worst first}
    """
    document = problem.build_problem(evening, RunOptions(run_options.ALL))
    asked: dict[str, int] = defaultdict(int)
    for item in document["conversations"]:
        for name in item["instructors"]:
            asked[name] += item["slots"]
    starts = [f"{day['date']}T{start}" for day in document["dates"] for start in day["starts"]]
    names = dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))
    rows = []
    for person in document["instructors"]:
        busy = person["unavailable"]
        free = sum(not any(first <= start < last for first, last in busy) for start in starts)
        if asked[person["id"]] > free:
            row = {"instructor": person["id"], "name": names.get(person["id"], person["id"])}
            rows.append({**row, "asked": asked[person["id"]], "available": free})
    rows.sort(key=lambda row: (row["available"] - row["asked"], row["name"]))
    return {
        "asked": sum(item["slots"] for item in document["conversations"]),
        "short": sum(row["asked"] - row["available"] for row in rows),
        "instructors": rows,
    }


def instructors(evening: str, text: str) -> list[dict]:
    """The instructors of an evening by a part of their name or code, to choose whose conversations move."""
    wanted = (text or "").strip().lower()
    names = frappe.get_all(
        "Evening Instructor", {"evening": evening}, ["instructor", "instructor_name"], distinct=True
    )
    codes = dict(frappe.get_all("Instructor", fields=["name", "ouderavond_code"], as_list=True))
    found = [
        {
            "value": row.instructor,
            "label": row.instructor_name or row.instructor,
            "description": codes.get(row.instructor) or "",
        }
        for row in names
        if wanted in f"{row.instructor_name} {codes.get(row.instructor)} {row.instructor}".lower()
    ]
    return sorted(found, key=lambda row: row["label"])[:20]
