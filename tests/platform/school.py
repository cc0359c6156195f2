"""A small believable school in Education's own records, and evenings for it.

    from tests.platform.school import as_user, load_school, make_evening

The records are made once and kept in the dumps of the test site; `load_school()` (the fixture `school`)
finds them again by code and e-mail address. Codes: students s01…s40, instructors jan, smi, …, courses ne,
en, …; guardians by the part of their address before the @: `school.guardian["anna.devries"]`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle

import frappe

DOMAIN = "school.test"
PASSWORD = "Gesprek-0412"
MANAGER = f"manager@{DOMAIN}"
PLANNER = f"planner@{DOMAIN}"

COURSES = {
    "ne": "Nederlands",
    "en": "Engels",
    "wi": "Wiskunde",
    "gs": "Geschiedenis",
    "ak": "Aardrijkskunde",
    "bi": "Biologie",
    "fa": "Frans",
    "du": "Duits",
}
# Program -> (its courses, its classes)
PROGRAMS = {
    "bk1": (["ne", "en", "wi", "bi"], ["bk1a", "bk1b"]),
    "h2": (["ne", "en", "gs", "fa"], ["h2a", "h2b"]),
    "v3": (["ne", "wi", "gs", "ak"], ["v3a", "v3b"]),
}
# Code -> (name, what they teach). `tea` is the team leader, who has no lessons.
INSTRUCTORS = {
    "jan": ("Joke Jansma", "ne"),
    "smi": ("Els Smit", "ne"),
    "dek": ("Willem Dekker", "en"),
    "ver": ("Ineke Verhoef", "en"),
    "hui": ("Marit Huisman", "wi"),
    "ber": ("Rob van den Berg", "wi"),
    "kok": ("Peter Kok", "gs"),
    "pet": ("Fatima Pettinga", "ak"),
    "wol": ("Jeroen Wolters", "bi"),
    "fon": ("Claire Fontein", "fa"),
    "duy": ("Hans Duyvendak", "du"),
    "tea": ("Gerda Teammann", ""),
}
MENTORS = {"bk1a": "jan", "bk1b": "wol", "h2a": "dek", "h2b": "fon", "v3a": "kok", "v3b": "ber"}
# Lesson group -> who teaches it, where that does not follow from the course.
TEACHES = {"bk1b-ne": ["smi"], "h2b-en": ["ver"], "v3b-ne": ["smi"], "v3a-wi": ["ber"], "v3b-wi": ["ber"]}
# Two rows on the group, lessons at different hours.
TWO_INSTRUCTORS = "v3a-gs"
TEACHES[TWO_INSTRUCTORS] = ["kok", "pet"]
# In the reference week one of this group's lessons is given by somebody who is not on the group.
SUBSTITUTE_GROUP, SUBSTITUTE = "bk1a-wi", "ber"
# A lesson group across two classes.
ACROSS, ACROSS_COURSE = "v3-du1", "du"

# (surname, guardians, {first name of the child: class}). A guardian with a * has no user.
FAMILIES = [
    ("de Vries", ["Anna", "Bram"], {"Daan": "bk1a", "Eva": "h2a", "Fien": "v3a"}),
    # Separated: marked so by mark_separated().
    ("Bakker", ["Carla", "Dirk"], {"Gijs": "bk1a", "Hanna": "h2b"}),
    # Els Smit is the instructor smi, with the same user.
    ("Smit", ["Els", "Frank"], {"Iris": "bk1b"}),
    # Rosa and Pieter: contact with Pieter can be forbidden by forbid_contact().
    ("Mulder", ["Rosa", "Pieter"], {"Quinten": "h2a"}),
    ("Post", ["Sanne*"], {"Tim": "v3b"}),
    ("van Dijk", ["Linda", "Erik"], {"Noor": "bk1a", "Sem": "h2b"}),
    ("Visser", ["Marieke", "Tom"], {"Julia": "bk1b", "Lars": "v3b"}),
    ("Meijer", ["Petra"], {"Sophie": "h2a", "Thijs": "v3a"}),
    ("de Boer", ["Karin", "Jan Willem"], {"Lotte": "bk1a"}),
    ("El Amrani", ["Samira", "Youssef"], {"Amira": "bk1a", "Bilal": "h2b"}),
    ("Dekkers", ["Wilma*", "Kees"], {"Ruben": "bk1b", "Floor": "h2a"}),
    ("Hendriks", ["Monique"], {"Stijn": "bk1b"}),
    ("Kaya", ["Elif", "Mehmet"], {"Deniz": "bk1a", "Selin": "v3a"}),
    ("Peters", ["Angela", "Ron"], {"Bas": "h2a", "Roel": "h2b"}),
    ("Willems", ["Ilse"], {"Maud": "h2b", "Niels": "v3b"}),
    ("van Leeuwen", ["Esther", "Mark"], {"Tess": "h2a"}),
    ("Dijkstra", ["Sietske", "Wietse"], {"Femke": "bk1b", "Jelle": "v3a"}),
    ("Jacobs", ["Nicole"], {"Luuk": "bk1a", "Pien": "v3a"}),
    ("Vermeulen", ["Astrid", "Paul"], {"Isa": "h2b"}),
    ("van den Heuvel", ["Yvonne"], {"Koen": "v3b"}),
    ("Scholten", ["Bianca", "Henk*"], {"Roos": "bk1b"}),
    ("Postma", ["Tjitske"], {"Sjoerd": "v3a", "Hylke": "bk1b"}),
    ("Kuipers", ["Miranda", "Gert"], {"Anouk": "v3b"}),
]
# Households that hang together: Nadia and Karim have Leyla, Karim and Olga have Mert.
CHAIN = [
    ("Leyla", "Yilmaz", "h2a", ["nadia.yilmaz", "karim.yilmaz"]),
    ("Mert", "Yilmaz", "v3b", ["karim.yilmaz"]),
]
CHAIN_GUARDIANS = ["Nadia Yilmaz", "Karim Yilmaz", "Olga Bos"]
CHAIN[1][3].append("olga.bos")
# Nobody stands on this student's rows.
WITHOUT_GUARDIAN = ("Kim", "Alleman", "v3a")
STUDENTS_WITH_USER = 8

HOURS = ("08:30", "09:20", "10:30", "11:20", "12:40", "13:30", "14:30", "15:20")


@dataclass
class School:
    """The names of the school's records, by code."""

    academic_year: str
    reference_week: str
    program: dict[str, str] = field(default_factory=dict)
    course: dict[str, str] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)
    room: dict[str, str] = field(default_factory=dict)
    student: dict[str, str] = field(default_factory=dict)
    guardian: dict[str, str] = field(default_factory=dict)
    instructor: dict[str, str] = field(default_factory=dict)

    def user(self, person: str) -> str:
        """The user of a guardian or instructor by code, or of a student (sNN)."""
        return f"{INSTRUCTOR_LOCAL.get(person, person)}@{DOMAIN}"

    def students_of(self, guardian: str) -> list[str]:
        """Codes of the students on whose rows a guardian stands."""
        rows = frappe.get_all(
            "Student Guardian",
            {"guardian": self.guardian[guardian], "parenttype": "Student"},
            pluck="parent",
        )
        codes = {name: code for code, name in self.student.items()}
        return sorted(codes[name] for name in rows)


