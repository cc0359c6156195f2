"""The tab of the page Planning for the day it goes wrong: what happened, a proposal, carried out and told."""

import frappe
from frappe import _

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening.offering import letters
from ouderavond.evening.planning.disruptions import applying, asking, solving, telling
from ouderavond.evening.planning.report import Report

# Carrying out reads the whole evening again: always in the background.
LARGE = running.MANY + 1


@frappe.whitelist(methods=["GET", "POST"])
def begin(evening: str) -> dict:
    """Who and what can be missing, and what happened last."""
    doc = evening_of(evening)
    return {**asking.beginning(doc), "recent": asking.recent(doc.name)}


@frappe.whitelist(methods=["GET", "POST"])
def hit(evening: str, wish: str | dict) -> dict:
    """How many conversations a disruption hits, and who could take them over."""
    return asking.hit(evening_of(evening), _wish(wish))


@frappe.whitelist(methods=["POST"])
def propose(evening: str, wish: str | dict) -> dict:
    """Start looking for the smallest change: {"run": name}."""
    return {"run": solving.propose(evening_of(evening).name, _wish(wish))}


@frappe.whitelist(methods=["GET", "POST"])
def state(evening: str, run: str) -> dict:
    """How far a run is, with its proposal once it is there."""
    name = evening_of(evening).name
    found = solving.state(name, run)
    if found.get("proposal"):
        found["obstacle"] = letters.obstacle(name)
        found["done"] = applying.change_of(name, run)
    return found


@frappe.whitelist(methods=["POST"])
def cancel(evening: str, run: str) -> dict:
    """Stop looking; what was found until then is proposed."""
    solving.cancel(evening_of(evening).name, run)
    return {"run": run}


@frappe.whitelist(methods=["POST"])
def confirm(evening: str, run: str) -> dict:
    """Carry a proposal out and tell those concerned: a job whose report says what became of it."""
    return running.answer(applying.confirm, evening_of(evening).name, size=LARGE, run=run)


@frappe.whitelist(methods=["GET", "POST"])
def result(evening: str, run: str) -> dict:
    """What became of a proposal that was carried out, with whom to phone."""
    return asking.result(*_of(evening, run))


@frappe.whitelist(methods=["POST"])
def tell(evening: str, run: str) -> dict:
    """Write to those concerned who were not written to yet."""
    told = telling.tell(*_of(evening, run))
    return {"told": told.sent, "not_told": told.not_told}


@frappe.whitelist(methods=["POST"])
def undo(evening: str, run: str) -> dict:
    """Take back what a proposal became; nobody is told by that."""
    name, run = _of(evening, run)
    return running.answer(take_back, name, size=LARGE, run=run)


def take_back(evening: str, *, run: str, dry_run: bool = False, progress=None) -> Report:
    """`applying.undo` as a job runs it; there is no dry run of it."""
    return applying.undo(evening, run)


def _wish(wish: str | dict) -> dict:
    found = running.filters(wish)
    if not found:
        frappe.throw(_("Choose what happened."))
    return found


def _of(evening: str, run: str) -> tuple[str, str]:
    name = evening_of(evening).name
    if frappe.db.get_value("Schedule Run", run, "evening") != name:
        frappe.throw(_("This run is not one of this evening."), frappe.DoesNotExistError)
    return name, run
