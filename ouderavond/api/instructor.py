"""What instructors can call: the instructor is found by the session's user. Only what is their own."""

import json

import frappe
from frappe import _
from frappe.utils import now_datetime
from werkzeug.wrappers import Response

from ouderavond.api import callers, times_form
from ouderavond.evening import instructing as page
from ouderavond.evening import inviting, notes, overview, versions
from ouderavond.evening.live import following
from ouderavond.evening.live import taps as tapped
from ouderavond.evening.live.tapping import KINDS
from ouderavond.evening.planning import own_blocks
from ouderavond.templates import portal

# Taps sent at once: those of an evening without network.
MOST = 200
LENGTH = 40
# Seconds; what is older, a phone does not know.
OLDEST = 10**9


@frappe.whitelist(methods=["GET"])
def conversations() -> list:
    """The evenings at which I sit, each with my conversations in order of time."""
    return overview.as_told(overview.for_instructor(callers.instructor()))


@frappe.whitelist(methods=["GET"])
@callers.limit_per_user(60, 60)
def read(evening: str, alone: bool = True) -> dict:
    """My times of an evening, as the page shows them.

    Args:
        alone: whether the page shows me as instructor only.
    """
    return {"html": portal.render_times(_shown(evening), 2 if alone else 3)}


@frappe.whitelist(methods=["GET"])
@callers.limit_per_user(60, 60)
def students(evening: str) -> dict:
    """The students of whom I have conversations on offer, with what was asked."""
    instructors = callers.instructor()
    return page.students(_evening(evening, instructors), instructors)


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(240, 60)
def wish(offer: str, wish: str = "") -> dict:
    """Say what I think of one of my conversations: "Obligatory", "Wished", "Not Necessary", or nothing."""
    instructors = callers.instructor()
    inviting.wish(instructors, offer, wish)
    said = {
        inviting.OBLIGATORY: _("Invited: it must take place."),
        inviting.WISHED: _("Invited."),
        inviting.NOT_NECESSARY: _("The family reads that it is not necessary; they can ask all the same."),
        "": _("Taken back."),
    }
    return {"status": "saved", "wish": wish, "message": said[wish]}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(120, 60)
def note(booking: str, text: str = "") -> dict:
    """Note something for myself at one of my conversations."""
    kept = notes.save(callers.instructor(), booking, text)
    return {"status": "saved", "message": _("Noted.") if kept else _("Note taken away.")}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(30, 60)
def block(evening: str, times: str | list) -> dict:
    """The times of an evening at which I am not available, all of them."""
    stored = own_blocks.save(evening, callers.instructor(), times_form.parse(times))
    return {"times": times_form.rows(stored), "message": _("Saved.")}


# While the evening goes on


@frappe.whitelist(methods=["GET"])
def live(evening: str) -> Response:
    """What was tapped at my conversations of today, and how late I run; 304 while nothing has changed."""
    instructors = callers.instructor()
    doc = _evening(evening, instructors)
    now = now_datetime()
    parts = (following.number(doc.name), doc.modified, now.strftime("%H:%M"), frappe.session.user)
    tag = f'"{frappe.utils.sha256_hash("|".join(map(str, parts)))[:24]}"'
    if frappe.get_request_header("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    versions.read_anew()
    shown = _shown(evening)
    own = {row.name: row for row in shown["conversations"]}
    rows = [row for row in following.of(doc.name, now) if row.name in own]
    coming = following.next_of(rows, now)
    answer = {
        "mark": shown["mark"],
        "taps": {row.name: own[row.name].taps for row in rows},
        "next": coming and {"booking": coming.name, "delay": coming.outlook.delay},
    }
    body = json.dumps({"message": answer}, separators=(",", ":"))
    return Response(body, headers={"ETag": tag}, mimetype="application/json")


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(120, 60)
def tap(taps: str | list) -> dict:
    """Keep what I tapped at my conversations of today; the same tap may be sent again and again.

    Args:
        taps: {booking, id, kind "started", "finished", "no_show" or "undo", of, age}: `age` is how many
            seconds ago it was tapped, `of` the id of the tap that an undo takes back.
    """
    instructors = callers.instructor()
    sent = _taps(taps)
    answer = tapped.keep(instructors, sent)
    if answer["refused"] and not answer["kept"]:
        frappe.local.response["http_status_code"] = 409
        return {**answer, "status": "refused", "message": answer["refused"][0]["sentence"]}
    return {**answer, "status": "kept"}


def _shown(evening: str) -> dict:
    found = [row for row in overview.for_instructor(callers.instructor()) if row["evening"] == evening]
    if not found:
        _refuse_evening()
    return found[0]


def _evening(name: str, instructors: list[str]):
    """An evening that is shown, and at which one of the records sits or has conversations on offer."""
    shown = frappe.db.exists("Parent Evening", {"name": name, **overview.SHOWN})
    mine = {"evening": name, "instructor": ("in", instructors)}
    if not shown or not (frappe.db.exists("Evening Instructor", mine) or _has_offers(name, instructors)):
        _refuse_evening()
    return frappe.get_cached_doc("Parent Evening", name)


def _has_offers(evening: str, instructors: list[str]) -> bool:
    offer, row = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    query = (
        frappe.qb.from_(offer)
        .join(row)
        .on((row.parent == offer.name) & (row.parenttype == "Conversation Offer"))
        .select(offer.name)
        .where((offer.evening == evening) & row.instructor.isin(instructors))
    )
    return bool(query.limit(1).run())


def _refuse_evening() -> None:
    frappe.throw(_("This evening is not one of yours."), frappe.PermissionError)


def _taps(given: str | list) -> list[dict]:
    try:
        rows = json.loads(given) if isinstance(given, str) else given
    except (RecursionError, ValueError):
        rows = None
    if not isinstance(rows, list) or len(rows) > MOST or not all(map(_is_tap, rows)):
        frappe.throw(_("This form could not be read. Please reload the page and try again."))
    return [{"of": None, **row, "age": float(row["age"])} for row in rows]


def _is_tap(row) -> bool:
    if not isinstance(row, dict) or set(row) - {"booking", "id", "kind", "of", "age"}:
        return False
    texts = [row.get("booking"), row.get("id"), row.get("of") or "-"]
    is_number = isinstance(row.get("age"), int | float) and abs(row["age"]) < OLDEST
    is_short = all(isinstance(text, str) and 0 < len(text) <= LENGTH for text in texts)
    return is_short and is_number and row.get("kind") in KINDS
