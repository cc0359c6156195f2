"""Odd input gets an answer or a sentence: never a traceback, never a schedule that the checker rejects."""

import json
import subprocess
import sys

import pytest

from ouderavond.scheduler import ProblemError, load, load_schedule, solve, verify
from ouderavond.scheduler.schedule import KINDS, REASONS

from .builders import DAY, at, document, schedule_of, talk

DATE = "2027-02-{:02d}"
EVENING = [f"{18 + n // 6}:{n % 6}0" for n in range(12)]
ALWAYS = [[at("00:00"), at("23:59")]]
ALL_WEIGHTS = ("must", "wanted", "nothing", "moved", "date", "waiting", "preference", "break")
ALL_WEIGHTS += ("instructor_waiting",)


def evening(starts=EVENING, day=DAY):
    return {"date": day, "starts": starts}


def many(count, household="h{}", instructor="i{}", **more):
    """Conversations; the braces of both names are filled with their number."""
    return [talk(f"c{n}", household.format(n), instructor.format(n), **more) for n in range(count)]


def nulls():
    """Every optional value given as null."""
    doc = document([talk("c1")])
    optional = (
        "student",
        "student_attends",
        "slots",
        "priority",
        "rank",
        "preference",
        "mode",
        "unavailable",
    )
    doc["conversations"][0].update(dict.fromkeys((*optional, "pinned", "previous")))
    doc["households"][0].update(unavailable=None, apart=None)
    doc["instructors"][0].update(dict.fromkeys(("rooms", "unavailable", "break", "household")))
    outer = ("pause_minutes", "walking_minutes", "travel_minutes", "rooms", "walking", "students", "weights")
    return {**doc, **dict.fromkeys(outer)}


def apart_from_all(count):
    doc = document(many(count), dates=[evening()])
    names = [each["id"] for each in doc["households"]]
    for each in doc["households"]:
        others = [name for name in names if name != each["id"]]
        each["apart"] = [{"household": name, "minutes": 10} for name in others]
    return doc


def a_year_of_dates(count):
    days = [f"20{27 + n // 336}-{n % 336 // 28 + 1:02d}-{n % 28 + 1:02d}" for n in range(count)]
    return [evening(["18:30", "18:40"], day) for day in days]


def own_child():
    doc = document([talk("c1", "h1", "a"), talk("c2", "h1", "b"), talk("c3", "h2", "a")])
    doc["instructors"] = [{"id": "a", "household": "h1"}, {"id": "b"}]
    return doc


def two_homes():
    """One student, who attends, in the conversations of two households; one slot fewer than asked."""
    talks = [
        talk(f"c{n}", f"h{n % 2}", f"i{n}", student="s", student_attends=True, slots=2) for n in range(3)
    ]
    return document(talks)


def rooms_far_apart():
    doc = document([talk("c1", "h1", "a"), talk("c2", "h1", "b")], walking_minutes=1440)
    return {**doc, "rooms": [{"id": "A"}], "instructors": [{"id": "a", "rooms": {DAY: "A"}}, {"id": "b"}]}


TWENTY = [chr(0x1F600 + n) + "é\u202e \n" for n in range(20)]

