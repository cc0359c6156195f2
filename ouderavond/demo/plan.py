"""The demo school on paper: who is in it and who teaches whom. Plain Python; same seed, same school."""

import datetime as dt
import math
import random
from dataclasses import dataclass, field
from string import ascii_lowercase

from ouderavond.demo import curriculum
from ouderavond.demo.dates import SchoolCalendar, school_calendar
from ouderavond.demo.names import VERY_LONG, Names, plain
from ouderavond.demo.timetable import Lesson, make_timetable

INSTRUCTORS_PER_STUDENT = 110 / 1300
ROOMS_PER_STUDENT = 60 / 1300
FEWEST_INSTRUCTORS = 12
LOGIN_GUARDIANS = 60
LOGIN_STUDENTS = 20
FEWEST_STUDENTS = 40


@dataclass
class Person:
    """Somebody at or around the school. `email` is the login when `login`."""

    first: str
    prefix: str
    last: str
    gender: str
    email: str = ""
    login: bool = False

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.first, self.prefix, self.last)))


@dataclass
class PlannedGuardian(Person):
    mobile: str = ""
    # Index of the instructor who is this guardian, if any.
    instructor: int | None = None


@dataclass
class PlannedStudent(Person):
    code: str = ""
    born: dt.date = dt.date.min
    program: str = ""
    school_class: str = ""
    family: int = 0
    # (index of the guardian, relation)
    guardians: list[tuple[int, str]] = field(default_factory=list)
    courses: list[str] = field(default_factory=list)
    # The courses that the whole class has; the rest was chosen.
    shared: frozenset[str] = frozenset()


@dataclass
class PlannedInstructor(Person):
    code: str = ""
    section: str = ""


@dataclass
class PlannedGroup:
    """A class (no course) or a lesson group."""

    name: str
    program: str
    students: list[int]
    course: str = ""
    instructors: list[int] = field(default_factory=list)
    # In a class, how many of the instructors, counted from the first, are mentors.
    mentors: int = 0


@dataclass
class Family:
    """Children and the guardians of their two homes, or of the one they have."""

    children: list[int]
    guardians: list[int]
    separated: bool = False


@dataclass
class School:
    """Everything about the demo school that does not depend on the site it is written to."""

    calendar: SchoolCalendar
    programs: list[curriculum.Program]
    students: list[PlannedStudent] = field(default_factory=list)
    guardians: list[PlannedGuardian] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    instructors: list[PlannedInstructor] = field(default_factory=list)
    classes: list[PlannedGroup] = field(default_factory=list)
    lesson_groups: list[PlannedGroup] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    # (student, guardian) who attends separately; who may not be contacted; pairs of guardians
    separately: list[tuple[int, int]] = field(default_factory=list)
    forbidden: list[tuple[int, int]] = field(default_factory=list)
    not_to_meet: list[tuple[int, int]] = field(default_factory=list)

    @property
    def courses(self) -> list[str]:
        """The courses that somebody has, in the order of the curriculum."""
        used = {course for student in self.students for course in student.courses}
        return [course for course in curriculum.COURSES if course in used]

    def colleague(self, instructor: int, rng: random.Random) -> int:
        """Somebody else, of the same section if it has anyone."""
        others = [i for i in range(len(self.instructors)) if i != instructor]
        same = [i for i in others if self.instructors[i].section == self.instructors[instructor].section]
        return rng.choice(same or others)


def plan_school(students: int, seed: int, today: dt.date, logins: str = "some") -> School:
    """Draw a school of this many students."""
    rng = random.Random(seed)
    names = Names(rng)
    sizes = _program_sizes(students)
    school = School(school_calendar(today), [p for p in curriculum.PROGRAMS if p.name in sizes])
    _draw_families(school, sizes, rng, names)
    _draw_classes(school, rng)
    _draw_courses(school, rng)
    _draw_lesson_groups(school, rng)
    _draw_instructors(school, rng, names)
    _assign_instructors(school, rng)
    _one_person_in_two_parts(school, rng)
    _draw_sensitive(school, rng)
    _draw_logins(school, rng, logins)
    school.rooms = _rooms(max(12, round(students * ROOMS_PER_STUDENT)))
    school.lessons = make_timetable(school, rng)
    return school


