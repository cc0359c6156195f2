"""Changing who sits where: first what it would do, then doing it, all of it or nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict

import frappe
from frappe import _
from frappe.utils import escape_html, now

from ouderavond.evening import claims, spans, told
from ouderavond.evening.bulk import clean, insert_rows
from ouderavond.evening.planning import changes, places, places_effects
from ouderavond.evening.planning.places import Plan
from ouderavond.evening.planning.places_effects import Effects

DOCTYPE, BOOKING = "Evening Instructor", "Evening Booking"
# What becomes of conversations that no longer fit: they stay, and the check names them; or they are put on
# the list of what is not placed.
STAY, NOT_PLACED = "stay", "not_placed"
CHOICES = (STAY, NOT_PLACED)
NAMED = 10


def preview(evening, edits: Iterable[dict]) -> dict:
    """What edits would do, without doing it; see `places.plan` for their shape.

    Returns:
        {problems, refused, warnings, unfit, added, changed, removed, relocated, told, sentence}: `problems`
        per row and field, `refused` the sentences that make it impossible, `unfit` the conversations that
        would no longer fit, `relocated` how many get another place and `told` how many of these people
        were told of.
    """
    plan = places.plan(evening, edits)
    effects = Effects() if plan.problems else places_effects.of(plan)
    return {
        "problems": [asdict(problem) for problem in plan.problems],
        "refused": effects.refused,
        "warnings": effects.warnings,
        "unfit": [asdict(row) for row in effects.unfit],
        "added": len(plan.added),
        "changed": len(plan.changed),
        "removed": len(plan.removed),
        "relocated": len(effects.rooms),
        "told": effects.told,
        "sentence": _sentence(plan, effects),
    }


def _sentence(plan: Plan, effects: Effects) -> str:
    texts = (
        (len(plan.changed), _("1 row changes."), _("{0} rows change.")),
        (len(plan.added), _("1 row is added."), _("{0} rows are added.")),
        (len(plan.removed), _("1 row is removed."), _("{0} rows are removed.")),
        (
            len(effects.rooms),
            _("1 conversation gets another place."),
            _("{0} conversations get another place."),
        ),
        (effects.told, _("People know 1 of them elsewhere."), _("People know {0} of them elsewhere.")),
        (len(effects.unfit), _("1 conversation no longer fits."), _("{0} conversations no longer fit.")),
    )
    said = [one if number == 1 else many.format(number) for number, one, many in texts if number]
    return " ".join(said) or _("Nothing changes.")


def save(evening: str, edits: Iterable[dict], *, unfit: str | None = None):
    """Carry edits out, all of them or none; conversations get the rooms, and claims follow.

    Args:
        evening: name of the Parent Evening.
        edits: as `places.plan` takes them.
        unfit: "stay" or "not_placed": what becomes of conversations that no longer fit; None: there are none.

    Returns:
        The report of the change.

    Raises:
        frappe.ValidationError: something is wrong with an edit, two would speak in one room at once, or
            conversations no longer fit and nothing was chosen (they are named); nothing is written.
        claims.TakenError: a room is taken; nothing is written.
    """
    if unfit is not None and unfit not in CHOICES:
        frappe.throw(_("Choose what becomes of the conversations that no longer fit."))
    edits = list(edits)

    def work(edit) -> dict:
        plan = places.plan(edit.evening, edits)
        plan.refuse()
        effects = places_effects.of(plan)
        _refuse(effects, unfit)
        _write(edit, plan)
        if unfit == NOT_PLACED:
            for row in effects.unfit:
                edit.cancel(row.booking)
        edit.keep(BOOKING, *effects.rooms)
        relocate(edit.evening.name, effects)
        return {"unfit": len(effects.unfit), "told": effects.told, "warnings": effects.warnings}

    return changes.perform(evening, "Who Sits Where", work)


def carry_out(evening: str, *, progress=None, dry_run: bool = False, **arguments):
    """`save`, as `api.running` calls it, perhaps in a background job."""
    return save(evening, **arguments)


def _refuse(effects: Effects, choice: str | None) -> None:
    said = list(effects.refused)
    if effects.unfit and not choice:
        said.append(_("These conversations no longer fit. Choose what becomes of them."))
        said += [f"{row.student_name} ({row.subject}): {row.sentence}" for row in effects.unfit]
    if not said:
        return
    more = len(said) - NAMED
    if more > 0:
        said = [*said[:NAMED], _("And {0} more.").format(more)]
    frappe.throw("<br>".join(escape_html(line) for line in said), title=_("Not Possible"))


def _write(edit, plan: Plan) -> None:
    evening = plan.evening.name
    gone = [plan.before[key].name for key in plan.removed]
    edit.keep(DOCTYPE, *gone, *(plan.before[key].name for key in plan.changed))
    frappe.db.delete(DOCTYPE, {"name": ("in", gone or [""])})
    same = defaultdict(list)
    for key in plan.changed:
        same[tuple(plan.after[key].values().items())].append(plan.before[key].name)
    for values, names in same.items():
        frappe.db.set_value(DOCTYPE, {"name": ("in", names)}, clean(DOCTYPE, dict(values)))
    new = [
        {
            "name": frappe.generate_hash(length=10),
            "evening": evening,
            "instructor": key[0],
            "instructor_name": plan.names.get(key[0]),
            "date": key[1],
            **plan.after[key].values(),
        }
        for key in plan.added
    ]
    insert_rows(DOCTYPE, new)
    edit.made(DOCTYPE, *(row["name"] for row in new))


def relocate(evening: str, effects: Effects) -> None:
    """Write the places of conversations, and claim their rooms anew; within `claims.transaction`.

    Whoever was told of a place knows that one until it is published again.
    """
    same = defaultdict(list)
    for name, place in effects.rooms.items():
        same[place].append(name)
    booking = frappe.qb.DocType(BOOKING)
    for (room, table), names in same.items():
        (
            frappe.qb.update(booking)
            .set(booking.room, room)
            .set(booking.table_label, clean(BOOKING, {"table_label": table})["table_label"])
            .set(booking.modified, now())
            .set(booking.modified_by, frappe.session.user)
            .where(booking.name.isin(names))
        ).run()
    _mark_untold(list(effects.rooms))
    live = {"name": ("in", list(effects.rewritten) or [""]), "state": ("!=", "Cancelled")}
    rewritten = frappe.get_all(BOOKING, live, pluck="name")
    if rewritten:
        claims.replace_rooms(evening, rewritten, spans.of_bookings(evening, rewritten))


def _mark_untold(names: list[str]) -> None:
    fields = ["name", "state", "untold", *told.FIELDS, *told.FIELDS.values()]
    changed = defaultdict(list)
    for row in frappe.get_all(BOOKING, {"name": ("in", names or [""])}, fields):
        before = row.untold
        told.keep(row)
        if row.untold != before:
            changed[row.untold].append(row.name)
    for value, of_these in changed.items():
        frappe.db.set_value(BOOKING, {"name": ("in", of_these)}, "untold", value, update_modified=False)


def follow(doc, before) -> Effects:
    """Let conversations follow an Evening Instructor that was saved by itself, or deleted.

    Args:
        doc: the document as it is from now on; None: it has been deleted.
        before: as it was; None: it is new.

    Raises:
        frappe.ValidationError: two would speak in one room at once, or somebody with conversations goes.
        claims.TakenError: a room is taken.
    """
    evening = frappe.get_doc("Parent Evening", (doc or before).evening)
    after = places.of_evening(evening.name)
    was = {key: place for key, place in after.items() if not doc or place.name != doc.name}
    if before:
        was[places.key_of(before)] = places.place_of(before)
    names = {one.instructor: one.instructor_name or one.instructor for one in (doc, before) if one}
    plan = Plan(evening, was, after, names)
    effects = places_effects.of(plan)
    _refuse(effects, STAY)
    relocate(evening.name, effects)
    return effects


def misfits(evening) -> list[places_effects.Unfit]:
    """The conversations that do not fit who sits where and when now, for the check."""
    bookings = places_effects.live_bookings(evening.name)
    return places_effects.unfit(evening, places.of_evening(evening.name), bookings)


def put_back(evening: str, bookings: list[str]):
    """Put conversations that do not fit on the list of what is not placed, all of them or none.

    Raises:
        frappe.ValidationError: one is not there any more, or fits now.
    """
    wanted = set(bookings)

    def work(edit) -> None:
        known = {row.booking for row in misfits(edit.evening)}
        if not wanted <= known:
            frappe.throw(_("Some of these conversations have been changed since. Look at them again."))
        for name in sorted(wanted):
            edit.cancel(name)

    return changes.perform(evening, "Cancel", work)