# name: the problem, and how many conversations can be placed at all (None: not said)
ANSWERED = {
    "empty": (document([]), 0),
    "no households": (document([], households=[], instructors=[]), 0),
    "no dates": (document([talk("c1")], dates=[]), 0),
    "a date without starts": (document([talk("c1")], dates=[evening([])]), 0),
    "one slot": (document(many(3, instructor="i"), dates=[evening(["18:30"])]), 1),
    "an instructor without slots": (
        document([talk("c1"), talk("c2", "h1", "b")], instructors=[{"id": "men13", "unavailable": ALWAYS}])
        | {"instructors": [{"id": "men13", "unavailable": ALWAYS}, {"id": "b"}]},
        1,
    ),
    "longer than a date": (document([talk("c1", slots=5), talk("c2", "h2", slots=1000)]), 0),
    "1000 for one instructor": (document(many(1000, instructor="i"), dates=[evening()]), 12),
    "9 in a household": (document(many(9, "h"), dates=[evening()]), 9),
    "12 in a household": (document(many(12, "h"), dates=[evening()]), 12),
    "20 in a household": (document(many(20, "h"), dates=[evening()]), 12),
    "20 in a household, with walking": (document(many(20, "h"), dates=[evening()], walking_minutes=5), 6),
    "20 in a household, over dates": (
        document(many(20, "h"), dates=[evening(day=DATE.format(n)) for n in (9, 11)], walking_minutes=10),
        12,
    ),
    "40 dates": (document(many(30, instructor="i"), dates=a_year_of_dates(40)), 30),
    "1000 dates": (document(many(20, instructor="i"), dates=a_year_of_dates(1000)), 20),
    "20 instructors in each": (
        document([talk(f"c{n}", f"h{n}", *(f"i{k}" for k in range(20))) for n in range(3)]),
        3,
    ),
    "null values": (nulls(), 1),
    "huge weights": (
        document(many(5, instructor="i"), weights=dict.fromkeys(ALL_WEIGHTS, 1_000_000)),
        None,
    ),
    "tiny weights": (document(many(5, instructor="i"), weights=dict.fromkeys(ALL_WEIGHTS, 0.001)), None),
    "huge and tiny weights": (
        document(
            many(5, instructor="i"), weights={"must": 1_000_000, "wanted": 999_999.999, "waiting": 0.001}
        ),
        4,
    ),
    "no weights": (document(many(5, instructor="i"), weights=dict.fromkeys(ALL_WEIGHTS, 0)), None),
    "unicode": (document([talk(name, name * 3, name * 5) for name in TWENTY]), 20),
    "long names": (document([talk("c" * 200, "h" * 200, "i" * 200)]), 1),
    "irregular starts": (
        document(
            many(4, instructor="i", slots=2), dates=[evening(["08:00", "08:13", "08:23", "09:00", "23:50"])]
        ),
        1,
    ),
    "a slot of a day": (document(many(2, instructor="i"), slot_minutes=1440, dates=[evening(["00:00"])]), 1),
    "a start per minute": (
        document(
            many(40, "h{}", "i"),
            slot_minutes=1,
            dates=[evening([f"{n // 60:02d}:{n % 60:02d}" for n in range(1440)])],
        ),
        40,
    ),
    "a pause longer than a slot": (
        document(
            many(4, instructor="i", slots=2), pause_minutes=50, dates=[evening(["18:00", "19:00", "20:00"])]
        ),
        1,
    ),
    "walking longer than an evening": (rooms_far_apart(), 1),
    "everyone apart from everyone": (apart_from_all(30), 6),
    "all pinned": (document(many(40, pinned=at("18:40"))), 40),
    "a pin on a block": (document([talk("c1", pinned=at("18:30"), unavailable=ALWAYS)]), 1),
    "online only": (document(many(9, "h", mode="online"), dates=[evening()], travel_minutes=1440), 9),
    "online and at school, a day's travel": (
        document([talk("c1", "h", "a", mode="online"), talk("c2", "h", "b")], travel_minutes=1440),
        1,
    ),
    "an instructor's own child": (own_child(), 3),
    "a student of two households": (two_homes(), 2),
    "a previous start that is gone": (document([talk("c1", previous="1999-12-31T00:00")]), 1),
    "the first and the last day there are": (
        document(
            many(2, instructor="i"),
            dates=[evening(["00:00"], "0001-01-01"), evening(["23:50"], "9999-12-31")],
        ),
        2,
    ),
    "times before and after everything": (
        document(
            [talk("c1", unavailable=[["0001-01-01T00:00", at("18:50")], [at("19:00"), "9999-12-31T23:59"]])]
        ),
        1,
    ),
    "a break that never comes": (
        document(many(4, instructor="i"), instructors=[{"id": "i", "break": {"after": 1000, "slots": 100}}]),
        4,
    ),
}


def answered(problem):
    """The schedule, which must pass the checker after a round through its file format."""
    schedule = solve(problem, time_limit=3, threads=1)
    again = load_schedule(json.loads(json.dumps(schedule.to_dict())))
    assert verify(problem, again) == []
    assert {each.reason for each in schedule.unplaced} <= set(REASONS)
    assert {option.kind for each in schedule.unplaced for option in each.alternatives} <= set(KINDS)
    return schedule


@pytest.mark.parametrize("name", ANSWERED)
@pytest.mark.parametrize("way", ["as it comes", "as a large school"])
def test_an_answer(name, way, monkeypatch):
    doc, possible = ANSWERED[name]
    if way == "as a large school":
        monkeypatch.setattr(sys.modules["ouderavond.scheduler.solve"], "WHOLE", 0)
    schedule = answered(load(doc))
    if possible is not None:
        assert len(schedule.placements) == possible


