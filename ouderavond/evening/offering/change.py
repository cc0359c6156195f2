"""Changing offers that are there, and removing them: chosen in a list, or all that a filter finds.

What is asked is an intention ("add B", "C instead of A"), carried out on what the offers are when it is their
turn: two people who change the same offers at once both get what they asked for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.utils import format_date, getdate

from ouderavond.evening import grid
from ouderavond.evening.offering import chosen, effects
from ouderavond.evening.offering.changes import Edit, perform
from ouderavond.evening.offering.report import Report
from ouderavond.evening.offering.rows import Offer

MANY = 1_000
LONGEST_REMARK = 2_000


@dataclass(frozen=True)
class Wish:
    """What shall be other about offers; None and empty: as it is.

    `exactly` and `only_forbidden` set a whole list, the others add to it and take from it.
    """

    replace: str | None = None
    by: str | None = None
    add: tuple[str, ...] = ()
    take_out: tuple[str, ...] = ()
    exactly: tuple[str, ...] | None = None
    slots: int | None = None
    forbid: tuple[date, ...] = ()
    allow: tuple[date, ...] = ()
    only_forbidden: tuple[date, ...] | None = None
    remark: str | None = None

    @property
    def newcomers(self) -> set[str]:
        """Instructors who would be given conversations."""
        return {*self.add, *(self.exactly or ()), *([self.by] if self.by else [])}

    @property
    def dates(self) -> set[date]:
        """The dates that it is about."""
        return {*self.forbid, *self.allow, *(self.only_forbidden or ())}

    @property
    def about(self) -> list[str]:
        """Which values it is about: instructors, slots, forbidden, remark."""
        asked = {
            "instructors": self.newcomers or self.take_out,
            "slots": self.slots is not None,
            "forbidden": self.dates or self.only_forbidden is not None,
            "remark": self.remark is not None,
        }
        return [name for name, is_asked in asked.items() if is_asked]

    @property
    def nothing(self) -> bool:
        """Whether everything stays as it is."""
        return not (self.about or self.replace)

    def of(self, offer: Offer) -> Offer:
        """The offer as it shall be; without instructors where the last one would be taken out."""
        wanted = {
            "instructors": self._instructors(offer.instructors),
            "forbidden": self._forbidden(offer.forbidden),
            "slots": offer.slots if self.slots is None else self.slots,
            "remark": offer.remark if self.remark is None else self.remark.strip() or None,
        }
        values = {name: value for name, value in wanted.items() if value != getattr(offer, name)}
        return offer.with_values(**values) if values else offer

    def _instructors(self, now: tuple[str, ...]) -> tuple[str, ...]:
        names = now if self.exactly is None else self.exactly
        names = [self.by if self.by and name == self.replace else name for name in names]
        names = [name for name in [*names, *self.add] if name not in self.take_out]
        found = tuple(dict.fromkeys(names))
        return now if set(found) == set(now) else found

    def _forbidden(self, now: tuple[date, ...]) -> tuple[date, ...]:
        days = set(now if self.only_forbidden is None else self.only_forbidden)
        days = (days | set(self.forbid)) - set(self.allow)
        return now if days == set(now) else tuple(sorted(days))


def change(
    evening: str,
    offers: list[str] | None = None,
    filters: dict | None = None,
    *,
    replace: str | None = None,
    by: str | None = None,
    add: Iterable[str] = (),
    take_out: Iterable[str] = (),
    exactly: Iterable[str] | None = None,
    slots: int | None = None,
    forbid: Iterable[str] = (),
    allow: Iterable[str] = (),
    only_forbidden: Iterable[str] | None = None,
    remark: str | None = None,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Change instructors, duration, forbidden dates or remark of offers. Commits.

    An offer that would become the same as another of the student, or lose its last instructor, stays as it
    is and is reported. `report.more` has `chosen`, `unchanged`, `figures` (rows {about, label, before,
    after} of what is asked about) and `notes` (sentences).

    Args:
        evening: name of the Parent Evening.
        offers: names of Conversation Offers.
        filters: instead of `offers`: all that these filters of the list find.
        replace, by: this instructor gives way to that one.
        add, take_out, exactly: instructors more, fewer, or instead of whoever is there.
        slots: the duration.
        forbid, allow, only_forbidden: dates (as text) more, fewer, or instead of those that are forbidden.
        remark: empty takes it away.
        dry_run: count, write nothing.
        confirmed: also where conversations that have a time would be cancelled.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: nothing is to change, an instructor is not there or has left, the duration
            does not fit, or a date is none of the evening's.
    """
    wish = Wish(
        replace=replace or None,
        by=by or None,
        add=tuple(add),
        take_out=tuple(take_out),
        exactly=None if exactly is None else tuple(exactly),
        slots=None if slots is None else int(slots),
        forbid=_dates(forbid),
        allow=_dates(allow),
        only_forbidden=None if only_forbidden is None else _dates(only_forbidden),
        remark=remark,
    )

    def work(edit: Edit) -> None:
        check(edit.evening, wish)
        names = _names(edit, offers, filters)
        before = edit.offers(names=names)
        edit.rewrite(_with_instructors(edit, [wish.of(offer) for offer in before.values()]))
        _tell(edit, wish, before, edit.offers(names=names))

    return perform(evening, "Change Offers", work, dry_run=dry_run, confirmed=confirmed, progress=progress)


