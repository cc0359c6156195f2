"""An evening that goes on now, with conversations of two instructors and one family."""

from dataclasses import dataclass
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.platform.rights import insert
from tests.platform.school import make_evening

FAMILY = "anna.devries"


@dataclass
class Live:
    """Conversations: `now` (jan, s01), `both` (jan and dek, s02), `other` (dek, s03), `later` (jan, s01)."""

    evening: str
    now: str
    both: str
    other: str
    later: str


def make_live(school) -> Live:
    """One began five minutes ago by its plan, the next begins in five, and so on; the last is in two days."""
    moment = now_datetime().replace(second=0, microsecond=0)
    if not (10 < moment.hour * 60 + moment.minute < 23 * 60 + 20):
        pytest.skip("the evening would go on past midnight")
    day = moment.date()
    times = {"first_time": "00:00:00", "end_time": "23:50:00"}
    evening = make_evening(
        school,
        title="Oudercontact van nu",
        schedule_visible=1,
        request_from=None,
        request_until=moment - timedelta(days=1),
        dates=[{"date": day, **times}, {"date": day + timedelta(days=2), **times}],
    )
    made = [
        _conversation(school, evening.name, student, codes, moment + timedelta(minutes=minutes))
        for student, codes, minutes in (
            ("s01", ("jan",), -5),
            ("s02", ("jan", "dek"), 5),
            ("s03", ("dek",), 15),
            ("s01", ("jan",), 2 * 24 * 60),
        )
    ]
    for code in ("jan", "dek"):
        insert(
            "Evening Instructor",
            evening=evening.name,
            instructor=school.instructor[code],
            date=day,
            room=school.room[code],
        )
    frappe.db.commit()
    return Live(evening.name, *made)


def _conversation(school, evening: str, student: str, codes: tuple, start) -> str:
    people = [{"instructor": school.instructor[code]} for code in codes]
    names = dict(frappe.get_all("Instructor", ["name", "instructor_name"], as_list=True))
    common = {"evening": evening, "student": school.student[student], "subject": f"Les {start:%d %H:%M}"}
    offer = insert("Conversation Offer", **common, instructors=people)
    told = {"start": start, "end": start + timedelta(minutes=10), "room": school.room[codes[0]]}
    return insert(
        "Evening Booking",
        **common,
        offer=offer,
        student_name=frappe.db.get_value("Student", school.student[student], "student_name"),
        state="Published",
        instructors=[{**row, "instructor_name": names[row["instructor"]]} for row in people],
        guardians=[{"guardian": school.guardian[FAMILY], "guardian_name": "Anna de Vries"}],
        mode="In Person",
        **told,
        **{f"published_{field}": value for field, value in {**told, "mode": "In Person"}.items()},
    )


def untap(evening: str) -> None:
    """Nothing was tapped, and nothing changed since it was told. Committed."""
    from ouderavond.evening.live import numbers

    frappe.db.rollback()
    frappe.db.sql(
        "update `tabEvening Booking` set started = null, finished = null, no_show = 0, taps = null, "
        "untold = 0, start = published_start where evening = %s",
        evening,
    )
    numbers.bump(evening)
    frappe.db.commit()
