"""What a change of the schedule did, in figures and in words."""

from dataclasses import asdict, dataclass, field

import frappe
from frappe import _
from frappe.utils import get_datetime

from ouderavond.evening import wording
from ouderavond.evening.planning.snapshots import BLOCK, BOOKING

FIGURES = (
    *("booked", "moved", "reassigned", "resized", "relocated", "cancelled", "pinned", "unpinned"),
    *("blocked", "unblocked", "others"),
)
# What follows from a change of conversations is not counted beside it.
CONSEQUENCES = ("Conversation Request", "Schedule Run")


@dataclass
class Report:
    """One change. `change` names its Schedule Change, None where nothing was written.

    `concerned` is for people whom it concerns, `not_told` for (who, why) of those who should have been told
    and could not be, `more` for anything else an operation answers: plain values by name.
    """

    operation: str
    figures: dict[str, int] = field(default_factory=dict)
    about: str | None = None
    change: str | None = None
    needs_confirmation: bool = False
    dry_run: bool = False
    told: int = 0
    concerned: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    not_told: list[tuple[str, str]] = field(default_factory=list)
    more: dict = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What happened in words, in the language of whoever reads now."""
        return self.about or sentence(self.figures)

    def as_dict(self) -> dict:
        """The report as the API answers it, each figure also by its name."""
        return {**asdict(self), **self.figures, "sentence": self.sentence}


def figures_of(entries: list[list]) -> dict[str, int]:
    """How many records changed in which way; those that are 0 are left out.

    Args:
        entries: [doctype, name, before, after], with what counts of each (`snapshots.essence`), or None.
    """
    found = dict.fromkeys(FIGURES, 0)
    for doctype, _name, before, after in entries:
        for name in _kinds(doctype, before, after):
            found[name] += 1
    return {name: number for name, number in found.items() if number}


def _kinds(doctype: str, before: dict | None, after: dict | None) -> list[str]:
    if doctype == BLOCK:
        return ["blocked" if after else "unblocked"]
    if doctype != BOOKING:
        return [] if doctype in CONSEQUENCES else ["others"]
    was, there = _is_live(before), _is_live(after)
    if was != there:
        return ["booked" if there else "cancelled"]
    return [name for name, differs in _DIFFERENCES.items() if there and differs(before, after)]


def _is_live(values: dict | None) -> bool:
    return bool(values) and not values["cancelled"]


def _length(values: dict):
    return get_datetime(values["end"]) - get_datetime(values["start"])


_DIFFERENCES = {
    "moved": lambda before, after: before["start"] != after["start"],
    "reassigned": lambda before, after: before["instructors"] != after["instructors"],
    "resized": lambda before, after: _length(before) != _length(after),
    "relocated": lambda before, after: (
        before["start"] == after["start"]
        and (before["room"], before["table_label"], before["mode"])
        != (after["room"], after["table_label"], after["mode"])
    ),
    "pinned": lambda before, after: bool(after["pinned"]) and not before["pinned"] and _same(before, after),
    "unpinned": lambda before, after: bool(before["pinned"]) and not after["pinned"],
}


def _same(before: dict, after: dict) -> bool:
    # What is placed by hand is pinned by that, which is not worth saying.
    return before["start"] == after["start"] and before["instructors"] == after["instructors"]


def sentence(figures: dict[str, int]) -> str:
    """Figures in words."""
    texts = _texts()
    parts = []
    for name in FIGURES:
        number = figures.get(name)
        if number:
            one, many = texts[name]
            parts.append(one if number == 1 else many.format(number))
    return " ".join(parts) or _("Nothing changes.")


def _texts() -> dict[str, tuple[str, str]]:
    return {
        "booked": (_("1 conversation placed."), _("{0} conversations placed.")),
        "moved": (_("1 conversation moved."), _("{0} conversations moved.")),
        "reassigned": (_("1 given to another instructor."), _("{0} given to another instructor.")),
        "resized": (_("1 has another length."), _("{0} have another length.")),
        "relocated": (_("1 is at another place."), _("{0} are at another place.")),
        "cancelled": (_("1 conversation cancelled."), _("{0} conversations cancelled.")),
        "pinned": (_("1 pinned."), _("{0} pinned.")),
        "unpinned": (_("1 unpinned."), _("{0} unpinned.")),
        "blocked": (_("1 time blocked."), _("{0} times blocked.")),
        "unblocked": (_("1 block removed."), _("{0} blocks removed.")),
        "others": (_("1 record changed."), _("{0} records changed.")),
    }


def about_one(entries: list[list]) -> str | None:
    """What happened in words where it happened to one conversation; None where it did to several."""
    bookings = [entry for entry in entries if entry[0] == BOOKING]
    others = [entry for entry in entries if entry[0] not in (BOOKING, *CONSEQUENCES)]
    if len(bookings) != 1 or others:
        return None
    _doctype, name, before, after = bookings[0]
    row = frappe.db.get_value(BOOKING, name, ["student_name", "subject"], as_dict=True)
    if not row:
        return None
    kinds = _kinds(BOOKING, before, after)
    return _about(kinds[0] if len(kinds) == 1 else None, f"{row.student_name} ({row.subject})", before, after)


def _about(kind: str | None, who: str, before: dict | None, after: dict | None) -> str | None:
    if kind == "moved":
        times = (wording.moment(get_datetime(values["start"])) for values in (after, before))
        return _("{0}: {1} instead of {2}.").format(who, *times)
    if kind == "booked":
        return _("{0} is placed on {1}.").format(who, wording.moment(get_datetime(after["start"])))
    if kind == "cancelled":
        return _("{0} on {1} is cancelled.").format(who, wording.moment(get_datetime(before["start"])))
    return None