# name: what is changed of a good document, and what the sentence has to say
REFUSED = {
    "half a character": (
        {"conversations": [talk("\ud800")]},
        "conversations[0].id: expected a text of 1 to 200",
    ),
    "duplicated conversation": (
        {"conversations": [talk("c1"), talk("c1")]},
        "conversations[1].id: 'c1' is already",
    ),
    "duplicated household": (
        {"households": [{"id": "h1"}, {"id": "h1"}]},
        "households[1].id: 'h1' is already",
    ),
    "duplicated instructor": (
        {"instructors": [{"id": "men13"}] * 2},
        "instructors[1].id: 'men13' is already",
    ),
    "duplicated student": ({"students": [{"id": "s"}, {"id": "s"}]}, "students[1].id: 's' is already"),
    "duplicated room": ({"rooms": [{"id": "A"}, {"id": "A"}]}, "rooms[1].id: 'A' is already"),
    "duplicated date": ({"dates": [evening(), evening()]}, "dates[1].date: '2027-02-09' is already"),
    "50 digits in slots": (
        {"conversations": [talk("c1", slots=10**49)]},
        "conversations[0].slots: expected a whole",
    ),
    "50 digits in minutes": (
        {"slot_minutes": int("9" * 50)},
        "slot_minutes: expected a whole number from 1 to 1440",
    ),
    "50 digits in a weight": ({"weights": {"must": int("9" * 50)}}, "weights.must: expected a number from 0"),
    "50 digits, negative": ({"pause_minutes": -int("9" * 50)}, "pause_minutes: expected a whole number"),
    "5000 digits": ('{"format": ' + "9" * 5000 + "}", "is not valid input"),
    "400 digits and a point": ({"weights": {"must": "400 digits"}}, "weights.must: expected a number"),
    "a weight of NaN": (
        {"weights": {"must": float("nan")}},
        "weights.must: expected a number from 0 to 1000000",
    ),
    "a weight of Infinity": ({"weights": {"date": float("inf")}}, "weights.date: expected a number"),
    "minutes of NaN": ({"walking_minutes": float("nan")}, "walking_minutes: expected a whole number"),
    "a negative weight": ({"weights": {"must": -1}}, "weights.must: expected a number from 0"),
    "four decimals": ({"weights": {"must": 0.0001}}, "weights.must: expected a number"),
    "half a slot": (
        {"conversations": [talk("c1", slots=1.5)]},
        "conversations[0].slots: expected a whole number",
    ),
    "no slots": ({"conversations": [talk("c1", slots=0)]}, "conversations[0].slots: expected a whole number"),
    "true for a number": ({"slot_minutes": True}, "slot_minutes: expected a whole number"),
    "text for a number": ({"slot_minutes": "10"}, "slot_minutes: expected a whole number"),
    "a number for a list": ({"dates": 7}, "dates: expected a list"),
    "an object for a list": ({"conversations": {}}, "conversations: expected a list"),
    "a list for an object": ({"conversations": [[]]}, "conversations[0]: expected an object"),
    "a text for a list": (
        {"conversations": [talk("c1") | {"instructors": "men13"}]},
        "instructors: expected a list",
    ),
    "null for what is required": ({"dates": None}, "dates: is required"),
    "null for an id": ({"households": [{"id": None}]}, "households[0].id: is required"),
    "a number for an id": ({"households": [{"id": 1}]}, "households[0].id: expected a text of 1 to 200"),
    "an empty id": ({"conversations": [talk("")]}, "conversations[0].id: expected a text of 1 to 200"),
    "a very long id": (
        {"conversations": [talk("c" * 201)]},
        "conversations[0].id: expected a text of 1 to 200",
    ),
    "an unknown key": ({"conversations": [talk("c1", colour="red")]}, "conversations[0].colour: unknown key"),
    "no instructor": (
        {"conversations": [talk("c1") | {"instructors": []}]},
        "expected at least one instructor",
    ),
    "an unknown instructor": ({"conversations": [talk("c1", "h1", "x")]}, "there is no instructor 'x'"),
    "a pin off the grid": (
        {"conversations": [talk("c1", pinned=at("18:31"))]},
        "pinned: expected a start of the grid",
    ),
    "a pin without room": (
        {"conversations": [talk("c1", slots=2, pinned=at("19:00"))]},
        "expected a start with 2 consecutive slots",
    ),
    "pins in two places": (
        {"conversations": [talk("c1", pinned=at("18:30")), talk("c2", pinned=at("18:30"))]},
        "the pins of 'c2' and 'c1' overlap and share household 'h1'",
    ),
    "a pin on an instructor's own child": (
        {
            "instructors": [{"id": "men13", "household": "h1"}, {"id": "b"}],
            "conversations": [
                talk("c1", "h1", "b", pinned=at("18:30")),
                talk("c2", "h2", pinned=at("18:30")),
            ],
            "households": [{"id": "h1"}, {"id": "h2"}],
        },
        "an instructor and that instructor's own household",
    ),
    "apart from itself": (
        {"households": [{"id": "h1", "apart": [{"household": "h1", "minutes": 5}]}]},
        "expected another household",
    ),
    "starts out of order": (
        {"dates": [evening(["18:40", "18:30"])]},
        "dates[0].starts[1]: expected a start at least",
    ),
    "the same start twice": (
        {"dates": [evening(["18:30", "18:30"])]},
        "dates[0].starts[1]: expected a start at least",
    ),
    "past midnight": ({"dates": [evening(["23:55"])]}, "expected a slot that ends by midnight"),
    "a date that is none": ({"dates": [evening(day="2027-02-30")]}, "expected a date that exists"),
    "a time that is none": ({"dates": [evening(["24:00"])]}, "dates[0].starts[0]: expected a time of day"),
    "other digits": ({"dates": [evening(["١٨:٣٠"])]}, "dates[0].starts[0]: expected a time of day"),
    "a time with a zone": ({"conversations": [talk("c1", pinned=at("18:30") + "Z")]}, "expected a time as"),
    "an interval backwards": (
        {"households": [{"id": "h1", "unavailable": [[at("19:00"), at("18:00")]]}]},
        "after the",
    ),
    "half an interval": (
        {"households": [{"id": "h1", "unavailable": [[at("19:00")]]}]},
        "expected two times",
    ),
    "another format": ({"format": "ouderavond-problem/2"}, "format: expected one of ouderavond-problem/1"),
    "not an object": ("[]", "document: expected an object"),
    "null": ("null", "document: expected an object"),
    "nothing": ("", "is not valid JSON"),
    "half a file": ('{"format": "ouder', "is not valid JSON"),
    "nested deeply": ("[" * 100_000, "nested too deeply"),
    "a repeated key": ('{"dates": [], "dates": []}', "the key 'dates' occurs twice"),
    "not text": (b"\xff\xfe\x00", "is not UTF-8 text"),
}