def remove(
    evening: str,
    offers: list[str] | None = None,
    filters: dict | None = None,
    *,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Remove offers. Commits.

    What was ever asked for stays as not offered. Requests and conversations end only when `confirmed`, and
    the people concerned are told.

    Args:
        evening: name of the Parent Evening.
        offers: names of Conversation Offers.
        filters: instead of `offers`: all that these filters of the list find.
        dry_run: count, write nothing.
        confirmed: also where somebody asked for it.
        progress: called with (done, total) while writing.
    """

    def work(edit: Edit) -> None:
        names = _names(edit, offers, filters)
        edit.report.more["chosen"] = len(edit.offers(names=names))
        edit.remove(names)

    return perform(evening, "Remove Offers", work, dry_run=dry_run, confirmed=confirmed, progress=progress)


def longest(evening) -> int:
    """The most slots that fit into the shortest date of a Parent Evening document; at least one."""
    return max(1, min((len(day.starts) for day in grid.slots(evening)), default=1))


def _names(edit: Edit, offers: list[str] | None, filters: dict | None) -> list[str]:
    """The offers that are meant; many are read with all of the evening, which is faster than by name."""
    names = chosen.names(edit.evening.name, offers, filters)
    if len(names) > MANY:
        edit.offers()
    return names


# What cannot be asked


def check(evening, wish: Wish) -> None:
    """Refuse what cannot be asked of any offer.

    Raises:
        frappe.ValidationError: with the sentence that says why.
    """
    if wish.exactly == ():
        frappe.throw(_("A conversation needs at least one instructor."))
    if wish.nothing:
        frappe.throw(_("Choose what is to change."))
    if bool(wish.replace) != bool(wish.by):
        frappe.throw(_("Choose who gives way, and who comes instead."))
    _check_instructors(wish)
    _check_slots(evening, wish.slots)
    if len(wish.remark or "") > LONGEST_REMARK:
        frappe.throw(_("This text is too long; at most {0} characters are possible.").format(LONGEST_REMARK))
    days = {getdate(row.date) for row in evening.dates}
    for day in sorted(wish.dates - days):
        frappe.throw(_("The evening is not on {0}.").format(format_date(day)))


def _check_instructors(wish: Wish) -> None:
    named = wish.newcomers | set(wish.take_out) | ({wish.replace} if wish.replace else set())
    there = {
        row.name: row
        for row in frappe.get_all(
            "Instructor", {"name": ("in", list(named) or [""])}, ["name", "instructor_name", "status"]
        )
    }
    for name in sorted(named - there.keys()):
        frappe.throw(_("There is no instructor {0}.").format(frappe.utils.escape_html(name)))
    for name in sorted(wish.newcomers):
        if there[name].status == "Left":
            frappe.throw(
                _("{0} has left the school and can be given no conversations.").format(
                    frappe.utils.escape_html(there[name].instructor_name or name)
                )
            )


def _check_slots(evening, slots: int | None) -> None:
    if slots is None:
        return
    if slots < 1:
        frappe.throw(_("A conversation takes at least one slot."))
    most = longest(evening)
    if slots > most:
        frappe.throw(
            _("A conversation of {0} slots does not fit: the shortest date has {1}.").format(slots, most)
        )


def _dates(values: Iterable[str]) -> tuple[date, ...]:
    try:
        return tuple(getdate(value) for value in values)
    except (ValueError, TypeError, frappe.ValidationError):
        frappe.throw(_("Dates are written like 2027-02-09."))


def _with_instructors(edit: Edit, wished: list[Offer]) -> list[Offer]:
    """Those that keep an instructor; the others are reported."""
    for offer in wished:
        if not offer.instructors:
            edit.skip(
                "last_instructor",
                _("{0}, {1}: the last instructor cannot be taken out.").format(
                    offer.student_name, offer.subject
                ),
                doctype="Conversation Offer",
                name=offer.name,
            )
    return [offer for offer in wished if offer.instructors]


def _tell(edit: Edit, wish: Wish, before: dict[str, Offer], after: dict[str, Offer]) -> None:
    changed = [name for name, offer in before.items() if after[name] != offer]
    edit.report.students = len({before[name].student for name in changed})
    edit.report.more.update(
        chosen=len(before),
        unchanged=len(before) - len(changed),
        figures=effects.figures(edit.evening, wish.about, list(before.values()), list(after.values())),
        notes=effects.notes(edit.evening, [(before[name], after[name]) for name in changed]),
    )