def local(name: str) -> str:
    """The part of an address before the @: Jan Willem de Boer becomes janwillem.deboer."""
    first, _, last = name.partition("|")
    return f"{first}.{last}".lower().replace(" ", "")


# Els Smit teaches and has a child at the school, with one user.
INSTRUCTOR_LOCAL = {code: ("els.smit" if code == "smi" else code) for code in INSTRUCTORS}


# The records of Education, made before our app is installed


def make_records() -> None:
    """Make the school. Education's own validation runs on every record."""
    _settings()
    year = _academic_year()
    _rooms()
    _courses_and_programs()
    _instructors()
    guardians = _guardians()
    classes = _students(guardians)
    _enrollments(classes, year)
    groups = _groups(classes, year)
    _lessons(groups)
    make_user(MANAGER, "Manager", [])
    make_user(PLANNER, "Planner", [])
    _passwords()


def _settings() -> None:
    frappe.db.set_single_value("Education Settings", "instructor_created_by", "Naming Series")
    # Students get their users from us, not one each.
    frappe.db.set_single_value("Education Settings", "user_creation_skip", 1)


def _academic_year() -> str:
    today = date.today()
    start, end = today - timedelta(days=150), today + timedelta(days=215)
    doc = {
        "doctype": "Academic Year",
        "academic_year_name": f"{start.year}-{end.year if end.year > start.year else start.year + 1}",
        "year_start_date": start,
        "year_end_date": end,
    }
    return frappe.get_doc(doc).insert().name


