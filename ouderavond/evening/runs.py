"""Runs of the scheduler: a background job, or the command line, that solves and keeps the best it finds.

While it solves no transaction is open: the solver works in a thread of its own and puts its progress on
a queue, which the job's main thread writes down and publishes. Cancelling is a flag in Redis.
"""

import json
import os
import queue
import threading
import time
from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import cint
from frappe.utils.background_jobs import get_job_status
from frappe.utils.synchronization import filelock

from ouderavond.evening.problem import build_problem, fingerprint
from ouderavond.evening.schedule import ApplyReport, apply_schedule, mark_applied
from ouderavond.scheduler.reading import moment_text

ALIVE_SECONDS = 90
WRITE_EVERY = 2.0
# How much longer than its limit a run may take: reading, reasons, checking, writing.
ALLOWANCE = 120
LIVE = ("Queued", "Running")
CRITERIA = (
    "must_unplaced",
    "wanted_unplaced",
    "households_with_nothing",
    "moved",
    "extra_dates",
    "waiting_minutes",
    "preferences_missed",
    "breaks_missed",
    "instructor_waiting_minutes",
)
# Lower than the web processes, which should answer while the solver has the rest of the machine.
NICENESS = 10


def start_run(
    evening: str,
    *,
    time_limit: int | None = None,
    scenario: str | None = None,
    seed: int | None = None,
    now: bool = False,
) -> str:
    """Make a Schedule Run and queue it for a worker, or with `now` leave it to the caller. Commits.

    Whatever was written before in this transaction is rolled back first.

    Returns:
        The name of the Schedule Run.

    Raises:
        frappe.ValidationError: there is nothing to schedule, or another run is going on.
    """
    # One run per site at a time: two starts wait for each other here, and the second one sees the first.
    with filelock("ouderavond_run", timeout=20):
        frappe.db.rollback()
        run = _make_run(evening, time_limit, scenario, seed)
        frappe.db.commit()
    if not now:
        frappe.enqueue(
            run_job,
            queue="long",
            timeout=run.time_limit + ALLOWANCE,
            job_id=_job_id(run.name),
            run=run.name,
        )
    return run.name


def _make_run(evening: str, time_limit: int | None, scenario: str | None, seed: int | None):
    doc = frappe.get_doc("Parent Evening", evening)
    if doc.archived:
        frappe.throw(_("This evening is archived."))
    mark_interrupted()
    if going := frappe.db.get_value("Schedule Run", {"state": ("in", LIVE)}, "name"):
        frappe.throw(_("The run {0} is still going on. Wait for it, or cancel it first.").format(going))
    problem = build_problem(doc)
    if not problem["conversations"]:
        frappe.throw(_("There are no requests to schedule."))
    settings = frappe.get_single("Ouderavond Settings")
    run = frappe.new_doc("Schedule Run")
    run.update(
        {
            "evening": evening,
            "scenario": scenario,
            "time_limit": cint(time_limit) or cint(settings.time_limit) or 120,
            "seed": cint(seed) or 1,
            "weights": frappe.as_json(problem["weights"]),
            "input_hash": fingerprint(problem),
            "total": len(problem["conversations"]),
        }
    )
    run.insert(ignore_permissions=True)
    frappe.get_doc({"doctype": "Schedule Run Data", "run": run.name, "problem": json.dumps(problem)}).insert(
        ignore_permissions=True
    )
    _stay_alive(run.name)
    return run


def run_job(run: str, on_progress: Callable | None = None) -> None:
    """Solve a run. Whatever happens, the run ends finished, cancelled or failed, with its best schedule.

    Args:
        run: name of the Schedule Run.
        on_progress: called with each `scheduler.Progress`, for the command line.
    """
    _Job(run, on_progress).run()


def cancel_run(run: str) -> None:
    """Ask a run to stop; it keeps the best schedule it has."""
    state = frappe.db.get_value("Schedule Run", run, "state")
    if state == "Queued":
        # Nobody may have picked it up: then there is nothing to keep.
        frappe.db.set_value(
            "Schedule Run", run, {"state": "Cancelled", "message": _("Cancelled before it began.")}
        )
    elif state != "Running":
        frappe.throw(_("This run is not going on."))
    frappe.cache.set_value(_key(run, "cancel"), 1, expires_in_sec=3600)


def apply_run(run: str) -> ApplyReport:
    """Apply the schedule of a finished run; see `schedule.apply_schedule`.

    Raises:
        frappe.ValidationError: the run has no schedule, or its input has changed since.
    """
    doc = frappe.get_doc("Schedule Run", run)
    if doc.state in LIVE:
        frappe.throw(_("This run is still going on."))
    document = frappe.db.get_value("Schedule Run Data", run, "schedule")
    if not document:
        frappe.throw(_("This run has no schedule to apply."))
    report = apply_schedule(doc.evening, json.loads(document), doc.input_hash, run)
    mark_applied(run)
    frappe.db.commit()
    return report


def mark_interrupted() -> None:
    """A run whose worker is gone is interrupted; the best schedule it wrote down can be applied."""
    for run, state in frappe.get_all(
        "Schedule Run", {"state": ("in", LIVE)}, ["name", "state"], as_list=True
    ):
        alive = frappe.cache.get_value(_key(run, "alive"), expires=True)
        # The queue says "started" for ever of a job whose worker was killed, so only waiting counts there.
        waiting = state == "Queued" and get_job_status(_job_id(run)) == "queued"
        if not alive and not waiting:
            left = frappe.db.get_value("Schedule Run Data", run, "schedule")
            kept = _("The worker stopped. The best schedule until then is kept and can be applied.")
            values = {"state": "Interrupted"}
            values["message"] = kept if left else _("The worker stopped. Start the run again.")
            frappe.db.set_value("Schedule Run", run, values)


