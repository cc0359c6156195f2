"""Conversations with a time that do not fit who sits where and when any more."""

from frappe import _

from ouderavond.evening import wording
from ouderavond.evening.offering.checks.kinds import WARNING, InMemory, Kind, Link, Row, Scope
from ouderavond.evening.planning import places_change


def _unfit(scope: Scope) -> InMemory:
    rows = []
    for one in places_change.misfits(scope.evening):
        if not scope.narrowed or one.student in scope.participants:
            group = scope.class_of.get(one.student, "")
            title = f"{one.student_name}, {one.subject}, {wording.moment(one.start)}"
            rows.append(Row(one.booking, Link("Evening Booking", one.booking, title), one.sentence, group))
    return InMemory(rows)


KINDS = (
    Kind(
        "unfit",
        WARNING,
        lambda: _("Conversations that do not fit who sits where"),
        lambda: _(
            "An instructor is not there at that time, or has more conversations than the maximum. Move them "
            "on the page Planning, or let the instructor be there."
        ),
        _unfit,
    ),
)