def _rooms() -> None:
    for code in INSTRUCTORS:
        if code != "tea":
            frappe.get_doc({"doctype": "Room", "room_name": f"Lokaal {code}", "room_number": code}).insert()
    frappe.get_doc({"doctype": "Room", "room_name": "Aula", "room_number": "aula"}).insert()


def _courses_and_programs() -> None:
    for name in COURSES.values():
        frappe.get_doc({"doctype": "Course", "course_name": name}).insert()
    for program, (courses, _classes) in PROGRAMS.items():
        rows = [{"course": COURSES[code], "required": 1} for code in courses]
        frappe.get_doc(
            {"doctype": "Program", "program_name": program, "program_abbreviation": program, "courses": rows}
        ).insert()


def _instructors() -> None:
    for code, (name, _course) in INSTRUCTORS.items():
        make_user(f"{INSTRUCTOR_LOCAL[code]}@{DOMAIN}", name, ["Instructor"])
        frappe.get_doc({"doctype": "Instructor", "instructor_name": name, "status": "Active"}).insert()


def _guardians() -> dict[str, str]:
    """Guardian records by the local part of their address."""
    made = {}
    for surname, firsts, _children in FAMILIES:
        for first in firsts:
            made.update(_guardian(f"{first.rstrip('*')}|{surname}", not first.endswith("*")))
    for name in CHAIN_GUARDIANS:
        made.update(_guardian(name.replace(" ", "|"), True))
    return made


def _guardian(name: str, with_user: bool) -> dict[str, str]:
    key = local(name)
    email = f"{key}@{DOMAIN}"
    if with_user and not frappe.db.exists("User", email):
        make_user(email, name.replace("|", " "), [])
    doc = {
        "doctype": "Guardian",
        "guardian_name": name.replace("|", " "),
        "email_address": email,
        "user": email if with_user else None,
    }
    return {key: frappe.get_doc(doc).insert().name}


def _students(guardians: dict[str, str]) -> dict[str, list[str]]:
    """Students by class."""
    children = []
    for surname, firsts, names in FAMILIES:
        keys = [local(f"{first.rstrip('*')}|{surname}") for first in firsts]
        children += [(name, surname, group, keys) for name, group in names.items()]
    children += CHAIN
    children.append((*WITHOUT_GUARDIAN, []))
    classes: dict[str, list[str]] = {}
    for number, (first, surname, group, keys) in enumerate(children, start=1):
        name = _student(number, first, surname, [guardians[key] for key in keys])
        classes.setdefault(group, []).append(name)
    return classes


def _student(number: int, first: str, surname: str, guardians: list[str]) -> str:
    email = f"s{number:02}@{DOMAIN}"
    with_user = number <= STUDENTS_WITH_USER
    if with_user:
        make_user(email, f"{first} {surname}", ["Student"])
    doc = {
        "doctype": "Student",
        "first_name": first,
        "last_name": surname,
        "student_email_id": email,
        "user": email if with_user else None,
        "joining_date": date.today() - timedelta(days=120),
        "guardians": [{"guardian": guardian, "relation": "Others"} for guardian in guardians],
    }
    return frappe.get_doc(doc).insert().name


def _enrollments(classes: dict[str, list[str]], year: str) -> None:
    for program, (_courses, groups) in PROGRAMS.items():
        for group in groups:
            frappe.get_doc({"doctype": "Student Batch Name", "batch_name": group}).insert()
            for student in classes[group]:
                doc = {
                    "doctype": "Program Enrollment",
                    "student": student,
                    "program": program,
                    "student_batch_name": group,
                    "academic_year": year,
                    "enrollment_date": date.today() - timedelta(days=120),
                }
                frappe.get_doc(doc).insert().submit()


