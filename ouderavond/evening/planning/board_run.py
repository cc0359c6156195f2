"""What a run proposes, as the board shows it: the conversations at the times that they would have."""

from datetime import datetime

import frappe
from frappe import _

from ouderavond.evening import unplaced, wording
from ouderavond.evening.planning import proposal


class Proposal:
    """The proposal of a Schedule Run of an evening (a document).

    Raises:
        frappe.ValidationError: the run is of another evening, or has no schedule.
    """

    def __init__(self, evening, run: str):
        row = frappe.db.get_value("Schedule Run", {"name": run, "evening": evening.name}, "*", as_dict=True)
        if not row:
            frappe.throw(_("The run {0} is not one of this evening.").format(frappe.utils.escape_html(run)))
        self._found = proposal.of_run(run)
        self.about = {
            "name": run,
            "title": row.scenario or run,
            "state": row.state,
            "applied_on": str(row.applied_on) if row.applied_on else None,
            "figures": self._found["figures"],
            "out_of_date": proposal.is_out_of_date(run),
        }

    def apply(self, bookings: list[dict], waiting: dict[str, dict], room_of) -> tuple[list[dict], list[dict]]:
        """(bookings, lost) of the board, as they would be.

        Args:
            bookings: those of now, as the board shows them.
            waiting: {request: what the board would show of it with a time}, of requests without one.
            room_of: the room of a row at a start.
        """
        found, lost = [], []
        for row in bookings:
            change = self._found["changes"].get(row["request"]) or self._found["changes"].get(row["booking"])
            if not change or change["change"] == "kept":
                found.append({**row, "change": "kept"})
            elif change["change"] == "moved":
                found.append(_at({**row, "change": "moved", "from": row["start"]}, change["to"], room_of))
            else:
                lost.append({**row, "from": row["start"], "sentence": _loses(row)})
        for key, change in self._found["changes"].items():
            if change["change"] == "added" and key in waiting:
                found.append(_at({**waiting[key], "change": "added", "from": None}, change["to"], room_of))
        return found, lost

    def unplaced(self, rows: list[dict], names: dict[str, str]) -> list[dict]:
        """The requests that the run does not place either, with its reasons; nothing can be done here."""
        reasons = self._found["unplaced"]
        found = []
        for row in rows:
            if row["request"] in reasons:
                why = reasons[row["request"]]
                sentence = unplaced.sentence(why["reason"], why["facts"], names)
                found.append({**row, "reason": why["reason"], "sentence": sentence, "alternatives": []})
        return found


def _at(row: dict, start: str, room_of) -> dict:
    first = datetime.fromisoformat(start)
    length = datetime.fromisoformat(row["end"]) - datetime.fromisoformat(row["start"])
    room = room_of(row, first)
    return {**row, "start": start, "end": f"{first + length:%Y-%m-%dT%H:%M}", "room": room}


def _loses(row: dict) -> str:
    return _("{0}: loses its time, {1}.").format(
        row["subject"], wording.moment(datetime.fromisoformat(row["start"]))
    )
