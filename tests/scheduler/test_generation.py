"""Column generation: what pricing finds and costs, its bound, and the schedules made with it."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouderavond.scheduler import ProblemError, load
from ouderavond.scheduler.coupling import LARGEST, Coupling
from ouderavond.scheduler.demo import demo_problem
from ouderavond.scheduler.generation import ColumnGeneration
from ouderavond.scheduler.grid import Grid
from ouderavond.scheduler.placement import whole_steps
from ouderavond.scheduler.pricing import Pricing
from ouderavond.scheduler.score import Score
from ouderavond.scheduler.selection import Selection
from ouderavond.scheduler.session import Session
from ouderavond.scheduler.state import State, first_schedule

from .builders import all_schedules, broken_rules, document, random_document, schedule_of, talk

QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def parts(problem):
    grid = Grid(problem)
    score = Score(grid)
    return grid, score, Coupling(grid)


def loaded(seed, conversations):
    try:
        return load(random_document(seed, conversations))
    except ProblemError:  # a pin that does not fit
        return None


def generation(problem, seed=0):
    grid, score, coupling = parts(problem)
    return ColumnGeneration(grid, score, coupling, Session(60, None, seed, 1))


def prices(coupling, seed):
    chance = np.random.default_rng(seed)
    return chance.exponential(400.0, coupling.size) * (chance.random(coupling.size) < 0.5)


@QUICK
@given(st.integers(0, 10**6))
def test_an_evening_costs_what_the_score_says_and_its_rows_what_they_are_priced(seed):
    problem = loaded(seed, 6)
    if problem is None:
        return
    grid, score, coupling = parts(problem)
    pricing, paid = Pricing(grid, score, coupling), prices(coupling, seed)
    pricing.price(paid)
    for number, evening in pricing.evenings():
        block = coupling.blocks[number]
        start = dict(zip(block.members, evening.cells, strict=True))
        ties = sum(score.lost(i) - score.unplaced[i] / score.scale for i in start if start[i] < 0)
        cost = score.household(block.members, start) / score.scale + ties
        rows = coupling.rows_of_evening(number, evening.cells)
        assert evening.cost == pytest.approx(cost, abs=1e-6)
        assert pricing.values[number] == pytest.approx(cost + paid[rows].sum(), abs=1e-6)


@QUICK
@given(st.integers(0, 10**6))
def test_pricing_finds_the_best_evening_of_a_family_alone(seed):
    """Rules 1, 3, 4 and 6, dates, waiting and preferences: one family without others is solved exactly."""
    doc = random_document(seed, 4)
    for item in doc["conversations"]:
        item["household"], item["student"] = "h1", "s1"
        item.pop("previous", None)
    doc["households"] = [{"id": "h1", "unavailable": doc["households"][0]["unavailable"]}]
    for person in doc["instructors"]:
        person.pop("household", None)
    problem = load(doc)
    grid, score, coupling = parts(problem)
    bound = Pricing(grid, score, coupling).price(np.zeros(coupling.size))
    least = min(each.objective for each in all_schedules(problem))
    assert bound == pytest.approx(least, abs=1e-6)


@QUICK
@given(st.integers(0, 10**6))
def test_no_prices_give_a_bound_above_a_schedule(seed):
    problem = loaded(seed, 4)
    if problem is None:
        return
    grid, score, coupling = parts(problem)
    bound = Pricing(grid, score, coupling).price(prices(coupling, seed))
    ties = sum(score.lost(i) for i in range(len(grid.conversations))) - sum(score.unplaced) / score.scale
    assert bound <= min(each.objective for each in all_schedules(problem)) + ties + 1e-6


def test_bound_and_dive_of_a_school_meet_or_nearly_so():
    problem = load(demo_problem(150, 1))
    made = generation(problem)
    made.start(np.zeros(made.coupling.size))
    made.converge(first_schedule(made.grid, made.score), 1.0, 1e-6)
    state = made.dive(1.0)
    families = made.score.families(state.start)
    assert whole_steps(made.score, made.bound) <= families
    assert families / made.score.scale - made.bound < 0.05 * len(made.coupling.blocks)


@pytest.mark.parametrize("seed", range(12))
def test_assembled_polished_and_dived_schedules_keep_the_rules(seed):
    problem = loaded(seed, 6)
    if problem is None:
        return
    made = generation(problem, seed)
    made.start(prices(made.coupling, seed))
    drafts = [made.assemble(prices(made.coupling, seed)), made.dive(1.0)]
    drafts += [made.polish(draft) for draft in drafts]
    for draft in drafts:
        starts = {
            item.id: made.grid.starts[cell] if cell >= 0 else None
            for item, cell in zip(problem.conversations, draft.start, strict=True)
        }
        assert broken_rules(problem, schedule_of(problem, starts)) == []


def test_planning_some_families_again_leaves_the_others_where_they_are():
    problem = load(demo_problem(120, 3))
    made = generation(problem)
    state = made.polish(first_schedule(made.grid, made.score))
    made.start(np.zeros(made.coupling.size))
    made.converge(first_schedule(made.grid, made.score), 1.0, 1.0)
    blocks = random.Random(1).sample(range(len(made.coupling.blocks)), 30)
    found = made.replan(state, blocks, 1.0)
    free = {index for number in blocks for index in made.coupling.blocks[number].members}
    lost = {index for index, cell in enumerate(state.start) if cell < 0}
    held = [index for index in range(len(state.start)) if index not in free | lost]
    assert found is not None
    assert [found.start[index] for index in held] == [state.start[index] for index in held]
    assert made.score.families(found.start) < made.score.families(state.start)


def test_choosing_among_known_evenings_never_makes_it_worse():
    problem = load(demo_problem(120, 3))
    made = generation(problem)
    made.session.threads = 2
    state = made.polish(first_schedule(made.grid, made.score))
    made.start(np.zeros(made.coupling.size))
    made.converge(first_schedule(made.grid, made.score), 1.0, 1.0)
    found = Selection(made, state, made.bound).solve(0.1)
    assert found is not None
    assert made.score.families(found.start) <= made.score.families(state.start)


def test_a_family_of_more_conversations_than_a_block_holds_is_split_and_still_planned_well():
    talks = [talk(f"c{n}", "h1", f"i{n}") for n in range(LARGEST + 2)]
    starts = [f"{hour}:{minute:02d}" for hour in (18, 19) for minute in range(0, 60, 10)]
    problem = load(document(talks, dates=[{"date": "2027-02-09", "starts": starts}]))
    made = generation(problem)
    assert not any(block.whole for block in made.coupling.blocks)
    made.start(np.zeros(made.coupling.size))
    made.converge(first_schedule(made.grid, made.score), 1.0, 1e-6)
    state = made.dive(1.0)
    assert state.start.count(-1) == 0
    assert made.bound <= made.score.families(state.start) / made.score.scale


def test_the_empty_school_has_nothing_to_generate():
    made = generation(load(document([])))
    made.start(np.zeros(0))
    assert made.bound == 0
    assert isinstance(made.assemble(np.zeros(0)), State)