def _groups(classes: dict[str, list[str]], year: str) -> dict[str, tuple[str, list[str]]]:
    """Make classes and lesson groups; lesson groups come back with course and instructors."""
    instructors = _instructor_names()
    lessons = {}
    for program, (courses, groups) in PROGRAMS.items():
        for group in groups:
            base = {"academic_year": year, "program": program, "batch": group}
            mentor = MENTORS[group]
            _group(group, "Batch", classes[group], [instructors[mentor]], base)
            for course in courses:
                code = f"{group}-{course}"
                taught = TEACHES.get(code) or [_first_teacher(course)]
                base = {"academic_year": year, "program": program, "course": COURSES[course]}
                _group(code, "Course", classes[group], [instructors[one] for one in taught], base)
                lessons[code] = (COURSES[course], taught)
    across = classes["v3a"][::2] + classes["v3b"][::2]
    base = {"academic_year": year, "program": "v3", "course": COURSES[ACROSS_COURSE]}
    _group(ACROSS, "Course", across, [instructors["duy"]], base)
    lessons[ACROSS] = (COURSES[ACROSS_COURSE], ["duy"])
    return lessons


def _group(name: str, based_on: str, students: list[str], instructors: list[str], base: dict) -> None:
    doc = {
        **base,
        "doctype": "Student Group",
        "student_group_name": name,
        "group_based_on": based_on,
        "students": [{"student": student, "active": 1} for student in students],
        "instructors": [{"instructor": instructor} for instructor in instructors],
    }
    frappe.get_doc(doc).insert()


def _first_teacher(course: str) -> str:
    return next(code for code, (_name, teaches) in INSTRUCTORS.items() if teaches == course)


def _instructor_names() -> dict[str, str]:
    by_name = {
        row.instructor_name: row.name for row in frappe.get_all("Instructor", ["name", "instructor_name"])
    }
    return {code: by_name[name] for code, (name, _course) in INSTRUCTORS.items()}


def _lessons(groups: dict[str, tuple[str, list[str]]]) -> None:
    """Two lessons of each lesson group in the week before last, no two of one instructor at once."""
    monday = date.today() - timedelta(days=date.today().weekday() + 14)
    busy: set[tuple] = set()
    for group, (course, taught) in groups.items():
        teachers = [taught[0], SUBSTITUTE] if group == SUBSTITUTE_GROUP else taught
        for _number, code in zip(range(2), cycle(teachers), strict=False):
            day, hour = _free_hour(busy, group, code)
            _lesson(group, course, code, monday + timedelta(days=day), HOURS[hour])


def _free_hour(busy: set[tuple], group: str, instructor: str) -> tuple[int, int]:
    """The first hour at which group, class and instructor are free."""
    who = {group.split("-")[0][:2] if group == ACROSS else group.split("-")[0], group, instructor}
    for day in range(5):
        for hour in range(len(HOURS)):
            wanted = {(one, day, hour) for one in who}
            if not wanted & busy:
                busy |= wanted
                return day, hour
    raise ValueError(f"No free hour for {group}.")


def _lesson(group: str, course: str, instructor: str, day: date, hour: str) -> None:
    start = datetime.fromisoformat(f"2000-01-01T{hour}")
    doc = {
        "doctype": "Course Schedule",
        "student_group": group,
        "course": course,
        "instructor": _instructor_names()[instructor],
        "room": frappe.db.get_value("Room", {"room_number": instructor}),
        "schedule_date": day,
        "from_time": f"{start:%H:%M:%S}",
        "to_time": f"{start + timedelta(minutes=50):%H:%M:%S}",
    }
    frappe.get_doc(doc).insert()


def make_user(email: str, name: str, roles: list[str]) -> str:
    """A user who can log in with PASSWORD once the session's passwords are set; no mail is sent."""
    first, _, last = name.partition(" ")
    doc = {
        "doctype": "User",
        "email": email,
        "first_name": first,
        "last_name": last,
        "send_welcome_email": 0,
        "user_type": "Website User",
        "roles": [{"role": role} for role in roles],
    }
    return frappe.get_doc(doc).insert().name


def _passwords() -> None:
    """The same password for everyone, hashed once."""
    from frappe.utils.password import passlibctx

    hashed = passlibctx.hash(PASSWORD)
    frappe.db.sql(
        """insert into `__Auth` (doctype, name, fieldname, `password`, encrypted)
        select 'User', name, 'password', %s, 0 from `tabUser` where name like %s
        on duplicate key update `password` = values(`password`)""",
        (hashed, f"%@{DOMAIN}"),
    )


# What the school fills in once our app is there


