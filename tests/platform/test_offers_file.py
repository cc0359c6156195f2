"""Offers from a file: each line looked up and told, the same file applied, and nobody's doubles."""

import csv
import io
from functools import partial

import frappe
import pytest

from ouderavond.api.offers import files
from ouderavond.evening.offering import from_file, journal, stored_file
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def evening(site, school):
    return make_evening(school, published=0)


def text(*rows: str) -> bytes:
    """A file of lines in which a space stands for a tab."""
    return "\r\n".join(row.replace(" ", "\t") for row in rows).encode()


def rows_of(evening, content: bytes) -> list:
    return from_file.preview(evening.name, content)[1]


def sentences(evening, content: bytes) -> list[str]:
    return [from_file.remark(row) for row in rows_of(evening, content)]


def offers(evening) -> list:
    fields = ["student", "subject", "course", "instructors_key", "offered", "source", "in_package"]
    return frappe.get_all(
        "Conversation Offer", {"evening": evening.name}, fields, order_by="student, subject"
    )


def test_a_line_becomes_an_offer(evening, school):
    report = from_file.offer(evening.name, text("s01 jan ne"))
    assert report.created == 1 and report.sentence == "1 offer made."
    assert offers(evening) == [
        {
            "student": school.student["s01"],
            "subject": "Nederlands",
            "course": "Nederlands",
            "instructors_key": school.instructor["jan"],
            "offered": 1,
            "source": "File",
            "in_package": 1,
        }
    ]
    dates = frappe.get_all("Evening Instructor", {"evening": evening.name}, pluck="instructor")
    assert dates == [school.instructor["jan"]] * 2


def test_what_a_line_will_do(evening, school):
    from_file.offer(evening.name, text("s01 jan ne", "s01 hui wi"))
    frappe.db.set_value("Conversation Offer", {"course": "Wiskunde"}, "offered", 0)
    frappe.db.commit()
    rows = rows_of(evening, text("s01 jan ne", "", "s01 hui wi", "s02 dek en", "S02 DEK EN"))
    assert [(row.line, row.outcome) for row in rows] == [
        (1, "exists"),
        (3, "again"),
        (4, "new"),
        (5, "repeated"),
    ]
    assert from_file.remark(rows[3]) == "The same as line 4."
    report = from_file.offer(evening.name, text("s01 jan ne", "", "s01 hui wi", "s02 dek en", "S02 DEK EN"))
    assert (report.created, report.switched_on, report.existing) == (1, 1, 1)
    assert report.more["outcomes"] == {"new": 1, "again": 1, "exists": 1, "repeated": 1, "refused": 0}


def test_only_unknown_codes_are_refused_and_each_says_why(evening, school):
    content = text(
        "s01 jan ne", "x99 jan ne", "s01 zz ne", "s01 jan xx", "x98 yy zz", "s01 jan", "s01 jan ne 4"
    )
    assert sentences(evening, content)[1:] == [
        "There is no student with the number x99.",
        "There is no instructor with the code zz.",
        "There is no course with the code xx.",
        "There is no student with the number x98. There is no instructor with the code yy. "
        "There is no course with the code zz.",
        "2 columns instead of 3.",
        "4 columns instead of 3.",
    ]
    report = from_file.offer(evening.name, content)
    assert report.created == 1
    assert [(row.line, row.code) for row in report.skipped] == [
        (2, "student_unknown"),
        (3, "instructor_unknown"),
        (4, "course_unknown"),
        (5, "student_unknown"),
        (6, "columns"),
        (7, "columns"),
    ]


def test_a_missing_value_and_another_separator(evening):
    content = b"s01\t\tne\n\tjan\tne\ns01\tjan\t\ns01;jan;ne"
    assert sentences(evening, content) == [
        "The instructor's code is missing.",
        "The student number is missing.",
        "The course's code is missing.",
        "1 column instead of 3. Put tabs between them, no commas or semicolons.",
    ]


