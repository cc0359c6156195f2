"""An event as Google's Calendar API has it: what is written into it, and what is read from it."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ouderavond.meetings.protocol import Event, Found, Options

MEET = "hangoutsMeet"
# Names of what we keep with an event; only the organiser's copy has them.
SITE, KEY = "ouderavond", "ouderavond_key"


def fresh(event: Event) -> dict:
    """All of an event that is to be made."""
    body = {
        **contents(event, {}),
        "id": event.key,
        "description": _plain(event.body),
        "extendedProperties": {"private": {SITE: event.site, KEY: event.key}},
        "visibility": "private",
        "guestsCanSeeOtherGuests": False,
        "guestsCanInviteOthers": False,
        "guestsCanModify": False,
        "anyoneCanAddSelf": False,
    }
    if event.online:
        body["conferenceData"] = meeting(event.key)
    return body


def changes(event: Event, before: Mapping) -> dict:
    """What is written over an event that is there.

    Args:
        before: the event as it was read; empty if it was not.
    """
    body = contents(event, before)
    for name in ("start", "end"):
        # Somebody may have made it last all day; then its date has to go.
        body[name]["date"] = None
    body["location"] = event.location or None
    return body


def contents(event: Event, before: Mapping) -> dict:
    """What of an event may change."""
    known = {one.get("email", "").lower(): one for one in before.get("attendees", ())}
    answered = {one: known[one]["responseStatus"] for one in known if "responseStatus" in known[one]}
    attendees = []
    for one in event.attendees:
        guest = {"email": one.email, "displayName": one.name}
        if one.email.lower() in answered:
            guest["responseStatus"] = answered[one.email.lower()]
        attendees.append(guest)
    return {
        "summary": event.subject,
        "location": event.location,
        "start": _moment(event.start, event.zone),
        "end": _moment(event.end, event.zone),
        "attendees": attendees,
    }


def _moment(when: datetime, zone: str) -> dict:
    return {"dateTime": when.replace(tzinfo=None).isoformat(timespec="seconds"), "timeZone": zone}


def meeting(request: str) -> dict:
    """A meeting is asked for; the same request again is ignored."""
    return {"createRequest": {"requestId": request, "conferenceSolutionKey": {"type": MEET}}}


def _plain(text: str) -> str:
    """Google shows descriptions as HTML: what somebody called themselves must not become a link there."""
    return html.escape(text, quote=False) if "<" in text else text


def to_whom(event: Event, unknown: str = "externalOnly") -> str:
    """Whom Google writes to: all guests if one is from outside, otherwise nobody.

    Args:
        unknown: what holds without guests. There may still be some in the calendar, whom the caller does not
            know any more; those without a Google calendar see what became of it only in a mail.
    """
    if not event.attendees:
        return unknown
    home = event.account.rpartition("@")[2].lower()
    outside = any(one.email.rpartition("@")[2].lower() != home for one in event.attendees)
    return "all" if outside else "none"


def _addresses(attendees: Sequence[Mapping]) -> set[str]:
    return {one.get("email", "").lower() for one in attendees if not one.get("organizer")}


def site_of(body: Mapping) -> str:
    """Which site made an event."""
    return _private(body).get(SITE, "")


def _private(body: Mapping) -> Mapping:
    return body.get("extendedProperties", {}).get("private", {})


def differs(event: Event, body: Mapping) -> bool:
    """Is an event otherwise than it should be, in what may change?"""
    there = (body.get("summary", ""), body.get("location", ""), _addresses(body.get("attendees", ())))
    wanted = (event.subject, event.location, {one.email.lower() for one in event.attendees})
    times = (_local(body["start"], event.zone), _local(body["end"], event.zone))
    return there != wanted or times != (event.start, event.end)


def read_out(body: Mapping, account: str, zone: str, options: Options) -> Found:
    """An event that was found, for the caller."""
    link, pending = _link(body)
    has_meeting = bool(link or body.get("conferenceData"))
    return Found(
        id=body["id"],
        key=_private(body).get(KEY) or body["id"],
        account=account,
        start=_local(body["start"], zone),
        end=_local(body["end"], zone),
        link=link,
        pending=pending,
        unset=_unset(options) if has_meeting else (),
    )


def _link(body: Mapping) -> tuple[str, bool]:
    """Where to join, and whether that is still being made."""
    conference = body.get("conferenceData", {})
    videos = (
        one.get("uri", "")
        for one in conference.get("entryPoints", ())
        if one.get("entryPointType") == "video"
    )
    link = next(videos, "") or body.get("hangoutLink", "")
    status = conference.get("createRequest", {}).get("status", {}).get("statusCode", "")
    return (link if link.startswith("https://") else ""), not link and status == "pending"


def _local(moment: Mapping, zone: str) -> datetime:
    """A moment as local time of a zone; that of an event of whole days is its first midnight."""
    if "dateTime" not in moment:
        return datetime.fromisoformat(moment["date"])
    when = datetime.fromisoformat(moment["dateTime"].replace("Z", "+00:00"))
    return when.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _unset(options: Options) -> tuple[str, ...]:
    """What of the wished options the calendar cannot set."""
    lobby = () if options.lobby == "colleagues_enter" else ("lobby_not_set",)
    return lobby + (() if options.recording else ("recording_not_set",))
