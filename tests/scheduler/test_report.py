"""The page of a schedule: what it shows, and that it needs nothing else."""

import html.parser
import re
from dataclasses import dataclass, replace

import pytest

from ouderavond.scheduler import load, solve
from ouderavond.scheduler.points import (
    families_terms,
    families_value,
    instructors_terms,
    instructors_value,
)
from ouderavond.scheduler.problem import Weights
from ouderavond.scheduler.report import report
from ouderavond.scheduler.report_parts import points
from ouderavond.scheduler.schedule import Bounds, Progress
from ouderavond.scheduler.verify import figures

from .builders import all_schedules, at, document, random_document, schedule_of, talk

OTHER_WEIGHTS = Weights(70, 30.5, 11, 7, 5, 3.25, 2, 1.125, 0.75)


@pytest.mark.parametrize("seed", range(12))
def test_the_terms_of_an_objective_sum_to_it_under_any_weights(seed):
    problem = load(random_document(seed, 2))
    other = replace(problem, weights=OTHER_WEIGHTS)
    for schedule in all_schedules(problem):
        assert sum(each.points for each in families_terms(problem, schedule)) == pytest.approx(
            schedule.objective
        )
        found = sum(each.points for each in instructors_terms(problem, schedule))
        assert found == pytest.approx(schedule.instructors_objective)
        _, families, instructors = figures(other, schedule)
        assert families_value(problem, schedule, OTHER_WEIGHTS) == pytest.approx(families)
        assert instructors_value(problem, schedule, OTHER_WEIGHTS) == pytest.approx(instructors)


class _Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]


def test_the_page_is_self_contained_and_escapes_what_it_shows():
    name = '<script>alert("x")</script>&'
    doc = document([talk(name, "h1", "men13"), talk("c2", "h2", "men13")], dates=[])
    doc["dates"] = [{"date": "2027-02-09", "starts": ["18:30"]}]
    problem = load(doc)
    page = report(problem, solve(problem, time_limit=5, threads=1))
    parsed = _Page()
    parsed.feed(page)
    assert name not in page and "&lt;script&gt;" in page
    assert parsed.links == [] and "url(" not in page and "@import" not in page
    assert parsed.tags.count("script") == 1 and parsed.tags.count("h1") == 1
    assert {"table", "caption", "th", "label"} <= set(parsed.tags)
    assert "Not placed: 1" in page and "asked for 2 slots, has 1" in page


@dataclass(frozen=True)
class MovedBounds(Bounds):
    """Bounds that also know the least number that must move."""

    moved: int | None = None


def crowded(**changes):
    """Five conversations for one slot: one placed, four not, of 8 minutes; 3 of waiting cost a point each."""
    talks = [
        talk("c0"),
        talk("c1", "h2", priority="must", rank=2),
        talk("c2", "h3", rank=5, slots=2),
        talk("c3", "h4", rank=3),
        talk("c4", "h5"),
    ]
    doc = document(talks, slot_minutes=8, dates=[{"date": "2027-02-09", "starts": ["18:30"]}], **changes)
    problem = load(doc)
    starts = {item.id: None for item in problem.conversations}
    return problem, schedule_of(problem, {**starts, "c0": problem.dates[0].starts[0]})


def words(page):
    """The text of a page, without its style and script, with single spaces."""
    shown = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", shown)))


def test_the_gap_is_told_per_family_and_never_too_small():
    problem, schedule = crowded()
    shown = words(report(problem, replace(schedule, bound=schedule.objective - 0.121)))
    # 0.121 / 5 families = 0.0242 points, 0.1936 minutes: both rounded up, or "at most" would be wrong
    assert "At most 0.03 points per family from the best possible schedule, as much as 0.2 minutes" in shown
    assert "One point is 8 minutes of waiting." in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bound": None}, "How near this is to the best possible schedule has not been proven."),
        ({"status": "optimal"}, "No schedule is better: this one is proven to be the best possible."),
    ],
)
def test_the_verdict_claims_no_more_than_is_proven(changes, sentence):
    problem, schedule = crowded()
    shown = words(report(problem, replace(schedule, **{"bound": schedule.objective - 0.01, **changes})))
    assert sentence in shown and "At most" not in shown
    assert ("All points are proven to be unavoidable." in shown) == ("status" in changes)