# Years, streams and classes


def _program_sizes(students: int) -> dict[str, int]:
    """Students per program. A small school has fewer programs, the first of the list, not smaller classes."""
    kept = curriculum.PROGRAMS[: max(3, min(len(curriculum.PROGRAMS), students // 20))]
    total = sum(p.weight for p in kept)
    exact = {p.name: students * p.weight / total for p in kept}
    sizes = {name: math.floor(size) for name, size in exact.items()}
    by_remainder = sorted(exact, key=lambda name: sizes[name] - exact[name])
    for name in by_remainder[: students - sum(sizes.values())]:
        sizes[name] += 1
    return sizes


def _draw_classes(school: School, rng: random.Random) -> None:
    for program in school.programs:
        members = [i for i, s in enumerate(school.students) if s.program == program.name]
        rng.shuffle(members)
        for number, part in enumerate(_parts(members, program.class_size)):
            name = f"{program.name}{ascii_lowercase[number]}"
            for i in part:
                school.students[i].school_class = name
            school.classes.append(PlannedGroup(name, program.name, _by_name(school, part)))


def _parts(members: list[int], size: int) -> list[list[int]]:
    count = max(1, math.ceil(len(members) / (size + 2)))
    return [members[i::count] for i in range(count)]


def _by_name(school: School, members: list[int]) -> list[int]:
    return sorted(members, key=lambda i: (plain(school.students[i].last), plain(school.students[i].first), i))


# Families


def _draw_families(school: School, sizes: dict[str, int], rng: random.Random, names: Names) -> None:
    seats: dict[int, list[str]] = {}
    for program in school.programs:
        seats.setdefault(program.year, []).extend([program.name] * sizes[program.name])
    for programs in seats.values():
        rng.shuffle(programs)
    while left := sum(map(len, seats.values())):
        wanted = rng.choices((1, 2, 3, 4), weights=(53, 36, 10, 1))[0]
        years = _years_of_children(seats, min(wanted, left), rng)
        _draw_family(school, [(year, seats[year].pop()) for year in years], rng, names)
    _second_families(school, rng)


def _years_of_children(seats: dict[int, list[str]], count: int, rng: random.Random) -> list[int]:
    """Years of one family's children: different ones, the fullest most often; sometimes there are twins."""
    years: list[int] = []
    for _ in range(count):
        open_years = [y for y in seats if len(seats[y]) > years.count(y)]
        others = [y for y in open_years if y not in years]
        twins = years and years[-1] in open_years and (rng.random() < 0.04 or not others)
        if twins:
            years.append(years[-1])
        elif others:
            years.append(rng.choices(others, weights=[len(seats[y]) for y in others])[0])
    return years


def _draw_family(school: School, children: list[tuple[int, str]], rng: random.Random, names: Names) -> None:
    origin = names.origin()
    prefix, last = names.family(origin)
    number = len(school.families)
    kind = rng.choices(("together", "separated", "one"), weights=(73, 15, 12))[0]
    guardians = _draw_guardians(school, kind, origin, (prefix, last), rng, names)
    family = Family([], guardians, separated=kind == "separated")
    school.families.append(family)
    born = None
    for year, program in sorted(children):
        twin = born is not None and school.students[family.children[-1]].program[-1] == program[-1]
        born = born if twin else _birthday(school.calendar.year_start.year - 11 - year, rng)
        gender = rng.choice(("Female", "Male"))
        first = names.unused("girl" if gender == "Female" else "boy", origin, prefix, last)
        student = PlannedStudent(first, prefix, last, gender, born=born, program=program, family=number)
        if not school.students:
            student.first, student.prefix, student.last = VERY_LONG
        student.guardians = [(g, _relation(school.guardians[g])) for g in guardians]
        family.children.append(len(school.students))
        student.code = str(21000 + 3 * len(school.students) + rng.randrange(3))
        student.email = f"{student.code}@leerlingen.example"
        school.students.append(student)


def _birthday(year: int, rng: random.Random) -> dt.date:
    """Born in the school year that belongs to a year of school: from October to September."""
    return dt.date(year - 1, 10, 1) + dt.timedelta(days=rng.randrange(365))


def _relation(guardian: PlannedGuardian) -> str:
    return "Mother" if guardian.gender == "Female" else "Father"


def _draw_guardians(
    school: School, kind: str, origin: str, family_name: tuple[str, str], rng: random.Random, names: Names
) -> list[int]:
    genders = ["Female", "Male"]
    if kind == "one":
        genders = rng.choices((["Female"], ["Male"]), weights=(75, 25))[0]
    elif rng.random() < 0.03:
        genders = [rng.choice(genders)] * 2
    bearer = rng.randrange(len(genders))  # whose name the children have
    numbers = []
    for i, gender in enumerate(genders):
        prefix, last = family_name if i == bearer or rng.random() < 0.25 else names.family(origin)
        numbers.append(_add_guardian(school, gender, prefix, last, origin, rng, names))
    return numbers


def _add_guardian(
    school: School, gender: str, prefix: str, last: str, origin: str, rng: random.Random, names: Names
) -> int:
    number = len(school.guardians)
    first = names.unused("woman" if gender == "Female" else "man", origin, prefix, last)
    email = f"{plain(first)}.{plain(prefix + last)[:30]}.{number + 1}@ouders.example"
    mobile = f"06-{rng.randrange(10_000_000, 100_000_000)}"
    school.guardians.append(PlannedGuardian(first, prefix, last, gender, email, mobile=mobile))
    return number


def _second_families(school: School, rng: random.Random) -> None:
    """Some separated guardians live with the guardian of other children, and are guardians of those too."""
    separated = [f for f in school.families if f.separated]
    single = [f for f in school.families if len(f.guardians) == 1]
    rng.shuffle(single)
    for family, other in zip(separated[:: max(1, len(separated) // 12)], single, strict=False):
        guardian = family.guardians[1]
        other.guardians.append(guardian)
        for child in other.children:
            school.students[child].guardians.append((guardian, "Others"))


# Courses and lesson groups


def _draw_courses(school: School, rng: random.Random) -> None:
    for program in school.programs:
        weights = [choice.weight for choice in program.choices]
        for student in (s for s in school.students if s.program == program.name):
            student.courses = program.common
            student.shared = frozenset(student.courses)
            if program.choices:
                choice = rng.choices(program.choices, weights=weights)[0]
                chosen = choice.courses.split()
                chosen += rng.sample(choice.out_of.split(), choice.more)
                student.courses = student.courses + chosen


def _draw_lesson_groups(school: School, rng: random.Random) -> None:
    for program in school.programs:
        classes = [c for c in school.classes if c.program == program.name]
        for course in program.common:
            for group in classes:
                school.lesson_groups.append(
                    PlannedGroup(f"{group.name}.{course}", program.name, list(group.students), course)
                )
        _draw_chosen_groups(school, program, classes, rng)


def _draw_chosen_groups(
    school: School, program: curriculum.Program, classes: list[PlannedGroup], rng: random.Random
) -> None:
    """Groups of what students chose cut across the classes, but keep a class together as far as it goes."""
    takers: dict[str, list[int]] = {}
    for group in classes:
        for i in group.students:
            for course in school.students[i].courses:
                if course not in school.students[i].shared:
                    takers.setdefault(course, []).append(i)
    for course in sorted(takers):
        members, size = takers[course], program.class_size + 2
        count = math.ceil(len(members) / size)
        for number in range(count):
            part = members[len(members) * number // count : len(members) * (number + 1) // count]
            name = f"{program.name}.{course}{number + 1}"
            school.lesson_groups.append(PlannedGroup(name, program.name, _by_name(school, part), course))


# Instructors


def _draw_instructors(school: School, rng: random.Random, names: Names) -> None:
    count = max(FEWEST_INSTRUCTORS, round(len(school.students) * INSTRUCTORS_PER_STUDENT))
    sections = _sections(school, count)
    taken: set[str] = set()
    for section, size in _shares(sections, count).items():
        for _ in range(size):
            origin = names.origin()
            gender = rng.choice(("Female", "Male"))
            prefix, last = names.family(origin)
            first = names.unused("woman" if gender == "Female" else "man", origin, prefix, last)
            code = _code(last, taken, rng)
            email = f"{code}@docenten.example"
            school.instructors.append(
                PlannedInstructor(first, prefix, last, gender, email, code=code, section=section)
            )


def _sections(school: School, limit: int) -> dict[str, int]:
    """Lessons per section of the staff; small sections are joined in a small school."""
    lessons = dict.fromkeys(curriculum.SECTIONS, 0)
    for group in school.lesson_groups:
        _, per_week, section = curriculum.COURSES[group.course]
        if section in lessons:
            lessons[section] += per_week
    lessons = {section: count for section, count in lessons.items() if count}
    for section in curriculum.JOINED:
        if len(lessons) > limit and section in lessons:
            lessons[_joined(section, lessons)] += lessons.pop(section)
    return lessons


def _joined(section: str, lessons: dict[str, int]) -> str:
    """The section that teaches this one's courses: itself, or what it is joined to."""
    target = section
    while target == section or target not in lessons:
        target = curriculum.JOINED.get(target, "ne")
    return target


def _shares(lessons: dict[str, int], count: int) -> dict[str, int]:
    """Instructors per section, in proportion to its lessons, one at least."""
    shares = dict.fromkeys(lessons, 1)
    while sum(shares.values()) < count:
        shares[max(lessons, key=lambda section: lessons[section] / (shares[section] + 1))] += 1
    return shares


def _code(last: str, taken: set[str], rng: random.Random) -> str:
    """An abbreviation as timetables have it: kro, lms, men13."""
    letters = plain(last)
    consonants = "".join(c for c in letters if c not in "aeiou")
    base = consonants[:3] if rng.random() < 0.2 and len(consonants) > 2 else letters[:3]
    code = f"{base}{rng.randrange(10, 30)}" if rng.random() < 0.25 else base
    while code in taken or len(code) < 2:
        code = f"{base}{rng.randrange(1, 60)}"
    taken.add(code)
    return code


def _assign_instructors(school: School, rng: random.Random) -> None:
    """Give each lesson group to the instructor of its section with the fewest students so far."""
    of_section: dict[str, list[int]] = {}
    for i, instructor in enumerate(school.instructors):
        of_section.setdefault(instructor.section, []).append(i)
    load = [0.0] * len(school.instructors)
    groups = [g for g in school.lesson_groups if curriculum.COURSES[g.course][2] != "mentor"]
    for group in sorted(groups, key=lambda g: -len(g.students)):
        wanted = curriculum.COURSES[group.course][2]
        section = wanted if wanted in of_section else _joined(wanted, of_section)
        group.instructors = [min(of_section[section], key=lambda i: (load[i], rng.random()))]
        load[group.instructors[0]] += len(group.students)
    _assign_mentors(school, rng)
    _assign_second_instructors(school, rng)


def _assign_mentors(school: School, rng: random.Random) -> None:
    """Mentors teach their class; the highest years have two. They also give what only mentors give."""
    busy = [0] * len(school.instructors)
    for group in school.classes:
        teaching = _teaching(school, group)
        year = next(p.year for p in school.programs if p.name == group.program)
        group.mentors = 2 if year >= 5 and len(teaching) > 1 else 1
        group.instructors = sorted(teaching, key=lambda i: (busy[i], rng.random()))[: group.mentors]
        for i in group.instructors:
            busy[i] += 1
        for lesson_group in school.lesson_groups:
            if lesson_group.name.startswith(f"{group.name}.") and not lesson_group.instructors:
                lesson_group.instructors = [rng.choice(group.instructors)]


def _teaching(school: School, group: PlannedGroup) -> list[int]:
    students = set(group.students)
    groups = [g for g in school.lesson_groups if g.instructors and students & set(g.students)]
    return sorted({group.instructors[0] for group in groups})


def _assign_second_instructors(school: School, rng: random.Random) -> None:
    """About one group in thirty has two instructors, who give its lessons in turn."""
    fitting = [g for g in school.lesson_groups if curriculum.COURSES[g.course][1] > 1]
    for group in rng.sample(fitting, min(len(fitting), max(2, len(school.lesson_groups) // 30))):
        group.instructors.append(school.colleague(group.instructors[0], rng))


# What is special


def _one_person_in_two_parts(school: School, rng: random.Random) -> None:
    """One guardian of two or more children also teaches at the school, under one login."""
    together = [f for f in school.families if len(f.guardians) == 2 and not f.separated]
    family = next((f for f in together if len(f.children) > 1), together[0])
    number = family.guardians[0]
    guardian = school.guardians[number]
    same = [i for i, p in enumerate(school.instructors) if p.gender == guardian.gender] or [0]
    guardian.instructor = rng.choice(same)
    teacher = school.instructors[guardian.instructor]
    guardian.first, guardian.prefix, guardian.last = teacher.first, teacher.prefix, teacher.last
    guardian.gender = teacher.gender
    guardian.email = teacher.email
    for child in family.children:
        student = school.students[child]
        student.guardians = [(g, _relation(school.guardians[g])) for g, _ in student.guardians]


def _draw_sensitive(school: School, rng: random.Random) -> None:
    """What managers only may read: who attends separately, who may not be contacted, who must not meet."""
    apart = [f for f in school.families if f.separated]
    if not apart:  # a very small school may have drawn none
        apart = [f for f in school.families if len(f.guardians) == 2][-3:]
        for family in apart:
            family.separated = True
    separately = apart[: max(1, len(apart) * 2 // 3)]
    for family in separately:
        school.separately += [(child, g) for child in family.children for g in family.guardians[:2]]
    school.not_to_meet.append(tuple(separately[0].guardians[:2]))
    forbidden = rng.choice(apart[1:] or apart)
    school.forbidden += [(child, forbidden.guardians[1]) for child in forbidden.children]


def _draw_logins(school: School, rng: random.Random, logins: str) -> None:
    """Instructors can always log in; of guardians and students some, the special ones first, or all."""
    for instructor in school.instructors:
        instructor.login = True
    everybody = logins == "all"
    special = [g for pair in school.not_to_meet for g in pair]
    special += [g for _, g in school.forbidden]
    special += [g for f in school.families if len(f.children) > 2 or f.separated for g in f.guardians]
    special += [i for i, g in enumerate(school.guardians) if g.instructor is not None]
    special = special[: LOGIN_GUARDIANS // 2] + special[-1:]
    others = list(range(len(school.guardians)))
    rng.shuffle(others)
    for i in others if everybody else list(dict.fromkeys(special + others))[:LOGIN_GUARDIANS]:
        school.guardians[i].login = True
    pupils = list(range(len(school.students)))
    for i in pupils if everybody else rng.sample(pupils, min(len(pupils), LOGIN_STUDENTS)):
        school.students[i].login = True


def _rooms(count: int) -> list[str]:
    """Room numbers over three wings and two floors, and the gyms."""
    plain_rooms = [f"{'ABC'[i % 3]}{i // 3 // 12}{i // 3 % 12 + 1:02d}" for i in range(count - 3)]
    return [*sorted(plain_rooms), "Gymzaal 1", "Gymzaal 2", "Gymzaal 3"]
