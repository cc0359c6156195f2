"""Until when a place is held. Plain arithmetic on the site's own time, without the platform.

The clock stands still at night, and with it whatever happens to clocks in a night in spring and autumn.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

HOLD = timedelta(hours=2)
ON_THE_DAY = timedelta(minutes=15)
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)


def expiry(now: datetime, evening_dates: Collection[date]) -> datetime:
    """The moment until which a place that is offered now is held.

    Two hours, or a quarter of an hour on the day itself; between 22:00 and 7:00 no time passes.

    Args:
        now: the site's local time.
        evening_dates: the dates of the evening on which time is short.
    """
    left = ON_THE_DAY if now.date() in evening_dates else HOLD
    moment = _awake(now)
    while True:
        night = datetime.combine(moment.date(), NIGHT_BEGINS)
        if moment + left <= night:
            return moment + left
        left -= night - moment
        moment = _morning(moment.date() + timedelta(days=1))


def _awake(now: datetime) -> datetime:
    """The same moment by day; by night the morning after."""
    if now.time() < NIGHT_ENDS:
        return _morning(now.date())
    if now.time() >= NIGHT_BEGINS:
        return _morning(now.date() + timedelta(days=1))
    return now


def _morning(day: date) -> datetime:
    return datetime.combine(day, NIGHT_ENDS)
