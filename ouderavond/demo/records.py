"""The demo school in the platform's own records.

Records with rules of their own go through the platform's validation one by one. Enrollments are written in
bulk, as they are after submitting: a Program Enrollment looks for each of its 16 Course Enrollments in the
whole table first, which takes as long as all the rest. Tests compare both with what the platform writes.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property

import frappe
from frappe import _

from ouderavond.demo import curriculum
from ouderavond.demo.manifest import Manifest
from ouderavond.demo.naming import take_names
from ouderavond.demo.plan import Person, PlannedGroup, School
from ouderavond.demo.report import Steps
from ouderavond.demo.users import Login, write_users
from ouderavond.evening.bulk import child_row, insert_rows

COMMIT_EVERY = 100
ENROLLMENTS_AT_ONCE = 200


class SchoolWriter:
    """Writes a planned school and remembers under which names its parts became records."""

    def __init__(self, school: School, manifest: Manifest, steps: Steps):
        self.school = school
        self.manifest = manifest
        self.steps = steps
        self.year = ""
        self.term = ""
        self.courses: dict[str, str] = {}  # abbreviation -> Course
        self.instructors: list[str] = []
        self.guardians: list[str] = []
        self.students: list[str] = []
        self.rooms: dict[str, str] = {}
        self.logins: list[Login] = []

    def write_calendar(self) -> None:
        """The school year, which becomes the site's current one."""
        with self.steps.phase(_("Academic year")):
            self._year()
            current = {"current_academic_year": self.year, "current_academic_term": self.term or None}
            self.manifest.change_settings("Education Settings", current)
            self.manifest.change_defaults({"academic_year": self.year, "academic_term": self.term})
            self.manifest.commit()

    def write_school(self) -> None:
        """All of the school, in the order in which the records need each other."""
        for title, part in (
            (_("Courses, programs, rooms"), self._basics),
            (_("Users"), self._users),
            (_("Instructors"), self._instructors),
            (_("Guardians"), self._guardians),
            (_("Students"), self._students),
            (_("Program and course enrollments"), self._enrollments),
            (_("Classes"), lambda: self._groups(self.school.classes)),
            (_("Lesson groups"), lambda: self._groups(self.school.lesson_groups)),
            (_("Lessons of the reference week"), self._lessons),
            (_("Arrangements between guardians"), self._arrangements),
        ):
            with self.steps.phase(title):
                part()
                self.manifest.commit()

    def _insert(self, doctype: str, values: dict, **flags) -> str:
        doc = frappe.new_doc(doctype)
        doc.update(values)
        doc.flags.update(flags)
        doc.insert(ignore_permissions=True)
        self._created(doctype, doc.name)
        return doc.name

    def _created(self, doctype: str, name: str) -> None:
        self.manifest.add(doctype, name)
        self.steps.tick()
        if self.steps.report.phases[-1].count % COMMIT_EVERY == 0:
            self.manifest.commit()
            frappe.clear_messages()

    def _ensure(self, doctype: str, name: str, values: dict) -> str:
        """A record that the school may have already, and then is left as it is."""
        return name if frappe.db.exists(doctype, name) else self._insert(doctype, values)

    # Basics

    def _year(self) -> None:
        """The site's own year where the lessons and the evening fit in, else a new one with its terms."""
        calendar = self.school.calendar
        fitting = {
            "year_start_date": ("<=", calendar.monday),
            "year_end_date": (">=", calendar.evening_dates[1]),
        }
        if existing := frappe.get_all("Academic Year", fitting, pluck="name", order_by="name", limit=1):
            self.year = existing[0]
            terms = {"academic_year": self.year, "term_start_date": ("<=", calendar.evening_dates[0])}
            terms["term_end_date"] = (">=", calendar.evening_dates[0])
            self.term = next(iter(frappe.get_all("Academic Term", terms, pluck="name", limit=1)), "")
            return
        name = calendar.year
        if frappe.db.exists("Academic Year", name):
            name = f"{name} (demo)"
        dates = {"year_start_date": calendar.year_start, "year_end_date": calendar.year_end}
        self.year = self._insert("Academic Year", {"academic_year_name": name, **dates})
        for term, start, end in calendar.terms:
            values = {"term_name": term, "term_start_date": start, "term_end_date": end}
            created = self._insert("Academic Term", {"academic_year": self.year, **values})
            self.term = created if term == calendar.term else self.term

    def _basics(self) -> None:
        self._courses()
        self._programs()
        for name in self.school.rooms:
            values = {"room_name": name, "room_number": name, "seating_capacity": 32}
            self.rooms[name] = self._insert("Room", values)

    def _courses(self) -> None:
        for code in self.school.courses:
            title = curriculum.COURSES[code][0]
            values = {"course_name": title, "ouderavond_code": code}
            self.courses[code] = self._ensure("Course", title, values)

    def _programs(self) -> None:
        for program in self.school.programs:
            chosen = sorted({c for s in self.school.students if s.program == program.name for c in s.courses})
            courses = [{"course": self.courses[c], "required": int(c in program.common)} for c in chosen]
            values = {"program_name": program.name, "program_abbreviation": program.name, "courses": courses}
            self._ensure("Program", program.name, values)
        for group in self.school.classes:
            self._ensure("Student Batch Name", group.name, {"batch_name": group.name})

    # People

    def _users(self) -> None:
        school = self.school
        self.logins += [
            Login("roostermaker@school.example", "Rosa", "Rooster", "Female", ("Ouderavond Manager",)),
            Login("planner@school.example", "Pim", "Planner", "Male", ("Ouderavond Planner",)),
        ]
        both = {g.instructor for g in school.guardians if g.instructor is not None}
        self.logins += [
            _login(person, "Instructor", *(["Guardian"] if i in both else []))
            for i, person in enumerate(school.instructors)
        ]
        self.logins += [_login(g, "Guardian") for g in school.guardians if g.login and g.instructor is None]
        self.logins += [_login(s, "Student") for s in school.students if s.login]
        for start in range(0, len(self.logins), 500):
            self.steps.tick(write_users(self.logins[start : start + 500], self.manifest))
            self.manifest.commit()

    def _instructors(self) -> None:
        for person in self.school.instructors:
            values = {
                "instructor_name": person.full_name,
                "gender": person.gender,
                "ouderavond_code": person.code,
                "ouderavond_user": person.email,
                "ouderavond_email": person.email,
            }
            self.instructors.append(self._insert("Instructor", values))

    def _guardians(self) -> None:
        for person in self.school.guardians:
            values = {
                "guardian_name": person.full_name,
                "email_address": person.email,
                "mobile_number": person.mobile,
                "user": person.email if person.login or person.instructor is not None else None,
            }
            self.guardians.append(self._insert("Guardian", values))

    def _students(self) -> None:
        joined = self.school.calendar.year_start
        for person in self.school.students:
            values = {
                "first_name": person.first,
                "middle_name": person.prefix,
                "last_name": person.last,
                "gender": person.gender,
                "date_of_birth": person.born,
                "joining_date": joined,
                "student_email_id": person.email,
                "user": person.email if person.login else None,
                "ouderavond_code": person.code,
                "country": "Netherlands",
                "customer_group": self.customer_group,
                "guardians": [
                    {
                        "guardian": self.guardians[g],
                        "guardian_name": self.school.guardians[g].full_name,
                        "relation": relation,
                    }
                    for g, relation in person.guardians
                ],
            }
            self.students.append(self._student(values))

    @cached_property
    def customer_group(self) -> str | None:
        """The group in which Education puts students; given beforehand it saves a write per student."""
        return "Student" if frappe.db.exists("Customer Group", "Student") else None

    def _student(self, values: dict) -> str:
        """Education makes a Customer with every Student."""
        doc = frappe.new_doc("Student")
        doc.update(values)
        doc.insert(ignore_permissions=True)
        customer = frappe.db.get_value("Student", doc.name, "customer")
        self.manifest.add("Customer", customer)
        self._created("Student", doc.name)
        return doc.name

    # Enrollments and groups

    def _enrollments(self) -> None:
        names = take_names("Program Enrollment", len(self.students))
        for start in range(0, len(names), ENROLLMENTS_AT_ONCE):
            part = range(start, min(start + ENROLLMENTS_AT_ONCE, len(names)))
            self._program_enrollments([(i, names[i]) for i in part])
            self._course_enrollments([(i, names[i]) for i in part])
            self.manifest.commit()

    def _program_enrollments(self, enrollments: list[tuple[int, str]]) -> None:
        rows = (
            {
                "name": name,
                "docstatus": 1,
                "student": self.students[i],
                "student_name": self.school.students[i].full_name,
                "program": self.school.students[i].program,
                "student_batch_name": self.school.students[i].school_class,
                "academic_year": self.year,
                "enrollment_date": self.school.calendar.year_start,
            }
            for i, name in enrollments
        )
        self.steps.tick(insert_rows("Program Enrollment", rows))
        children = (
            child_row(
                "Program Enrollment", name, "courses", idx, docstatus=1, course=course, course_name=course
            )
            for i, name in enrollments
            for idx, course in enumerate(map(self.courses.get, self.school.students[i].courses), 1)
        )
        insert_rows("Program Enrollment Course", children)
        self.manifest.add("Program Enrollment", *(name for _i, name in enrollments))

    def _course_enrollments(self, enrollments: list[tuple[int, str]]) -> None:
        pairs = [(i, name, course) for i, name in enrollments for course in self.school.students[i].courses]
        names = take_names("Course Enrollment", len(pairs))
        rows = (
            {
                "name": own,
                "program_enrollment": enrollment,
                "student": self.students[i],
                "student_name": self.school.students[i].full_name,
                "course": self.courses[course],
                "program": self.school.students[i].program,
                "enrollment_date": self.school.calendar.year_start,
            }
            for own, (i, enrollment, course) in zip(names, pairs, strict=True)
        )
        self.steps.tick(insert_rows("Course Enrollment", rows), weight=0)
        self.manifest.add("Course Enrollment", *names)

    def _groups(self, groups: Iterable[PlannedGroup]) -> None:
        for group in groups:
            values = {
                "student_group_name": group.name,
                "academic_year": self.year,
                "program": group.program,
                "group_based_on": "Course" if group.course else "Batch",
                "course": self.courses[group.course] if group.course else None,
                "batch": None if group.course else group.name,
                "students": [
                    {
                        "student": self.students[i],
                        "student_name": self.school.students[i].full_name,
                        "group_roll_number": number,
                        "active": 1,
                    }
                    for number, i in enumerate(group.students, 1)
                ],
                "instructors": [
                    {
                        "instructor": self.instructors[i],
                        "instructor_name": self.school.instructors[i].full_name,
                        "ouderavond_mentor": int(number < group.mentors),
                    }
                    for number, i in enumerate(group.instructors)
                ],
            }
            self._insert("Student Group", values, ignore_links=True)

    def _lessons(self) -> None:
        monday = self.school.calendar.monday
        for lesson in sorted(self.school.lessons, key=lambda lesson: (lesson.slot, lesson.group)):
            group = self.school.lesson_groups[lesson.group]
            values = {
                "student_group": group.name,
                "instructor": self.instructors[lesson.instructor],
                "program": group.program,
                "course": self.courses[group.course],
                "room": self.rooms[lesson.room],
                "schedule_date": monday + dt.timedelta(days=lesson.day),
                "from_time": lesson.starts.isoformat(),
                "to_time": lesson.ends.isoformat(),
            }
            self._insert("Course Schedule", values)

    def _arrangements(self) -> None:
        marks: dict[tuple[int, int], dict] = {}
        for pair in self.school.separately:
            marks.setdefault(pair, {})["attends_separately"] = 1
        for pair in self.school.forbidden:
            marks.setdefault(pair, {})["contact_forbidden"] = 1
        for (student, guardian), mark in marks.items():
            values = {"student": self.students[student], "guardian": self.guardians[guardian], **mark}
            self._insert("Guardian Arrangement", values)
        for one, other in self.school.not_to_meet:
            values = {"guardian": self.guardians[one], "other_guardian": self.guardians[other]}
            self._insert("Guardians Not To Meet", values)


def _login(person: Person, *roles: str) -> Login:
    last = " ".join(filter(None, (person.prefix, person.last)))
    return Login(person.email, person.first, last, person.gender, roles)
