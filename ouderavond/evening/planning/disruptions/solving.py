"""Looking for the smallest change: a Schedule Run in the background, whose result is a proposal.

The run is the record: it can be followed, cancelled (the best so far is then proposed) and, where its worker
is killed, is interrupted. What is proposed is kept with it, and nothing of it is written anywhere else.
"""

import json

import frappe
from frappe import _
from frappe.utils.synchronization import filelock

from ouderavond.evening import runs
from ouderavond.evening.planning.disruptions import document, proposing, situations, wishes, words
from ouderavond.evening.planning.run_options import ALL

SECONDS = 20
# Reading, the proposal, and a second search where the first would have cost somebody else a conversation.
ALLOWANCE = 120
ROUNDS = 3
DATA = "Schedule Run Data"
RAN = ("Finished", "Cancelled", "Interrupted")


def propose(evening: str, values: dict, *, now: bool = False) -> str:
    """Start looking for what can be done; returns the Schedule Run. Commits.

    Whatever was written before in this transaction is rolled back first.

    Args:
        values: the fields of `wishes.Wish`.
        now: look here and now, instead of in the background.

    Raises:
        frappe.ValidationError: the wish cannot be, nothing is concerned, or another run is going on.
    """
    with filelock("ouderavond_run", timeout=20):
        frappe.db.rollback()
        run = _make(evening, values)
        frappe.db.commit()
    if now:
        look(run.name)
    else:
        limit = ROUNDS * SECONDS + ALLOWANCE
        frappe.enqueue(look, queue="long", timeout=limit, job_id=runs._job_id(run.name), run=run.name)
    return run.name


def _make(evening: str, values: dict):
    doc = frappe.get_doc("Parent Evening", evening)
    wish = wishes.read(doc, values)
    situation = situations.read(doc, wish)
    runs.interrupt_dead()
    if going := frappe.db.get_value("Schedule Run", {"state": ("in", runs.LIVE)}, "name"):
        frappe.throw(_("The run {0} is still going on. Wait for it, or cancel it first.").format(going))
    run = frappe.new_doc("Schedule Run")
    run.update(
        {
            "evening": evening,
            "scenario": words.title(situation)[:140],
            "time_limit": SECONDS,
            "seed": 1,
            "weights": frappe.as_json(document.WEIGHTS),
            "options": frappe.as_json({"move": ALL, "disruption": wish.kind}),
            "total": len(situation.bookings),
        }
    )
    run.insert(ignore_permissions=True)
    about = {"wish": wish.as_dict(), "language": frappe.local.lang}
    frappe.get_doc({"doctype": DATA, "run": run.name, "disruption": json.dumps(about)}).insert(
        ignore_permissions=True
    )
    runs.stay_alive(run.name)
    return run


def look(run: str) -> None:
    """The background job: read, solve, propose. A refusal ends the run as failed, with its sentence."""
    if frappe.db.get_value("Schedule Run", run, "state") != "Queued":
        return
    about = read(run)
    frappe.local.lang = about["language"]
    try:
        _look(run, about)
    except Exception as error:
        frappe.db.rollback()
        refusal = isinstance(error, frappe.ValidationError)
        if not refusal:
            frappe.log_error("Disruption failed", reference_doctype="Schedule Run", reference_name=run)
        sentence = str(error) if refusal else _("It failed, and nothing was changed. The error log says why.")
        frappe.db.set_value("Schedule Run", run, {"state": "Failed", "message": sentence})
        frappe.db.commit()
    finally:
        runs.start_next()


def _look(run: str, about: dict) -> None:
    evening = frappe.db.get_value("Schedule Run", run, "evening")
    wish = wishes.read(frappe.get_doc("Parent Evening", evening), about["wish"])
    prepared = document.prepare(evening, wish)
    frappe.db.set_value(
        "Schedule Run", run, {"input_hash": prepared.state, "total": len(prepared.problem["conversations"])}
    )
    schedule = _solve(run, prepared) if prepared.is_open else _as_it_is(run, prepared)
    if schedule is None:
        return
    write(run, {**about, "state": prepared.state, "proposal": proposing.proposal(prepared, schedule)})
    frappe.db.commit()


