"""Reasons, facts and alternatives on random tiny schedules, against brute force with the checker alone."""

import dataclasses
import itertools
import random
import re
import sys
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouderavond.scheduler import solve
from ouderavond.scheduler.displacement import displacements
from ouderavond.scheduler.grid import Grid
from ouderavond.scheduler.reading import moment
from ouderavond.scheduler.reasons import explain
from ouderavond.scheduler.score import Score
from ouderavond.scheduler.state import State

from .builders import broken_rules, keeps_rules, loaded, rich_document, schedule_of, starts_of

SEARCH = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 10**6)


def grid_of(problem):
    return [start for day in problem.dates for start in day.starts]


def some_schedule(problem, seed):
    """A schedule that keeps the rules and leaves things out at random; made with the checker alone."""
    rng = random.Random(seed)
    starts = {item.id: item.pinned for item in problem.conversations}
    for name in rng.sample(sorted(starts), len(starts)):
        if starts[name] is None and rng.random() < 0.8:
            tries = [{**starts, name: start} for start in rng.sample(grid_of(problem), len(grid_of(problem)))]
            starts = next((each for each in tries if keeps_rules(problem, each)), starts)
    return starts


class Case:
    """A random schedule of a random problem, with what the engine says of what it does not place."""

    def __init__(self, seed, conversations=6):
        self.problem = loaded(rich_document(seed, conversations))
        if self.problem is not None:
            self.starts = some_schedule(self.problem, seed)
            self.grid = Grid(self.problem)
            self.score = Score(self.grid)
            cells = [
                -1 if start is None else self.grid.cell_at[start]
                for start in (self.starts[item.id] for item in self.problem.conversations)
            ]
            self.state = State(self.grid, cells)

    @property
    def unplaced(self):
        if self.problem is None:
            return ()
        return explain(self.grid, self.score, self.state, proven=True)


def possible_starts(problem, name):
    """The starts at which a conversation alone keeps rules 1 and 3."""
    alone = dataclasses.replace(problem, conversations=(problem.conversation[name],))
    return [start for start in grid_of(problem) if keeps_rules(alone, {name: start})]


def against(problem, starts, name, start):
    """Who or what the checker has against a conversation at a start."""
    sides = set()
    for sentence in broken_rules(problem, schedule_of(problem, {**starts, name: start})):
        if sentence.startswith(("Rule 4", "Rule 5")) or re.search("share (household|student) ", sentence):
            sides.add("household_full")
        elif match := re.fullmatch(r"Rule 2: (\S+) of instructor .* overlaps \S+ of .*", sentence):
            sides.add("instructor_full" if match[1] == name else "household_full")
        elif match := re.search("share (instructor|room) ", sentence):
            sides.add(f"{match[1]}_full")
    return sides


def expected_reason(problem, starts, name):
    """The first reason that holds, or None if those that can be read off a schedule do not."""
    sides = [against(problem, starts, name, start) for start in possible_starts(problem, name)]
    if not sides:
        return "no_common_time"
    codes = ("household_full", "instructor_full", "room_full")
    return next((code for code in codes if all(code in each for each in sides)), None)


@settings(SEARCH, max_examples=250)
@given(SEEDS)
def test_the_code_is_the_first_that_holds(seed):
    case = Case(seed)
    for item in case.unplaced:
        expected = expected_reason(case.problem, case.starts, item.conversation)
        assert item.reason == expected or (expected is None and item.reason in ("displaces", "time_limit"))


@settings(SEARCH, max_examples=250)
@given(SEEDS)
def test_the_figures_of_codes_are_right(seed):
    case = Case(seed)
    for item in case.unplaced:
        conversation = case.problem.conversation[item.conversation]
        possible = possible_starts(case.problem, item.conversation)
        if item.reason == "no_common_time":
            assert item.facts == closed_starts(case.problem, conversation)
        if item.reason == "household_full":
            own = [each.id for each in case.problem.conversations if each.household == conversation.household]
            placed = [name for name in own if case.starts[name] is not None]
            assert item.facts == {"starts": len(possible), "conversations": placed}
        if item.reason == "instructor_full":
            people = [slots_of(case, name) for name in conversation.instructors]
            assert item.facts == {"instructors": people}


def closed_starts(problem, conversation):
    """The starts that are long enough, and per side how many its unavailable times close."""
    nobody = {
        "instructors": tuple(dataclasses.replace(each, unavailable=()) for each in problem.instructors),
        "households": tuple(dataclasses.replace(each, unavailable=()) for each in problem.households),
        "students": tuple(dataclasses.replace(each, unavailable=()) for each in problem.students),
    }
    alone = dataclasses.replace(conversation, unavailable=())
    sides = {
        "conversation": {"conversations": (conversation,)},
        "household": {"households": problem.households},
        "student": {"students": problem.students},
        "instructor": {"instructors": problem.instructors},
    }
    free = dataclasses.replace(problem, **{**nobody, "conversations": (alone,)})
    starts = possible_starts(free, conversation.id)
    facts = {"starts": len(starts)}
    for side, change in sides.items():
        open_ = possible_starts(dataclasses.replace(free, **change), conversation.id)
        if len(open_) < len(starts):
            facts[side] = len(starts) - len(open_)
    return facts


