"""Runs side by side: what each reaches, what it is worth under the weights of the others, who is worst off.

Figures come from `run_figures`, kept when a run ended; names are added here, for staff.
"""

import json
from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening.planning import proposal, run_figures, run_options
from ouderavond.evening.planning.run_options import RunOptions
from ouderavond.evening.problem import BOOKING_PREFIX

MOST = 6
# Points by which another schedule must be better to be called so.
BETTER = 1e-6
FIELDS = (
    *("name", "evening", "scenario", "state", "status", "weights", "options", "input_hash", "seconds"),
    *("time_limit", "seed", "objective", "bound", "must_unplaced_bound", "wanted_unplaced_bound"),
    *("applied_on", "creation", "total", "placed"),
)


def compare(evening: str, runs: Iterable[str]) -> dict:
    """Several runs of an evening beside each other.

    Returns:
        {"runs": [{run, title, state, status, applied_on, seconds, options, weights, placed, total, criteria,
             objective, bound, gap, proven, waiting_mean, waiting_worst, waiting_households,
             instructor_waiting_worst, idle_instructors, values: {run: points of this schedule under the
             weights of that run}, better: a run whose schedule is better under this run's weights, or None,
             differs: {run: conversations that are elsewhere there}, households, instructors: who is worst
             off, with names}],
         "same_input": whether all were calculated from the same requests, times and people}

    Raises:
        frappe.ValidationError: a run is not of this evening or has no schedule, or there are too many.
    """
    names = list(dict.fromkeys(runs))
    if not 0 < len(names) <= MOST:
        frappe.throw(_("Compare between 1 and {0} runs.").format(MOST))
    docs = [_run(evening, name) for name in names]
    figures = {name: of_run(name) for name in names}
    starts = {name: placements(name) for name in names}
    weights = {doc.name: json.loads(doc.weights) for doc in docs}
    titles = _Titles(evening)
    found = [_row(doc, figures, starts, weights, titles) for doc in docs]
    same = {doc.input_hash for doc in docs}
    for row in found:
        row["better"] = _better(row["run"], found) if len(same) == 1 else None
    return {"runs": found, "same_input": len(same) == 1}


def _run(evening: str, name: str):
    doc = frappe.db.get_value("Schedule Run", {"name": name, "evening": evening}, FIELDS, as_dict=True)
    if not doc:
        frappe.throw(_("The run {0} is not one of this evening.").format(frappe.utils.escape_html(name)))
    return doc


def of_run(run: str) -> dict:
    """The figures of a run's schedule, calculated where they were not kept.

    Raises:
        frappe.ValidationError: the run has no schedule.
    """
    data = frappe.db.get_value(
        "Schedule Run Data", run, ["problem", "schedule", "figures", "progress"], as_dict=True
    )
    if not data or not data.schedule:
        frappe.throw(_("The run {0} has no schedule.").format(frappe.utils.escape_html(run)))
    if data.figures:
        return json.loads(data.figures)
    return run_figures.of_documents(json.loads(data.problem), json.loads(data.schedule))


def placements(run: str) -> dict[str, str]:
    """{conversation: start} of a run."""
    return {item["conversation"]: item["start"] for item in proposal.stored_schedule(run)["placements"]}


def _row(doc, figures: dict, starts: dict, weights: dict, titles: "_Titles") -> dict:
    own = figures[doc.name]
    # What was written down by a worker that was killed knows no bound.
    bound = doc.bound if doc.status else None
    rest = (
        *("waiting_mean", "waiting_worst", "waiting_households", "instructor_waiting_worst"),
        *("idle_instructors", "criteria", "placed", "total"),
    )
    return {
        "run": doc.name,
        "title": doc.scenario or doc.name,
        "state": doc.state,
        "status": doc.status,
        "applied_on": str(doc.applied_on) if doc.applied_on else None,
        "seconds": doc.seconds,
        "time_limit": doc.time_limit,
        "moves": run_options.label(RunOptions.of_run(doc)),
        "weights": weights[doc.name],
        "objective": own["objective"],
        "bound": bound,
        "gap": None if bound is None else max(0.0, round(own["objective"] - bound, 3)),
        "proven": doc.status == "optimal",
        "bounds": {
            key: cint(doc[f"{key}_bound"]) if doc.status and cint(doc[f"{key}_bound"]) >= 0 else None
            for key in ("must_unplaced", "wanted_unplaced")
        },
        **{key: own[key] for key in rest},
        "values": {other: run_figures.value(own, weights[other]) for other in weights},
        "differs": {other: _different(starts[doc.name], starts[other]) for other in starts},
        "households": [row | titles.household(row["household"]) for row in own["households"]],
        "instructors": [row | {"name": titles.instructor(row["instructor"])} for row in own["instructors"]],
    }


