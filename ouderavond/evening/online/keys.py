"""Reading what a school pastes into the settings: a certificate with its private key, or a service account's.

What is wrong is said without repeating anything of it. What a library says that could not read it stays in
this file: with it the values of variables would be noted.
"""

import json
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import frappe
from frappe import _

from ouderavond.meetings.entra import pem_blocks

GOOGLE_TOKENS = "oauth2.googleapis.com"
OF_SERVICE_ACCOUNT = ("client_email", "client_id", "private_key", "token_uri")


@dataclass(frozen=True)
class Read:
    """What was read: until when it holds (None: it does not say), or a sentence about what is wrong."""

    expires: date | None = None
    wrong: str = ""


def certificate(text: str) -> Read:
    """A certificate and its private key in PEM."""
    try:
        found = pem_blocks(text)
    except ValueError:
        return _unreadable()
    certificates = [pem for kind, pem in found if kind == "CERTIFICATE"]
    private = [(kind, pem) for kind, pem in found if kind.endswith("PRIVATE KEY")]
    if not certificates or not private:
        return Read(
            wrong=_(
                "Both are needed, one below the other: the private key and the certificate, each from its "
                "line BEGIN to its line END."
            )
        )
    kind, key = private[0]
    if kind.startswith("ENCRYPTED"):
        return Read(wrong=_("The private key has a passphrase. Save it without one and paste it again."))
    return _pair(certificates, key)


def _pair(certificates: list[bytes], key: bytes) -> Read:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        own = load_pem_private_key(key, password=None)
        found = [load_pem_x509_certificate(pem) for pem in certificates]
        theirs = [one for one in found if one.public_key() == own.public_key()]
    except Exception:
        return _unreadable()
    if not isinstance(own, RSAPrivateKey):
        return Read(wrong=_("Microsoft takes RSA keys only. Make a certificate with an RSA key."))
    if not theirs:
        return Read(wrong=_("The private key does not belong to the certificate. Copy both of the same one."))
    return Read(theirs[0].not_valid_after_utc.date())


def _unreadable() -> Read:
    return Read(wrong=_("The certificate or its private key cannot be read. Copy both again, whole."))


def service_account(text: str) -> Read:
    """The key of a Google service account, as Google gives it: JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Read(wrong=_("This is not the JSON file that Google gave. Copy all of it, braces included."))
    if found.get("type") != "service_account":
        return Read(
            wrong=_(
                "This is a key of another kind. Make one at the service account itself: Keys, Add Key, JSON."
            )
        )
    if not all(isinstance(found.get(name), str) and found[name] for name in OF_SERVICE_ACCOUNT):
        return Read(wrong=_("The key of the service account is not complete. Copy the whole JSON file."))
    return _private_key(found)


def _private_key(found: dict) -> Read:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not _is_google(found["token_uri"]):
        return Read(wrong=_("The key of the service account names an address that is not Google's."))
    try:
        load_pem_private_key(found["private_key"].encode(), password=None)
    except Exception:
        return Read(
            wrong=_("The private key in the service account's key cannot be read. Copy the file again.")
        )
    return Read()


def _is_google(address: str) -> bool:
    """Only this site's configuration may name another place to log in, never who fills in a form."""
    if frappe.conf.ouderavond_google_api:
        return True
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.netloc == GOOGLE_TOKENS
    except ValueError:
        return False
