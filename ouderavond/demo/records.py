"""The demo school in the platform's own records.

Records with rules of their own go through the platform's validation one by one. Course Enrollments, of which every
submitted Program Enrollment has one per course, are written in bulk just before it and found there by it.
"""

import datetime as dt
from collections.abc import Iterable

import frappe

from ouderavond.demo import curriculum
from ouderavond.demo.bulk import insert_rows, take_names
from ouderavond.demo.manifest import Manifest
from ouderavond.demo.plan import Person, PlannedGroup, School
from ouderavond.demo.report import Steps
from ouderavond.demo.users import Login, write_users

COMMIT_EVERY = 100


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

    def write(self) -> None:
        """All of the school, in the order in which the records need each other."""
        for title, part in (
            ("Academic year, courses, programs, rooms", self._basics),
            ("Users", self._users),
            ("Instructors", self._instructors),
            ("Guardians", self._guardians),
            ("Students", self._students),
            ("Program and course enrollments", self._enrollments),
            ("Classes", lambda: self._groups(self.school.classes)),
            ("Lesson groups", lambda: self._groups(self.school.lesson_groups)),
            ("Lessons of the reference week", self._lessons),
            ("Arrangements between guardians", self._arrangements),
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

    def _basics(self) -> None:
        calendar = self.school.calendar
        self.year = self._ensure(
            "Academic Year",
            calendar.year,
            {
                "academic_year_name": calendar.year,
                "year_start_date": calendar.year_start,
                "year_end_date": calendar.year_end,
            },
        )
        for name, start, end in calendar.terms:
            values = {"academic_year": self.year, "term_name": name, "term_start_date": start, "term_end_date": end}
            term = self._ensure("Academic Term", f"{self.year} ({name})", values)
            self.term = term if name == calendar.term else self.term
        self.manifest.change_settings(
            "Education Settings", {"current_academic_year": self.year, "current_academic_term": self.term}
        )
        self.manifest.change_defaults({"academic_year": self.year, "academic_term": self.term})
        self._courses()
        self._programs()
        for name in self.school.rooms:
            self.rooms[name] = self._insert("Room", {"room_name": name, "room_number": name, "seating_capacity": 32})

    def _courses(self) -> None:
        for code in self.school.courses:
            title = curriculum.COURSES[code][0]
            self.courses[code] = self._ensure("Course", title, {"course_name": title, "ouderavond_code": code})

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
        enrolled = self.school.calendar.year_start
        for start in range(0, len(names), COMMIT_EVERY):
            part = range(start, min(start + COMMIT_EVERY, len(names)))
            self._course_enrollments([(i, names[i]) for i in part], enrolled)
            for i in part:
                self._enroll(i, names[i], enrolled)

    def _course_enrollments(self, enrollments: list[tuple[int, str]], enrolled: dt.date) -> None:
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
                "enrollment_date": enrolled,
            }
            for own, (i, enrollment, course) in zip(names, pairs, strict=True)
        )
        self.steps.tick(insert_rows("Course Enrollment", rows), weight=0)
        self.manifest.add("Course Enrollment", *names)

    def _enroll(self, i: int, name: str, enrolled: dt.date) -> None:
        person = self.school.students[i]
        doc = frappe.new_doc("Program Enrollment")
        doc.update(
            {
                "student": self.students[i],
                "student_name": person.full_name,
                "program": person.program,
                "student_batch_name": person.school_class,
                "academic_year": self.year,
                "enrollment_date": enrolled,
                "courses": [{"course": self.courses[c], "course_name": self.courses[c]} for c in person.courses],
                "docstatus": 1,
            }
        )
        doc.insert(ignore_permissions=True, ignore_links=True, set_name=name)
        self._created("Program Enrollment", name)

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
