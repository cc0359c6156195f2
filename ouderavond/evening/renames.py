"""When a student, guardian or instructor is renamed or merged with another record of the same person.

The platform follows links. What holds a name as text (keys of claims, of who attends together, of who gives a
conversation) follows here, and a merge makes one of what both records had.
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe import _

from ouderavond.evening import claims, messages, rows
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.offering import journal
from ouderavond.evening.planning import changes
from ouderavond.evening.planning.disruptions import happened
from ouderavond.evening.waiting import leaving


def before_rename(doc, method, old: str, new: str, merge: bool = False) -> None:
    """Make room for a merge where the database would refuse the same row twice."""
    if not merge:
        return
    if doc.doctype == "Guardian":
        _merge_arrangements(old, new)
    elif doc.doctype == "Instructor":
        rows.remove(
            "Evening Instructor", _twice("Evening Instructor", "instructor", old, new, ("evening", "date"))
        )
    elif _twice("Conversation Offer", "student", old, new, ("evening", "subject", "instructors_key")):
        frappe.throw(
            _("Both students have offers of the same parent evening. Delete those of {0} first.").format(
                frappe.utils.escape_html(old)
            )
        )


def after_rename(doc, method, old: str, new: str, merge: bool = False) -> None:
    """Let what holds a name as text, and so is not followed by the platform, follow the new name.

    Raises:
        claims.TakenError: after a merge one person would be in two conversations at once.
    """
    if doc.doctype == "Instructor":
        rewrite_keys(rows.parents("Conversation Offer Instructor", "instructor", new))
        _rewrite_choices(old, new)
        leaving.follow_offers()
    else:
        _rewrite_parties(doc.doctype, old, new)
    if doc.doctype != "Guardian":
        journal.follow_rename(doc.doctype, old, new)
    changes.follow_rename(old, new)
    happened.follow_rename(old, new)
    rows.update("Evening Booking", {"household": old}, household=new)
    messages.follow(f"{doc.doctype}:{old}", f"{doc.doctype}:{new}")
    claims.rewrite_claims_of(doc.doctype, new)


def after_user_is_renamed(doc, method, old: str, new: str, merge: bool = False) -> None:
    """What is claimed and told under a user's old name is under the new one from now on.

    Raises:
        claims.TakenError: after a merge one person would be in two conversations at once.
    """
    claims.follow_user(old, new)
    messages.follow(f"User:{old}", f"User:{new}")
    rows.update("Submitted Key", {"caller": old}, caller=new)


def before_student_group_is_renamed(doc, method, old: str, new: str, merge: bool = False) -> None:
    """Make room for a merge of two classes or lesson groups: what was decided about both holds once."""
    if merge:
        dates = _twice("Forbidden Class Date", "student_group", old, new, ("evening", "date"))
        choices = _twice("Reference Week Choice", "student_group", old, new, ("evening", "course"))
        rows.remove("Forbidden Class Date", dates)
        rows.remove("Reference Week Choice", choices)


def _rewrite_choices(old: str, new: str) -> None:
    """Write an instructor's new name into the choices of the reference week, which hold names as text."""
    filters = {"instructors": ("like", f"%{old}%")}
    for row in frappe.get_all("Reference Week Choice", filters, ["name", "instructors"]):
        named = {new if name == old else name for name in row.instructors.split("\n")}
        rows.update("Reference Week Choice", {"name": row.name}, instructors="\n".join(sorted(named)))


def _twice(doctype: str, link: str, old: str, new: str, same: tuple[str, ...]) -> list[str]:
    """The rows of `old` beside which `new` has one that is otherwise the same."""
    one, other = frappe.qb.DocType(doctype), frappe.qb.DocType(doctype).as_("other")
    joined = other[link] == new
    for field in same:
        joined = joined & (one[field] == other[field])
    query = frappe.qb.from_(one).join(other).on(joined).select(one.name).distinct()
    return query.where(one[link] == old).run(pluck=True)


def _merge_arrangements(old: str, new: str) -> None:
    """The stricter of both arrangements holds."""
    double = _twice("Guardian Arrangement", "guardian", old, new, ("student",))
    fields = ["name", "student", "attends_separately", "contact_forbidden"]
    for row in frappe.get_all("Guardian Arrangement", {"name": ("in", double or [""])}, fields):
        marks = {field: 1 for field in fields[2:] if row[field]}
        if marks:
            rows.update("Guardian Arrangement", {"guardian": new, "student": row.student}, **marks)
    rows.remove("Guardian Arrangement", double)
    both = {"guardian": ("in", (old, new)), "other_guardian": ("in", (old, new))}
    rows.remove("Guardians Not To Meet", rows.names("Guardians Not To Meet", **both))


def _rewrite_parties(doctype: str, old: str, new: str) -> None:
    """Write the new name into the keys of who attends together; what is then asked twice goes."""
    from ouderavond.evening.requests import party_key

    if doctype == "Student":
        rows.update("Conversation Request", {"party": f"Student:{old}"}, party=f"Student:{new}")
        return
    filters = {"party": ("like", f"%{old}%")}
    for row in frappe.get_all("Conversation Request", filters, ["name", "offer", "party"]):
        members = {new if name == old else name for name in row.party.split("|")}
        party = party_key(members, "")
        twin = frappe.db.exists(
            "Conversation Request", {"offer": row.offer, "party": party, "name": ("!=", row.name)}
        )
        if twin:
            rows.update("Evening Booking", {"request": row.name}, request=twin)
            rows.remove_requests([row.name])
        else:
            rows.update("Conversation Request", {"name": row.name}, party=party)


# Offers and requests that become the same


def rewrite_keys(offers: Iterable[str]) -> None:
    """Write who the instructors of offers are into their key again; what is then offered twice goes."""
    filters = {"parent": ("in", list(offers) or [""])}
    given = frappe.get_all(
        "Conversation Offer Instructor", filters, ["parent", "instructor"], order_by="parent"
    )
    by_offer = defaultdict(list)
    for row in given:
        by_offer[row.parent].append(row.instructor)
    for offer, instructors in by_offer.items():
        key = instructors_key(instructors)
        same = frappe.db.get_value(
            "Conversation Offer", offer, ["evening", "student", "subject"], as_dict=True
        )
        twin = frappe.db.exists("Conversation Offer", {**same, "instructors_key": key, "name": ("!=", offer)})
        if twin:
            _join_offers(offer, twin)
        else:
            rows.update("Conversation Offer", {"name": offer}, instructors_key=key)


def _join_offers(offer: str, twin: str) -> None:
    """Let what concerns one offer concern its twin, and remove it."""
    asked = set(frappe.get_all("Conversation Request", {"offer": twin}, pluck="party"))
    for request in frappe.get_all("Conversation Request", {"offer": offer}, ["name", "party"]):
        if request.party in asked:
            rows.remove_requests([request.name])
        else:
            rows.update("Conversation Request", {"name": request.name}, offer=twin)
    rows.update("Evening Booking", {"offer": offer}, offer=twin)
    leaving.join(offer, twin)
    rows.remove_offers([offer])