def _job_id(run: str) -> str:
    return f"ouderavond-{run}"


def _key(run: str, what: str) -> str:
    return f"ouderavond_run:{run}:{what}"


def _stay_alive(run: str) -> None:
    frappe.cache.set_value(_key(run, "alive"), 1, expires_in_sec=ALIVE_SECONDS)


class _Job:
    """One run in this process: a thread that solves, and this one, which tells about it."""

    def __init__(self, run: str, on_progress: Callable | None):
        self.run_name, self.on_progress = run, on_progress
        self.doc = frappe.get_doc("Schedule Run", run)
        self.messages: queue.SimpleQueue = queue.SimpleQueue()
        self.stop = threading.Event()
        self.result, self.error = None, None
        self.written = 0.0
        self.names: list[str] = []

    def run(self) -> None:
        if self.doc.state != "Queued":
            return
        self._set(state="Running")
        try:
            problem = json.loads(frappe.db.get_value("Schedule Run Data", self.run_name, "problem"))
            self.names = [item["id"] for item in problem["conversations"]]
            threads = cint(frappe.db.get_single_value("Ouderavond Settings", "threads")) or None
            frappe.db.commit()
            self._solve(problem, threads)
        except Exception as error:
            self.error = error
        self._finish()

    def _solve(self, problem: dict, threads: int | None) -> None:
        solver = threading.Thread(target=self._work, args=(problem, threads), daemon=True)
        solver.start()
        try:
            while solver.is_alive() or not self.messages.empty():
                self._listen()
        except KeyboardInterrupt:
            self.stop.set()
            solver.join()

    def _work(self, problem: dict, threads: int | None) -> None:
        """Runs in the solver's thread: touches nothing of the platform."""
        from ouderavond import scheduler

        try:
            if hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
            self.result = scheduler.solve(
                scheduler.load(problem),
                time_limit=self.doc.time_limit,
                seed=self.doc.seed,
                threads=threads,
                on_progress=self.messages.put,
                should_stop=self.stop.is_set,
                on_schedule=self.messages.put,
            )
        except Exception as error:
            self.error = error

    def _listen(self) -> None:
        _stay_alive(self.run_name)
        if frappe.cache.get_value(_key(self.run_name, "cancel"), expires=True):
            self.stop.set()
        try:
            progress = self.messages.get(timeout=0.5)
        except queue.Empty:
            return
        if isinstance(progress, tuple):
            self._write_down(progress)
            return
        if self.on_progress:
            self.on_progress(progress)
        if time.monotonic() - self.written >= WRITE_EVERY:
            self.written = time.monotonic()
            self._tell(progress)

    def _write_down(self, placements: tuple) -> None:
        """Keep the best so far, so that something is left to apply if this worker is killed."""
        document = {
            "format": "ouderavond-schedule/1",
            "placements": [
                {"conversation": item.conversation, "start": moment_text(item.start)} for item in placements
            ],
        }
        placed = {item["conversation"] for item in document["placements"]}
        document["unplaced"] = [
            {"conversation": name, "reason": "time_limit"} for name in self.names if name not in placed
        ]
        frappe.db.set_value("Schedule Run Data", self.run_name, "schedule", json.dumps(document))
        self._set(placed=len(placed))

    def _tell(self, progress) -> None:
        figures = {
            "phase": progress.phase,
            "seconds": progress.seconds,
            "objective": progress.objective,
            "bound": progress.bound,
            "placed": progress.placed,
        }
        self._set(**figures)
        frappe.publish_realtime(
            "ouderavond_run", {"run": self.run_name, **figures}, doctype="Schedule Run", docname=self.run_name
        )

    def _finish(self) -> None:
        frappe.db.rollback()
        if self.result is None:
            frappe.log_error("Schedule Run failed", str(self.error), "Schedule Run", self.run_name)
            self._set(state="Failed", message=str(self.error) or repr(self.error))
        else:
            self._keep(self.result)
        frappe.publish_realtime(
            "ouderavond_run",
            {"run": self.run_name, "state": self.doc.state},
            doctype="Schedule Run",
            docname=self.run_name,
        )

    def _keep(self, schedule) -> None:
        document = schedule.to_dict()
        frappe.db.set_value("Schedule Run Data", self.run_name, "schedule", json.dumps(document))
        bounds = document["bounds"]
        self._set(
            state="Cancelled" if document["status"] == "cancelled" else "Finished",
            status=document["status"],
            seconds=document["seconds"],
            objective=document["objective"],
            bound=document["bound"],
            placed=len(document["placements"]),
            must_unplaced_bound=_or_unknown(bounds["must_unplaced"]),
            wanted_unplaced_bound=_or_unknown(bounds["wanted_unplaced"]),
            message="; ".join(notice["text"] for notice in document["warnings"][:5]) or None,
            **{name: document["criteria"][name] for name in CRITERIA},
        )

    def _set(self, **values) -> None:
        self.doc.db_set(values, commit=True)


def _or_unknown(bound: int | None) -> int:
    """Not proven is kept as -1, since a whole number in the database cannot be empty."""
    return -1 if bound is None else bound