def _different(one: dict[str, str], other: dict[str, str]) -> int:
    return sum(one.get(key) != other.get(key) for key in one.keys() | other.keys())


def _better(run: str, rows: list[dict]) -> str | None:
    value = {row["run"]: row["values"][run] for row in rows}
    best = min(value, key=lambda name: value[name])
    return best if value[best] < value[run] - BETTER else None


class _Titles:
    """Names of households and instructors of an evening."""

    def __init__(self, evening: str):
        self.evening = frappe.get_doc("Parent Evening", evening)
        self.instructors = dict(
            frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True)
        )
        self._members: dict[str, dict] = {}

    def instructor(self, name: str) -> str:
        return self.instructors.get(name) or name

    def household(self, name: str) -> dict:
        """{"name": who they are, "students": about whom they come}."""
        found = self._by_household().get(name)
        if found:
            return found
        doctype, field = (
            ("Student", "student_name") if name.startswith("student:") else ("Guardian", "guardian_name")
        )
        title = frappe.db.get_value(doctype, name.removeprefix("student:"), field)
        return {"name": title or name, "students": ""}

    def _by_household(self) -> dict[str, dict]:
        if self._members:
            return self._members
        from ouderavond.evening.people import household_index

        households = household_index(self.evening)
        requests = frappe.get_all(
            "Conversation Request",
            {"evening": self.evening.name, "guardian": ("is", "set")},
            ["guardian", "guardian_name", "student_name"],
            order_by="guardian_name, student_name",
        )
        guardians, students = defaultdict(dict), defaultdict(dict)
        for row in requests:
            key = households.get(row.guardian, row.guardian)
            guardians[key][row.guardian_name] = True
            students[key][row.student_name] = True
        self._members = {
            key: {"name": ", ".join(filter(None, guardians[key])), "students": ", ".join(students[key])}
            for key in guardians
        }
        return self._members


def difference(evening: str, one: str, other: str) -> dict:
    """What two runs do differently, conversation by conversation.

    Returns:
        {"figures": {"same", "elsewhere", "only_one", "only_other"}, "rows": [{key, student, subject,
         instructors, one: start or None, other: start or None}]}, ordered by student.
    """
    for name in (one, other):
        _run(evening, name)
    first, second = placements(one), placements(other)
    keys = [key for key in first.keys() | second.keys() if first.get(key) != second.get(key)]
    about = about_conversations(keys)
    rows = [
        {**about[key], "key": proposal.key_of(key), "one": first.get(key), "other": second.get(key)}
        for key in keys
        if key in about
    ]
    return {
        "figures": {
            "same": len(first.keys() | second.keys()) - len(keys),
            "elsewhere": sum(key in first and key in second for key in keys),
            "only_one": sum(key not in second for key in keys),
            "only_other": sum(key not in first for key in keys),
        },
        "rows": sorted(rows, key=lambda row: (row["student"] or "", row["subject"] or "", row["key"])),
    }


def about_conversations(keys: Iterable[str]) -> dict[str, dict]:
    """{conversation of a problem: {student, subject, instructors}}, in words."""
    keys = list(keys)
    bookings = {key.removeprefix(BOOKING_PREFIX): key for key in keys if key.startswith(BOOKING_PREFIX)}
    requests = {key: key for key in keys if not key.startswith(BOOKING_PREFIX)}
    found = {}
    for doctype, wanted in (("Conversation Request", requests), ("Evening Booking", bookings)):
        filters = {"name": ("in", list(wanted) or [""])}
        rows = frappe.get_all(doctype, filters, ["name", "student_name", "subject", "offer"])
        people = _instructors([row.offer for row in rows if row.offer])
        for row in rows:
            found[wanted[row.name]] = {
                "student": row.student_name,
                "subject": row.subject,
                "instructors": ", ".join(people.get(row.offer, [])),
            }
    return found


def _instructors(offers: list[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    filters = {"parent": ("in", offers or [""])}
    for row in frappe.get_all(
        "Conversation Offer Instructor", filters, ["parent", "instructor_name"], order_by="idx"
    ):
        found[row.parent].append(row.instructor_name)
    return found
