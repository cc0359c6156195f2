"""What is printed, in words: a sheet per instructor, room, class or household, or one long table."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from frappe import _

from ouderavond.evening import grid, wording
from ouderavond.evening.offering.letters import speaking
from ouderavond.evening.overviews import labels, occupied
from ouderavond.evening.overviews.reading import Facts

# So many starts stand side by side on a sheet on its side.
ACROSS = 16


@dataclass
class Block:
    """A table under a heading; `look` says how it is set."""

    heads: list[str]
    rows: list[list[str]]
    heading: str = ""
    look: str = ""


@dataclass
class Sheet:
    """One thing to print, on as many pages as it needs."""

    title: str
    subtitle: str = ""
    facts: list[str] = field(default_factory=list)
    address: list[str] = field(default_factory=list)
    opening: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    warning: str = ""
    language: str = ""
    # What the sheet hangs on or goes to, which sets how large it is written.
    look: str = ""
    # The rest of the sheet before it.
    is_continued: bool = False


def table(facts: Facts, title: str, columns: list[dict], rows: list[dict]) -> list[Sheet]:
    """An overview that is just a table."""
    cells = [[labels.text(row[column["key"]]) for column in columns] for row in rows]
    looks = [f"{look}-{i}" for i, column in enumerate(columns, 1) if (look := _look(column))]
    block = Block([column["label"] for column in columns], cells, look=" ".join(looks))
    closing = [_("{0} rows.").format(len(rows))] if rows else [_("There is nothing to show.")]
    return [Sheet(title, facts.evening.title, blocks=[block] if rows else [], closing=closing, look="list")]


def _look(column: dict) -> str:
    """How a column is set: numbers to the right, dates on one line, sentences wide."""
    if column["key"] in ("reason", "children"):
        return "long"
    if column["key"] in ("class", "time", "account", "until", "mobile", "telephone", "first", "place"):
        return "tight"
    return {"number": "number", "date": "tight"}.get(column["format"], "")


# On doors


def doors(facts: Facts) -> list[Sheet]:
    """Per instructor and date: a line for every slot, so that whoever waits sees the whole evening."""
    found = defaultdict(list)
    for row in facts.told:
        for name in row.instructors:
            if not facts.chosen.instructor or name in facts.chosen.instructor:
                found[(row.day, name)].append(row)
    places = {(place.date, place.instructor): place for place in facts.places}
    ordered = sorted(found, key=lambda key: (key[0], facts.instructors.get(key[1], key[1]).casefold()))
    return [_door(facts, key, found[key], places.get(key)) for key in ordered]


def _door(facts: Facts, key, rows, place) -> Sheet:
    day, name = key
    where = list(dict.fromkeys(facts.place(row) for row in rows))
    several = len(where) > 1
    lines = [[*_door_line(facts, row), *([facts.place(row)] if several else [])] for row in rows]
    taken = {row.start + step for row in rows for step in _steps(facts, row)}
    for start, reason in _idle(facts, place, taken).items():
        blank = [reason, ""] if facts.chosen.names else [reason]
        end = start + grid.duration(facts.evening, 1)
        lines.append([_from_until(start, end), *blank, *([""] if several else [])])
    # By the clock, whatever the reader's way of writing it.
    starts = [row.start for row in rows] + list(_idle(facts, place, taken))
    lines = [line for _start, line in sorted(zip(starts, lines, strict=True), key=lambda pair: pair[0])]
    heads = [
        _("Time", context="Planning"),
        _("Class"),
        *([_("Student", context="Planning")] if facts.chosen.names else []),
    ]
    return Sheet(
        facts.instructors.get(name, name),
        wording.day(day),
        [] if several else where,
        blocks=[Block([*heads, *([_("Place")] if several else [])], lines, look="door tight-1")],
        closing=[facts.evening.title],
        warning=_names_warning(facts),
        look="door",
    )


def _door_line(facts: Facts, row) -> list[str]:
    line = [_span(row), facts.class_of(row.student)]
    return [*line, _named(row)] if facts.chosen.names else line


def _named(row) -> str:
    return ", ".join(filter(None, (row.student_name, row.subject)))


def _steps(facts: Facts, row):
    evening = facts.evening
    step = int(evening.minutes_per_conversation) + int(evening.minutes_between or 0)
    minutes = int((row.end - row.start).total_seconds() // 60)
    return [timedelta(minutes=offset) for offset in range(0, minutes, step)]


def _idle(facts: Facts, place, taken: set) -> dict:
    """The slots without a conversation: empty, or blocked; why somebody cannot is nobody's business."""
    if not place:
        return {}
    starts = [start for start in occupied.starts_of(facts, place) if start not in taken]
    blocked = occupied.blocked_starts(facts, place, starts)
    return {start: "–" if start in blocked else "" for start in starts}


