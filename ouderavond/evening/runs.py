"""Runs of the scheduler: a background job, or the command line, that solves and keeps the best it finds.

One run goes on at a time; others may wait for it, and the one that waited longest begins when it ends. While
a run solves no transaction is open: the solver works in a thread of its own and puts its progress on a queue,
which the job's main thread writes down and publishes. Cancelling is a flag in Redis.
"""

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable

import frappe
from frappe import _
from frappe.utils import cint
from frappe.utils.background_jobs import get_job_status
from frappe.utils.synchronization import filelock

from ouderavond.evening.planning import changes, run_figures, run_notices, run_options, run_progress
from ouderavond.evening.planning.run_options import RunOptions
from ouderavond.evening.problem import build_problem, fingerprint, weights
from ouderavond.evening.schedule import ApplyReport, apply_schedule
from ouderavond.scheduler.reading import moment_text

ALIVE_SECONDS = 90
WRITE_EVERY = 2.0
# How much longer than its limit a run may take: reading, reasons, checking, writing.
ALLOWANCE = 120
LIVE = ("Queued", "Running")
WAITING = "Waiting"
MOST_SCENARIOS = 8
LONGEST = 86_400
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
    weights: dict | None = None,
    options: RunOptions | None = None,
    now: bool = False,
) -> str:
    """Make a Schedule Run and queue it for a worker, or with `now` leave it to the caller. Commits.

    Whatever was written before in this transaction is rolled back first.

    Args:
        weights: other weights than the evening's, by name (see `run_options.WEIGHTS`).
        options: what may move; by default everything that is neither pinned nor published.

    Returns:
        The name of the Schedule Run.

    Raises:
        frappe.ValidationError: there is nothing to schedule, another run is going on, or the weights or the
            time limit cannot be.
    """
    given = [{"name": scenario, "weights": weights}]
    return _start(evening, given, time_limit, seed, options, now=now, wait=False)[0]


def start_scenarios(
    evening: str,
    scenarios: Iterable[dict],
    *,
    time_limit: int | None = None,
    seed: int | None = None,
    options: RunOptions | None = None,
    now: bool = False,
) -> list[str]:
    """Start several runs, one after the other; they wait for whatever is going on. Commits.

    Args:
        scenarios: {"name", "weights"} each, weights that are not named being the evening's.
        time_limit: seconds, of each.

    Returns:
        The names of the Schedule Runs, in order.

    Raises:
        frappe.ValidationError: as `start_run`; and two scenarios have one name, or there are too many.
    """
    scenarios = list(scenarios)
    names = [(each.get("name") or "").strip() for each in scenarios]
    if not scenarios or len(scenarios) > MOST_SCENARIOS:
        frappe.throw(_("Start between 1 and {0} scenarios at once.").format(MOST_SCENARIOS))
    if "" in names or len(set(names)) < len(names):
        frappe.throw(_("Give each scenario a name of its own."))
    return _start(evening, scenarios, time_limit, seed, options, now=now, wait=True)


def _start(evening, scenarios, time_limit, seed, options, *, now: bool, wait: bool) -> list[str]:
    # One run per site at a time: two starts wait for each other here, and the second one sees the first.
    with filelock("ouderavond_run", timeout=20):
        frappe.db.rollback()
        interrupt_dead()
        names = _make_runs(evening, scenarios, time_limit, seed, options or RunOptions(), wait)
        begun = _begin_next(fresh=names)
        frappe.db.commit()
    if begun and not now:
        _enqueue(begun)
    return names


def _make_runs(evening, scenarios, time_limit, seed, options: RunOptions, wait: bool) -> list[str]:
    doc = frappe.get_doc("Parent Evening", evening)
    if doc.archived:
        frappe.throw(_("This evening is archived."))
    going = frappe.db.get_value("Schedule Run", {"state": ("in", (*LIVE, WAITING))}, "name")
    if going and not wait:
        frappe.throw(_("The run {0} is still going on. Wait for it, or cancel it first.").format(going))
    limit = _seconds(time_limit)
    base = weights(doc)
    wanted = [run_options.weights(base, each.get("weights")) for each in scenarios]
    problem = build_problem(doc, options)
    if not problem["conversations"]:
        frappe.throw(_("There are no requests to schedule."))
    batch = frappe.generate_hash(length=10) if wait else None
    return [
        _make_run(doc.name, problem, each.get("name"), own, limit, seed, options, batch)
        for each, own in zip(scenarios, wanted, strict=True)
    ]


def _seconds(time_limit: int | None) -> int:
    if time_limit is not None and not 0 < cint(time_limit) <= LONGEST:
        frappe.throw(_("The time limit is a number of seconds from 1 to {0}.").format(LONGEST))
    return cint(time_limit) or cint(frappe.get_single("Ouderavond Settings").time_limit) or 120


