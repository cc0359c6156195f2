"""The best evening of one household, held against every evening there is."""

import random
import subprocess
import sys
import time
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouderavond.scheduler.household_evening import LARGEST, Conversation, Distances, best_evening
from ouderavond.scheduler.reading import DAY

SEARCH = settings(deadline=None, derandomize=True, max_examples=250)
SEVEN = 19 * 60


def talk(*starts, minutes=10, **more):
    return Conversation(minutes, tuple(SEVEN + start for start in starts), **more)


# -- every evening there is


def keeps(placed, distances):
    """Do (conversation, start, fixed) keep their distances, except fixed ones among themselves?"""
    ordered = sorted(placed, key=lambda each: (each[1], not each[2]))
    for (one, at, is_fixed), (other, then, both) in pairwise(ordered):
        if at // DAY == then // DAY and not (is_fixed and both):
            if then < at + one.minutes + distances.needed(one, other, at // DAY):
                return False
    return True


def quality(placed, ranks, distances):
    """Dates, waiting, stay and the sum of ranks."""
    waiting = stay = 0
    days = {at // DAY for _one, at, _fixed in placed}
    for day in days:
        here = sorted((each for each in placed if each[1] // DAY == day), key=lambda each: each[1])
        stay += max(at + one.minutes for one, at, _fixed in here) - here[0][1]
        for (one, at, _fixed), (other, then, _also) in pairwise(here):
            waiting += max(0, then - at - one.minutes - distances.needed(one, other, day))
    return len(days), waiting, stay, sum(ranks[at] for _one, at, fixed in placed if not fixed)


def every_evening(wanted, fixed, distances):
    ranks = {at: n for n, at in enumerate(sorted({at for one in wanted for at in one.starts}))}
    there = [(one, one.starts[0], True) for one in fixed]
    for starts in product(*([None, *one.starts] for one in wanted)):
        chosen = [(one, at, False) for one, at in zip(wanted, starts, strict=True) if at is not None]
        if keeps(chosen + there, distances):
            yield (starts.count(None), *quality(chosen + there, ranks, distances))


def random_household(seed):
    """Up to 4 conversations to place on two dates, up to 3 fixed, rooms near and far, some online."""
    chance = random.Random(seed)
    pause = chance.choice([0, 0, 2])
    grid = [day * DAY + SEVEN + n * (10 + pause) for day in (0, 1) for n in range(4)]
    if chance.random() < 0.5:
        grid = grid[:4] + grid[:4] + grid[4:6]

    def somebody(starts, minutes):
        rooms = {day: chance.choice("AAB") for day in (0, 1) if chance.random() < 0.8}
        staff = frozenset(chance.sample("xyz", chance.choice([1, 1, 2])))
        return Conversation(minutes, tuple(starts), rooms, chance.random() < 0.2, staff)

    wanted = []
    for _number in range(chance.randint(1, 4)):
        starts = {at for at in grid if chance.random() < 0.6}
        wanted.append(somebody(sorted(starts), chance.choice([10, 10, 20 + pause])))
    taken, fixed = set(), []
    for _number in range(chance.choice([0, 0, 1, 2, 3])):
        at = chance.choice(grid) + chance.choice([0, 0, 0, 3])
        if not any(abs(at - other) < 10 for other in taken):
            taken.add(at)
            fixed.append(somebody([at], 10))
    between = {(a, b): chance.choice([4, 10]) for a, b in combinations("AB", 2)}
    between |= {(b, a): minutes for (a, b), minutes in between.items()}
    distances = Distances(pause, chance.choice([0, 5, 10]), chance.choice([0, 20]), between)
    return wanted, fixed, distances


@SEARCH
@given(st.integers(0, 10**7))
def test_no_evening_is_better(seed):
    wanted, fixed, distances = random_household(seed)
    found = best_evening(wanted, fixed, distances)
    ranks = {at: n for n, at in enumerate(sorted({at for one in wanted for at in one.starts}))}
    chosen = [(one, at, False) for one, at in zip(wanted, found.starts, strict=True) if at is not None]
    placed = chosen + [(one, one.starts[0], True) for one in fixed]
    assert all(at in one.starts for one, at, _fixed in chosen)
    assert keeps(placed, distances)
    reached = (found.left_out, *quality(placed, ranks, distances))
    assert reached == min(every_evening(wanted, fixed, distances))
    assert (found.dates, found.waiting, found.stay) == reached[1:4]
    assert found.proven


# -- single rules, which fail one by one


def starts(found):
    return [None if at is None else at - SEVEN for at in found.starts]


def test_all_beats_everything_else():
    """Two dates and an hour of waiting rather than one conversation less."""
    found = best_evening([talk(0, 10), talk(60), talk(DAY)])
    assert starts(found) == [10, 60, DAY] and found.left_out == 0


def test_one_date_beats_little_waiting():
    assert starts(best_evening([talk(0), talk(60, DAY), talk(10, DAY + 10)])) == [0, 60, 10]


def test_little_waiting_beats_an_early_start():
    assert starts(best_evening([talk(0, 50), talk(60)])) == [50, 60]


def test_walking_and_travelling_are_kept_and_are_no_waiting():
    near, far = {"rooms": {0: "A"}}, {"rooms": {0: "B"}}
    found = best_evening([talk(0, **near), talk(10, 20, **far)], distances=Distances(walking=5))
    assert starts(found) == [0, 20] and found.waiting == 5
    found = best_evening([talk(0, **near), talk(10, 20, **near)], distances=Distances(walking=5))
    assert starts(found) == [0, 10] and found.waiting == 0
    found = best_evening([talk(10, 15)], [talk(0)], Distances(pause=5))
    assert starts(found) == [15] and found.waiting == 0
    at_home = talk(10, 20, 40, online=True, **near)
    found = best_evening([talk(0, **near), at_home], distances=Distances(travel=25))
    assert starts(found) == [0, 40] and found.waiting == 5


def test_what_is_fixed_is_never_in_the_way_and_draws_the_rest_near():
    fixed = [talk(30), talk(60)]
    assert starts(best_evening([talk(0, 30, 40, 100)], fixed)) == [40]
    assert starts(best_evening([talk(30, 60)], fixed)) == [None]
    assert starts(best_evening([talk(0, DAY)], [talk(DAY + 200)])) == [DAY]


def test_the_window_cuts_off_what_begins_before_or_ends_after():
    one = talk(0, 10, 20, DAY, minutes=15).within(SEVEN + 5, SEVEN + 35)
    assert [at - SEVEN for at in one.starts] == [10, 20]
    assert talk(0, 10).within(None, None) == talk(0, 10)


def test_nothing_wanted_and_nothing_free():
    assert best_evening([]).starts == ()
    assert best_evening([talk(), talk()]).left_out == 2


# -- size


@pytest.mark.parametrize("conversations", [LARGEST, LARGEST + 3, 30])
def test_large_households_are_quick(conversations):
    """10 conversations with 60 starts each take 30 ms; the limit here bears with a busy machine."""
    chance = random.Random(conversations)
    grid = [10 * n for n in range(60)]
    wanted = [talk(*grid, rooms={0: chance.choice("ABCD")}) for _ in range(conversations)]
    begin = time.process_time()
    found = best_evening(wanted, [talk(300)], Distances(walking=5))
    assert time.process_time() - begin < 0.5
    assert found.left_out == 0
    assert found.proven == (conversations <= LARGEST)
    placed = [(one, at, False) for one, at in zip(wanted, found.starts, strict=True)]
    assert keeps([*placed, (talk(300), SEVEN + 300, True)], Distances(walking=5))


def test_the_solver_is_not_imported():
    code = "import sys, ouderavond.scheduler.household_evening; print('ortools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