def rooms(facts: Facts) -> list[Sheet]:
    """Per room and date; where several sit in one room a line per instructor, to find the table by."""
    found = defaultdict(list)
    for row in facts.told:
        if row.mode != "Online" and row.room:
            found[(row.day, row.room)].append(row)
    ordered = sorted(found, key=lambda key: (key[0], facts.rooms.get(key[1], key[1])))
    return [_room(facts, key, found[key]) for key in ordered]


def _room(facts: Facts, key, rows) -> Sheet:
    day, room = key
    by_whom = defaultdict(list)
    for row in rows:
        by_whom[(facts.names_of(row), row.table_label or "")].append(row)
    sheet = Sheet(
        facts.rooms.get(room, room),
        wording.day(day),
        closing=[facts.evening.title],
        warning=_names_warning(facts),
        look="door",
    )
    if len(by_whom) == 1:
        sheet.facts = [", ".join(filter(None, next(iter(by_whom))))]
        heads = [
            _("Time", context="Planning"),
            _("Class"),
            *([_("Student", context="Planning")] if facts.chosen.names else []),
        ]
        sheet.blocks = [Block(heads, [_door_line(facts, row) for row in rows], look="door tight-1")]
    else:
        lines = [
            [who, table_label, " · ".join(_short(facts, row) for row in mine)]
            for (who, table_label), mine in sorted(by_whom.items())
        ]
        heads = [_("Instructor", context="Planning"), _("Table"), _("Times and Classes")]
        sheet.blocks = [Block(heads, lines, look="tight-2")]
    return sheet


def _short(facts: Facts, row) -> str:
    parts = [wording.time(row.start.time()), facts.class_of(row.student)]
    return "\u00a0".join([*parts, row.student_name or ""] if facts.chosen.names else parts)


def _names_warning(facts: Facts) -> str:
    if not facts.chosen.names:
        return ""
    return _("This sheet names students. Do not hang it where others can read it.")


# For those who teach, and for the whole school


def classes(facts: Facts) -> list[Sheet]:
    """Per class: its students by name, with their conversations."""
    found = defaultdict(list)
    for row in facts.planned:
        found[facts.classes.get(row.student, ("", _("Without a class")))].append(row)
    heads = [
        _("Student", context="Planning"),
        _("Date"),
        _("Time", context="Planning"),
        _("Subject", context="Planning"),
        _("Instructor", context="Planning"),
        _("Place"),
    ]
    several = len(facts.dates) > 1
    sheets = []
    for (_name, title), rows in sorted(found.items(), key=lambda pair: pair[0][1]):
        rows.sort(key=lambda row: (row.student_name or "", row.student or "", row.start))
        lines, before = [], None
        for row in rows:
            day = [labels.text(row.day)] if several else []
            first = "" if row.student == before else row.student_name or ""
            lines.append([first, *day, _span(row), row.subject or "", facts.names_of(row), facts.place(row)])
            before = row.student
        block = Block(
            [head for head in heads if several or head != _("Date")],
            lines,
            look="tight-2 tight-3 tight-6" if several else "tight-2 tight-5",
        )
        sheets.append(Sheet(title, facts.evening.title, blocks=[block], warning=_internal(), look="list"))
    return sheets


def roster(facts: Facts) -> list[Sheet]:
    """Everybody: instructors down and times across, or with names a line per conversation."""
    return [_roster_of_names(facts)] if facts.chosen.names else _rosters(facts)


def _roster_of_names(facts: Facts) -> Sheet:
    heads = [
        _("Student", context="Planning"),
        _("Class"),
        _("Time", context="Planning"),
        _("Instructor", context="Planning"),
        _("Place"),
    ]
    blocks = []
    for evening_date in facts.dates:
        rows = [row for row in facts.planned if row.day == evening_date.date]
        rows.sort(key=lambda row: (row.student_name or "", row.start))
        lines = [
            [
                row.student_name or "",
                facts.class_of(row.student),
                _span(row),
                facts.names_of(row),
                facts.place(row),
            ]
            for row in rows
        ]
        if lines:
            blocks.append(Block(heads, lines, wording.day(evening_date.date), "tight-2 tight-3 tight-5"))
    return Sheet(_("Whole Roster"), facts.evening.title, blocks=blocks, warning=_internal(), look="list")


