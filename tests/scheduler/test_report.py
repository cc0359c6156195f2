"""The page of a schedule: what it shows, and that it needs nothing else."""

import html.parser
from dataclasses import replace

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
from ouderavond.scheduler.verify import figures

from .builders import all_schedules, document, random_document, talk

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
