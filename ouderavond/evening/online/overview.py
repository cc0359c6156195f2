"""What staff read of the meetings of an evening, in words and figures."""

import frappe
from frappe import _

from ouderavond.evening import identity
from ouderavond.evening.online import providers, report, rows, waking
from ouderavond.evening.online.wanted import WITHOUT_CALENDAR


def refusal(evening) -> str:
    """Why nothing can be tried now; empty where it can."""
    if evening.archived:
        return _("This evening is archived: nothing is made any more.")
    if is_outward(evening) and not identity.is_confirmed():
        return _(
            "Nothing leaves this site until it has been confirmed in Ouderavond Settings: no meeting is made "
            "or taken away, and no calendar is looked into."
        )
    return ""


def is_outward(evening) -> bool:
    """Whether anything of an evening is in another system, or is to be."""
    if evening.meeting_provider:
        return providers.is_outward(evening.meeting_provider)
    live = {"evening": evening.name, "state": ("in", rows.LIVE), "provider": ("!=", WITHOUT_CALENDAR)}
    return bool(frappe.db.exists(rows.DOCTYPE, live))


def notices(evening, found: report.Figures, online: dict[str, int]) -> list[dict]:
    """What staff should know before anything else: {key, sentence}."""
    return [{"key": key, "sentence": said} for key, said in _notices(evening, found, online) if said]


def _notices(evening, found: report.Figures, online: dict[str, int]):
    yield "refusal", refusal(evening)
    if not evening.archived and not evening.published:
        yield "unpublished", _("This evening is not published, so that nothing is made. What is there stays.")
    if evening.meeting_provider and online["planned"]:
        said = _("{0} online conversations have a time that nobody was told. They get a link when published.")
        yield "untold", said.format(online["planned"])
    if not evening.meeting_provider and online["told"]:
        said = _("{0} conversations are online and get no link, because nothing was chosen that makes them.")
        yield "no_provider", said.format(online["told"])
    minutes = None if refusal(evening) or not report.is_shown(evening) else report.stalled_for(found)
    if minutes:
        said = _(
            "Nothing has been done for {0} minutes although something is due. Look whether the scheduler "
            "and a worker run (Ouderavond Settings, Check This Site), and into the error log."
        )
        yield "stalled", said.format(minutes)


def about(provider: str) -> list[str]:
    """What a provider does, and what it can and cannot set, in sentences."""
    settings = frappe.get_cached_doc("Ouderavond Settings")
    return {"Microsoft Teams": _teams, "Google Meet": _google, WITHOUT_CALENDAR: _links}.get(
        provider, lambda _settings: []
    )(settings)


def _teams(settings) -> list[str]:
    puts = _("Each conversation is put into the instructor's Outlook calendar, with a Teams meeting.")
    if settings.microsoft_level != "With Lobby and Recording":
        cannot = _(
            "The permission that was given is for the calendar only: the app cannot set the lobby or "
            "recording. What Teams has for the instructor holds."
        )
        return [puts, cannot]
    return [puts, *_wishes(settings)]


def _is_set(provider: str) -> bool:
    """Whether lobby and recording should have been set: where they cannot be, `about` says so."""
    level = frappe.get_cached_doc("Ouderavond Settings").microsoft_level
    return provider == "Microsoft Teams" and level == "With Lobby and Recording"


def _wishes(settings) -> list[str]:
    lobby = {
        "Colleagues Enter": _("Lobby: colleagues enter, everybody else waits."),
        "Everyone Enters": _("Lobby: everyone enters at once."),
    }
    waits = _("Lobby: everyone waits until the instructor lets them in.")
    recording = _("Meetings may be recorded.") if settings.meeting_recording else _("Nothing is recorded.")
    return [lobby.get(settings.meeting_lobby, waits), recording]


def _google(_settings) -> list[str]:
    return [
        _("Each conversation is put into the instructor's Google calendar, with a Meet link."),
        _(
            "The app cannot set the lobby or recording: colleagues enter, everybody else asks to, and the "
            "instructor may record."
        ),
    ]


def _links(_settings) -> list[str]:
    return [
        _("Each conversation gets a link of its own that nobody can guess; nothing is put into a calendar."),
        _("Whoever has the link can enter. A lobby and recording are set in that system itself."),
    ]


def of(evening) -> dict:
    """Everything that the tab shows above its list, of a Parent Evening document."""
    found, online = report.figures(evening), report.online_bookings(evening)
    provider, calendar, refused = evening.meeting_provider or "", is_outward(evening), refusal(evening)
    return {
        "provider": provider,
        "about": about(provider),
        "calendar": calendar,
        "mode": evening.mode,
        "online": online,
        "counts": {
            key: getattr(found, key)
            for key in ("made", "making", "retry", "failed", "leaving", "over", "follows", "total")
        },
        "next": found.next,
        "busy": found.is_busy and not refused,
        "refusal": refused,
        "notices": notices(evening, found, online),
        "reasons": [vars(one) for one in report.reasons(evening.name)],
        "unset": report.unset(evening.name) if _is_set(provider) else [],
        "without_account": report.without_account(evening) if calendar and provider else [],
        "instructors": report.instructors(evening.name),
        "looked": waking.looked() if calendar else None,
    }