def fill_in_our_fields() -> None:
    """Codes for timetables, instructors' users, mentors, and the roles of staff and guardians."""
    for number, name in enumerate(frappe.get_all("Student", pluck="name", order_by="name"), start=1):
        frappe.db.set_value("Student", name, "ouderavond_code", f"s{number:02}", update_modified=False)
    for code, name in COURSES.items():
        frappe.db.set_value("Course", name, "ouderavond_code", code, update_modified=False)
    for code, name in _instructor_names().items():
        values = {"ouderavond_code": code, "ouderavond_user": f"{INSTRUCTOR_LOCAL[code]}@{DOMAIN}"}
        frappe.db.set_value("Instructor", name, values, update_modified=False)
    for group in MENTORS:
        frappe.db.set_value("Student Group Instructor", {"parent": group}, "ouderavond_mentor", 1)
    _give_roles()


def _give_roles() -> None:
    frappe.get_doc("User", MANAGER).add_roles("Ouderavond Manager")
    frappe.get_doc("User", PLANNER).add_roles("Ouderavond Planner")
    users = frappe.get_all("Guardian", {"user": ["is", "set"]}, pluck="user")
    for user in users:
        row = {
            "doctype": "Has Role",
            "parent": user,
            "parenttype": "User",
            "parentfield": "roles",
            "role": "Guardian",
        }
        frappe.get_doc(row).db_insert()


# For the tests


def load_school() -> School:
    """Find the school's records again."""
    year = frappe.get_all("Academic Year", {"year_end_date": [">=", date.today()]}, pluck="name")[0]
    first = frappe.get_all("Course Schedule", pluck="schedule_date", order_by="schedule_date", limit=1)[0]
    iso = first.isocalendar()
    groups = frappe.get_all("Student Group", pluck="name")
    emails = frappe.get_all("Guardian", ["name", "email_address"])
    return School(
        academic_year=year,
        reference_week=f"{iso.year}-W{iso.week:02}",
        program={name: name for name in PROGRAMS},
        course=dict(COURSES),
        group={name: name for name in groups},
        room=_by("Room", "room_number"),
        student=_by("Student", "ouderavond_code"),
        guardian={row.email_address.split("@")[0]: row.name for row in emails},
        instructor=_by("Instructor", "ouderavond_code"),
    )


def _by(doctype: str, fieldname: str) -> dict[str, str]:
    return {row[fieldname]: row.name for row in frappe.get_all(doctype, ["name", fieldname])}


def make_evening(school: School | None = None, **overrides):
    """A Parent Evening with two dates of fifteen slots, all programs, requests open now. Committed."""
    school = school or load_school()
    first = date.today() + timedelta(days=14)
    now = frappe.utils.now_datetime()
    doc = {
        "doctype": "Parent Evening",
        "title": "Oudercontact",
        "academic_year": school.academic_year,
        "explanation": "Tien minuten per gesprek.",
        "procedure": "Request and Schedule",
        "contact_with": "Guardians",
        "published": 1,
        "minutes_per_conversation": 10,
        "dates": [
            {"date": day, "first_time": "18:30:00", "end_time": "21:00:00"}
            for day in (first, first + timedelta(days=2))
        ],
        "participants": [
            {"participant_type": "Program", "participant": program} for program in school.program.values()
        ],
        "reference_week": school.reference_week,
        "request_from": now - timedelta(days=1),
        "request_until": now + timedelta(days=7),
        "maximum_per_student": 3,
        **overrides,
    }
    evening = frappe.get_doc(doc).insert(ignore_permissions=True)
    frappe.db.commit()
    return evening


def mark_separated(school: School, student: str, *guardians: str) -> None:
    """Mark guardians (by code) as attending separately for a student (by code). Committed."""
    for guardian in guardians:
        _arrange(school, student, guardian, attends_separately=1)


def forbid_contact(school: School, student: str, guardian: str) -> None:
    """Mark contact between a guardian and the school about a student as forbidden. Committed."""
    _arrange(school, student, guardian, contact_forbidden=1)


def _arrange(school: School, student: str, guardian: str, **marks: int) -> None:
    doc = {
        "doctype": "Guardian Arrangement",
        "student": school.student[student],
        "guardian": school.guardian[guardian],
        **marks,
    }
    frappe.get_doc(doc).insert(ignore_permissions=True)
    frappe.db.commit()


@contextmanager
def as_user(user: str):
    """Act as a user, with that user's real rights, for the length of a block."""
    before = frappe.session.user
    frappe.set_user(user)
    try:
        yield
    finally:
        frappe.set_user(before)
