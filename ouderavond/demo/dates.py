"""When the demo school works: its school year, the week that decides who teaches whom, and its evening."""

import datetime as dt
from dataclasses import dataclass

# ISO weeks without lessons: autumn, Christmas, spring, May and summer holidays.
HOLIDAY_WEEKS = frozenset({43, 52, 53, 1, 9, 18, 19, *range(29, 36)})
FIRST_SCHOOL_WEEK = 36


@dataclass(frozen=True)
class SchoolCalendar:
    """The dates that follow from the day on which the demo is made."""

    today: dt.date
    year: str
    year_start: dt.date
    year_end: dt.date
    terms: tuple[tuple[str, dt.date, dt.date], ...]
    term: str
    monday: dt.date
    evening_dates: tuple[dt.date, dt.date]

    @property
    def reference_week(self) -> str:
        return f"{self.monday.isocalendar().year}-W{self.monday.isocalendar().week:02d}"


def school_calendar(today: dt.date) -> SchoolCalendar:
    """The school year around a day, the last school week before it, and two evenings three weeks after it.

    At the end of a school year, when no evening fits in any more, it is the next one.
    """
    evening = _evening_dates(today)[0]
    first = evening.year if evening.month >= 8 else evening.year - 1
    monday = _reference_monday(today, first)
    evening_dates = _evening_dates(max(today, monday))
    start, end = dt.date(first, 8, 1), dt.date(first + 1, 7, 31)
    terms = (
        ("Periode 1", start, dt.date(first, 12, 31)),
        ("Periode 2", dt.date(first + 1, 1, 1), dt.date(first + 1, 3, 31)),
        ("Periode 3", dt.date(first + 1, 4, 1), end),
    )
    return SchoolCalendar(
        today=today,
        year=f"{first}-{first + 1}",
        year_start=start,
        year_end=end,
        terms=terms,
        term=next(name for name, since, until in terms if since <= evening_dates[0] <= until),
        monday=monday,
        evening_dates=evening_dates,
    )


def _reference_monday(today: dt.date, first_year: int) -> dt.date:
    earliest = dt.date.fromisocalendar(first_year, FIRST_SCHOOL_WEEK, 1)
    monday = today - dt.timedelta(days=today.weekday())
    if today.weekday() < 5:  # the week of today itself only counts once it is over
        monday -= dt.timedelta(weeks=1)
    while monday.isocalendar().week in HOLIDAY_WEEKS and monday > earliest:
        monday -= dt.timedelta(weeks=1)
    return max(monday, earliest)


def _evening_dates(today: dt.date) -> tuple[dt.date, dt.date]:
    """A Tuesday about three weeks ahead in a week with lessons, and the Thursday after it."""
    tuesday = today + dt.timedelta(days=20)
    tuesday += dt.timedelta(days=(1 - tuesday.weekday()) % 7)
    while tuesday.isocalendar().week in HOLIDAY_WEEKS:
        tuesday += dt.timedelta(weeks=1)
    return tuesday, tuesday + dt.timedelta(days=2)
