"""The outage pack: what is needed to go on with paper and a laptop when the site cannot be reached.

One zip with the sheets as PDF and a roster that opens in any browser without a network. It is a private file
of the evening, for those who run evenings, and is deleted after a while.
"""

from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import frappe
from frappe import _
from frappe.utils import now_datetime, nowdate
from frappe.utils.jinja_globals import is_rtl
from jinja2 import Environment, FileSystemLoader

from ouderavond.evening import wording
from ouderavond.evening.offering.letters import speaking
from ouderavond.evening.offering.report import Report
from ouderavond.evening.overviews import choosing, kinds, letter_head, pdf, tables
from ouderavond.evening.overviews.reading import Facts

PREFIX = "outage-pack-"
MORNING = "morning"
DAYS = 14
# Not before this hour of the site's day: who plans still works late.
HOUR = 5
TIMEOUT = 900
# The sheets in the pack: kind, and what is chosen for it.
SHEETS = (
    ("instructor", {}),
    ("room", {}),
    ("class", {}),
    ("roster", {}),
    ("roster", {"names": 1}),
    ("household", {}),
    ("not_placed", {}),
    ("phones", {}),
)


def make(evening: str, *, dry_run: bool = False, progress=None, morning: bool = False) -> Report:
    """Make the pack of an evening and keep it with it.

    Returns:
        a report with `url`, `name` and `problems` (sentences) in `more`. Where no PDF can be made, the
        pack has the sheets as pages for a browser instead, and says so.
    """
    content, problems = build(evening, progress)
    stem = f"{PREFIX}{nowdate()}-{MORNING if morning else 'now'}-{frappe.generate_hash(length=8)}"
    doc = frappe.get_doc(
        {
            "doctype": "File",
            "file_name": f"{stem}.zip",
            "is_private": 1,
            "content": content,
            "attached_to_doctype": "Parent Evening",
            "attached_to_name": evening,
        }
    ).insert(ignore_permissions=True)
    for problem in problems:
        frappe.get_doc("Parent Evening", evening).add_comment("Info", frappe.utils.escape_html(problem))
    return Report("Outage Pack", more={"url": doc.file_url, "name": doc.file_name, "problems": problems})


def build(evening: str, progress=None) -> tuple[bytes, list[str]]:
    """The zip, and what is missing in it."""
    doc = frappe.get_doc("Parent Evening", evening)
    head = letter_head.html(None, doc)
    stream, problems = BytesIO(), []
    with ZipFile(stream, "w", ZIP_DEFLATED) as pack:
        pack.writestr(f"{_file(_('Roster'))}.html", roster(Facts(doc)))
        for number, (kind, chosen) in enumerate(SHEETS):
            facts = Facts(doc, choosing.read(chosen))
            _put(pack, facts, kind, head, problems)
            if progress:
                progress(number + 1, len(SHEETS))
        if problems:
            problems.insert(0, _("Some sheets are pages for a browser, since no PDF could be made."))
            pack.writestr(f"{_file(_('Read me'))}.txt", "\n".join(problems))
    return stream.getvalue(), problems


def _put(pack: ZipFile, facts: Facts, kind: str, head, problems: list[str]) -> None:
    found = _sheets(facts, kind)
    if not found:
        return
    title = _file(kinds.of(kind).label())
    if facts.chosen.names:
        title = _file(_("{0} with Names").format(kinds.of(kind).label()))
    try:
        on_its_side = kind == "household" or kinds.is_landscape(facts, kind)
        pack.writestr(f"{title}.pdf", pdf.make(found, head, on_its_side))
    except pdf.NotPossible as error:
        problems.append(f"{title}: {error}")
        pack.writestr(f"{title}.html", pdf.page(found, head))


def _sheets(facts: Facts, kind: str) -> list:
    if kind != "household":
        return kinds.printed(facts, kind)
    # A list to look things up in: the letters themselves are hundreds of pages.
    from ouderavond.evening.overviews import sheets

    found = kinds.page(facts, kind)
    before = None
    for row in found["rows"]:
        # Who it is stands there once, and what they have below.
        name, row["household"] = row["household"], "" if row["household"] == before else row["household"]
        before = name
    return sheets.table(facts, kinds.of(kind).label(), found["columns"], found["rows"])


def _file(title: str) -> str:
    return "".join(one if one.isalnum() else "-" for one in title).strip("-")


def roster(facts: Facts) -> str:
    """All conversations as one page that opens without a network and can be searched by name."""
    rows = tables.roster(facts)
    for row in rows:
        row["day"] = wording.day(row["date"])
    return _template().render(
        title=facts.evening.title,
        language=frappe.local.lang or "en",
        direction="rtl" if is_rtl() else "ltr",
        made=wording.moment(now_datetime()),
        rows=rows,
        several=len(facts.dates) > 1,
        _=_,
    )


@cache
def _template():
    folder = Path(__file__).parents[2] / "templates" / "prints"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("roster.html")


# Keeping


def packs(evening: str) -> list[dict]:
    """The packs of an evening that are there, the last one first: url, name, made, expires, kilobytes."""
    fields = ["name", "file_url", "file_name", "creation", "file_size"]
    found = frappe.get_all("File", _of(evening), fields, order_by="creation desc")
    return [
        {
            "url": row.file_url,
            "name": row.file_name,
            "made": wording.moment(row.creation),
            "expires": wording.day(row.creation + timedelta(days=DAYS)),
            "kilobytes": round((row.file_size or 0) / 1000),
        }
        for row in found
    ]


def _of(evening: str | None = None) -> dict:
    filters = {"file_name": ("like", f"{PREFIX}%.zip"), "is_private": 1}
    filters["attached_to_doctype"] = "Parent Evening"
    return {**filters, "attached_to_name": evening} if evening else filters


def make_this_morning() -> None:
    """Once on the morning of each date of an evening: its pack, in the background. For the scheduler."""
    if now_datetime().hour < HOUR:
        return
    for evening in _held_today():
        if not _made_today(evening):
            frappe.enqueue(
                make_in_the_morning,
                queue="long",
                timeout=TIMEOUT,
                job_id=f"{PREFIX}{evening}-{nowdate()}",
                deduplicate=True,
                evening=evening,
            )


def make_in_the_morning(evening: str) -> None:
    """The pack of today, in the school's language, unless it is there already."""
    if not _made_today(evening):
        with speaking(frappe.get_system_settings("language") or "en"):
            make(evening, morning=True)


def _held_today() -> list[str]:
    day, evening = frappe.qb.DocType("Parent Evening Date"), frappe.qb.DocType("Parent Evening")
    booking = frappe.qb.DocType("Evening Booking")
    live = frappe.qb.from_(booking).select(booking.evening).where(booking.state != "Cancelled")
    return (
        frappe.qb.from_(day)
        .join(evening)
        .on((evening.name == day.parent) & (day.parenttype == "Parent Evening"))
        .select(evening.name)
        .distinct()
        .where((day.date == nowdate()) & (evening.archived == 0) & evening.name.isin(live))
    ).run(pluck=True)


def _made_today(evening: str) -> bool:
    name = ("like", f"{PREFIX}{nowdate()}-{MORNING}-%")
    return bool(frappe.db.exists("File", {**_of(evening), "file_name": name}))


def remove_expired() -> None:
    """Delete the packs whose time is over. For the scheduler."""
    old = {**_of(), "creation": ("<", now_datetime() - timedelta(days=DAYS))}
    for name in frappe.get_all("File", old, pluck="name"):
        frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)