def test_the_team_leader_and_a_course_outside_the_package_are_accepted_and_marked(evening, school):
    # s01 is in bk1: no French in the package; the team leader has no lessons at all.
    rows = rows_of(evening, text("s01 tea ne", "s01 fon fa", "s01 jan ne"))
    assert [(row.outcome, row.in_timetable) for row in rows] == [
        ("new", False),
        ("new", False),
        ("new", True),
    ]
    assert rows[0].in_package == rows[2].in_package
    assert not rows[1].in_package
    assert "Not in the student's package." in from_file.remark(rows[1])
    assert "Not in the timetable." in from_file.remark(rows[1])
    assert from_file.remark(rows[2]) == ""
    from_file.offer(evening.name, text("s01 fon fa"))
    assert offers(evening)[0].in_package == 0


def test_without_a_reference_week_nothing_is_said_about_the_timetable(evening):
    evening.db_set("reference_week", None)
    assert all(row.in_timetable for row in rows_of(evening, text("s01 tea ne")))


def test_codes_in_capitals_with_spaces_and_records_by_their_own_names(evening, school):
    names = [school.student["s03"], school.instructor["jan"], school.course["ne"]]
    content = b" S01 \t JAN\tNe\n" + "\t".join(names).encode()
    assert [row.outcome for row in rows_of(evening, content)] == ["new", "new"]


def test_an_ambiguous_code_is_refused(evening, school):
    frappe.db.set_value("Instructor", school.instructor["smi"], "ouderavond_code", "JAN")
    assert sentences(evening, text("s01 jan ne")) == ["Several instructors have the code jan."]
    # Of two with one code, of whom one has left, the other is meant.
    frappe.db.set_value("Instructor", school.instructor["smi"], "status", "Left")
    row = rows_of(evening, text("s01 jan ne"))[0]
    assert (row.outcome, row.instructor) == ("new", school.instructor["jan"])
    frappe.db.set_value(
        "Instructor", school.instructor["smi"], {"ouderavond_code": "smi", "status": "Active"}
    )


def test_who_has_left_or_does_not_take_part_is_refused(evening, school):
    frappe.db.set_value("Student", school.student["s01"], "enabled", 0)
    frappe.db.set_value("Instructor", school.instructor["jan"], "status", "Left")
    evening.append(
        "participants",
        {"participant_type": "Student", "participant": school.student["s02"], "left_out": 1},
    )
    evening.save()
    assert sentences(evening, text("s01 dek en", "s02 dek en", "s03 jan ne")) == [
        "Daan de Vries has left the school.",
        "Eva de Vries does not take part in this evening.",
        "Joke Jansma has left the school.",
    ]
    frappe.db.set_value("Student", school.student["s01"], "enabled", 1)
    frappe.db.set_value("Instructor", school.instructor["jan"], "status", "Active")


def test_a_header_line_is_recognised(evening):
    rows = rows_of(evening, b"leerling\tdocent\tvak\ns01\tjan\tne")
    assert from_file.remark(rows[0]).startswith("This looks like a header line.")
    assert rows[1].outcome == "new" and from_file.summary(rows)["has_header"]
    # Later on, or with a number in it, it is a wrong line like any other.
    assert "header" not in sentences(evening, text("s01 jan ne", "leerling docent vak"))[1]
    assert "header" not in sentences(evening, text("99 docent vak"))[0]


def test_names_in_windows_1252(evening, school):
    frappe.db.set_value("Course", school.course["fa"], "ouderavond_code", "façé")
    content = "s01\tfon\tFAÇÉ".encode("cp1252")
    encoding, rows = from_file.preview(evening.name, content)
    assert (encoding, rows[0].outcome, rows[0].course) == ("Windows-1252", "new", school.course["fa"])
    frappe.db.set_value("Course", school.course["fa"], "ouderavond_code", "fa")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04", "not a text file"),
        (b"", "no lines"),
        (b"a\tb\tc\n" * 1_700_000, "larger than 10 MB"),
        (b"a\tb\tc\n" * 200_001, "more than 200,000 lines"),
    ],
)
def test_what_cannot_be_read_is_refused(evening, content, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence):
        from_file.offer(evening.name, content)


def test_it_is_undone_as_a_whole(evening, school):
    from_file.offer(evening.name, text("s01 jan ne"))
    report = from_file.offer(evening.name, text("s01 jan ne", "s02 dek en", "s03 kok gs"))
    assert frappe.db.count("Conversation Offer") == 3
    assert journal.undo(evening.name, report.change)["kept"] == 0
    assert [row.student for row in offers(evening)] == [school.student["s01"]]


def _import(evening: str, content: bytes) -> int:
    return from_file.offer(evening, content).created