def text_of(change):
    """The file of a refused case: a document with a change, or whatever stands there."""
    if isinstance(change, dict):
        change = json.dumps({**document([talk("c1")]), **change}).replace('"400 digits"', "9" * 400 + ".5")
    return change if isinstance(change, bytes) else change.encode()


@pytest.mark.parametrize("name", [name for name, (change, _) in REFUSED.items() if isinstance(change, dict)])
def test_a_sentence(name):
    change, expected = REFUSED[name]
    with pytest.raises(ProblemError) as refusal:
        load({**document([talk("c1")]), **change})
    assert expected in str(refusal.value)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 400


def command(*arguments):
    """The real command line, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ouderavond.scheduler", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_line_refuses_in_one_sentence(name, tmp_path):
    change, expected = REFUSED[name]
    file, output = tmp_path / "problem.json", tmp_path / "schedule.json"
    file.write_bytes(text_of(change))
    done = command("solve", file, "--output", output, "--time-limit", 2)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ") and expected in line
    assert not output.exists()


BY_COMMAND = (
    "empty",
    "no dates",
    "1000 for one instructor",
    "20 in a household, with walking",
    "null values",
    "unicode",
    "no weights",
    "a pin on a block",
)


@pytest.mark.parametrize("name", BY_COMMAND)
def test_the_command_line_answers(name, tmp_path):
    doc, possible = ANSWERED[name]
    file, output = tmp_path / "problem.json", tmp_path / "schedule.json"
    file.write_text(json.dumps(doc), encoding="utf-8")
    done = command("solve", file, "--output", output, "--time-limit", 3, "--threads", 1)
    assert (done.returncode, done.stderr) == (0, "")
    schedule = load_schedule(json.loads(output.read_text(encoding="utf-8")))
    assert verify(load(doc), schedule) == []
    assert possible is None or len(schedule.placements) == possible


def test_a_schedule_of_another_problem_is_rejected_in_sentences():
    """The checker too answers, whatever it is given."""
    problem = load(document([talk("c1"), talk("c2")]))
    other = load(document([talk("x")]))
    sentences = verify(problem, schedule_of(other, {"x": None}))
    assert sentences and all("x" in each or "neither placed nor unplaced" in each for each in sentences)