def _rosters(facts: Facts) -> list[Sheet]:
    sheets = []
    for evening_date in facts.dates:
        rows = [row for row in facts.planned if row.day == evening_date.date]
        blocks = []
        for first in range(0, len(evening_date.starts), ACROSS):
            blocks += _matrix(facts, rows, evening_date.starts[first : first + ACROSS])
        if blocks:
            title = wording.day(evening_date.date)
            sheets.append(Sheet(title, facts.evening.title, blocks=blocks, look="wide"))
    return sheets


def _matrix(facts: Facts, rows, starts) -> list[Block]:
    cells, where = defaultdict(dict), {}
    for row in rows:
        for start in (row.start + step for step in _steps(facts, row)):
            if start in starts:
                for name in row.instructors:
                    cells[name][start] = facts.class_of(row.student) or "•"
                    where.setdefault(name, facts.place(row))
    lines = [
        [facts.instructors.get(name, name), where[name], *(cells[name].get(start, "") for start in starts)]
        for name in sorted(cells, key=lambda name: facts.instructors.get(name, name).casefold())
    ]
    heads = [
        _("Instructor", context="Planning"),
        _("Place"),
        *(wording.time(start.time()) for start in starts),
    ]
    return [Block(heads, lines, look="matrix tight-1")] if lines else []


def _internal() -> str:
    return _("For the school only: this sheet names students.")


# To households


def letters(facts: Facts) -> list[Sheet]:
    """A letter to each group of people who come together, in their language, by name."""
    from ouderavond.evening.overviews import households

    found = []
    for household in households.of(facts):
        with speaking(household.language):
            found.append(_letter(facts, household))
    return found


def _letter(facts: Facts, household) -> Sheet:
    several = len({row.student for row in household.conversations}) > 1
    online = any(row.mode == "Online" for row in household.conversations)
    blocks = []
    for day in sorted({row.day for row in household.conversations}):
        rows = [row for row in household.conversations if row.day == day]
        heads = [
            _("Time", context="Planning"),
            *([_("Child")] if several else []),
            _("Conversation"),
            _("With"),
            _("Place"),
        ]
        lines = [
            [
                _span(row),
                *([row.student_name or ""] if several else []),
                row.subject or "",
                facts.names_of(row),
                facts.place(row),
            ]
            for row in rows
        ]
        blocks.append(Block(heads, lines, _day_and_place(facts, day), "tight-1"))
    closing = [*_without(facts, household)]
    if online:
        closing = [*_joining(facts, household), *closing]
    if not household.conversations:
        opening = _("There is no time for the conversations that were asked for.")
    elif several:
        opening = _("These are the times of your conversations.")
    else:
        about = household.conversations[0].student_name or ""
        opening = _("These are the times of your conversations about {0}.").format(about)
    if household.own:
        opening = _("These are the times of your conversations.")
    return Sheet(
        facts.evening.title,
        address=household.address,
        opening=[_("Dear {0},").format(household.salutation), opening],
        blocks=blocks,
        closing=closing,
        language=household.language,
        look="letter",
    )


def _joining(facts: Facts, household) -> Iterator[str]:
    """Where online conversations are joined, also for who reads nothing but this."""
    yield _("You find where to join an online conversation on the school's page.")
    for row in household.conversations:
        link = facts.links.get(row.name) if row.mode == "Online" else None
        if link:
            yield _("{0}, {1}: {2}").format(wording.moment(row.start), row.subject or "", link)


def _day_and_place(facts: Facts, day) -> str:
    place = next((row.place for row in facts.dates if row.date == day), None)
    return _("{0}, {1}").format(wording.day(day), place) if place else wording.day(day)


def _without(facts: Facts, household) -> list[str]:
    """What has no time: each with its reason where the evening tells reasons, and the school's footnote."""
    said = []
    if household.not_placed:
        said.append(_("No time could be found for:"))
    for row in household.not_placed:
        what = _("{0}, {1} ({2})").format(row.student_name, row.subject, facts.names_of(row))
        reason = f" {wording.not_placed(row.reason)}" if facts.evening.get("show_reasons") else ""
        said.append(f"{what}.{reason}")
    if household.not_placed and facts.evening.footnote:
        said.append(facts.evening.footnote)
    return said


def _span(row) -> str:
    return _from_until(row.start, row.end)


def _from_until(start, end) -> str:
    return f"{wording.time(start.time())} – {wording.time(end.time())}"