def _as_it_is(run: str, prepared: document.Prepared) -> dict:
    """Nothing is to be looked for: all others stay where they are."""
    stays = [
        {"conversation": name, "start": f"{prepared.situation.bookings[booking].start:%Y-%m-%dT%H:%M}"}
        for booking, name in prepared.conversations.items()
        if booking not in prepared.given_up
    ]
    frappe.db.set_value("Schedule Run", run, {"state": "Finished", "placed": len(stays)})
    return {"placements": stays, "unplaced": [], "status": "optimal"}


def _solve(run: str, prepared: document.Prepared) -> dict | None:
    """The schedule; None where the run failed. Who is not concerned must not lose a conversation by it."""
    for _round in range(ROUNDS):
        frappe.db.set_value(DATA, run, "problem", json.dumps(prepared.problem))
        frappe.db.commit()
        runs.run_job(run, advance=False)
        found = frappe.db.get_value(DATA, run, "schedule")
        state = frappe.db.get_value("Schedule Run", run, "state")
        if state not in RAN or not found:
            return None
        schedule = json.loads(found)
        lost = _lost_others(prepared, schedule)
        if not lost:
            return schedule
        for item in prepared.problem["conversations"]:
            if item["id"] in lost:
                item["pinned"] = item.pop("previous")
        frappe.db.set_value("Schedule Run", run, "state", "Queued")
    frappe.throw(_("No proposal was found that leaves all others their conversations. Try again with less."))


def _lost_others(prepared: document.Prepared, schedule: dict) -> set[str]:
    placed = {item["conversation"] for item in schedule["placements"]}
    affected = {prepared.conversations.get(row.name) for row in prepared.situation.affected}
    return {
        item["id"]
        for item in prepared.problem["conversations"]
        if item["id"] not in placed and item["id"] not in affected and item.get("previous")
    }


# What is kept with the run


def read(run: str) -> dict:
    """What a run answers: {wish, language, state, proposal, change, letters…}, as far as it is known.

    Raises:
        frappe.ValidationError: it answers no disruption.
    """
    found = frappe.db.get_value(DATA, run, "disruption")
    if not found:
        frappe.throw(_("This run is not about something that happened."))
    return json.loads(found)


def write(run: str, about: dict) -> None:
    """Keep what a run answers."""
    frappe.db.set_value(DATA, run, "disruption", frappe.as_json(about))


def state(evening: str, run: str) -> dict:
    """How far a run is: {state, phase, seconds, message, proposal, applied}; `state` is Queued, Running,
    Ready (there is a proposal), Failed, Cancelled or Interrupted."""
    if frappe.db.get_value("Schedule Run", run, "evening") != evening:
        frappe.throw(_("This run is not one of this evening."), frappe.DoesNotExistError)
    if frappe.db.get_value("Schedule Run", run, "state") in runs.LIVE:
        runs.look_after()
    row = frappe.db.get_value(
        "Schedule Run", run, ["state", "phase", "seconds", "message", "applied_on"], as_dict=True
    )
    about = read(run)
    answer = {"run": run, **row, "applied_on": row.applied_on and str(row.applied_on), "wish": about["wish"]}
    if about.get("proposal"):
        return {**answer, "state": "Ready", "proposal": about["proposal"], "change": about.get("change")}
    # Solved, and on its way to a proposal.
    return {**answer, "state": "Running" if row.state == "Finished" else row.state}


def cancel(evening: str, run: str) -> None:
    """Stop looking; what was found until then is proposed.

    Raises:
        frappe.ValidationError: the run is not going on, or not of this evening.
    """
    if frappe.db.get_value("Schedule Run", run, "evening") != evening:
        frappe.throw(_("This run is not one of this evening."), frappe.DoesNotExistError)
    runs.cancel_run(run)