def test_two_people_with_the_same_file_make_no_doubles(evening, school, bench_site):
    content = text(*(f"{code} jan ne" for code in sorted(school.student)))
    frappe.db.commit()
    made = at_once(bench_site, _import, [(evening.name, content)] * 2)
    assert sorted(made) == [0, len(school.student)]
    frappe.db.rollback()
    assert frappe.db.count("Conversation Offer", {"evening": evening.name}) == len(school.student)


# The calls


def calls(evening) -> list:
    return [
        (files.receive, ()),
        (files.preview, (evening.name, None, None, "s01\tjan\tne")),
        (files.lines, (evening.name, "file", "sum")),
        (files.result, (evening.name, "file", "sum")),
        (files.apply, (evening.name, "file", "sum")),
        (files.forget, (evening.name, "file")),
    ]


@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, who):
    refused_unless_staff(school, who, *(partial(call, *arguments) for call, arguments in calls(evening)))
    assert not frappe.db.count("Conversation Offer")


def test_what_writes_takes_post_only(site):
    reads = {files.lines: {"GET", "POST"}, files.result: {"GET"}}
    for call, _arguments in calls(frappe._dict(name="x")):
        methods = set(frappe.allowed_http_methods_for_whitelisted_func[call])
        assert methods == reads.get(call, {"POST"})


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
def test_staff_look_at_a_file_and_apply_it(evening, school, user):
    with as_user(user):
        seen = files.preview(evening.name, text="s01\tjan\tne\nx99\tjan\tne")
        assert seen["outcomes"]["new"] == 1 and seen["reasons"] == {"student_unknown": 1}
        assert [(row["line"], row["remark"]) for row in seen["problems"]] == [
            (2, "There is no student with the number x99.")
        ]
        dry = files.apply(evening.name, seen["file"], seen["checksum"], dry_run=1)["report"]
        assert dry["created"] == 1 and not frappe.db.count("Conversation Offer")
        assert files.apply(evening.name, seen["file"], seen["checksum"])["report"]["created"] == 1
        # It goes when it has been applied, and cannot be applied again by a second click.
        assert not frappe.db.exists("File", seen["file"])
        with pytest.raises(frappe.ValidationError, match="not there any more"):
            files.apply(evening.name, seen["file"], seen["checksum"])
    assert frappe.db.count("Conversation Offer") == 1


def test_the_file_that_is_applied_is_the_one_that_was_looked_at(evening, school):
    with as_user(PLANNER):
        seen = files.preview(evening.name, text="s01\tjan\tne")
        other = files.preview(evening.name, text="s02\tdek\ten")
        with pytest.raises(frappe.ValidationError, match="Choose it again"):
            files.apply(evening.name, seen["file"], other["checksum"])
        frappe.db.commit()
    with as_user(MANAGER), pytest.raises(frappe.ValidationError, match="Choose it again"):
        files.apply(evening.name, seen["file"], seen["checksum"])
    with as_user(PLANNER):
        files.forget(evening.name, seen["file"])
        assert not frappe.db.exists("File", seen["file"])
        # Somebody else's file, or one of another kind, is not for this.
        picture = frappe.get_doc({"doctype": "File", "file_name": "a.txt", "content": "x"})
        picture.insert(ignore_permissions=True)
        files.forget(evening.name, picture.name)
        assert frappe.db.exists("File", picture.name)


def test_a_stored_file_is_private_and_forgotten_ones_go(evening, school):
    with as_user(PLANNER):
        name, _checksum = stored_file.keep(b"s01\tjan\tne")
        doc = frappe.get_doc("File", name)
        assert doc.is_private and doc.owner == PLANNER and not doc.attached_to_doctype
        doc.db_set("creation", "2020-01-01 00:00:00")
        stored_file.keep(b"s02\tjan\tne")
        assert not frappe.db.exists("File", name)
    with as_user(school.user("jan")):
        assert not frappe.has_permission("File", "read", doc=doc)