def slots_of(case, name):
    """The slots of an instructor, counted minute by minute."""
    problem, person = case.problem, case.problem.instructor[name]
    own = [each for each in problem.conversations if name in each.instructors]
    busy = [*own, *(each for each in problem.conversations if each.household == person.household)]
    spans = [(case.starts[each.id], problem.duration(each.slots)) for each in busy]
    spans = [(start, start + length) for start, length in spans if start is not None]

    def free(intervals):
        slots = [range(start, start + problem.slot_minutes) for start in grid_of(problem)]
        return sum(not any(a <= minute < b for a, b in intervals for minute in slot) for slot in slots)

    return {
        "instructor": name,
        "asked": sum(each.slots for each in own),
        "available": free(person.unavailable),
        "free": free([*person.unavailable, *spans]),
    }


def weight_of(problem, conversation):
    weights = problem.weights
    points = weights.must if conversation.priority == "must" else weights.wanted
    factor = {1: Fraction(1), 2: Fraction(8, 10)}.get(conversation.rank, Fraction(6, 10))
    return Fraction(str(points)) * conversation.slots * factor


def losses(problem, starts, name, start):
    """Per set of others whose going makes room at a start: weight, number, and families left with nothing."""
    placed = [key for key, value in starts.items() if value is not None]
    loose = [key for key in placed if problem.conversation[key].pinned is None]
    for count in range(len(loose) + 1):
        for gone in itertools.combinations(loose, count):
            after = {**starts, **dict.fromkeys(gone), name: start}
            if keeps_rules(problem, after):
                served = {problem.conversation[key].household for key in placed}
                still = {problem.conversation[key].household for key, value in after.items() if value}
                units = sum(weight_of(problem, problem.conversation[key]) for key in gone)
                units += Fraction(str(problem.weights.nothing)) * len(served - still)
                if problem.conversation[name].previous not in (None, start):
                    units += Fraction(str(problem.weights.moved))
                yield units, count, len(served - still)


@settings(SEARCH, max_examples=150)
@given(SEEDS)
def test_what_is_displaced_is_the_cheapest_there_is(seed):
    """Exactly, per start: rules 4 and 5 included, and starts that pinned conversations close left out."""
    case = Case(seed)
    for item in case.unplaced:
        name = item.conversation
        index = [each.id for each in case.problem.conversations].index(name)
        found = displacements(case.grid, case.score, case.state, index)
        said = {
            case.grid.starts[each.cell]: (Fraction(each.units, case.score.scale), len(each.gone))
            for each in found
        }
        true = {}
        for start in possible_starts(case.problem, name):
            ways = sorted(losses(case.problem, case.starts, name, start))
            if ways:
                true[start] = ways[0][:2]
        assert said == true


@settings(SEARCH, max_examples=60)
@given(SEEDS, st.booleans())
def test_displacing_is_true_of_the_best_schedule(seed, large):
    """`displaces`: what goes at the cheapest start weighs no less than what comes; facts add up."""
    problem = loaded(rich_document(seed, 5))
    if problem is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(sys.modules["ouderavond.scheduler.solve"], "WHOLE", 0)
        schedule = solve(problem, time_limit=20, threads=1)
    starts = starts_of(problem, schedule)
    for item in schedule.unplaced:
        assert item.reason != "time_limit" or schedule.status != "optimal"
        if item.reason == "displaces":
            check_displacing(problem, schedule, starts, item)


def check_displacing(problem, schedule, starts, item):
    name, facts = item.conversation, item.facts
    possible = possible_starts(problem, name)
    ways = {start: sorted(losses(problem, starts, name, start)) for start in possible}
    ways = {start: each for start, each in ways.items() if each}
    assert facts["starts"] == len(possible) and facts["pinned"] == len(possible) - len(ways)
    assert facts["own_weight"] == pytest.approx(float(own_weight(problem, starts, name)))
    if not ways:
        assert set(facts) == {"starts", "pinned", "own_weight"}
        return
    assert facts["weight"] >= facts["own_weight"] - 1e-9
    chosen = ways[moment(facts["start"], "")]
    same = [way for way in chosen if way[1:] == (facts["conversations"], facts["households_with_nothing"])]
    assert same
    if "evenings" not in facts:
        assert facts["weight"] == pytest.approx(float(min(each[0][0] for each in ways.values())))
        assert facts["weight"] == pytest.approx(float(same[0][0]))


