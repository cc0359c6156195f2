"""Where an event of an evening stands, as staff see it: one word per Evening Meeting, for queries.

made     it is in the calendar, or its link is there
making   the next job makes or changes it
retry    it waits until it is tried again by itself
failed   nothing happens until somebody puts something right
leaving  it is to be taken away
over     the conversation is over, and there never was an event
gone     it was taken away
"""

from datetime import datetime

from frappe.query_builder.functions import Coalesce
from pypika import Case
from pypika.terms import Criterion

STANDINGS = ("made", "making", "retry", "failed", "leaving", "over", "gone")


def of(row, now: datetime):
    """The word for each row of the table of Evening Meetings."""
    return (
        Case()
        .when(row.state == "Cancelled", "gone")
        .when(row.state == "Cancelling", "leaving")
        .when((row.state == "Failed") & row.live_key.isnull(), "failed")
        .when(row.end <= now, Case().when(row.state == "Made", "made").else_("over"))
        .when(row.state == "Failed", "failed")
        .when(row.next_attempt > now, "retry")
        .when(_is_unfinished(row), "making")
        .else_("made")
    )


def _is_unfinished(row) -> Criterion:
    changes = row.fingerprint.isnull() | row.code.isnotnull()
    lost = (row.online == 1) & (Coalesce(row.link, "") == "")
    return (row.state == "Wanted") | (row.pending == 1) | changes | lost


def has_link(row) -> Criterion:
    """Whether people can join: see `joining.of`."""
    return row.state.isin(("Made", "Failed")) & (row.online == 1) & (Coalesce(row.link, "") != "")
