"""Why an event is not there, and what the connection test found, in plain words with what to do."""

import frappe
from frappe import _

from ouderavond.meetings.errors import GOOD


def sentence(code: str | None, account: str = "", detail: str = "") -> str:
    """What a code of `meetings.errors` means, in the reader's language; empty without a code.

    Args:
        account: the calendar it is about; empty where it is about several.
        detail: the other system's own code, for who looks it up there.
    """
    return _worded(code, {**_of_account(account), **_of_login(), **_of_job(), **_of_options()}, detail)


def of_failed(code: str | None, account: str = "", detail: str = "") -> str:
    """The same for what was given up, and waits for somebody to try it again."""
    return _worded(code, {**_of_account(account), **_of_login(), **_of_job(), **_of_given_up()}, detail)


def of_test(code: str | None, account: str = "", detail: str = "") -> str:
    """The same for a connection test, which is not repeated by itself."""
    return _worded(code, {**_of_account(account), **_of_login(), **_of_try(), **_of_options()}, detail)


def _worded(code: str | None, said: dict[str, str], detail: str) -> str:
    if not code:
        return ""
    found = said.get(code) or _("The other system answered something unexpected.")
    return f"{found} ({detail})" if detail and code not in GOOD else found


def _of_login() -> dict[str, str]:
    return {
        "connected": _("The connection works."),
        "wrong_settings": _(
            "Something is missing or cannot be read in Ouderavond Settings, tab Online Meetings. Fill in "
            "what the chosen provider needs."
        ),
        "wrong_secret": _(
            "The secret is not accepted. Make a new one in the other system, and copy its value, not its "
            "ID, into Ouderavond Settings."
        ),
        "expired_secret": _(
            "The secret has expired. Make a new one in the other system and copy it into Ouderavond Settings."
        ),
        "unknown_tenant": _(
            "The directory (tenant) ID is not known to Microsoft. Copy it from Entra ID again."
        ),
        "unknown_client": _(
            "The application (client) ID is not known in this directory. Copy it from Entra ID again."
        ),
        "consent_missing": _(
            "An administrator has not agreed yet that this app may use the calendars. The guide says what to "
            "grant; it may take some minutes until it counts."
        ),
        "service_off": _(
            "The interface is not switched on for this key. Switch on the Google Calendar API in the project "
            "of the service account."
        ),
        "clock_wrong": _(
            "The clock of this server is wrong, so that nobody lets it log in. Have it set by the network "
            "(NTP)."
        ),
    }


def _of_account(account: str) -> dict[str, str]:
    if not account:
        return _of_accounts()
    said = {
        "account_good": _("Meetings can be made in the calendar of {0}."),
        "not_allowed": _(
            "The app may not use the calendar of {0}. Add the account to the group to which the app is "
            "restricted."
        ),
        "unknown_account": _(
            "The other system does not know {0}. Correct Calendar Account or Email at the instructor."
        ),
        "no_mailbox": _(
            "{0} has no mailbox in the other system. Give the instructor one, or fill in another Calendar "
            "Account."
        ),
        "licence_missing": _("{0} has no licence for meetings. Give the instructor one in the other system."),
        "not_connected": _(
            "{0} has not connected a Google Calendar with this site. The instructor does so under Google "
            "Calendar."
        ),
    }
    return {**_of_accounts(), **{code: text.format(account) for code, text in said.items()}}


def _of_accounts() -> dict[str, str]:
    return {
        "account_good": _("Meetings can be made in these calendars."),
        "not_allowed": _(
            "The app may not use the calendar. Add the account to the group to which the app is restricted."
        ),
        "unknown_account": _(
            "The other system does not know the account. Correct Calendar Account or Email at the instructor."
        ),
        "no_mailbox": _(
            "There is no mailbox in the other system. Give the instructor one, or fill in another Calendar "
            "Account."
        ),
        "licence_missing": _(
            "There is no licence for meetings. Give the instructor one in the other system."
        ),
        "not_connected": _(
            "No Google Calendar is connected with this site. The instructor does so under Google Calendar."
        ),
        "no_account": _(
            "The instructor has no e-mail address. Fill in Calendar Account or Email at the instructor."
        ),
    }


def _of_job() -> dict[str, str]:
    return {
        "refused": _("The other system refused it. Please report this with the code behind this sentence."),
        "throttled": _("The other system is busy and asked to wait. It is tried again by itself."),
        "unavailable": _(
            "The other system is out of order or cannot be reached. It is tried again by itself."
        ),
        "timeout": _("The other system did not answer in time. It is tried again by itself."),
        "unclear": _("The other system answered something that cannot be read. It is tried again by itself."),
        "changed_meanwhile": _(
            "Somebody changed it in the calendar at the same moment. It is tried again by itself."
        ),
        "key_used": _("It was deleted in the calendar. It is made again by itself."),
        "pending": _("The other system has not made the meeting yet. It is looked for again by itself."),
        "meeting_lost": _("The event is there without a meeting. A meeting is asked for again by itself."),
    }


def _of_given_up() -> dict[str, str]:
    return {
        "throttled": _("The other system was busy for hours. Try again."),
        "unavailable": _("The other system was out of order or could not be reached for hours. Try again."),
        "timeout": _("The other system did not answer in time, for hours. Try again."),
        "unclear": _(
            "The other system answered something that cannot be read, for hours. Try again, and please "
            "report this with the code behind this sentence if it stays so."
        ),
        "changed_meanwhile": _(
            "Somebody changed it in the calendar whenever it was tried. Leave it alone there, and try again."
        ),
        "pending": _("The other system has not made the meeting for hours. Try again."),
    }


def _of_try() -> dict[str, str]:
    return {
        "refused": _(
            "The other system refused the test. Please report this with the code behind this sentence."
        ),
        "throttled": _("The other system is busy and asked to wait. Test again in some minutes."),
        "unavailable": _(
            "The other system is out of order, or this server cannot reach it. Test again in some minutes; "
            "if it stays so, ask who runs this server whether it may reach the internet."
        ),
        "timeout": _("The other system did not answer in time. Test again in some minutes."),
        "unclear": _(
            "The other system answered something that cannot be read. Test again in some minutes; if it "
            "stays so, please report this with the code behind this sentence."
        ),
    }


def _of_options() -> dict[str, str]:
    return {
        "lobby_not_set": _(
            "The app cannot set who waits in the lobby. What the other system has for the instructor holds."
        ),
        "recording_not_set": _(
            "The app cannot set whether a meeting may be recorded. What the other system has for the "
            "instructor holds."
        ),
    }


def of_row(row) -> str:
    """Why an Evening Meeting is not there yet; its account is named to staff."""
    return sentence(row.code, frappe.utils.cstr(row.account), frappe.utils.cstr(row.detail))