def _make_run(evening, problem: dict, scenario, own: dict, limit: int, seed, options, batch) -> str:
    run = frappe.new_doc("Schedule Run")
    run.update(
        {
            "evening": evening,
            "scenario": (scenario or "").strip()[:140] or None,
            "state": WAITING,
            "time_limit": limit,
            "seed": cint(seed) or 1,
            "weights": frappe.as_json(own),
            "options": frappe.as_json(options.as_dict()),
            "batch": batch,
            "input_hash": fingerprint(problem),
            "total": len(problem["conversations"]),
        }
    )
    run.insert(ignore_permissions=True)
    frappe.get_doc(
        {
            "doctype": "Schedule Run Data",
            "run": run.name,
            "problem": json.dumps({**problem, "weights": own}),
        }
    ).insert(ignore_permissions=True)
    return run.name


def start_next(*, now: bool = False) -> str | None:
    """Begin the run that waited longest, unless one is going on. Commits.

    Args:
        now: leave it to the caller to run it, instead of a worker.

    Returns:
        The name of the run that begins, if any.
    """
    with filelock("ouderavond_run", timeout=20):
        frappe.db.rollback()
        begun = _begin_next()
        frappe.db.commit()
    if begun and not now:
        _enqueue(begun)
    return begun


def _begin_next(fresh: Iterable[str] = ()) -> str | None:
    """The run whose turn it is, now queued. Under the lock of runs only.

    Args:
        fresh: runs whose input has just been read.
    """
    if frappe.db.exists("Schedule Run", {"state": ("in", LIVE)}):
        return None
    waiting = frappe.get_all(
        "Schedule Run", {"state": WAITING}, pluck="name", order_by="creation, name", limit=1
    )
    if not waiting:
        return None
    doc = frappe.get_doc("Schedule Run", waiting[0])
    if doc.name not in fresh:
        _read_again(doc)
    doc.db_set("state", "Queued")
    stay_alive(doc.name)
    return doc.name


def _read_again(doc) -> None:
    """What has changed while a run waited counts: else nobody could apply it."""
    problem = build_problem(frappe.get_doc("Parent Evening", doc.evening), RunOptions.of_run(doc))
    problem["weights"] = json.loads(doc.weights)
    doc.db_set({"input_hash": fingerprint(problem), "total": len(problem["conversations"])})
    frappe.db.set_value("Schedule Run Data", doc.name, "problem", json.dumps(problem))


def _enqueue(run: str) -> None:
    frappe.enqueue(
        run_job,
        queue="long",
        timeout=frappe.db.get_value("Schedule Run", run, "time_limit") + ALLOWANCE,
        job_id=_job_id(run),
        run=run,
    )


def run_job(run: str, on_progress: Callable | None = None, *, advance: bool = True) -> None:
    """Solve a run. Whatever happens, the run ends finished, cancelled or failed, with its best schedule.

    Args:
        run: name of the Schedule Run.
        on_progress: called with each `scheduler.Progress`, for the command line.
        advance: begin the next run that waits, in a worker.
    """
    try:
        _Job(run, on_progress).run()
    finally:
        if advance:
            start_next()


def cancel_run(run: str) -> None:
    """Ask a run to stop; it keeps the best schedule it has. One that has not begun does not begin."""
    state = frappe.db.get_value("Schedule Run", run, "state")
    if state in (WAITING, "Queued"):
        # Nobody may have picked it up: then there is nothing to keep.
        frappe.db.set_value(
            "Schedule Run", run, {"state": "Cancelled", "message": _("Cancelled before it began.")}
        )
    elif state != "Running":
        frappe.throw(_("This run is not going on."))
    frappe.cache.set_value(_key(run, "cancel"), 1, expires_in_sec=3600)
    if state == "Queued":
        frappe.db.commit()
        start_next()


def cancel_all(evening: str) -> int:
    """Stop what is going on for an evening and what waits for it; the number of runs."""
    filters = {"evening": evening, "state": ("in", (WAITING, *LIVE))}
    # Those that wait first, so that none of them begins.
    found = frappe.get_all("Schedule Run", filters, ["name", "state"])
    for row in sorted(found, key=lambda row: row.state != WAITING):
        cancel_run(row.name)
    return len(found)


def apply_run(run: str) -> ApplyReport:
    """Apply the schedule of a finished run; see `schedule.apply_schedule`.

    Raises:
        frappe.ValidationError: the run has no schedule, or its input has changed since.
    """
    doc = frappe.get_doc("Schedule Run", run)
    if doc.state in (WAITING, *LIVE):
        frappe.throw(_("This run is still going on."))
    document = frappe.db.get_value("Schedule Run Data", run, "schedule")
    if not document:
        frappe.throw(_("This run has no schedule to apply."))
    return apply_schedule(
        doc.evening, json.loads(document), doc.input_hash, run, options=RunOptions.of_run(doc)
    )


