"""The connection test before people are told of online conversations, and going on in spite of what it found.

An evening is tested a part of its accounts at a time, so that no request takes long. What was found is kept
in the cache for a day: if it is lost the test is made again. That somebody goes on nevertheless is noted on
the evening; so nothing of another system keeps a school from publishing.
"""

from dataclasses import asdict, dataclass, field

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening.online import accounts, providers, sentences, testing
from ouderavond.evening.online.testing import Said

# Accounts at a time, and seconds for which a test counts.
PART = 20
KEPT = 24 * 3600
NO_ACCOUNT = "no_account"


@dataclass
class Test:
    """How far the test of an evening is and what it found.

    Attributes:
        about: of which settings of evening and site it is.
        general: findings about the connection; people: about accounts, unless they are good.
        good: how many accounts are good.
        next: how many accounts were tested; None once it is finished.
        accepted: somebody goes on nevertheless.
    """

    provider: str
    about: str
    total: int = 0
    good: int = 0
    next: int | None = 0
    accepted: bool = False
    general: list[dict] = field(default_factory=list)
    people: list[dict] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        """Whether everything was tested."""
        return self.next is None

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong, as far as is known."""
        return self.is_finished and not any(one["level"] == "bad" for one in (*self.general, *self.people))


def is_due(evening) -> bool:
    """Whether a Parent Evening document is online and no test of it counts, before people are told."""
    if not needs(evening):
        return False
    test = found(evening)
    return not (test and (test.accepted or test.is_good))


def needs(evening) -> bool:
    """Whether events are made for an evening at all."""
    return bool(evening.meeting_provider) and (
        evening.mode != "In Person" or bool(cint(evening.in_person_in_calendar))
    )


def require(evening) -> None:
    """Refuse to tell people of an evening that was not tested and that nobody wants published nevertheless.

    Raises:
        frappe.ValidationError: with what to do.
    """
    if not is_due(evening):
        return
    test = found(evening)
    if test and test.is_finished:
        frappe.throw(
            _(
                "The connection test of {0} found something wrong. Put it right and test again, or say "
                "that you publish nevertheless."
            ).format(_(evening.meeting_provider))
        )
    frappe.throw(
        _("Test the connection with {0} first, or say that you publish nevertheless.").format(
            _(evening.meeting_provider)
        )
    )


def step(evening, start: int = 0) -> Test:
    """Test the next accounts of an evening; the first part begins anew. Ends the transaction.

    Args:
        start: `next` of the part before.
    """
    test = found(evening) if start else None
    if not test or test.next != start:
        test = Test(evening.meeting_provider, _about(evening))
    people = _people(evening)
    emails = sorted({one["account"] for one in people if one["account"]})
    test.total = len(emails)
    part = emails[test.next : test.next + PART]
    said = testing.run(evening.meeting_provider, part)
    _add(test, said, people)
    if not start:
        test.people += _without_account(evening, people)
    done = test.next + len(part)
    test.next = None if done >= len(emails) or any(one.ends for one in said) else done
    _keep(evening, test)
    return test


def _people(evening) -> list[dict]:
    """The instructors of an evening: {instructor, name, account}; the account is empty if there is none."""
    if not providers.is_outward(evening.meeting_provider):
        return []
    known = accounts.of_evening(evening.name)
    names = frappe.get_all("Instructor", {"name": ("in", list(known) or [""])}, ["name", "instructor_name"])
    return [
        {
            "instructor": row.name,
            "name": row.instructor_name or row.name,
            "account": known[row.name].email if known[row.name] else "",
        }
        for row in sorted(names, key=lambda row: (row.instructor_name or row.name).casefold())
    ]


def _add(test: Test, said: list[Said], people: list[dict]) -> None:
    known = {one["code"] for one in test.general}
    for one in said:
        if not one.account:
            if one.code not in known:
                test.general.append({"level": one.level, "code": one.code, "text": one.text})
        elif one.level == "good":
            test.good += 1
        else:
            whose = [who for who in people if who["account"] == one.account] or [{"account": one.account}]
            test.people += [_about_person(one.code, one.level, who, one.detail) for who in whose]


def _without_account(evening, people: list[dict]) -> list[dict]:
    return [_about_person(NO_ACCOUNT, "bad", who, "") for who in people if not who["account"]]


def _about_person(code: str, level: str, who: dict, detail: str) -> dict:
    return {"code": code, "level": level, "detail": detail, **who}


def as_dict(test: Test) -> dict:
    """A test for the form and the command line: findings about accounts as one sentence with who is meant."""
    groups: dict[str, dict] = {}
    for one in test.people:
        text = sentences.of_test(one["code"], "", one["detail"])
        group = groups.setdefault(text, {"level": one["level"], "code": one["code"], "text": text, "who": []})
        group["who"].append({key: one.get(key) or "" for key in ("instructor", "name", "account")})
    return {
        "provider": test.provider,
        "total": test.total,
        "good": test.good,
        "next": test.next,
        "is_good": test.is_good,
        "accepted": test.accepted,
        "general": test.general,
        "groups": list(groups.values()),
        "sentence": _sentence(test),
    }


def _sentence(test: Test) -> str:
    """What came of it, in one sentence."""
    if any(one["level"] == "bad" for one in test.general):
        return _("Something is wrong. Until it is put right, no conversation gets a meeting.")
    if not test.is_good:
        return _("Something is wrong. Until it is put right, some conversations get no meeting.")
    if not test.total:
        return _("{0} can be used.").format(_(test.provider))
    return _("{0} works for all {1} accounts.").format(_(test.provider), test.total)


def accept(evening) -> None:
    """Go on nevertheless, whatever the test found, and even if it never answered. The evening says so."""
    test = found(evening) or Test(evening.meeting_provider, _about(evening))
    test.accepted = True
    _keep(evening, test)
    bad = [one["text"] for one in test.general if one["level"] == "bad"]
    bad += [group["text"] for group in as_dict(test)["groups"]]
    text = _("Goes on without a good connection test of {0}.").format(_(evening.meeting_provider))
    evening.add_comment("Info", " ".join([text, *(frappe.utils.escape_html(one) for one in bad)]))


def found(evening) -> Test | None:
    """The test of an evening that still counts; None if there is none, or something was changed since."""
    kept = frappe.cache.get_value(_key(evening), expires=True)
    test = Test(**kept) if kept else None
    return test if test and test.about == _about(evening) else None


def _keep(evening, test: Test) -> None:
    frappe.cache.set_value(_key(evening), asdict(test), expires_in_sec=KEPT)


def _key(evening) -> str:
    return f"ouderavond_meetings_tested:{evening.name}"


def _about(evening) -> str:
    """Another text when another test would be needed: provider or settings have changed."""
    changed = frappe.db.get_singles_dict(providers.SETTINGS).get("modified")
    return f"{evening.meeting_provider} {changed}"
