"""The tab Runs of the page Planning: start runs, follow them, compare them, apply one, and go back."""

import frappe
from frappe import _

from ouderavond.api import callers, running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening import runs as scheduler_runs
from ouderavond.evening import unplaced as not_placed
from ouderavond.evening.planning import changes, comparing, run_options, run_reading

# A conversation with a time is a row, those of its people, and one per person and minute.
ROWS_EACH = 35


@frappe.whitelist(methods=["GET", "POST"])
def begin(evening: str) -> dict:
    """What a run starts with: weights, presets, limits, and what could move."""
    return run_reading.beginning(evening_of(evening))


@frappe.whitelist(methods=["GET", "POST"])
def outlook(evening: str) -> dict:
    """Whether there is room for what was asked, and with whom there is not."""
    return run_reading.outlook(evening_of(evening))


@frappe.whitelist(methods=["GET", "POST"])
def instructors(evening: str, text: str = "") -> list[dict]:
    """The instructors of the evening, by name or code."""
    return run_reading.instructors(evening_of(evening).name, text)


@frappe.whitelist(methods=["GET", "POST"])
def listing(evening: str) -> list[dict]:
    """The runs of the evening, the last one first."""
    name = evening_of(evening).name
    scheduler_runs.look_after()
    return run_reading.listing(name)


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str, run: str, since: int = 0) -> dict:
    """How far a run is; points of its progress from number `since` on."""
    name = evening_of(evening).name
    scheduler_runs.look_after()
    return run_reading.live(name, run, since)


@frappe.whitelist(methods=["POST"])
def start(
    evening: str,
    weights: str | dict | None = None,
    time_limit: int | None = None,
    scenario: str | None = None,
    move: str | None = None,
    instructors: str | list | None = None,
    published: int | bool = 0,
    seed: int | None = None,
) -> dict:
    """Start one run in the background."""
    name = evening_of(evening).name
    run = scheduler_runs.start_run(
        name,
        time_limit=time_limit,
        scenario=scenario,
        seed=seed,
        weights=running.filters(weights),
        options=run_options.read(name, move, running.names(instructors), bool(int(published))),
    )
    return {"run": run}


@frappe.whitelist(methods=["POST"])
def start_scenarios(
    evening: str,
    scenarios: str | list,
    time_limit: int | None = None,
    move: str | None = None,
    instructors: str | list | None = None,
    published: int | bool = 0,
    seed: int | None = None,
) -> dict:
    """Start several runs that go on one after the other: [{name, weights}]."""
    name = evening_of(evening).name
    found = scheduler_runs.start_scenarios(
        name,
        _scenarios(scenarios),
        time_limit=time_limit,
        seed=seed,
        options=run_options.read(name, move, running.names(instructors), bool(int(published))),
    )
    return {"runs": found}


def _scenarios(value: str | list) -> list[dict]:
    found = running.parsed(value) or []
    if not all(isinstance(row, dict) and isinstance(row.get("name"), str) for row in found):
        frappe.throw(_("A scenario has a name and weights."))
    return found


@frappe.whitelist(methods=["POST"])
def cancel(evening: str, run: str | None = None) -> dict:
    """Stop a run, which keeps its best schedule; or without `run` all that go on and wait."""
    name = evening_of(evening).name
    if not run:
        return {"cancelled": scheduler_runs.cancel_all(name)}
    scheduler_runs.cancel_run(_of(name, run))
    return {"cancelled": 1}


@frappe.whitelist(methods=["GET", "POST"])
def compare(evening: str, runs: str | list) -> dict:
    """Several runs beside each other."""
    return comparing.compare(evening_of(evening).name, running.names(runs) or [])


@frappe.whitelist(methods=["GET", "POST"])
def difference(evening: str, one: str, other: str) -> dict:
    """What two runs do differently."""
    return comparing.difference(evening_of(evening).name, one, other)


@frappe.whitelist(methods=["GET", "POST"])
def unplaced(evening: str, run: str) -> list[dict]:
    """What a run could not place, and why, in sentences."""
    return not_placed.rows(_of(evening_of(evening).name, run))


@frappe.whitelist(methods=["GET", "POST"])
def summary(evening: str, run: str) -> dict:
    """What applying a run changes."""
    return run_reading.summary(evening_of(evening).name, run)


@frappe.whitelist(methods=["POST"])
def apply(evening: str, run: str) -> dict:
    """Make the bookings of a run, all of them or none; a large one in the background."""
    name = evening_of(evening).name
    placed = frappe.db.get_value("Schedule Run", _of(name, run), "placed") or 0
    # A worker that is busy with a run would keep this waiting until that ends.
    rows = 0 if scheduler_runs.is_going_on() else placed * ROWS_EACH
    return running.answer(scheduler_runs.apply, name, rows, run=run)


@frappe.whitelist(methods=["POST"])
def back(evening: str) -> dict:
    """Go back to the state before the run that was applied last."""
    doc = evening_of(evening)
    return {"report": changes.undo(doc.name, scheduler_runs.applied_change(doc)["change"]).as_dict()}


@frappe.whitelist(methods=["GET", "POST"])
def applied(evening: str) -> dict | None:
    """The run that was applied last and not taken back, as a change, or null."""
    return scheduler_runs.applied_change(evening_of(evening), or_none=True)


def _of(evening: str, run: str) -> str:
    """A run's name, if it is one of the evening."""
    callers.staff()
    if not frappe.db.exists("Schedule Run", {"name": run, "evening": evening}):
        frappe.throw(
            _("The run {0} is not one of this evening.").format(frappe.utils.escape_html(run)),
            frappe.DoesNotExistError,
        )
    return run
