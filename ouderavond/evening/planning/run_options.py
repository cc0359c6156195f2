"""What a run of the scheduler may do: its weights, and which conversations may get another time.

Requests without a time are always placed where they fit. Nothing pinned ever moves, and what people were
told moves only where staff say so; it then costs the weight `moved` per conversation that is elsewhere.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe import _

WEIGHTS = (
    "must",
    "wanted",
    "nothing",
    "moved",
    "date",
    "waiting",
    "preference",
    "break",
    "instructor_waiting",
)
LARGEST = 1_000_000
PLANNED, NEW, INSTRUCTORS, ALL = "planned", "new", "instructors", "all"
# What may move. "all" is also what was published; "planned" is all the rest that is not pinned.
MOVES = (PLANNED, NEW, INSTRUCTORS, ALL)


@dataclass(frozen=True)
class RunOptions:
    """Which conversations that have a time may move.

    `move` is one of MOVES; `instructors` are the chosen ones where it is "instructors"; `published` says
    whether theirs may also move where people were told a time.
    """

    move: str = PLANNED
    instructors: tuple[str, ...] = ()
    published: bool = False

    @classmethod
    def of_run(cls, run) -> "RunOptions":
        """The options of a Schedule Run (a document, or its field `options`)."""
        stored = run if isinstance(run, str | None) else run.get("options")
        found = json.loads(stored) if stored else {}
        return cls(
            found.get("move") or PLANNED,
            tuple(found.get("instructors") or ()),
            bool(found.get("published")),
        )

    def as_dict(self) -> dict:
        """Plain values, as a run keeps them."""
        return {"move": self.move, "instructors": list(self.instructors), "published": int(self.published)}

    @property
    def moves_published(self) -> bool:
        """Whether anything may move of which people were told a time."""
        return self.move == ALL or (self.move == INSTRUCTORS and self.published)

    def may_move(self, booking, instructors: Iterable[str]) -> bool:
        """Whether a live booking (`state`, `pinned`, `request`) of these instructors may get another time."""
        if booking.pinned or self.move == NEW:
            return False
        # What answers no request was agreed by hand: it moves only where everything may.
        settled = booking.state == "Published" or not booking.request
        if settled and not self.moves_published:
            return False
        return self.move != INSTRUCTORS or not set(self.instructors).isdisjoint(instructors)


def read(
    evening: str, move: str | None = None, instructors: Iterable[str] | None = None, published: bool = False
) -> RunOptions:
    """The options that somebody chose, checked.

    Raises:
        frappe.ValidationError: they cannot be; the message says which.
    """
    move = move or PLANNED
    chosen = tuple(sorted(set(instructors or ())))
    if move not in MOVES:
        frappe.throw(
            _("What may move is one of: {0}; not {1}.").format(
                ", ".join(MOVES), frappe.utils.escape_html(move)
            )
        )
    if move != INSTRUCTORS:
        return RunOptions(move)
    if not chosen:
        frappe.throw(_("Choose the instructors whose conversations may move."))
    known = set(frappe.get_all("Evening Instructor", {"evening": evening}, pluck="instructor"))
    for name in chosen:
        if name not in known:
            frappe.throw(
                _("{0} does not take part in this evening.").format(frappe.utils.escape_html(str(name)))
            )
    return RunOptions(move, chosen, bool(published))


def weights(base: dict[str, float], given: dict | None) -> dict[str, float]:
    """The weights of an evening, with others for those that somebody named.

    Raises:
        frappe.ValidationError: one has a name that is none, or a value that cannot be.
    """
    if given is None:
        return dict(base)
    if not isinstance(given, dict):
        frappe.throw(_("Weights are given as a number per name."))
    return {**base, **{name: _weight(name, value) for name, value in given.items()}}


def _weight(name: str, value) -> float:
    if name not in WEIGHTS:
        frappe.throw(
            _("There is no weight named {0}. The weights are: {1}.").format(
                frappe.utils.escape_html(str(name)), ", ".join(WEIGHTS)
            )
        )
    number = _number(value)
    if number is None:
        frappe.throw(_("The weight {0} must be a number.").format(name))
    if number < 0:
        frappe.throw(_("The weight {0} must not be less than 0.").format(name))
    if number > LARGEST:
        frappe.throw(_("The weight {0} must not be more than {1}.").format(name, LARGEST))
    if round(number, 3) != number:
        frappe.throw(_("The weight {0} may have at most 3 decimals.").format(name))
    return number


def _number(value) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def label(options: RunOptions) -> str:
    """What may move, in words."""
    return {
        PLANNED: _("Everything that is not pinned or published may move."),
        NEW: _("Nothing that has a time moves."),
        INSTRUCTORS: _("Only conversations of {0} chosen instructors move.").format(len(options.instructors)),
        ALL: _("Everything that is not pinned may move, also what people were told."),
    }[options.move]
