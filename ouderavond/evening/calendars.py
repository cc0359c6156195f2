"""Conversations as iCalendar (RFC 5545), for every calendar there is.

Only what a calendar needs is written, and always the same for the same conversations: what has not changed
can be told by its hash. The rules of the site's time zone are written out for the years concerned, so that no
calendar has to guess them from the zone's name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from unicodedata import category
from urllib.parse import quote
from zoneinfo import ZoneInfo

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Ouderavond//Parent Evenings//EN"
# Bytes of a line, without its end (RFC 5545, 3.1).
LINE = 75
# How often a calendar that subscribes should look.
LOOK_EVERY = "PT1H"


@dataclass(frozen=True)
class Event:
    """A conversation in a calendar. `start` and `end` are local times of the site, `changed` is in UTC.

    Attributes:
        link: where to read more of it.
        join: where its online meeting is.
        sequence: higher whenever the event is another one than before, so that calendars take it over.
    """

    uid: str
    start: datetime
    end: datetime
    changed: datetime
    summary: str
    description: str = ""
    location: str = ""
    link: str = ""
    join: str = ""
    sequence: int = 0
    cancelled: bool = False


def calendar(events: Iterable[Event], zone: str, name: str = "") -> bytes:
    """An iCalendar object with these events, in the time zone with this IANA name.

    Args:
        name: what a calendar that subscribes calls it.
    """
    head = []
    if name:
        head += [f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}", f"X-WR-TIMEZONE:{zone}"]
        head += [f"REFRESH-INTERVAL;VALUE=DURATION:{LOOK_EVERY}", f"X-PUBLISHED-TTL:{LOOK_EVERY}"]
    return _object(events, zone, head)


def cancellation(event: Event, zone: str, organizer: str, attendee: str, sent: datetime) -> bytes:
    """A message that an event of which somebody had a file does not take place (RFC 5546, 3.2.5).

    Of one event only, as such messages must be.

    Args:
        organizer, attendee: e-mail addresses of who sends it and who gets it. sent: when, in UTC.
    """
    # With a METHOD this is when the message was made (RFC 5545, 3.8.7.2).
    gone = replace(event, cancelled=True, changed=sent)
    people = [f"ORGANIZER:{_address(organizer)}", f"ATTENDEE:{_address(attendee)}"]
    return _object([gone], zone, ["METHOD:CANCEL"], people)


def _object(events: Iterable[Event], zone: str, head: list[str], people: Iterable[str] = ()) -> bytes:
    events = sorted(events, key=lambda event: (event.start, event.uid))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", *head]
    years = [moment.year for event in events for moment in (event.start, event.end)]
    lines += _zone(zone, min(years, default=date.today().year), max(years, default=date.today().year))
    for event in events:
        lines += ["BEGIN:VEVENT", *_event(event, zone), *people, "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _address(email: str) -> str:
    return f"mailto:{quote(_uri(email), safe='@.!#$&*+-/=?^_{|}~')}"


def _event(event: Event, zone: str) -> Iterator[str]:
    yield f"UID:{_text(event.uid)}"
    # Without METHOD this is when the event was last changed (3.8.7.2), so the same event stays the same text.
    yield f"DTSTAMP:{event.changed:%Y%m%dT%H%M%SZ}"
    yield f"LAST-MODIFIED:{event.changed:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;TZID={zone}:{event.start:%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID={zone}:{event.end:%Y%m%dT%H%M%S}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
    yield f"SUMMARY:{_text(event.summary)}"
    for key, value in (("LOCATION", event.location), ("DESCRIPTION", event.description)):
        if value:
            yield f"{key}:{_text(value)}"
    if event.link:
        yield f"URL:{_uri(event.link)}"
    if event.join:
        yield f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{_uri(event.join)}"
    if event.cancelled:
        yield "TRANSP:TRANSPARENT"


def _text(value: str) -> str:
    """A TEXT value (3.3.11), without the control characters that no line may contain."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = "".join(one for one in value if one in "\n\t" or category(one) != "Cc")
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _uri(value: str) -> str:
    return "".join(one for one in value if one.isprintable() and not one.isspace())


def _folded(line: str) -> Iterator[str]:
    """A content line as lines of at most 75 bytes, broken between characters (3.1)."""
    part, size = "", 0
    for one in line:
        length = len(one.encode())
        if size + length > LINE:
            yield part
            part, size = " ", 1
        part, size = part + one, size + length
    yield part


# Time zones


def _zone(name: str, first_year: int, last_year: int) -> Iterator[str]:
    """A VTIMEZONE with every change of the clock that matters from one year to another."""
    zone = ZoneInfo(name)
    yield from ("BEGIN:VTIMEZONE", f"TZID:{name}")
    begin = datetime(first_year, 1, 1, tzinfo=timezone.utc)
    yield from _observance(zone, begin - timedelta(days=1), begin)
    for before, after in _changes(zone, begin, datetime(last_year + 1, 1, 2, tzinfo=timezone.utc)):
        yield from _observance(zone, before, after)
    yield "END:VTIMEZONE"


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The minutes before and after each change of offset within a span, in UTC."""
    day = begin
    while day < end:
        after = day + timedelta(days=1)
        if _offset(zone, day) != _offset(zone, after):
            yield _narrowed(zone, day, after)
        day = after


def _narrowed(zone: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, datetime]:
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return before, after


def _observance(zone: ZoneInfo, before: datetime, after: datetime) -> Iterator[str]:
    """What holds from `after` on; its DTSTART is on the clock as it was before (3.6.5)."""
    local = after.astimezone(zone)
    kind = "DAYLIGHT" if local.dst() else "STANDARD"
    old = _offset(zone, before)
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{(after + old).replace(tzinfo=None):%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_signed(old)}"
    yield f"TZOFFSETTO:{_signed(_offset(zone, after))}"
    yield f"TZNAME:{local.tzname()}"
    yield f"END:{kind}"


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _signed(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
