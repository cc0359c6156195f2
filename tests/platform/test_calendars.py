"""What a calendar reads, read by a library of others."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import pytest

from ouderavond.evening.calendars import Event, calendar, cancellation

ZONE = "Europe/Amsterdam"
CHANGED = datetime(2026, 11, 20, 9, 5, 7)


def _event(uid="b1@school", start=datetime(2026, 12, 15, 19, 0), **values):
    values = {"summary": "Wiskunde (Daan)", "changed": CHANGED, **values}
    return Event(uid, start, start + timedelta(minutes=10), **values)


def _read(raw: bytes) -> icalendar.Calendar:
    assert raw.endswith(b"END:VCALENDAR\r\n") and b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    return icalendar.Calendar.from_ical(raw)


def test_an_event_says_when_where_and_whether_it_still_is():
    event = _event(location="Lokaal 12; tafel 3", link="https://school.example/ouderavond", sequence=2)
    (read,) = _read(calendar([event], ZONE)).walk("VEVENT")
    assert read["UID"] == "b1@school" and read["SEQUENCE"] == 2 and read["STATUS"] == "CONFIRMED"
    assert read["SUMMARY"] == "Wiskunde (Daan)" and read["LOCATION"] == "Lokaal 12; tafel 3"
    assert read["DTSTAMP"].dt == CHANGED.replace(tzinfo=timezone.utc)
    assert read["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 12, 15, 19, 0)
    assert read["DTEND"].dt - read["DTSTART"].dt == timedelta(minutes=10)
    (gone,) = _read(calendar([_event(cancelled=True, sequence=3)], ZONE)).walk("VEVENT")
    assert gone["STATUS"] == "CANCELLED" and gone["SEQUENCE"] == 3


@pytest.mark.parametrize("zone", [ZONE, "America/Sao_Paulo", "Asia/Kolkata", "Australia/Sydney", "UTC"])
@pytest.mark.parametrize("day", [datetime(2026, 3, 30), datetime(2026, 10, 24), datetime(2027, 1, 1)])
def test_the_rules_of_the_time_zone_are_those_of_the_world(zone, day):
    """The VTIMEZONE alone, without what the library knows of the zone's name, gives the right moment."""
    starts = [day.replace(hour=19), day.replace(hour=19) + timedelta(days=200)]
    raw = calendar([_event(f"b{start:%m}@school", start) for start in starts], zone)
    # A name of its own each time: the library remembers zones by name.
    unknown = f"Nowhere/{zone}-{day:%m%d}".encode()
    made = icalendar.Calendar.from_ical(raw.replace(zone.encode(), unknown))
    (rules,) = made.walk("VTIMEZONE")
    own = rules.to_tz()
    for start, event in zip(starts, made.walk("VEVENT"), strict=True):
        naive = event["DTSTART"].dt.replace(tzinfo=None)
        assert naive == start
        assert naive.replace(tzinfo=own).utcoffset() == start.replace(tzinfo=ZoneInfo(zone)).utcoffset()


def test_clocks_change_when_they_do():
    made = _read(calendar([_event()], ZONE))
    (zone,) = made.walk("VTIMEZONE")
    changes = {(part.name, part["DTSTART"].dt): part["TZNAME"] for part in zone.subcomponents}
    assert changes[("DAYLIGHT", datetime(2026, 3, 29, 2, 0))] == "CEST"
    assert changes[("STANDARD", datetime(2026, 10, 25, 3, 0))] == "CET"


@pytest.mark.parametrize(
    "text",
    [
        "Nederlands, Frans; \\ en wiskunde",
        "regel één\nregel twee\r\nregel drie",
        "é" * 90,
        "👩‍🏫" * 30,
        "a" * 74 + "\\",
        'BEGIN:VEVENT\nSUMMARY:"niet echt"',
    ],
)
def test_whatever_stands_in_a_text_is_read_back_and_nothing_more(text):
    made = _read(calendar([_event(summary=text, description=text, location=text)], ZONE, name=text))
    (event,) = made.walk("VEVENT")
    expected = text.replace("\r\n", "\n")
    assert str(event["SUMMARY"]) == str(event["DESCRIPTION"]) == str(event["LOCATION"]) == expected


def test_control_characters_and_lines_in_a_link_make_no_line_of_their_own():
    raw = calendar([_event(summary="a\x00\x07b", link="https://x.example/\r\nATTENDEE:mailto:x@y")], ZONE)
    (event,) = _read(raw).walk("VEVENT")
    assert event["SUMMARY"] == "ab" and "ATTENDEE" not in event


def test_a_cancellation_is_a_message_about_one_event_from_one_address_to_another():
    sent = datetime(2026, 12, 1, 8, 0, tzinfo=timezone.utc)
    event = _event(sequence=4, link="https://school.example/ouderavond")
    raw = cancellation(event, ZONE, "school@school.example", "a+b\r\nX: y;é@home.example", sent)
    made = _read(raw)
    (gone,) = made.walk("VEVENT")
    assert (made["METHOD"], gone["STATUS"], gone["SEQUENCE"]) == ("CANCEL", "CANCELLED", 4)
    assert gone["UID"] == "b1@school" and gone["DTSTAMP"].dt == sent and made.walk("VTIMEZONE")
    assert gone["ORGANIZER"] == "mailto:school@school.example"
    assert gone["ATTENDEE"] == "mailto:a+bX%3Ay%3B%C3%A9@home.example" and "X" not in gone


def test_an_online_meeting_is_named_as_one():
    (event,) = _read(calendar([_event(join="https://meet.example/a?b=c,d;e#é")], ZONE)).walk("VEVENT")
    assert event["CONFERENCE"] == "https://meet.example/a?b=c,d;e#é"
    assert event["CONFERENCE"].params["FEATURE"] == ["AUDIO", "VIDEO"]


def test_the_same_conversations_are_the_same_bytes_in_order_of_time():
    first, second = _event("a@school", datetime(2026, 12, 15, 20, 0)), _event("b@school")
    raw = calendar([first, second], ZONE)
    assert raw == calendar([second, first], ZONE)
    assert [event["UID"] for event in _read(raw).walk("VEVENT")] == ["b@school", "a@school"]


def test_a_calendar_without_conversations_is_one():
    made = _read(calendar([], ZONE, name="Oudercontact"))
    assert not made.walk("VEVENT") and made["REFRESH-INTERVAL"].dt == timedelta(hours=1)
