"""Users with their calendars and meetings, as Graph's reference describes them."""

import hashlib
import json
import random
import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import quote, unquote, urlencode
from zoneinfo import ZoneInfo

from . import graph_schema as schema
from .fake_http import Answer, Asked, Refused

UTC = timezone.utc
BLOB = "\n________\nMicrosoft Teams "
DENIED = "Access is denied. Check credentials and try again."
BY_POLICY = (
    "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."
)
# What is kept of an event and not shown.
HIDDEN = {"joinUrl", "properties", "version", "reads"}


@dataclass
class User:
    """Somebody of the school."""

    address: str
    mailbox: bool = True
    licensed: bool = True
    allowed: bool = True
    meetings_allowed: bool = True
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    events: dict[str, dict] = field(default_factory=dict)
    # What was deleted: its immutable id leads to it for as long as it lies there.
    deleted: dict[str, dict] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)
    meetings: dict[str, dict] = field(default_factory=dict)
    # transactionId -> what was posted with it, and the event's id
    transactions: dict[str, tuple[str, str]] = field(default_factory=dict)


class Calendar:
    """A user's calendar."""

    def __init__(self, server, user: User | None, asked: Asked):
        self.server, self.user, self.asked = server, user, asked
        if user is None:
            raise Refused(404, "ErrorInvalidUser", "The requested user is invalid.")
        if "Calendars.ReadWrite" not in asked.roles and not server.rbac:
            raise Refused(403, "ErrorAccessDenied", DENIED)
        if not user.allowed:
            raise Refused(403, "ErrorAccessDenied", DENIED if server.rbac else BY_POLICY)
        if not user.mailbox:
            raise Refused(404, "MailboxNotEnabledForRESTAPI", "The mailbox is inactive or soft-deleted.")
        zone = re.search(r'outlook\.timezone="([^"]+)"', asked.preferences)
        if zone and zone[1] not in schema.ZONES:
            raise Refused(400, "TimeZoneNotSupportedException", "The time zone is not supported.")
        self.zone = zone[1] if zone else "UTC"

    def calendar(self) -> Answer:
        providers = ["teamsForBusiness"] if self.user.licensed else []
        body = {
            "id": "AQMkAD",
            "name": "Calendar",
            "canEdit": True,
            "allowedOnlineMeetingProviders": providers,
            "defaultOnlineMeetingProvider": providers[0] if providers else "unknown",
        }
        return Answer(200, body)

    def create(self) -> Answer:
        body = self.asked.body
        valid(schema.new_event, body)
        self._order(body, {})
        transaction = body.get("transactionId")
        posted = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        if transaction in self.user.transactions:
            before, id = self.user.transactions[transaction]
            if posted != before or id not in self.user.events:
                raise Refused(409, "ErrorDuplicateTransactionId", "Your request can't be completed.")
            return Answer(201, self._shown(self.user.events[id]))
        event = self._new(body)
        self.user.events[event["id"]] = event
        if transaction:
            self.user.transactions[transaction] = (posted, event["id"])
        self._mail("invited", event)
        return Answer(201, self._shown(event))

    def _new(self, body: dict) -> dict:
        event = {
            "allowNewTimeProposals": True,
            "attendees": [],
            "hideAttendees": False,
            "importance": "normal",
            "location": {"displayName": ""},
            "responseRequested": True,
            "sensitivity": "normal",
            "showAs": "busy",
            "subject": "",
            **{name: value for name, value in body.items() if name != "singleValueExtendedProperties"},
            "id": f"AAkALg{secrets.token_urlsafe(40)}=",
            "iCalUId": secrets.token_hex(40).upper(),
            "isCancelled": False,
            "isOrganizer": True,
            "type": "singleInstance",
            "isOnlineMeeting": False,
            "onlineMeetingProvider": "unknown",
            "joinUrl": None,
            "start": _utc(body["start"]),
            "end": _utc(body["end"]),
            "properties": body.get("singleValueExtendedProperties", []),
            "version": 1,
            "reads": 0,
        }
        self._meeting(event, body)
        return event

    def _meeting(self, event: dict, body: dict):
        """Make the meeting if it is wanted and not there; without a licence it is silently left out."""
        wanted = body.get("isOnlineMeeting") and not event["isOnlineMeeting"]
        if not wanted or not self.user.licensed:
            return
        thread = f"19:meeting_{secrets.token_urlsafe(30)}@thread.v2"
        context = json.dumps({"Tid": self.server.tenant, "Oid": self.user.id}, separators=(",", ":"))
        url = f"https://teams.microsoft.com/l/meetup-join/{quote(thread, safe='')}/0?context={quote(context)}"
        if self.server.short_links:
            url = f"https://teams.microsoft.com/meet/{random.randrange(10**12)}?p={secrets.token_urlsafe(9)}"
        event.update(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness", joinUrl=url)
        if not event["location"].get("displayName"):
            event["location"] = {"displayName": "Microsoft Teams Meeting"}
        meeting = f"MSp{secrets.token_urlsafe(30)}"
        self.user.meetings[meeting] = {
            "id": meeting,
            "joinWebUrl": url,
            "allowRecording": True,
            "allowTranscription": True,
            "recordAutomatically": False,
            "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": False},
        }
        content = event.get("body", {}).get("content", "")
        event["body"] = {"contentType": "html", "content": content + BLOB + url}

    def _mail(self, kind: str, event: dict):
        for attendee in event["attendees"]:
            self.server.mails.append((kind, self.user.address, attendee["emailAddress"]["address"]))

    def _event(self, id: str) -> dict:
        found = self.user.events.get(id) or self.user.deleted.get(id)
        if not found:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return found

    def read(self, id: str) -> Answer:
        event = self._event(id)
        event["reads"] += 1
        return Answer(200, self._shown(event))

    def change(self, id: str) -> Answer:
        event = self._event(id)
        valid(schema.changed_event, self.asked.body)
        match = self.asked.headers.get("if-match")
        if match and match != self._etag(event):
            raise Refused(412, "ErrorIrresolvableConflict", "The change key does not match.")
        body = dict(self.asked.body)
        self._order(body, event)
        if event["isOnlineMeeting"] and "body" in body and BLOB not in body["body"]["content"]:
            event.update(isOnlineMeeting=False, joinUrl=None)
        properties = body.pop("singleValueExtendedProperties", event["properties"])
        self._meeting(event, body)
        times = {name: _utc(body[name]) for name in ("start", "end") if name in body}
        kept = {
            "isOnlineMeeting": event["isOnlineMeeting"],
            "onlineMeetingProvider": event["onlineMeetingProvider"],
        }
        event.update(body | times | kept, properties=properties, version=event["version"] + 1)
        self._mail("updated", event)
        return Answer(200, self._shown(event))

    def _order(self, body: dict, event: dict):
        start = _utc(body["start"]) if "start" in body else event["start"]
        end = _utc(body["end"]) if "end" in body else event["end"]
        if end < start:
            raise Refused(400, "ErrorCalendarEndDateIsEarlierThanStartDate", "The end is before the start.")

    def cancel(self, id: str) -> Answer:
        if id in self.user.purged:
            raise Refused(403, "ErrorCannotDeleteObject", "Object cannot be deleted.")
        event = self._event(id)
        if id in self.user.events:
            self._mail("cancelled", event)
        self.user.events.pop(id, None)
        self.user.deleted.pop(id, None)
        self.user.purged.add(id)
        return Answer(204)

    def find(self) -> Answer:
        events = list(self.user.events.values())
        wanted = self.asked.query.get("$filter")
        if wanted is not None:
            found = re.fullmatch(
                r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']+)' and ep/value eq '([^']*)'\)",
                wanted,
            )
            if not found or not schema.PROPERTY_ID.fullmatch(found[1]):
                raise Refused(
                    400, "ErrorInvalidUrlQueryFilter", "The query filter contains an invalid property."
                )
            events = [event for event in events if _value(event, found[1]).lower() == found[2].lower()]
        return self._paged(events)

    def view(self) -> Answer:
        first, last = (self._moment(name) for name in ("startDateTime", "endDateTime"))
        events = [
            event for event in self.user.events.values() if event["start"] < last and event["end"] > first
        ]
        return self._paged(sorted(events, key=lambda event: event["start"]))

    def _moment(self, name: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self.asked.query[name])
        except (KeyError, ValueError):
            raise Refused(
                400, "ErrorInvalidParameter", f"The value of '{name}' is missing or wrong."
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _paged(self, events: list[dict]) -> Answer:
        query = self.asked.query
        top, skip = int(query.get("$top", 10)), int(query.get("$skip", 0))
        if not 1 <= top <= 1000:
            raise Refused(400, "ErrorInvalidParameter", "The value of '$top' is wrong.")
        top = min(top, self.server.page)
        for event in events[skip : skip + top]:
            event["reads"] += 1
        body = {"value": [self._shown(event) for event in events[skip : skip + top]]}
        if len(events) > skip + top:
            again = urlencode(query | {"$skip": skip + top})
            body["@odata.nextLink"] = f"{self.server.origin}{self.asked.path}?{again}"
        return Answer(200, body)

    def _etag(self, event: dict) -> str:
        return f'W/"{event["id"][6:20]}{event["version"]}"'

    def _shown(self, event: dict) -> dict:
        """The event as a client sees it, after $select and $expand."""
        ready = event["joinUrl"] and event["reads"] >= self.server.link_after
        shown = {name: value for name, value in event.items() if name not in HIDDEN}
        shown |= {
            "id": event["id"]
            if 'IdType="ImmutableId"' in self.asked.preferences
            else f"AAMk{event['id'][6:]}",
            "onlineMeeting": {"joinUrl": event["joinUrl"]} if ready else None,
            "start": self._time(event["start"]),
            "end": self._time(event["end"]),
        }
        query = self.asked.query
        chosen = query.get("$select")
        if chosen:
            names = chosen.split(",")
            if not schema.SELECTABLE.issuperset(names):
                raise Refused(400, "BadRequest", "Could not find a property named so on type 'event'.")
            shown = {name: shown.get(name) for name in ("id", *names)}
        return {"@odata.etag": self._etag(event), **shown, **self._expanded(event, query.get("$expand"))}

    def _expanded(self, event: dict, expand: str | None) -> dict:
        if not expand:
            return {}
        found = re.fullmatch(r"singleValueExtendedProperties\(\$filter=id eq '([^']+)'\)", expand)
        if not found or not schema.PROPERTY_ID.fullmatch(found[1]):
            raise Refused(400, "BadRequest", "Parsing OData Select and Expand failed.")
        properties = [item for item in event["properties"] if _same(item["id"], found[1])]
        return {"singleValueExtendedProperties": properties} if properties else {}

    def _time(self, moment: datetime) -> dict:
        local = moment.astimezone(ZoneInfo(schema.ZONES[self.zone])).replace(tzinfo=None)
        return {"dateTime": local.isoformat(timespec="seconds") + ".0000000", "timeZone": self.zone}


class Meetings:
    """The directory, and the online meetings of a user, which only object ids lead to."""

    def __init__(self, server, user: User | None, asked: Asked):
        self.server, self.owner, self.asked = server, user, asked

    def user(self) -> Answer:
        if not self.asked.roles & {"User.ReadBasic.All", "User.Read.All"}:
            raise Refused(
                403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        if self.owner is None:
            raise Refused(404, "Request_ResourceNotFound", "Resource does not exist.")
        return Answer(200, {"id": self.owner.id})

    def _policy(self):
        if "OnlineMeetings.ReadWrite.All" not in self.asked.roles:
            raise Refused(403, "Forbidden", "Insufficient permissions.")
        who = unquote(self.asked.path.split("/")[3])
        if self.owner is None or self.owner.id != who:
            raise Refused(404, "NotFound", "User not found.")
        if not self.owner.meetings_allowed:
            raise Refused(403, "Forbidden", "No application access policy found for this app.")

    def find_meeting(self) -> Answer:
        self._policy()
        found = re.fullmatch(r"JoinWebUrl eq '([^']+)'", self.asked.query.get("$filter", ""))
        if not found:
            raise Refused(400, "InvalidArgument", "Filter expression expected.")
        value = [one for one in self.owner.meetings.values() if one["joinWebUrl"] == found[1]]
        if not value and self.owner.id not in found[1]:
            raise Refused(403, "Forbidden", "3003: User does not have access to lookup meeting.")
        if not value:
            raise Refused(404, "NotFound", "3004: Meeting not found.")
        return Answer(200, {"value": value})

    def change_meeting(self, id: str) -> Answer:
        self._policy()
        valid(schema.changed_meeting, self.asked.body)
        meeting = self.owner.meetings.get(id)
        if meeting is None:
            raise Refused(404, "NotFound", "Meeting not found.")
        body = dict(self.asked.body)
        meeting["lobbyBypassSettings"] |= body.pop("lobbyBypassSettings", {})
        meeting.update(body)
        return Answer(200, meeting)


def valid(validator: schema.Validator, body):
    """Refuse a body that is not as the schema says."""
    wrong = validator(body, "")
    if wrong is not None:
        raise Refused(400, "RequestBodyRead", f"The property '{wrong}' is unknown or has a wrong value.")


def _utc(value: dict) -> datetime:
    zone = ZoneInfo(schema.ZONES[value["timeZone"]])
    return datetime.fromisoformat(value["dateTime"]).replace(tzinfo=zone).astimezone(UTC)


def _same(one: str, other: str) -> bool:
    """Names of properties: the GUID in any case, the name as it is."""
    return one.partition(" Name ")[0].lower() == other.partition(" Name ")[0].lower() and (
        one.partition(" Name ")[2] == other.partition(" Name ")[2]
    )


def _value(event: dict, id: str) -> str:
    return next((item["value"] for item in event["properties"] if _same(item["id"], id)), "")
