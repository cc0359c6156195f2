"""What guardians can call. The guardian is found by the session's user and reaches only own students."""

import frappe

from ouderavond.api import callers, times_form, wishes_form
from ouderavond.evening import overview, requests


@frappe.whitelist(methods=["GET"])
def evenings() -> list:
    """The evenings of my children: what I can ask for until when, what I asked for, and my conversations."""
    return overview.as_told(overview.for_guardian(callers.guardian()))


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def request(
    offer: str,
    rank: int | None = None,
    longer: bool | None = None,
    preference: str | None = None,
    mode: str | None = None,
    interpreter_language: str | None = None,
    step_free: bool | None = None,
    remark: str | None = None,
) -> dict:
    """Ask for one conversation, or change the wishes of what I asked for."""
    name = requests.request(
        offer,
        guardian=callers.guardian(),
        rank=rank,
        longer=longer,
        preference=preference,
        mode=mode,
        interpreter_language=interpreter_language,
        step_free=step_free,
        remark=remark,
    )
    return {"request": name}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def withdraw(request: str) -> dict:
    """Withdraw one of my requests."""
    requests.withdraw(request, guardian=callers.guardian())
    return {"request": request}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def save(evening: str, wishes: str | list, times: str | list | None = None) -> dict:
    """Make my requests of an evening exactly these, the most important first: all of them or nothing.

    Args:
        times: with them, the times at which I can't come, as {from, to}; without, these stay as they are.
    """
    guardians = callers.guardian()
    rows = wishes_form.parse(wishes)
    cant_come = None if times is None else times_form.parse(times)
    names = requests.save(evening, rows, guardian=guardians, times=cant_come)
    return {"requests": names, "message": wishes_form.saved(len(names))}
