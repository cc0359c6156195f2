"""Who may show our pages inside theirs, logging in with the school's account, and being known in a frame."""

import hashlib
import json
import re
from base64 import b64decode, urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest

from ouderavond.evening.offering import by_course
from ouderavond.framed import sessions
from tests.platform.school import PLANNER, make_evening

PAGE, WITH = "/ouderavond", "/ouderavond/with/"
API = "/api/method/ouderavond.api."
TEAMS = "https://teams.microsoft.com"
FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def teams_may_frame(site):
    _name_origins(f"{TEAMS}\n*.evil.example\nhttp://plain.example")
    yield
    _name_origins("")


def _name_origins(text):
    frappe.db.set_single_value("Ouderavond Settings", "frame_origins", text)
    frappe.db.commit()


@pytest.fixture
def accounts(site):
    """Microsoft is set up, Google is set up and switched off."""
    for provider, enabled in (("Office 365", 1), ("Google", 0)):
        doc = frappe.new_doc("Social Login Key")
        doc.get_social_login_provider(provider, initialize=True)
        doc.update({"enable_social_login": enabled, "client_id": "client-1", "client_secret": "SECRET"})
        doc.insert(ignore_permissions=True, ignore_if_duplicate=True)
    frappe.db.commit()
    yield
    for name in ("office_365", "google"):
        frappe.delete_doc("Social Login Key", name, force=True)
    frappe.db.commit()


def _headers(answer):
    policy, options = answer.headers.get("Content-Security-Policy"), answer.headers.get("X-Frame-Options")
    return policy, options


def _get(session, path, **headers):
    return session.get(path, headers=headers, allow_redirects=False)


def test_only_the_portal_may_be_framed_and_only_by_who_is_named(site, school, web, teams_may_frame):
    guest, anna = web.session(None), web.session(school.user("anna.devries"))
    own = ("frame-ancestors 'self'", "SAMEORIGIN")
    named = (f"frame-ancestors 'self' {TEAMS}", None)
    nobody = ("frame-ancestors 'none'", "DENY")
    portal = [(anna, PAGE), (guest, PAGE), (guest, f"{WITH}nobody")]
    others = [(guest, f"{API}feeds.personal?token=x"), (anna, f"{API}guardian.evenings")]
    for session, path in portal:
        assert _headers(_get(session, path)) == named, path
    for session, path in others:
        assert _headers(_get(session, path)) == nobody, path
    assert _headers(_get(guest, "/ouderavond/board/x")) == own
    assert _get(guest, PAGE).headers["Location"].startswith("/login")
    # The rest of the platform is not ours to speak for.
    assert _headers(_get(guest, "/login")) == (None, None)
    _name_origins("")
    for session, path in portal:
        assert _headers(_get(session, path)) == own, path


def test_the_address_leads_to_the_school_s_account_and_back_to_our_page_alone(site, school, web, accounts):
    guest, jan = web.session(None), web.session(school.user("jan"))
    for name in ("office_365", "Microsoft", "teams"):
        answer = _get(guest, f"{WITH}{name}?redirect_to=https://evil.example&next=//evil.example")
        assert answer.status_code == 302 and answer.headers["Cache-Control"] == "private, no-store"
        to = urlsplit(answer.headers["Location"])
        assert (to.scheme, to.netloc) == ("https", "login.microsoftonline.com")
        asked = parse_qs(to.query)
        assert asked["client_id"] == ["client-1"] and "SECRET" not in answer.headers["Location"]
        assert asked["redirect_uri"][0].endswith("oauth2_logins.login_via_office365")
        state = json.loads(b64decode(asked["state"][0]))
        assert state["redirect_to"] == "/ouderavond#oa-instructor" and "evil" not in str(state)
    for name in ("google", "nobody", "../office_365", "office_365/x", "%00", "https://evil.example", ""):
        answer = _get(guest, f"{WITH}{name}")
        assert answer.status_code in (301, 404), name
        assert "evil" not in answer.headers.get("Location", ""), name
    said = _get(guest, f"{WITH}google").text
    assert "This account is not set up here" in said and "/login?redirect-to=/ouderavond" in said
    known = _get(jan, f"{WITH}office_365?redirect_to=https://evil.example")
    assert (known.status_code, known.headers["Location"]) == (302, "/ouderavond#oa-instructor")


def test_in_a_frame_stands_a_card_that_opens_a_window(site, school, web, accounts, teams_may_frame):
    guest = web.session(None)
    for path in (PAGE, f"{WITH}teams"):
        card = _get(guest, path, **FRAME)
        assert card.status_code == 200 and _headers(card)[0] == f"frame-ancestors 'self' {TEAMS}"
        assert 'href="/ouderavond/with/office_365" target="_blank" rel="noopener noreferrer"' in card.text
        assert 'data-provider="office_365"' in card.text and "google" not in card.text
    # Only a window that a frame opened hands out a code, and only to this site.
    window = _get(guest, f"{WITH}teams?window={CHALLENGE}")
    state = json.loads(b64decode(parse_qs(urlsplit(window.headers["Location"]).query)["state"][0]))
    assert state["redirect_to"] == f"/ouderavond/with/office_365?window={CHALLENGE}"
    jan = web.session(school.user("jan"))
    assert CHALLENGE in _get(jan, f"{WITH}teams?window={CHALLENGE}").text
    for wrong in ("x", CHALLENGE + "x", "<script>", "a" * 42 + "'"):
        assert _get(jan, f"{WITH}teams?window={wrong}").status_code == 302
    _name_origins("")
    assert _get(guest, PAGE, **FRAME).status_code == 301
    assert _get(jan, f"{WITH}teams?window={CHALLENGE}").status_code == 302


