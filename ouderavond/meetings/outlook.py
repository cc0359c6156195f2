"""Events as Outlook's calendars have them: their bodies, their addresses, and what an answer says of them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from ouderavond.meetings.protocol import Event, Found
from ouderavond.meetings.windows_zones import WINDOWS

# A property of our own, invisible in Outlook: "site key".
PROPERTY = "String {d71c6899-ee0e-43e5-8ec9-e591341a3649} Name Ouderavond"
SELECT = "id,subject,start,end,location,attendees,isCancelled,isOrganizer,isOnlineMeeting,onlineMeeting"
MEETING = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
PAGE = 250
LONGEST_SUBJECT = 255


def of_user(user: str, path: str = "", **query) -> str:
    """The address of something of a user, with options of OData given without their dollar sign."""
    options = urlencode({f"${name}": value for name, value in query.items()}, quote_via=quote)
    return f"/users/{quote(user, safe='@')}{path}" + (f"?{options}" if options else "")


def event_url(account: str, id: str) -> str:
    """The address of one event."""
    return of_user(account, f"/events/{quote(id, safe='')}")


def search_url(event: Event) -> str:
    """Where to look an event up by what we wrote into it, among those that are in the calendar.

    Its id would lead to it even after it was deleted, for as long as it lies with the deleted items.
    """
    value = _mark(event).replace("'", "''")
    wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{PROPERTY}' and ep/value eq '{value}')"
    return of_user(event.account, "/calendar/events", filter=wanted, select=SELECT, top=10)


def view_url(account: str, first: datetime, last: datetime, zone: str) -> str:
    """Where all events of a calendar between two moments are listed, with our property."""
    expand = f"singleValueExtendedProperties($filter=id eq '{PROPERTY}')"
    url = of_user(account, "/calendar/calendarView", select=SELECT, expand=expand, top=PAGE)
    return f"{url}&startDateTime={_utc(first, zone)}&endDateTime={_utc(last, zone)}"


def meeting_url(user: str, link: str) -> str:
    """Where to look a meeting up by its link."""
    escaped = link.replace("'", "''")
    return of_user(user, "/onlineMeetings", filter=f"JoinWebUrl eq '{escaped}'")


def new(event: Event) -> dict:
    """The body with which an event is made.

    It is private, for it names a child and colleagues see each other's calendars; those who are invited do
    not see each other.
    """
    return {
        **changes(event),
        "body": {"contentType": "text", "content": event.body},
        "sensitivity": "private",
        "hideAttendees": True,
        "responseRequested": False,
        "allowNewTimeProposals": False,
        "transactionId": event.key,
        "singleValueExtendedProperties": [{"id": PROPERTY, "value": _mark(event)}],
        **(MEETING if event.online else {}),
    }


def changes(event: Event) -> dict:
    """What of an event follows the conversation; not its text, in which Teams keeps the meeting."""
    body = {
        "subject": event.subject[:LONGEST_SUBJECT],
        "start": _time(event.start, event.zone),
        "end": _time(event.end, event.zone),
        "attendees": [
            {"emailAddress": {"address": one.email, "name": one.name}, "type": "required"}
            for one in event.attendees
        ],
    }
    # Where nothing is wanted, Teams has written that it is a meeting of theirs.
    if event.location or not event.online:
        body["location"] = {"displayName": event.location}
    return body


def differs(event: Event, body: Mapping) -> bool:
    """Whether an event that was found is not as it should be."""
    found = found_in(body, event.key, event.account, event.zone)
    invited = {one["emailAddress"]["address"].lower() for one in body.get("attendees") or ()}
    place = (body.get("location") or {}).get("displayName") or ""
    return (
        (found.start, found.end) != (event.start, event.end)
        or (body.get("subject") or "").strip() != event.subject[:LONGEST_SUBJECT].strip()
        or invited != {one.email.lower() for one in event.attendees}
        or (place != event.location and not (event.online and not event.location))
    )


def found_in(body: Mapping, key: str, account: str, zone: str) -> Found:
    """An event of an answer; its times as local times of the zone.

    Raises:
        ValueError, KeyError, TypeError: the answer has no such event.
    """
    link = (body.get("onlineMeeting") or {}).get("joinUrl") or ""
    link = link if link.startswith("https://") else ""
    return Found(
        id=str(body["id"]),
        key=key,
        account=account,
        start=_local(body["start"], zone),
        end=_local(body["end"], zone),
        link=link,
        pending=bool(body.get("isOnlineMeeting")) and not link,
    )


def of_site(bodies: Iterable[Mapping], account: str, site: str, zone: str) -> list[Found]:
    """The site's own events among those of a calendar; not those to which its owner is only invited."""
    return [
        found_in(body, key, account, zone)
        for body in bodies
        for owner, key in [_marked(body)]
        if owner == site and key and body.get("isOrganizer", True) and not body.get("isCancelled")
    ]


def organiser(link: str) -> str:
    """The organiser's object id, which links of the long form tell; empty if this one does not."""
    try:
        context = json.loads(parse_qs(urlsplit(link).query)["context"][0])
        return str(context["Oid"])
    except (KeyError, ValueError, TypeError):
        return ""


def link_of_none(user: str, tenant: str) -> str:
    """A link as Teams makes them for this organiser's meetings, of no meeting."""
    context = quote(json.dumps({"Tid": tenant, "Oid": user}, separators=(",", ":")))
    return f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_none%40thread.v2/0?context={context}"


def _mark(event: Event) -> str:
    return f"{event.site} {event.key}"


def _marked(body: Mapping) -> tuple[str, str]:
    values = [
        item["value"]
        for item in body.get("singleValueExtendedProperties") or ()
        if item["id"].lower() == PROPERTY.lower()
    ]
    site, _, key = (values[0] if values else "").rpartition(" ")
    return site, key


def _time(moment: datetime, zone: str) -> dict[str, str]:
    """A moment for Outlook, in the zone if Outlook knows it: invitations tell the time in it."""
    if zone in WINDOWS:
        return {"dateTime": moment.isoformat(timespec="seconds"), "timeZone": WINDOWS[zone]}
    in_utc = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc).replace(tzinfo=None)
    return {"dateTime": in_utc.isoformat(timespec="seconds"), "timeZone": "UTC"}


def _utc(moment: datetime, zone: str) -> str:
    in_utc = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    return in_utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _local(value: Mapping, zone: str) -> datetime:
    """A moment of an answer; every one is asked for in UTC."""
    if value["timeZone"] != "UTC":
        raise ValueError("A time in another zone than was asked for.")
    moment = datetime.fromisoformat(value["dateTime"][:19]).replace(tzinfo=timezone.utc)
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