def own_weight(problem, starts, name):
    household = problem.conversation[name].household
    served = {problem.conversation[key].household for key, start in starts.items() if start is not None}
    nothing = 0 if household in served else Fraction(str(problem.weights.nothing))
    return weight_of(problem, problem.conversation[name]) + nothing


def changed_problem(problem, name, option):
    """The problem after people have decided on an alternative, and nothing else."""
    item = problem.conversation[name]
    if option.kind == "other_instructor":
        return with_conversation(problem, dataclasses.replace(item, instructors=(option.instructor,)))
    if option.kind == "online":
        return with_conversation(problem, dataclasses.replace(item, mode="online"))
    if option.kind == "other_date":
        return family_comes(problem, name)
    return problem


def with_conversation(problem, changed):
    items = tuple(changed if each.id == changed.id else each for each in problem.conversations)
    return dataclasses.replace(problem, conversations=items)


def family_comes(problem, name):
    """The problem in which a conversation's family (and student) can come whenever the instructors can."""
    item = problem.conversation[name]

    def waived(people, one):
        return tuple(dataclasses.replace(each, unavailable=()) if each.id == one else each for each in people)

    changed = dataclasses.replace(
        problem,
        households=waived(problem.households, item.household),
        students=waived(problem.students, item.student),
    )
    return with_conversation(changed, dataclasses.replace(item, unavailable=()))


@settings(SEARCH, max_examples=250)
@given(SEEDS)
def test_alternatives_can_be_done_as_stated(seed):
    """The checker accepts the schedule afterwards; nobody loses a place and no pinned one moves."""
    case = Case(seed)
    for item in case.unplaced:
        seen = [(option.kind, option.instructor, option.start) for option in item.alternatives]
        assert len(seen) == len(set(seen))
        for option in item.alternatives:
            check_alternative(case, item.conversation, option)


def check_alternative(case, name, option):
    problem, starts = case.problem, case.starts
    moves = {move.conversation: move.start for move in option.moves}
    assert len(moves) == len(option.moves) <= (2 if option.kind == "move" else 0)
    for key, start in moves.items():
        assert problem.conversation[key].pinned is None
        assert starts[key] not in (None, start)
    if option.kind == "online":
        assert not keeps_rules(problem, {**starts, name: option.start})
    assert option.instructor in problem.conversation[name].instructors
    if option.kind == "other_instructor":
        assert len(problem.conversation[name].instructors) > 1
    if option.kind == "other_date":
        dates = {start // 1440 for start in possible_starts(problem, name)}
        assert option.start // 1440 not in dates
    changed = changed_problem(problem, name, option)
    assert keeps_rules(changed, {**starts, **moves, name: option.start})


@settings(SEARCH, max_examples=250)
@given(SEEDS)
def test_alternatives_that_are_not_given_do_not_exist(seed):
    case = Case(seed)
    for item in case.unplaced:
        kinds = {option.kind for option in item.alternatives}
        assert possible_kinds(case.problem, case.starts, item.conversation) == kinds - {"move"}


def possible_kinds(problem, starts, name):
    """The kinds of alternatives, but for moves, that the checker accepts at some start."""

    def possible(one):
        return {start for start in grid_of(one) if keeps_rules(one, {**starts, name: start})}

    item, kinds = problem.conversation[name], set()
    for each in item.instructors if len(item.instructors) > 1 else ():
        if possible(with_conversation(problem, dataclasses.replace(item, instructors=(each,)))):
            kinds.add("other_instructor")
    online = with_conversation(problem, dataclasses.replace(item, mode="online"))
    if possible(online) - possible(problem):
        kinds.add("online")
    dates = {start // 1440 for start in possible_starts(problem, name)}
    if any(start // 1440 not in dates for start in possible(family_comes(problem, name))):
        kinds.add("other_date")
    return kinds


@settings(SEARCH, max_examples=40)
@given(SEEDS)
def test_a_place_for_which_one_other_has_to_move_is_found(seed):
    case = Case(seed, 5)
    for item in case.unplaced:
        given_ = any(option.kind == "move" for option in item.alternatives)
        assert given_ or not one_move_helps(case.problem, case.starts, item.conversation)


def one_move_helps(problem, starts, name):
    """Is there a place for a conversation if at most one that is not pinned moves?"""
    loose = [key for key, value in starts.items() if value and problem.conversation[key].pinned is None]
    for start in possible_starts(problem, name):
        for key in loose:
            for other in grid_of(problem):
                if keeps_rules(problem, {**starts, name: start, key: other}):
                    return True
    return False


@settings(SEARCH, max_examples=150)
@given(SEEDS)
def test_facts_name_no_other_family(seed):
    case = Case(seed)
    for item in case.unplaced:
        own = case.problem.conversation[item.conversation]
        others = {each.id for each in case.problem.conversations if each.household != own.household}
        others |= {each.id for each in case.problem.households} | {each.id for each in case.problem.students}
        assert not others & set(texts(item.facts))


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in texts(each))
        yield from value
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in texts(each))
