"""Looks at a site and says what keeps the app from working, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import frappe
from frappe import _

from ouderavond.evening import identity
from ouderavond.setup.roles import STAFF_ROLES

OK, WARNING, ERROR = "ok", "warning", "error"

# What the database itself must refuse twice.
UNIQUE_KEYS = {
    "Booking Claim": ("who", "tick"),
    "Conversation Offer": ("evening", "student", "subject", "instructors_key"),
    "Evening Instructor": ("evening", "instructor", "date"),
    "Evening Message": ("event", "evening", "person", "version"),
    "Forbidden Class Date": ("evening", "student_group", "date"),
    "Guardian Arrangement": ("student", "guardian"),
    "Reference Week Choice": ("evening", "student_group", "course"),
}
QUEUES = ("short", "default", "long")
PORTAL_ROLES = ("Guardian", "Student")
UNLIKELY_ZONES = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")


@dataclass
class Finding:
    """One thing that was looked at: `level` is ok, warning or error; `do` says what to do about it."""

    name: str
    level: str
    what: str
    do: str = ""


def check() -> list[Finding]:
    """Everything the doctor looks at, in the order in which it matters."""
    findings = []
    for look in CHECKS:
        try:
            findings += look()
        except Exception as problem:
            # One broken part must not hide what is to be said about the others.
            name = look.__name__.lstrip("_").replace("_", " ").capitalize()
            findings.append(Finding(name, ERROR, str(problem), _("Look at the error log of the site.")))
    return findings


def worst(findings: list[Finding]) -> str:
    """The most serious level among the findings."""
    levels = {finding.level for finding in findings}
    return ERROR if ERROR in levels else WARNING if WARNING in levels else OK


# Machinery


def _scheduler() -> Iterator[Finding]:
    from frappe.utils.scheduler import is_scheduler_inactive

    if is_scheduler_inactive(verbose=False):
        yield Finding(
            _("Scheduler"),
            ERROR,
            _("Jobs that run by the clock do not run on this site."),
            _("Run: bench --site {0} enable-scheduler").format(frappe.local.site),
        )
    else:
        yield Finding(_("Scheduler"), OK, _("Enabled."))


def _redis() -> Iterator[Finding]:
    from frappe.utils.background_jobs import get_redis_conn

    for name, connection in ((_("Redis (cache)"), frappe.cache), (_("Redis (queue)"), get_redis_conn())):
        try:
            connection.ping()
        except Exception as problem:
            yield Finding(
                name, ERROR, str(problem), _("Start Redis, see the bench's Procfile or supervisor.")
            )
        else:
            yield Finding(name, OK, _("Answers."))


def _workers() -> Iterator[Finding]:
    from frappe.utils.background_jobs import generate_qname, get_workers

    names = [worker.queue_names() for worker in get_workers()]
    for queue in QUEUES:
        number = sum(generate_qname(queue) in served for served in names)
        title = _("Workers of queue {0}").format(queue)
        if number:
            yield Finding(title, OK, _("{0} running.").format(number))
        else:
            yield Finding(
                title,
                ERROR,
                _("None. Offers and schedules would wait for ever."),
                _("Start one: bench worker --queue {0} (in production: supervisor).").format(queue),
            )


def _solver() -> Iterator[Finding]:
    try:
        import ortools
    except ImportError:
        yield Finding(
            _("OR-Tools"),
            ERROR,
            _("Cannot be imported, so no schedule can be made."),
            _("Run: bench setup requirements --python"),
        )
    else:
        yield Finding(_("OR-Tools"), OK, _("Version {0}.").format(ortools.__version__))


# The database


def _unique_keys() -> Iterator[Finding]:
    for doctype, columns in UNIQUE_KEYS.items():
        title = _("Unique key of {0}").format(_(doctype))
        if columns in _unique_columns(doctype):
            yield Finding(title, OK, ", ".join(columns))
        else:
            yield Finding(
                title,
                ERROR,
                _("The database does not refuse the same {0} twice.").format(", ".join(columns)),
                _(
                    "Remove double rows, then: bench --site {0} --force reload-doc ouderavond doctype {1}"
                ).format(frappe.local.site, frappe.scrub(doctype)),
            )


def _unique_columns(doctype: str) -> set[tuple[str, ...]]:
    statistics = frappe.qb.Schema("information_schema").STATISTICS
    rows = (
        frappe.qb.from_(statistics)
        .select(statistics.INDEX_NAME, statistics.COLUMN_NAME)
        .where((statistics.TABLE_SCHEMA == frappe.conf.db_name) & (statistics.TABLE_NAME == f"tab{doctype}"))
        .where(statistics.NON_UNIQUE == 0)
        .orderby(statistics.INDEX_NAME, statistics.SEQ_IN_INDEX)
    ).run()
    keys: dict[str, list[str]] = {}
    for index, column in rows:
        keys.setdefault(index, []).append(column)
    return {tuple(columns) for columns in keys.values()}


def _isolation() -> Iterator[Finding]:
    level = dict(frappe.db.sql("show variables like '%%isolation%%'"))
    level = level.get("transaction_isolation") or level.get("tx_isolation") or "?"
    if level == "REPEATABLE-READ":
        yield Finding(_("Transaction isolation"), OK, level)
    else:
        yield Finding(
            _("Transaction isolation"),
            WARNING,
            _("{0}; the locks were measured with REPEATABLE-READ.").format(level),
            _("Set transaction-isolation = REPEATABLE-READ in the database server's configuration."),
        )


def _claims() -> Iterator[Finding]:
    from ouderavond.evening import claims

    problems = claims.check()
    if problems:
        yield Finding(
            _("Claims"),
            ERROR,
            _("{0} differences between bookings and claims, for example: {1}").format(
                len(problems), problems[0]
            ),
            _("Report this: somebody could be booked twice at these times."),
        )
    else:
        yield Finding(_("Claims"), OK, _("Agree with all bookings and blocks."))


# The site


def _mail() -> Iterator[Finding]:
    account = frappe.get_all(
        "Email Account",
        filters={"enable_outgoing": 1, "default_outgoing": 1},
        fields=["name", "email_id"],
        limit=1,
    )
    if frappe.conf.get("mute_emails"):
        yield Finding(
            _("Outgoing mail"),
            WARNING,
            _("Muted in the site's configuration."),
            _("Remove mute_emails to send."),
        )
    elif account:
        yield Finding(_("Outgoing mail"), OK, account[0].email_id or account[0].name)
    elif frappe.conf.get("mail_server"):
        yield Finding(_("Outgoing mail"), OK, frappe.conf.mail_server)
    else:
        yield Finding(
            _("Outgoing mail"),
            WARNING,
            _("There is no default outgoing account; nobody gets mail."),
            _("Make an Email Account with Enable Outgoing and Default Outgoing."),
        )


def _identity() -> Iterator[Finding]:
    address, database = identity.identity()
    confirmed = identity.confirmed_identity()
    if not any(confirmed):
        yield Finding(
            _("Identity of the site"),
            WARNING,
            _("Not confirmed, so nothing leaves this site."),
            _("Open Ouderavond Settings and confirm this site, if it is the school's real one."),
        )
    elif confirmed != (address, database):
        yield Finding(
            _("Identity of the site"),
            ERROR,
            _("Confirmed was {0}, this is {1}. Nothing leaves this site.").format(
                " / ".join(confirmed), f"{address} / {database}"
            ),
            _("Leave it so if this is a copy. Otherwise confirm it again in Ouderavond Settings."),
        )
    else:
        yield Finding(_("Identity of the site"), OK, f"{address} / {database}")
    if not (frappe.conf.host_name or frappe.conf.hostname):
        yield Finding(
            _("Address of the site"),
            WARNING,
            _("host_name is not set, so links in mail may point to a wrong address."),
            _("Run: bench --site {0} set-config host_name https://…").format(frappe.local.site),
        )


def _time_zone() -> Iterator[Finding]:
    zone = frappe.db.get_single_value("System Settings", "time_zone")
    advice = _("Set the time zone in System Settings; times of evenings are local times.")
    try:
        ZoneInfo(zone or "")
    except Exception:
        yield Finding(_("Time zone"), ERROR, _("Not set, or unknown: {0}").format(zone or "–"), advice)
        return
    if zone in UNLIKELY_ZONES:
        yield Finding(_("Time zone"), WARNING, _("{0}: no school keeps this time.").format(zone), advice)
    else:
        yield Finding(_("Time zone"), OK, zone)


# Rights and people


def _roles() -> Iterator[Finding]:
    missing = [
        role for role in (*STAFF_ROLES, "Guardian", "Instructor") if not frappe.db.exists("Role", role)
    ]
    if missing:
        yield Finding(
            _("Roles"),
            ERROR,
            _("Missing: {0}").format(", ".join(missing)),
            _("Run: bench --site {0} migrate").format(frappe.local.site),
        )
    else:
        yield Finding(_("Roles"), OK, _("All there."))
    if frappe.db.get_value("Role", "Guardian", "desk_access"):
        yield Finding(
            _("Desk access of guardians"),
            WARNING,
            _("The role Guardian opens the desk."),
            _("Switch off Desk Access in the role Guardian, unless the school wants this."),
        )
    managers = frappe.get_all("Has Role", filters={"role": STAFF_ROLES[0], "parenttype": "User"}, limit=1)
    if not managers:
        yield Finding(
            _("Managers"),
            WARNING,
            _("Nobody has the role {0}.").format(STAFF_ROLES[0]),
            _("Give it to the person who organises the evenings."),
        )


def _permissions() -> Iterator[Finding]:
    own = frappe.get_all("DocType", filters={"module": "Ouderavond"}, pluck="name")
    for doctype in ("DocPerm", "Custom DocPerm"):
        found = frappe.get_all(
            doctype,
            filters={"parent": ("in", own), "role": ("in", (*PORTAL_ROLES, "All", "Guest"))},
            fields=["parent", "role"],
        )
        for row in found:
            yield Finding(
                _("Permissions of {0}").format(_(row.parent)),
                ERROR,
                _(
                    "The role {0} has permissions here, but guardians and students use the portal only."
                ).format(row.role),
                _("Remove them with the Role Permissions Manager."),
            )
    if not frappe.db.get_single_value(identity.SETTINGS, "restrict_students"):
        yield Finding(
            _("Students and other students"),
            WARNING,
            _("Education lets every user with the role Student read all students."),
            _("Switch on Students See Only Themselves in Ouderavond Settings."),
        )
    else:
        yield Finding(_("Students and other students"), OK, _("Students read only their own record."))


def _people() -> Iterator[Finding]:
    guardians = frappe.db.count("Guardian", {"user": ("is", "not set")})
    total = frappe.db.count("Guardian")
    yield _without_user(
        _("Guardians without a user"), guardians, total, _("Invite them from their Guardian record.")
    )
    instructor, employee = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Employee")
    no_own = instructor.ouderavond_user.isnull() | (instructor.ouderavond_user == "")
    no_employee = employee.user_id.isnull() | (employee.user_id == "")
    rows = (
        frappe.qb.from_(instructor)
        .left_join(employee)
        .on(employee.name == instructor.employee)
        .select(instructor.name)
        .where((instructor.status == "Active") & no_own & no_employee)
    ).run()
    total = frappe.db.count("Instructor", {"status": "Active"})
    yield _without_user(
        _("Instructors without a user"),
        len(rows),
        total,
        _("Fill in User (or Employee) on the Instructor record."),
    )


def _online_meetings() -> Iterator[Finding]:
    from ouderavond.evening.online import examining

    yield from examining.check()


def _without_user(name: str, number: int, total: int, do: str) -> Finding:
    what = _("{0} of {1}").format(number, total)
    if not number:
        return Finding(name, OK, what)
    return Finding(name, WARNING, _("{0} cannot see their conversations.").format(what), do)


CHECKS = (
    _scheduler,
    _redis,
    _workers,
    _solver,
    _unique_keys,
    _isolation,
    _claims,
    _mail,
    _identity,
    _time_zone,
    _roles,
    _permissions,
    _people,
    _online_meetings,
)