@pytest.fixture
def evening(site, school):
    made = make_evening(school, schedule_visible=1)
    by_course.offer(made.name)
    frappe.db.commit()
    return made


def _code(session):
    answer = session.post(f"{API}frames.code", json={"challenge": CHALLENGE})
    return answer.json()["message"]["code"]


def _enter(web, code, verifier=VERIFIER, **headers):
    guest = web.session(None)
    own = {"Origin": f"http://127.0.0.1:{web.port}", "Sec-Fetch-Site": "same-origin", **headers}
    return guest.post(f"{API}frames.enter", json={"code": code, "verifier": verifier}, headers=own)


def _frame(web, answer):
    """A session as a frame has it: with our cookie alone."""
    made = answer.headers["Set-Cookie"]
    found = re.search(rf"{sessions.COOKIE}=([\w-]+); (.*?)(?:,|$)", made)
    assert found[2] == "Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=None; Partitioned"
    frame = web.session(None)
    frame.headers["Cookie"] = f"{sessions.COOKIE}={found[1]}"
    return frame


def test_who_signs_in_in_a_frame_is_known_there_for_the_portal_alone(
    evening, school, web, teams_may_frame, accounts
):
    jan = web.session(school.user("jan"))
    jan.open_portal()
    entered = _enter(web, _code(jan))
    assert entered.status_code == 200
    frame = _frame(web, entered)
    page = frame.open_portal()
    assert "oa-sitting" in page.text and evening.title in page.text and "data-leave" in page.text
    # What the platform would set again holds the session itself, and is of no use in a frame.
    assert "sid=" not in page.headers.get("Set-Cookie", "")
    assert frame.get(f"{API}instructor.read", params={"evening": evening.name}).status_code == 200

    # Nothing but the portal.
    for path in (
        "/api/method/frappe.auth.get_logged_user",
        f"{PAGE}?cmd=frappe.auth.get_logged_user",
        "/api/method/ouderavond.api.guardian.evenings?cmd=frappe.auth.get_logged_user",
        "/api/resource/User",
        f"{API}staff.summary?evening={evening.name}",
        f"{API}planning.board.read?evening={evening.name}",
        "/me",
    ):
        answer = frame.get(path, allow_redirects=False)
        assert school.user("jan") not in answer.text and answer.status_code in (301, 302, 401, 403, 404), path
    assert frame.get("/app", allow_redirects=False).status_code in (301, 302)

    # Writing wants the page's token, as everywhere.
    note = {"offer": "x", "wish": ""}
    assert frame.post(f"{API}instructor.wish", json=note).status_code != 400
    token = frame.headers.pop("X-Frappe-CSRF-Token")
    assert frame.post(f"{API}instructor.wish", json=note).status_code == 400
    frame.headers["X-Frappe-CSRF-Token"] = token

    # As soon as nobody may frame any more, or who it is logs out, it is over.
    _name_origins("")
    assert frame.get(PAGE, allow_redirects=False).status_code == 301
    _name_origins(TEAMS)
    again = _frame(web, _enter(web, _code(jan)))
    assert again.get(PAGE, allow_redirects=False).status_code == 200
    again.open_portal()
    left = again.post(f"{API}frames.leave", json={})
    assert f"{sessions.COOKIE}=; Path=/; Max-Age=0" in left.headers["Set-Cookie"]
    assert again.get(PAGE, allow_redirects=False).status_code == 301
    assert frame.get(PAGE, allow_redirects=False).status_code == 200
    jan.get("/api/method/logout")
    assert frame.get(PAGE, allow_redirects=False).status_code == 301
    answer = frame.get(f"{API}instructor.read", params={"evening": evening.name})
    assert answer.status_code == 403


def test_a_code_works_once_for_who_has_the_secret_from_our_own_page(site, school, web, teams_may_frame):
    jan = web.session(school.user("jan"))
    jan.open_portal()
    evil = {"Origin": "https://evil.example"}
    for case in (
        {"verifier": "w" * 43},
        evil,
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        code = _code(jan)
        refused = _enter(web, code, **case)
        assert refused.status_code == 403 and "Set-Cookie" not in _ours(refused), case
    code = _code(jan)
    assert _enter(web, code).status_code == 200
    assert _enter(web, code).status_code == 403
    assert 0 < frappe.cache.ttl(_key_of(_code(jan))) <= 60
    for wrong in ("", "x", code * 2):
        assert _enter(web, wrong).status_code == 403
    # Nobody makes a code for a frame without being logged in, without the token, or where nobody may frame.
    assert web.session(None).post(f"{API}frames.code", json={"challenge": CHALLENGE}).status_code == 403
    assert jan.post(f"{API}frames.code", json={"challenge": "short"}).status_code == 403
    code = _code(jan)
    _name_origins("")
    assert _enter(web, code).status_code == 403
    assert jan.post(f"{API}frames.code", json={"challenge": CHALLENGE}).status_code == 403
    del jan.headers["X-Frappe-CSRF-Token"]
    assert jan.post(f"{API}frames.code", json={"challenge": CHALLENGE}).status_code == 400


def _ours(answer):
    return {name for name, value in answer.headers.items() if sessions.COOKIE in value}


def _key_of(code):
    return frappe.cache.make_key(f"ouderavond_code:{hashlib.sha256(code.encode()).hexdigest()}")


def test_staff_are_nobody_in_a_frame_on_the_desk(evening, school, web, teams_may_frame):
    planner = web.session(PLANNER)
    planner.open_portal()
    frame = _frame(web, _enter(web, _code(planner)))
    call = f"{API}staff.summary?evening={evening.name}"
    assert (planner.get(call).status_code, frame.get(call).status_code) == (200, 403)
    assert frame.get(PAGE, allow_redirects=False).status_code == 200
