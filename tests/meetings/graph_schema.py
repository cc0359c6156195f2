"""What Microsoft Graph v1.0 accepts in the bodies that we send, after its published schema.

A validator takes a value and its path, and returns the path of the first thing that is wrong, or None.
"""

import re
from collections.abc import Callable
from datetime import datetime

Validator = Callable[[object, str], str | None]

# Windows' names, and some of the others that the page on dateTimeTimeZone lists. By far not every IANA name
# is there: Europe/Amsterdam and Europe/Brussels are not.
ZONES = {
    "UTC": "UTC",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Paris",
    "GMT Standard Time": "Europe/London",
    "Central Europe Standard Time": "Europe/Budapest",
    "FLE Standard Time": "Europe/Kiev",
    "Eastern Standard Time": "America/New_York",
    "SA Western Standard Time": "America/La_Paz",
    "Europe/Berlin": "Europe/Berlin",
    "Europe/Paris": "Europe/Paris",
    "Europe/London": "Europe/London",
    "America/New_York": "America/New_York",
}

PROPERTY_ID = re.compile(r"(String|Integer|Boolean) \{[0-9a-fA-F-]{36}\} (Name \w+|Id 0x[0-9a-fA-F]+)")


def _kind(*types: type) -> Validator:
    return lambda value, path: None if type(value) in types else path


string = _kind(str)
boolean = _kind(bool)
integer = _kind(int)


def nullable(validator: Validator) -> Validator:
    return lambda value, path: None if value is None else validator(value, path)


def one_of(*values: str) -> Validator:
    return lambda value, path: None if isinstance(value, str) and value in values else path


def matching(pattern: re.Pattern) -> Validator:
    return lambda value, path: None if isinstance(value, str) and pattern.fullmatch(value) else path


def list_of(validator: Validator) -> Validator:
    def check(value, path):
        if not isinstance(value, list):
            return path
        wrong = (validator(item, f"{path}[{index}]") for index, item in enumerate(value))
        return next((place for place in wrong if place), None)

    return check


def an_object(properties: dict[str, Validator], required: tuple[str, ...] = ()) -> Validator:
    def check(value, path):
        if not isinstance(value, dict):
            return path
        names = [name for name in (*value, *required) if name not in properties or name not in value]
        if names:
            return f"{path}/{names[0]}"
        wrong = (properties[name](item, f"{path}/{name}") for name, item in value.items())
        return next((place for place in wrong if place), None)

    return check


def _moment(value, path):
    try:
        return None if datetime.fromisoformat(value).tzinfo is None else path
    except (TypeError, ValueError):
        return path


_time = an_object({"dateTime": _moment, "timeZone": one_of(*ZONES)}, ("dateTime", "timeZone"))
_place = an_object(
    {"displayName": nullable(string), "locationType": one_of("default", "conferenceRoom"), "uniqueId": string}
)
_changeable = {
    "allowNewTimeProposals": boolean,
    "attendees": list_of(
        an_object(
            {
                "emailAddress": an_object({"address": string, "name": string}, ("address",)),
                "type": one_of("required", "optional", "resource"),
            },
            ("emailAddress",),
        )
    ),
    "body": an_object({"contentType": one_of("text", "html"), "content": string}, ("contentType", "content")),
    "categories": list_of(string),
    "end": _time,
    "hideAttendees": boolean,
    "importance": one_of("low", "normal", "high"),
    "isAllDay": boolean,
    "isOnlineMeeting": boolean,
    "isReminderOn": boolean,
    "location": _place,
    "locations": list_of(_place),
    "onlineMeetingProvider": one_of("teamsForBusiness", "skypeForBusiness", "skypeForConsumer"),
    "reminderMinutesBeforeStart": integer,
    "responseRequested": boolean,
    "sensitivity": one_of("normal", "personal", "private", "confidential"),
    "showAs": one_of("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),
    "singleValueExtendedProperties": list_of(
        an_object({"id": matching(PROPERTY_ID), "value": string}, ("id", "value"))
    ),
    "start": _time,
    "subject": nullable(string),
}
new_event = an_object(_changeable | {"transactionId": string}, ("start", "end"))
changed_event = an_object(_changeable)

changed_meeting = an_object(
    {
        "allowRecording": boolean,
        "allowTranscription": boolean,
        "allowedPresenters": one_of("everyone", "organization", "roleIsPresenter", "organizer"),
        "lobbyBypassSettings": an_object(
            {
                "isDialInBypassEnabled": boolean,
                "scope": one_of(
                    "organizer",
                    "organization",
                    "organizationAndFederated",
                    "everyone",
                    "invited",
                    "organizationExcludingGuests",
                ),
            }
        ),
        "recordAutomatically": boolean,
        "subject": string,
    }
)

batch = an_object(
    {
        "requests": list_of(
            an_object(
                {
                    "id": string,
                    "method": one_of("GET", "POST", "PATCH", "DELETE", "PUT"),
                    "url": string,
                    "headers": an_object({"Content-Type": string, "Prefer": string, "If-Match": string}),
                    "body": _kind(dict, str),
                    "dependsOn": list_of(string),
                },
                ("id", "method", "url"),
            )
        )
    },
    ("requests",),
)

# What $select may name.
SELECTABLE = frozenset(
    {
        *_changeable,
        "bodyPreview",
        "changeKey",
        "iCalUId",
        "id",
        "isCancelled",
        "isOrganizer",
        "onlineMeeting",
        "onlineMeetingUrl",
        "organizer",
        "originalStartTimeZone",
        "transactionId",
        "type",
        "webLink",
    }
) - {"singleValueExtendedProperties"}
