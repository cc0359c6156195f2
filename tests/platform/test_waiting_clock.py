"""Until when a place is held: a model that counts minutes one by one against the arithmetic."""

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ouderavond.evening.waiting.clock import expiry

MINUTE = timedelta(minutes=1)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


def by_counting(now, evening_dates):
    """Every minute between 7:00 and 22:00 counts, until there were enough of them."""
    left = 15 if now.date() in evening_dates else 120
    while left:
        if time(7) <= now.time() < time(22):
            left -= 1
        now += MINUTE
    return now


@settings(max_examples=300, deadline=None)
@given(MOMENTS, st.integers(-1, 3))
def test_only_minutes_by_day_count(now, days):
    dates = [] if days < 0 else [now.date() + timedelta(days=days)]
    until = expiry(now, dates)
    assert until == by_counting(now, dates)
    assert until > now
    assert time(7) < until.time() <= time(22)


@settings(deadline=None)
@given(MOMENTS, MOMENTS)
def test_who_is_offered_a_place_later_does_not_have_less_time_until_the_day_itself(one, other):
    first, second = sorted((one, other))
    assert expiry(first, []) <= expiry(second, [])


def test_the_hours_of_the_night_and_the_day_itself():
    day = date(2027, 2, 9)
    at = lambda clock, day=day: datetime.combine(day, time.fromisoformat(clock))  # noqa: E731
    tomorrow = day + timedelta(days=1)
    assert expiry(at("14:00"), []) == at("16:00")
    assert expiry(at("14:00"), [day]) == at("14:15")
    assert expiry(at("14:00"), [tomorrow]) == at("16:00")
    assert expiry(at("20:00"), []) == at("22:00")
    assert expiry(at("21:30"), []) == at("08:30", tomorrow)
    assert expiry(at("21:55"), [day]) == at("07:10", tomorrow)
    assert expiry(at("23:10"), [day]) == at("07:15", tomorrow)
    assert expiry(at("03:10"), []) == at("09:00")
    assert expiry(at("22:00"), []) == at("09:00", tomorrow)
