"""Connection tests: whether meetings could be made, in sentences. They call out, and end the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from frappe import _

from ouderavond.evening import identity
from ouderavond.evening.online import accounts, google_accounts, providers, sentences
from ouderavond.meetings.errors import PERMANENT, TRANSIENT, UNSET
from ouderavond.meetings.protocol import Failure, Finding

TEAMS, GOOGLE, _LINK = providers.NAMES
TEST_ACCOUNTS = {TEAMS: "microsoft_test_account", GOOGLE: "google_test_account"}
# Of the other system as a whole: after one of these, nothing is learnt from asking about further accounts.
NOT_OF_ACCOUNTS = (PERMANENT | TRANSIENT) - {
    *("not_allowed", "unknown_account", "no_mailbox", "licence_missing", "no_account", "not_connected")
}
NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True)
class Said:
    """A finding in words: `level` is good, note or bad; `account` is the calendar, if it is about one."""

    level: str
    text: str
    code: str
    account: str = ""
    detail: str = ""

    @property
    def ends(self) -> bool:
        """Whether it holds for every account."""
        return self.code == NOT_CONFIRMED or (
            self.level == "bad" and not self.account and self.code in NOT_OF_ACCOUNTS
        )


def of_provider(name: str) -> list[Said]:
    """Test a provider with the account that the settings name for it, or else the first instructor's."""
    if name not in providers.NAMES:
        frappe.throw(_("Choose who makes the meetings first."))
    account = account_to_test(name)
    if providers.is_outward(name) and not account:
        no_account = _(
            "No instructor has an account to test with. Fill in Account to Test With, or Email at an "
            "instructor."
        )
        return [*run(name, []), Said("bad", no_account, "no_account")]
    return run(name, [account] if account else [])


def account_to_test(name: str) -> str:
    """Whose calendar a provider is tested with."""
    if not providers.is_outward(name):
        return ""
    chosen = frappe.db.get_single_value(providers.SETTINGS, TEST_ACCOUNTS[name])
    if chosen:
        return chosen.strip().lower()
    if name == GOOGLE and connects_each():
        return next(iter(sorted(google_accounts.connected())), "")
    filters = {"status": "Active"}
    for instructor in frappe.get_all("Instructor", filters, pluck="name", order_by="instructor_name, name"):
        found = accounts.of([instructor]).get(instructor)
        if found:
            return found.email
    return ""


def connects_each() -> bool:
    """Whether instructors connect their own Google Calendars."""
    chosen = frappe.db.get_single_value(providers.SETTINGS, "google_connection")
    return chosen == "Google Calendar of Each Instructor"


def run(name: str, emails: Sequence[str]) -> list[Said]:
    """Test a provider with some accounts: what was found, and which options it cannot set. Never raises."""
    if providers.is_outward(name) and not identity.is_confirmed():
        return [Said("bad", not_confirmed(), NOT_CONFIRMED)]
    lacking = missing(name)
    if lacking:
        return [Said("bad", not_filled_in(name, lacking), "wrong_settings")]
    # Nobody is to wait for locks of ours while another system takes its time.
    frappe.db.rollback()
    found = [said(one) for one in _joined(_findings(name, emails))]
    known = {one.code for one in found}
    return found + [said(Finding(code)) for code in cannot_set(name) if code not in known]


def _findings(name: str, emails: Sequence[str]) -> list[Finding]:
    try:
        provider = _provider(name)
        if isinstance(provider, Failure):
            return [Finding(provider.code, detail=provider.detail)]
        return provider.test(emails)
    except Exception:
        # Without the values of variables: secrets are among them.
        frappe.log_error(
            title="Ouderavond: the connection test failed",
            message=frappe.get_traceback(with_context=False),
        )
        frappe.db.commit()
        return [Finding("unclear")]


def _provider(name: str):
    """A provider that logs in anew: a token holds for an hour, also where a secret was withdrawn since."""
    frappe.flags.ouderavond_fresh_tokens = True
    try:
        return providers.of(name)
    finally:
        frappe.flags.ouderavond_fresh_tokens = False


def _joined(findings: Sequence[Finding]) -> Sequence[Finding]:
    """One finding instead of the same for each account, where it is about the other system as a whole."""
    codes = {one.code for one in findings if one.account}
    if len(codes) != 1 or not codes <= NOT_OF_ACCOUNTS:
        return findings
    general = [one for one in findings if not one.account]
    silent = next(one for one in findings if one.account)
    return [*general, Finding(silent.code, detail=silent.detail)]


def said(finding: Finding) -> Said:
    """A finding in words."""
    level = "good" if finding.good else "note" if finding.code in UNSET else "bad"
    text = sentences.of_test(finding.code, finding.account, finding.detail)
    return Said(level, text, finding.code, finding.account, finding.detail)


def not_confirmed() -> str:
    """That nothing leaves this site."""
    return _(
        "Nothing leaves this site until it is confirmed, so no meeting is made and nothing can be tested. If "
        "this is the school's real site, press Confirm This Site in Ouderavond Settings."
    )


def not_filled_in(name: str, labels: list[str]) -> str:
    """What the settings lack, in a sentence."""
    return _("In Ouderavond Settings, tab Online Meetings, this is not filled in for {0}: {1}.").format(
        _(name), ", ".join(labels)
    )


def cannot_set(name: str) -> list[str]:
    """Which of the wished options a provider cannot set as the settings are, as codes."""
    settings = frappe.get_cached_doc(providers.SETTINGS)
    if name == TEAMS and settings.microsoft_level != "With Lobby and Recording":
        return ["lobby_not_set", "recording_not_set"]
    if name == GOOGLE:
        # Made through the calendar, colleagues enter, others ask, and whoever holds the meeting may record.
        lobby = [] if settings.meeting_lobby == "Colleagues Enter" else ["lobby_not_set"]
        return lobby + ([] if settings.meeting_recording else ["recording_not_set"])
    return []


def missing(name: str) -> list[str]:
    """What a provider needs and the settings lack, as labels of the form; not whether it is right."""
    settings = frappe.get_cached_doc(providers.SETTINGS)
    lacking = [settings.meta.get_label(field) for field in _needed(name, settings) if not settings.get(field)]
    if name == GOOGLE and connects_each() and not google_accounts.connected():
        lacking.append("Google Calendar")
    return [_(label) for label in lacking]


def _needed(name: str, settings) -> list[str]:
    if name == TEAMS:
        certificate = settings.microsoft_credential == "Certificate"
        secret = "microsoft_certificate" if certificate else "microsoft_client_secret"
        return ["microsoft_tenant", "microsoft_client_id", secret]
    if name == GOOGLE:
        return [] if connects_each() else ["google_service_account"]
    return ["link_template"]