def test_lines_in_pages_filtered_and_searched(evening):
    content = "\n".join(
        [*(f"s{number:02}\tjan\tne" for number in range(1, 31)), "x1\tjan\tne", f"{SCRIPT}\tjan\tne"]
    )
    with as_user(PLANNER):
        seen = files.preview(evening.name, text=content)
        place = (evening.name, seen["file"], seen["checksum"])
        page = files.lines(*place, start=10, length=5)
        assert page["total"] == 32 and [row["line"] for row in page["rows"]] == [11, 12, 13, 14, 15]
        refused = files.lines(*place, show="refused", order_by="line desc")
        assert [row["line"] for row in refused["rows"]] == [32, 31]
        # Shown as it is; the page puts it in as text.
        assert refused["rows"][0]["student"] == SCRIPT and SCRIPT in refused["rows"][0]["remark"]
        assert files.lines(*place, search="S07")["total"] == 1
        assert files.lines(*place, show="marked")["total"] > 0
        frappe.cache.delete_value(files._key(evening.name, seen["file"]))
        assert files.lines(*place)["total"] == 32


def test_the_full_result_for_a_spreadsheet(evening):
    with as_user(PLANNER):
        seen = files.preview(evening.name, text="s01\tjan\tne\n=1+1\tjan\tne")
        files.result(evening.name, seen["file"], seen["checksum"])
    assert frappe.response["filename"].endswith(".csv")
    rows = list(csv.reader(io.StringIO(frappe.response.pop("filecontent").decode("utf-8-sig"))))
    frappe.response.pop("type")
    assert len(rows) == 3 and rows[1][:5] == ["1", "s01", "jan", "ne", "Daan de Vries"]
    assert rows[2][1] == "'=1+1" and rows[2][5] == "Refused"


def test_a_large_file_goes_in_the_background(evening, school, jobs_at_once):
    students, courses = sorted(school.student), sorted(school.course)
    instructors = sorted(school.instructor)
    lines = [f"{s}\t{i}\t{c}" for s in students for c in courses for i in instructors]
    with as_user(PLANNER):
        seen = files.preview(evening.name, text="\n".join(lines))
        assert seen["outcomes"]["new"] == len(lines)
        answer = files.apply(evening.name, seen["file"], seen["checksum"])
    assert "job" in answer and len(jobs_at_once.calls) == 1
    assert frappe.db.count("Conversation Offer") == len(lines)
    assert not frappe.db.exists("File", seen["file"])


def test_50_000_lines_are_read_in_a_few_queries(evening, school):
    lines = [f"s{number % 40 + 1:02}\tjan\tne" for number in range(50_000)]
    asked = []
    sql = frappe.db.sql

    def counting(*args, **kwargs):
        asked.append(args[0])
        return sql(*args, **kwargs)

    frappe.db.sql = counting
    try:
        rows = rows_of(evening, "\n".join(lines).encode())
    finally:
        frappe.db.sql = sql
    assert len(rows) == 50_000 and len(asked) < 30
    assert from_file.summary(rows)["outcomes"]["repeated"] == 50_000 - 40


def test_upload_over_http(evening, school, web):
    session = web.session(PLANNER)
    session.open_portal()
    answer = session.post(
        "/api/method/upload_file",
        data={"method": "ouderavond.api.offers.files.receive", "is_private": "1"},
        files={"file": ("offers.txt", "s01\tjan\tné".encode("cp1252"), "text/plain")},
    )
    kept = answer.json()["message"]
    seen = session.post(
        "/api/method/ouderavond.api.offers.files.preview", json={"evening": evening.name, **kept}
    ).json()["message"]
    assert seen["encoding"] == "Windows-1252" and seen["problems"][0]["course"] == "né"
    result = session.get(
        "/api/method/ouderavond.api.offers.files.result", params={"evening": evening.name, **kept}
    )
    assert result.status_code == 200 and "né" in result.content.decode("utf-8-sig")


# The command


def test_the_command(evening, school, run, tmp_path):
    path = tmp_path / "offers.txt"
    path.write_bytes(text("s01 jan ne", "x99 jan ne"))
    dry = run("offers", "file", str(path), "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "1 offer would be made." in dry.stdout and "no student with the number x99" in dry.stdout
    assert not frappe.db.count("Conversation Offer")
    done = run("offers", "file", str(path))
    assert "1 offer made." in done.stdout and "2 lines: 1 refused" in done.stdout
    assert frappe.db.count("Conversation Offer") == 1
    path.write_bytes(b"PK\x03\x04")
    refused = run("offers", "file", str(path))
    assert refused.returncode == 1 and "not a text file" in refused.stderr
