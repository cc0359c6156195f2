"""How crowded an evening will be, from what is offered: the scheduler's capacity forecast, with names."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import frappe
from frappe import _

from ouderavond.evening.problem import build_possible

# Whoever is expected to have a shortage with at least this chance is listed.
LEAST_CHANCE = 0.01
MOST_EXTRAS = 50


@dataclass
class Expected:
    """What is to be expected; figures in slots.

    `instructors` are those who may have too little time, `extras` the times that would help most.
    """

    households: int = 0
    offers: int = 0
    impossible: int = 0
    asked: float = 0.0
    demand: float = 0.0
    slots: int = 0
    short: float = 0.0
    looked_at: int = 0
    instructors: tuple[dict, ...] = ()
    extras: tuple[dict, ...] = ()

    def as_dict(self) -> dict:
        """Plain values, as the API answers them."""
        return asdict(self)


def expected(
    evening: str,
    asking: float = 0.7,
    per_student: float = 1.5,
    most: int = 3,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Expected:
    """Forecast the demand of an evening from its offers. Writes nothing, so `dry_run` makes no difference.

    Args:
        evening: name of the Parent Evening.
        asking: share of the households that will ask, 0 to 1.
        per_student: mean number of conversations they ask per student.
        most: and the most.

    Raises:
        frappe.ValidationError: nothing is offered, no date has slots, or the expectations cannot be.
    """
    from ouderavond.scheduler import load
    from ouderavond.scheduler.forecast import forecast

    document = build_possible(frappe.get_doc("Parent Evening", evening))
    _check(document, asking, per_student, most)
    found = forecast(load(document), asking=asking, per_student=per_student, most=most)
    names = dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))
    return Expected(
        households=found.households,
        offers=found.offers,
        impossible=found.impossible,
        asked=round(found.asked, 1),
        demand=round(found.demand, 1),
        slots=found.slots,
        short=round(found.short, 1),
        looked_at=len(found.instructors),
        instructors=tuple(_tight(each, names) for each in found.instructors if each.exceeds >= LEAST_CHANCE),
        extras=tuple(
            {**each.to_dict(), "gain": round(each.gain, 2), "label": names.get(each.instructor)}
            for each in found.extras[:MOST_EXTRAS]
        ),
    )


def _check(document: dict, asking: float, per_student: float, most: int) -> None:
    if not document["conversations"]:
        frappe.throw(_("Nothing is offered yet, so nothing can be expected."))
    if not any(day["starts"] for day in document["dates"]):
        frappe.throw(_("This evening has no date with slots."))
    if not (0 <= asking <= 1 and 1 <= most <= 20 and 0 <= per_student <= most):
        frappe.throw(
            _(
                "Give the share of households as a number from 0 to 1, and the conversations per student as "
                "a mean of at most {0}."
            ).format(most)
        )


def _tight(each, names: dict[str, str]) -> dict:
    return {
        "instructor": each.instructor,
        "label": names.get(each.instructor) or each.instructor,
        "offers": each.offers,
        "slots": each.slots,
        "demand": round(each.demand, 1),
        "low": each.low,
        "high": each.high,
        "chance": round(each.exceeds, 3),
        "short": round(each.short, 2),
    }
