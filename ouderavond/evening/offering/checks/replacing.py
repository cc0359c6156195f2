"""Who gives a conversation now, where its instructor has left or none is given."""

from collections import defaultdict

import frappe
from frappe import _

from ouderavond.evening.lessons import teaching
from ouderavond.evening.offering import classes, mentors
from ouderavond.evening.offering.changes import Edit
from ouderavond.evening.offering.checks.kinds import Scope
from ouderavond.evening.offering.rows import Offer


def replace(edit: Edit, scope: Scope, rows: list) -> None:
    """Who teaches the student the course now, or is the mentor now, instead of who left.

    Others who stand on an offer stay, and then nobody comes in place of who left.
    """
    offers = edit.offers(names=[row.id for row in rows])
    taken = {one.key for one in edit.offers(students={one.student for one in offers.values()}).values()}
    choices = _Choices(edit.evening)
    wished = []
    for one in offers.values():
        sets = choices.of(one)
        if not sets:
            _skip(edit, one)
            continue
        free = [names for names in sets if one.with_values(instructors=names).key not in taken]
        wished.append(one.with_values(instructors=(free or sets)[0]))
        taken.add(wished[-1].key)
    edit.rewrite(wished)


class _Choices:
    """The sets of instructors who may give offers now."""

    def __init__(self, evening):
        self.present = set(frappe.get_all("Instructor", {"status": ("!=", "Left")}, pluck="name"))
        self.teaching = defaultdict(list)
        for row in teaching(evening):
            self.teaching[(row.student, row.course)].append(row.instructors)
        of_class = {
            row["group"]: tuple(sorted(mentor["name"] for mentor in row["mentors"]))
            for row in mentors.classes(evening)
        }
        self.mentors = defaultdict(list)
        for student, group, _program in classes.members(evening).run():
            if of_class.get(group):
                self.mentors[student].append(of_class[group])

    def of(self, offer: Offer) -> list[tuple[str, ...]]:
        """Best first; none where nobody is known."""
        stay = tuple(name for name in offer.instructors if name in self.present)
        if stay:
            return [stay]
        if offer.source == "Mentor":
            return self.mentors[offer.student]
        return self.teaching[(offer.student, offer.course)]


def _skip(edit: Edit, offer: Offer) -> None:
    sentence = _("{0}, {1}: nobody gives it now. Remove it, or choose an instructor.")
    edit.skip(
        "nobody_teaches",
        sentence.format(offer.student_name, offer.subject),
        doctype="Conversation Offer",
        name=offer.name,
    )