def test_a_point_is_not_called_waiting_where_waiting_costs_nothing():
    problem, schedule = crowded(weights={"waiting": 0})
    assert "minutes of waiting" not in words(report(problem, schedule))
    problem, schedule = crowded(weights={"waiting": 8})
    assert "One point is 1 minute of waiting." in words(report(problem, schedule))


def test_the_points_are_shown_by_criterion_priority_and_rank():
    problem, schedule = crowded()
    shown = words(report(problem, schedule))
    assert schedule.objective == 8000 + 1000 + 3 * 600 + 4 * 300
    for row in (
        "Must-see, not placed, rank 2 1 10,000 × 0.8 8,000",
        "Wanted, not placed, rank 1 1 1,000 1,000",
        "Wanted, not placed, later rank 2 3 slots 1,000 × 0.6 1,800",
        "Families with nothing 4 300 1,200",
        "Objective 12,000",
    ):
        assert row in shown
    assert "Must-see, not placed, rank 1" not in shown


def test_proven_minima_say_what_they_prove():
    problem, schedule = crowded()
    cases = {
        (1, 3): ("1 must-see not placed ✓ proven minimum 1", "3 wanted not placed ✓ proven minimum 3"),
        (1, 1): ("✓ proven minimum 1", "3 wanted not placed proven minimum 1: at most 2 above it"),
        (0, 3): (
            "proven minimum 0: at most 1 above it",
            "proven minimum 3, if what is above is at its minimum",
        ),
        (None, None): ("must-see not placed the minimum is not proven", "3 wanted not placed the minimum"),
    }
    for bounds, sentences in cases.items():
        shown = words(report(problem, replace(schedule, bounds=Bounds(*bounds))))
        assert all(sentence in shown for sentence in sentences), bounds


def test_what_changed_is_there_only_when_something_was_there_before():
    problem, schedule = crowded()
    assert "What changed" not in words(report(problem, schedule))
    problem = load(document([talk("c1", previous=at("18:50")), talk("c2", "h2", previous=at("18:40"))]))
    here = problem.dates[0].starts
    schedule = schedule_of(problem, {"c1": here[0], "c2": None}, bounds=MovedBounds(0, 1, 1))
    shown = words(report(problem, schedule))
    assert "0 kept 1 moved 1 lost 0 added" in shown
    assert "h1 c1 men13 moved 2027-02-09 18:50 → 2027-02-09 18:30" in shown
    assert "h2 c2 men13 lost 2027-02-09 18:40 → –" in shown
    assert "At least 1 had to move" in shown and "1 moved ✓ proven minimum 1" in shown


def steps(page):
    found = re.search(r'<polyline class="objective" points="([^"]*)"', page)
    return found and [tuple(map(float, pair.split(","))) for pair in found[1].split()]


def test_the_chart_falls_with_the_gap_and_reaches_the_bottom_when_it_is_closed():
    problem, schedule = crowded()
    trace = [(0.0, 12000.0, 0.0), (1.0, 12000.0, 11000.0), (2.0, 12000.0, 11900.0), (4.0, 12000.0, 12000.0)]
    progress = tuple(Progress(s, "placement", o, b, 1, 5) for s, o, b in trace)
    page = report(problem, replace(schedule, progress=progress))
    heights = [y for _, y in steps(page)][1::2]
    assert heights == sorted(heights) and heights[-1] == 200
    assert heights[2] - heights[1] == pytest.approx(heights[3] - heights[2], abs=0.2)  # 1000, 100, 0
    assert "The gap went from 12,000 points at the start to 0 after 4 seconds." in words(page)
    assert steps(report(problem, replace(schedule, progress=()))) is None


def test_points_are_written_as_people_read_them():
    given = (0, 149046.8, 148600.0, 46.75, 5.125, 0.1, 1000)
    assert [points(value) for value in given] == [
        "0",
        "149,046.8",
        "148,600",
        "46.8",
        "5.12",
        "0.10",
        "1,000",
    ]
