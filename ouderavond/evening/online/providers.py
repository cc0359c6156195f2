"""The providers of `ouderavond.meetings` with this site's settings, its token cache and its request log."""

from collections.abc import Mapping

import frappe
from frappe.integrations.utils import create_request_log
from frappe.utils.password import decrypt, encrypt, get_encryption_key

from ouderavond.meetings.link import LinkTemplate
from ouderavond.meetings.protocol import Failure, NoTokens, Options

SETTINGS = "Ouderavond Settings"
LOBBY = {
    "Everyone Waits": "everyone_waits",
    "Colleagues Enter": "colleagues_enter",
    "Everyone Enters": "everyone_enters",
}
NAMES = ("Microsoft Teams", "Google Meet", "Link Template")


def is_outward(name: str) -> bool:
    """Whether a provider calls another system."""
    return name != LinkTemplate.name


def of(name: str):
    """The provider with a name, as the settings say.

    Returns:
        a `protocol.Provider`, or a Failure that says what the settings lack.
    """
    settings = frappe.get_doc(SETTINGS)
    make = {"Microsoft Teams": _teams, "Google Meet": _google, "Link Template": _link}.get(name)
    return make(settings) if make else Failure("wrong_settings")


def _link(settings) -> LinkTemplate | Failure:
    provider = LinkTemplate(settings.link_template or "", get_encryption_key())
    return provider if provider.test([])[0].good else Failure("wrong_settings")


def _teams(settings):
    from ouderavond.meetings.teams import Microsoft, Teams

    certificate = settings.microsoft_credential == "Certificate"
    field = "microsoft_certificate" if certificate else "microsoft_client_secret"
    secret = _password(settings, field)
    if not (settings.microsoft_tenant and settings.microsoft_client_id and secret):
        return Failure("wrong_settings")
    conf = frappe.conf
    configured = Microsoft(
        tenant=settings.microsoft_tenant.strip(),
        client_id=settings.microsoft_client_id.strip(),
        secret="" if certificate else secret,
        certificate=secret if certificate else "",
        with_lobby=settings.microsoft_level == "With Lobby and Recording",
        options=options(settings),
        **_given(login=conf.ouderavond_microsoft_login, graph=conf.ouderavond_microsoft_graph),
    )
    return Teams(configured, _tokens(), log)


def _google(settings):
    from ouderavond.evening.online.google_accounts import connected
    from ouderavond.meetings.google import Google, Workspace

    own = settings.google_connection == "Google Calendar of Each Instructor"
    key = "" if own else _password(settings, "google_service_account")
    if not own and not key:
        return Failure("wrong_settings")
    configured = Workspace(
        service_account=key,
        accounts=connected() if own else None,
        options=options(settings),
        **_given(api=frappe.conf.ouderavond_google_api),
    )
    return Google(configured, _tokens(), log)


def _tokens():
    """Where tokens are kept; a connection test takes none that were given out before."""
    return NoTokens() if frappe.flags.ouderavond_fresh_tokens else RedisTokens()


def _given(**values) -> dict:
    return {name: value for name, value in values.items() if value}


def _password(settings, field: str) -> str:
    return (settings.get_password(field, raise_exception=False) or "").strip()


def options(settings) -> Options:
    """What meetings should be like; where nothing was chosen, as closed as can be."""
    return Options(LOBBY.get(settings.meeting_lobby, "everyone_waits"), bool(settings.meeting_recording))


class RedisTokens:
    """Tokens for all processes of this site, encrypted with its key."""

    def get(self, key: str) -> str | None:
        kept = frappe.cache.get_value(self._key(key), expires=True)
        try:
            return decrypt(kept) if kept else None
        except frappe.ValidationError:
            # The site's key has changed since.
            return None

    def set(self, key: str, value: str, seconds: int) -> None:
        frappe.cache.set_value(self._key(key), encrypt(value), expires_in_sec=seconds)

    def _key(self, key: str) -> str:
        return f"ouderavond_token:{frappe.utils.sha256_hash(key)}"


def log(service: str, what: str, *, status: int | None, detail: Mapping) -> None:
    """Note a request to another system in the platform's request log; the platform removes what is old."""
    good = bool(status) and status < 400
    create_request_log(
        {"what": what},
        service_name=service,
        is_remote_request=1,
        request_description=what,
        output={"status": status, **detail},
        status="Completed" if good else "Failed",
    )