def apply(evening: str, run: str, *, dry_run: bool = False, progress: Callable | None = None) -> ApplyReport:
    """`apply_run` for a run of this evening, as the page calls it: at once or from a background job.

    Args:
        dry_run: change nothing, and only refuse what cannot be applied.
        progress: called with (done, total).
    """
    if not frappe.db.exists("Schedule Run", {"name": run, "evening": evening}):
        frappe.throw(_("The run {0} is not one of this evening.").format(frappe.utils.escape_html(run)))
    if dry_run:
        return ApplyReport()
    if progress:
        progress(0, 1)
    return apply_run(run)


def applied_change(evening, *, or_none: bool = False) -> dict | None:
    """The change by which a run was applied last to an evening (a document), as `changes.recent` says it.

    Raises:
        frappe.ValidationError: there is none that was not taken back, unless `or_none`.
    """
    for row in changes.recent(evening):
        if row["run"]:
            return row
    if not or_none:
        frappe.throw(_("No run has been applied that could be taken back."))
    return None


def is_going_on() -> bool:
    """Whether a worker is busy with a run, or will be at once."""
    return bool(frappe.db.exists("Schedule Run", {"state": ("in", LIVE)}))


def mark_interrupted() -> None:
    """A run whose worker is gone is interrupted, and the next one that waits begins. Commits."""
    with filelock("ouderavond_run", timeout=20):
        dead = interrupt_dead()
        frappe.db.commit()
    if dead or _is_stuck():
        start_next()


def look_after() -> None:
    """The same where it is needed, for who looks at the runs."""
    if _dead() or _is_stuck():
        mark_interrupted()


def _is_stuck() -> bool:
    """Whether runs wait while none is going on."""
    waits = frappe.db.exists("Schedule Run", {"state": WAITING})
    return bool(waits) and not frappe.db.exists("Schedule Run", {"state": ("in", LIVE)})


def _dead() -> list[str]:
    """The runs that should go on, and whose worker is gone."""
    found = []
    for run, state in frappe.get_all(
        "Schedule Run", {"state": ("in", LIVE)}, ["name", "state"], as_list=True
    ):
        alive = frappe.cache.get_value(_key(run, "alive"), expires=True)
        # The queue says "started" for ever of a job whose worker was killed, so only waiting counts there.
        waiting = state == "Queued" and get_job_status(_job_id(run)) == "queued"
        if not alive and not waiting:
            found.append(run)
    return found


def interrupt_dead() -> int:
    """Mark the runs whose worker is gone; the best schedule they wrote down can be applied."""
    dead = _dead()
    for run in dead:
        left = frappe.db.get_value("Schedule Run Data", run, "schedule")
        kept = _("The worker stopped. The best schedule until then is kept and can be applied.")
        values = {"state": "Interrupted"}
        values["message"] = kept if left else _("The worker stopped. Start the run again.")
        if not left:
            values["placed"] = 0
        frappe.db.set_value("Schedule Run", run, values)
    return len(dead)


def _job_id(run: str) -> str:
    return f"ouderavond-{run}"


def _key(run: str, what: str) -> str:
    return f"ouderavond_run:{run}:{what}"


def stay_alive(run: str) -> None:
    """Say that whoever carries out a run is there: else it counts as interrupted after ALIVE_SECONDS."""
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
        self.problem: dict = {}
        self.series = run_progress.Series()

    def run(self) -> None:
        if self.doc.state != "Queued":
            return
        self._set(state="Running")
        try:
            problem = json.loads(frappe.db.get_value("Schedule Run Data", self.run_name, "problem"))
            self.problem = problem
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
        stay_alive(self.run_name)
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
        self.series.add(progress)
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
        frappe.db.set_value(
            "Schedule Run Data", self.run_name, "progress", self.series.text(), update_modified=False
        )
        self._set(**figures)
        self._publish(**figures)

    def _publish(self, **message) -> None:
        """Tell whoever has the run or the page of its evening open."""
        message = {"run": self.run_name, "evening": self.doc.evening, **message}
        for doctype, name in (("Schedule Run", self.run_name), ("Parent Evening", self.doc.evening)):
            frappe.publish_realtime("ouderavond_run", message, doctype=doctype, docname=name)

    def _finish(self) -> None:
        frappe.db.rollback()
        if self.result is None:
            frappe.log_error("Schedule Run failed", str(self.error), "Schedule Run", self.run_name)
            self._set(state="Failed", message=str(self.error) or repr(self.error))
        else:
            self._keep(self.result)
        self._publish(state=self.doc.state)

    def _keep(self, schedule) -> None:
        document = schedule.to_dict()
        series = run_progress.Series(document.pop("progress"))
        kept = {
            "schedule": json.dumps(document),
            "progress": series.text(),
            "figures": json.dumps(run_figures.of_documents(self.problem, document)),
        }
        frappe.db.set_value("Schedule Run Data", self.run_name, kept)
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
            message=" ".join(run_notices.sentences(document["warnings"])) or None,
            **{name: document["criteria"][name] for name in CRITERIA},
        )

    def _set(self, **values) -> None:
        self.doc.db_set(values, commit=True)


def _or_unknown(bound: int | None) -> int:
    """Not proven is kept as -1, since a whole number in the database cannot be empty."""
    return -1 if bound is None else bound
