"""How late the own next conversations are, for who waits for them: of the own conversations alone."""

from datetime import datetime, timedelta

from frappe.utils import now_datetime

from ouderavond.evening import conversations
from ouderavond.evening.live import following
from ouderavond.evening.live.rule import BUSY, OVER

# Seconds between two readings: shortly before a conversation, long before it, and where none is to come.
OFTEN, SELDOM, NEVER = 45, 600, 0
SHORTLY = timedelta(minutes=90)


def tag_parts(now: datetime) -> list[str]:
    """What changes whenever an answer for anybody may change."""
    return [f"{evening}:{following.number(evening)}" for evening in following.evenings(now)]


def of(role: str, user: str, now: datetime | None = None) -> list[dict]:
    """Somebody's conversations of today in one role, in order of time.

    Returns:
        {booking, state "waiting", "busy" or "over", start, expected, delay}: times of day; `expected` and
        `delay` (minutes) are None where nothing is known.
    """
    now = now or now_datetime()
    own = [row for row in conversations.of(role, user) if row.day == now.date()]
    outlooks = {
        row.name: row.outlook
        for evening in sorted({row.evening for row in own})
        for row in following.of(evening, now)
    }
    return [_row(row, outlooks[row.name], now) for row in own if row.name in outlooks]


def every(rows: list[dict], now: datetime) -> int:
    """After how many seconds to look again, by the rows of `of`; 0: not any more."""
    coming = [row["start"] for row in rows if row["state"] != OVER]
    if not coming:
        return NEVER
    return OFTEN if min(coming) <= (now + SHORTLY).strftime("%H:%M") else SELDOM


def _row(row, outlook, now: datetime) -> dict:
    is_long_over = outlook.state == BUSY and now - row.started > following.LONG
    return {
        "booking": row.name,
        "state": OVER if is_long_over else outlook.state,
        "start": row.start.strftime("%H:%M"),
        "expected": outlook.expected and outlook.expected.strftime("%H:%M"),
        "delay": outlook.delay,
    }
