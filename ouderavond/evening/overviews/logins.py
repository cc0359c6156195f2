"""The guardians of the participants: how to reach them, and who of them never was on the page."""

from collections import defaultdict
from itertools import islice

import frappe
from frappe import _

from ouderavond.evening import people
from ouderavond.evening.overviews.reading import Facts
from ouderavond.evening.participants import participants_query

# As many as a list to choose from shows.
FOUND = 20


def guardians(facts: Facts) -> list[dict]:
    """The guardians of participants whose contact is not forbidden, by name."""
    children = _children(facts)
    found = [
        {
            "name": name,
            "guardian": row.guardian_name or name,
            "children": ", ".join(children[name]),
            "mobile": row.mobile_number or "",
            "telephone": row.alternate_number or "",
            "email": row.email_address or row.user or "",
        }
        for name, row in facts.guardians.items()
        if name in children
    ]
    return sorted(found, key=lambda row: (row["guardian"].casefold(), row["name"]))


def never(facts: Facts) -> list[dict]:
    """Those who have no account, a closed one, or one with which they never logged in."""
    found = []
    for row in guardians(facts):
        account = _account(facts.guardians[row["name"]])
        if account:
            found.append({**row, "account": account})
    return found


def search(facts: Facts, text: str, among_guardians: bool) -> list[dict]:
    """Participants, or guardians of participants, by a part of their name: [{value, label, description}]."""
    wanted = text.strip().casefold()
    if among_guardians:
        people = ((row["name"], row["guardian"], row["children"]) for row in guardians(facts))
    else:
        student = frappe.qb.DocType("Student")
        taking_part = student.name.isin(participants_query(facts.evening))
        query = frappe.qb.from_(student).select(student.name, student.student_name).where(taking_part)
        rows = query.orderby(student.student_name).run()
        people = ((name, title or name, facts.class_of(name)) for name, title in rows)
    found = (
        {"value": name, "label": label, "description": about}
        for name, label, about in people
        if wanted in f"{label} {about}".casefold()
    )
    return list(islice(found, FOUND))


def _account(guardian) -> str:
    if not guardian.user:
        return _("No account")
    if not guardian.enabled:
        return _("Account is disabled")
    # Logging in sets the one, working on the site the other.
    return "" if guardian.last_login or guardian.last_active else _("Never logged in")


def _children(facts: Facts) -> dict[str, list[str]]:
    """The participating children of each guardian, as chosen, each with the class."""
    query, link, student = people.links()
    query = (
        query.select(link.guardian, student.name, student.student_name)
        .where(student.name.isin(participants_query(facts.evening)))
        .orderby(student.student_name)
    )
    chosen = facts.chosen
    if chosen.student:
        query = query.where(student.name.isin(chosen.student))
    if chosen.household:
        query = query.where(link.guardian.isin(chosen.household))
    found = defaultdict(list)
    for guardian, name, title in query.distinct().run():
        group, label = facts.classes.get(name, ("", ""))
        if not chosen.group or group in chosen.group:
            found[guardian].append(f"{title} ({label})" if label else title)
    return found
