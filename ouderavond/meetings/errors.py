"""Why an event is not there, as codes; `evening.online.sentences` makes sentences of them."""

# Nothing helps until somebody changes something; every other code is tried again.
PERMANENT = frozenset(
    {
        "wrong_settings",
        "wrong_secret",
        "expired_secret",
        "unknown_tenant",
        "unknown_client",
        "consent_missing",
        "not_allowed",
        "unknown_account",
        "no_mailbox",
        "licence_missing",
        "no_account",
        "not_connected",
        "refused",
        "service_off",  # the interface is not switched on for this client (Google: in its Cloud project)
        "clock_wrong",  # this server's clock is too far off for a token
    }
)

# The other system is busy, out of order, slow, or said something that cannot be read.
# key_used: an event with this key was there and was deleted, or is another site's: what is tried again needs
# a new key.
TRANSIENT = frozenset(
    {"throttled", "unavailable", "timeout", "unclear", "changed_meanwhile", "pending", "key_used"}
)

# What a connection test can find beside those.
GOOD = frozenset({"connected", "account_good"})

# Options that could not be set; the meeting is there all the same.
UNSET = frozenset({"lobby_not_set", "recording_not_set"})

CODES = PERMANENT | TRANSIENT | GOOD | UNSET
