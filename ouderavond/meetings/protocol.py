"""What every provider of meetings does: create, change, cancel and look up events in instructors' calendars.

Each event has a `key` of ours that goes with it to the other system. Whatever was interrupted can be done
again with the same key: there is never a second event with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol


class Action(str, Enum):
    """What is to be done with an event."""

    CREATE = "create"
    CHANGE = "change"
    CANCEL = "cancel"
    READ = "read"


@dataclass(frozen=True)
class Attendee:
    """Somebody who is invited beside the organiser."""

    email: str
    name: str


@dataclass(frozen=True)
class Event:
    """An event as it should be. Times are local times of `zone`, an IANA name.

    Attributes:
        key: 32 hexadecimal digits; the same whenever the same event is tried again.
        account: the e-mail address of the calendar in which it is.
        body: plain text; written when the event is made, and not again.
        site: whose event it is; `look_up` finds only those of one's own site.
        online: whether it has a meeting.
    """

    key: str
    account: str
    subject: str
    body: str
    start: datetime
    end: datetime
    zone: str
    site: str
    location: str = ""
    online: bool = True
    attendees: tuple[Attendee, ...] = ()


@dataclass(frozen=True)
class Found:
    """An event as it is in the other system. Times are local times of the zone that was asked for.

    Attributes:
        id: the other system's name for it.
        link: where to join; empty where there is no meeting, or none yet.
        pending: the meeting is still being made: read it again later.
        unset: what of the wished options could not be set, as codes of `errors`.
    """

    id: str
    key: str
    account: str
    start: datetime
    end: datetime
    link: str = ""
    pending: bool = False
    unset: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing to do with one event.

    Attributes:
        id: the other system's name, where it is known: always with CHANGE and READ. CANCEL without it takes
            away what has the event's key, if anything has.
        again: it is not known whether an earlier try had its effect: CREATE looks for the event first.
        meeting_lost: the event is there without its meeting: CHANGE asks for one again.
    """

    action: Action
    event: Event
    id: str = ""
    again: bool = False
    meeting_lost: bool = False


@dataclass(frozen=True)
class Failure:
    """Why a step was not done.

    Attributes:
        code: a code of `errors.CODES`.
        uncertain: it may have been done all the same.
        retry_after: seconds that the other system asked to wait.
        detail: what the other system said, without personal data or secrets: its own error code.
    """

    code: str
    uncertain: bool = False
    retry_after: float | None = None
    detail: str = ""


# None: it is not there (READ), or not there any more (CANCEL, CHANGE).
Outcome = Found | Failure | None


@dataclass(frozen=True)
class Finding:
    """What a connection test found: a code of `errors`, whether it is good, and the account it is about."""

    code: str
    good: bool = False
    account: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Options:
    """What meetings should be like.

    Attributes:
        lobby: "everyone_waits", "colleagues_enter" or "everyone_enters".
        recording: whether meetings may be recorded.
    """

    lobby: str = "everyone_waits"
    recording: bool = False


class Log(Protocol):
    """Where a request to the other system is noted, without tokens, addresses or names."""

    def __call__(self, service: str, what: str, *, status: int | None, detail: Mapping) -> None: ...


class Tokens(Protocol):
    """Where tokens are kept between processes."""

    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str, seconds: int) -> None: ...


class Provider(Protocol):
    """A system in which events and meetings are made."""

    name: str
    # How many steps `perform` takes at once, and how many of them may concern one account.
    batch: int
    per_account: int

    def perform(self, steps: Sequence[Step]) -> list[Outcome]:
        """Do these steps, at most `batch` of them; an outcome for each, in the same order. Never raises."""

    def look_up(
        self, accounts: Sequence[str], first: datetime, last: datetime, site: str, zone: str
    ) -> dict[str, list[Found] | Failure]:
        """The site's events in these calendars between two moments, by account. Never raises."""

    def test(self, accounts: Sequence[str]) -> list[Finding]:
        """Whether a meeting could be made in these calendars; without making one. Never raises."""


@dataclass
class NoTokens:
    """Tokens for one process."""

    kept: dict[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def set(self, key: str, value: str, seconds: int) -> None:
        self.kept[key] = value
