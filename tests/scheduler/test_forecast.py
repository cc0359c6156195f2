"""The forecast: exact where it says so, and agreeing with a simulation of its model."""

import itertools
import json
import math
import random
import re
import time

import pytest

from ouderavond.scheduler import load
from ouderavond.scheduler.cli import main
from ouderavond.scheduler.forecast import forecast
from ouderavond.scheduler.reading import moment_text

from .builders import DAY, OTHER_DAY, at, document, talk

BOTH = [{"date": day, "starts": ["18:30", "18:40", "18:50"]} for day in (DAY, OTHER_DAY)]


def of(found, name):
    return next(each for each in found.instructors if each.instructor == name)


def families(number, *instructors, **more):
    """So many households with one student who may ask each of these instructors."""
    return [
        talk(f"{name}-{each}", f"h{each}", name, student=f"s{each}", **more)
        for each in range(number)
        for name in instructors
    ]


def test_demand_of_independent_families_is_binomial():
    problem = load(document(families(10, "a"), dates=BOTH))
    one = of(forecast(problem, asking=0.3, per_student=1, most=1), "a")
    chances = [math.comb(10, n) * 0.3**n * 0.7 ** (10 - n) for n in range(11)]
    assert (one.offers, one.slots, one.demand) == (10, 6, pytest.approx(3))
    assert one.exceeds == pytest.approx(sum(chances[7:]))
    assert one.short == pytest.approx(sum((n - 6) * chances[n] for n in range(7, 11)))
    below = [sum(chances[: n + 1]) for n in range(11)]
    assert (one.low, one.high) == tuple(
        next(n for n in range(11) if below[n] >= share) for share in (0.1, 0.9)
    )


def test_the_chosen_sets_have_probabilities_proportional_to_the_products_of_their_factors():
    """Against all sets: three offers, two of them at one instructor, one of those double."""
    offers = [talk("a1", "h1", "a", student="s"), talk("a2", "h1", "a", student="s", slots=2)]
    offers += [talk("b", "h1", "b", student="s"), talk("c", "h1", "c", "b", student="s")]
    problem = load(document(offers, dates=[{"date": DAY, "starts": ["18:30", "18:40"]}]))
    found = forecast(problem, asking=0.8, per_student=1.5, most=2, popularity={"a": 3, "b": 0.5})
    factor = {"a1": 3, "a2": 3, "b": 0.5, "c": 0.75}
    slots = {"a1": 1, "a2": 2}
    chance = {0: 0.2}
    for size, share in ((1, 0.5), (2, 0.5)):
        sets = {each: math.prod(map(factor.get, each)) for each in itertools.combinations(factor, size)}
        for each, product in sets.items():
            asked = sum(slots.get(name, 0) for name in each)
            chance[asked] = chance.get(asked, 0) + 0.8 * share * product / sum(sets.values())
    assert of(found, "a").demand == pytest.approx(sum(n * share for n, share in chance.items()))
    assert of(found, "a").exceeds == pytest.approx(chance[3])
    assert found.asked == pytest.approx(0.8 * 1.5)


def test_only_the_ratio_of_factors_counts():
    problem = load(document([*families(3, "a", "b", "c"), *families(1, "d")]))
    one, other = (
        forecast(problem, popularity={"a": 2 * unit, "b": unit, "c": unit, "d": unit}).to_dict()
        for unit in (1, 0.01)
    )
    for ours, theirs in zip(one["instructors"], other["instructors"], strict=True):
        assert ours["demand"] == pytest.approx(theirs["demand"])


def test_siblings_ask_together():
    """Two siblings ask both or neither: that is what makes demand vary more than for strangers."""
    together = [talk(f"c{n}", f"h{n // 2}", "a", student=f"s{n}") for n in range(12)]
    apart = [talk(f"c{n}", f"h{n}", "a", student=f"s{n}") for n in range(12)]
    dates = [{"date": DAY, "starts": ["18:30", "18:40"]}]
    one, other = (
        of(forecast(load(document(talks, dates=dates)), asking=0.5, per_student=1), "a")
        for talks in (together, apart)
    )
    assert one.demand == other.demand == pytest.approx(6)
    assert one.low < other.low and one.high > other.high
    assert 1 - one.exceeds == pytest.approx((1 + 6) / 2**6)


def simulated(problem, asking, numbers, factors, seed, runs):
    """The model played out: slots asked of each instructor, by the dates they can be on."""
    rng = random.Random(seed)
    students = {}
    for item in problem.conversations:
        students.setdefault((item.household, item.student), []).append(item)
    sets = {
        key: {
            size: list(itertools.combinations(offers, min(size, len(offers)))) for size in range(len(numbers))
        }
        for key, offers in students.items()
    }
    for _ in range(runs):
        asks = {name: rng.random() < asking for name in problem.household}
        asked = []
        for key in students:
            if asks[key[0]]:
                ways = sets[key][rng.choices(range(len(numbers)), numbers)[0]]
                weights = [math.prod(factors.get(i.instructors[0], 1) for i in way) for way in ways]
                asked += rng.choices(ways, weights)[0]
        yield asked


def unmet(problem, asked, name, slots):
    """Slots of demand without a place: what some dates' demand asks beyond the slots of those dates."""
    one = [0, 0, 0]  # on the first date only, on the second only, on either
    for item in asked:
        if name in item.instructors:
            away = {start[0] // 1440 for start in problem.household[item.household].unavailable}
            days = [start.starts[0] // 1440 not in away for start in problem.dates]
            one[2 if all(days) else days.index(True)] += item.slots
    return max(0, one[0] - slots[0], one[1] - slots[1], sum(one) - sum(slots))


def split_school():
    """Families who can come on one date only or on both, siblings, doubles, a popular instructor."""
    rng = random.Random(5)
    talks, households = [], []
    for number in range(30):
        away = rng.choice((None, None, DAY, OTHER_DAY))
        name = f"h{number}"
        times = [[at("18:00", away), at("20:00", away)]] if away else []
        households.append({"id": name, "unavailable": times})
        for child in range(rng.choice((1, 1, 2))):
            for person in rng.sample("abcdef", 4):
                slots = 2 if rng.random() < 0.1 else 1
                student = f"s{number}-{child}"
                talks.append(talk(f"{student}{person}", name, person, student=student, slots=slots))
    people = [{"id": name} for name in "abcdef"]
    people[0]["unavailable"] = [[at("18:40"), at("19:00")]]
    return load(document(talks, dates=BOTH, households=households, instructors=people))


def test_the_forecast_agrees_with_a_simulation_of_its_model():
    problem = split_school()
    factors, runs = {"a": 3.0}, 4000
    found = forecast(problem, asking=0.6, per_student=1.5, most=3, popularity=factors)
    numbers = (0, 9 / 16, 6 / 16, 1 / 16)
    total = {name: [] for name in "abcdef"}
    short = {name: [] for name in "abcdef"}
    for asked in simulated(problem, 0.6, numbers, factors, 1, runs):
        for name in total:
            total[name].append(sum(item.slots for item in asked if name in item.instructors))
            short[name].append(unmet(problem, asked, name, (1, 3) if name == "a" else (3, 3)))
    for name in total:
        one = of(found, name)
        assert one.demand == pytest.approx(sum(total[name]) / runs, abs=0.15)
        assert one.short == pytest.approx(sum(short[name]) / runs, abs=0.2)
        assert one.exceeds == pytest.approx(sum(map(bool, short[name])) / runs, abs=0.035)
        ordered = sorted(total[name])
        assert abs(one.low - ordered[runs // 10]) <= 1 and abs(one.high - ordered[runs * 9 // 10]) <= 1


def test_demand_for_one_date_cannot_use_another_dates_slots():
    away = {"h0": DAY, "h1": DAY, "h2": DAY, "h3": DAY}
    households = [
        {"id": name, "unavailable": [[at("18:00", day), at("20:00", day)]]} for name, day in away.items()
    ]
    problem = load(document(families(4, "a"), dates=BOTH, households=households))
    one = of(forecast(problem, asking=1, per_student=1), "a")
    assert (one.slots, one.demand, one.exceeds, one.short) == (6, 4, 1, 1)
    assert [(each.date, each.demand, each.only) for each in one.dates] == [(DAY, 0, 0), (OTHER_DAY, 4, 4)]


def test_a_family_without_any_time_is_not_counted():
    talks = [*families(2, "a"), talk("never", "h1", "a", unavailable=[[at("18:00"), at("20:00")]])]
    found = forecast(load(document(talks)), asking=1, per_student=1)
    assert (found.impossible, found.offers, of(found, "a").demand) == (1, 3, 2)


def test_each_extra_slot_helps_as_often_as_demand_is_above_those_before_it():
    problem = load(document(families(12, "a")))  # four slots
    found = forecast(problem, asking=0.6, per_student=1)
    chances = [math.comb(12, n) * 0.6**n * 0.4 ** (12 - n) for n in range(13)]
    assert [each.gain for each in found.extras] == [
        pytest.approx(sum(chances[4 + k + 1 :])) for k in range(len(found.extras))
    ]
    assert [moment_text(each.start) for each in found.extras][:2] == [at("19:10"), at("19:20")]
    assert {each.kind for each in found.extras} == {"added"} and 4 <= len(found.extras) <= 8


def test_blocked_times_are_freed_before_the_evening_gets_longer():
    people = [{"id": "a", "unavailable": [[at("18:35"), at("18:50")]]}]
    found = forecast(load(document(families(12, "a"), instructors=people)), asking=1, per_student=1)
    assert [(each.kind, moment_text(each.start), each.gain) for each in found.extras[:3]] == [
        ("freed", at("18:30"), pytest.approx(1)),
        ("freed", at("18:40"), pytest.approx(1)),
        ("added", at("19:10"), pytest.approx(1)),
    ]


def test_help_goes_to_the_date_that_needs_it():
    households = [
        {"id": f"h{each}", "unavailable": [[at("18:00", DAY), at("20:00", DAY)]]} for each in range(5)
    ]
    talks = families(5, "a")
    found = forecast(load(document(talks, dates=BOTH, households=households)), asking=1, per_student=1)
    assert [(each.date, each.gain) for each in found.extras] == [(OTHER_DAY, pytest.approx(1))] * 2


def test_dates_that_help_as_much_take_turns():
    found = forecast(load(document(families(12, "a"), dates=BOTH)), asking=1, per_student=1)
    assert [each.date for each in found.extras] == [DAY, OTHER_DAY] * 3


def test_nothing_is_added_after_midnight():
    dates = [{"date": DAY, "starts": ["23:30"]}]
    found = forecast(load(document(families(9, "a"), dates=dates)), asking=1, per_student=1)
    assert [moment_text(each.start) for each in found.extras] == [at("23:40"), at("23:50")]


def test_tightest_instructors_come_first_and_totals_are_sums():
    problem = load(document([*families(3, "calm"), *families(9, "busy")], dates=BOTH[:1]))
    found = forecast(problem, asking=0.9, per_student=2, most=2)
    assert [each.instructor for each in found.instructors] == ["busy", "calm"]
    assert found.slots == 6 and found.households == 9
    assert found.demand == pytest.approx(sum(each.demand for each in found.instructors))
    assert found.asked == pytest.approx(0.9 * (3 * 2 + 6 * 1)) == pytest.approx(found.demand)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"asking": 1.1}, "from 0 to 1, not 1.1"),
        ({"asking": math.nan}, "from 0 to 1, not nan"),
        ({"per_student": 4}, "from 0 to 3, not 4"),
        ({"most": 0}, "from 1 to 20, not 0"),
        ({"popularity": {"zz": 1}}, "no instructor 'zz'"),
        ({"popularity": {"a": -1}}, "factor of a is 0, or from 0.001 to 1000, not -1"),
    ],
)
def test_expectations_that_cannot_be_are_refused(change, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        forecast(load(document(families(2, "a"))), **change)


@pytest.mark.parametrize(
    "changes", [{"conversations": []}, {"dates": []}, {"dates": [{"date": DAY, "starts": []}]}]
)
def test_an_evening_of_nothing_has_a_forecast(changes):
    found = forecast(load({**document(families(2, "a")), **changes}))
    assert (found.demand, found.short, found.extras) == (0, 0, ())
    assert forecast(load(document(families(2, "a"))), popularity={"a": 0}).demand == 0


def test_a_thousand_offers_of_one_instructor_and_one_family():
    talks = [talk(f"c{each}", "h1", "a") for each in range(1000)]
    one = of(forecast(load(document(talks)), asking=0.5, per_student=6, most=20), "a")
    assert one.demand == pytest.approx(3) and 0 < one.exceeds < 0.5


def test_a_school_of_5200_students_takes_seconds():
    """80,000 offers; the limit is ten times what it takes."""
    talks = [
        talk(
            f"c{student}-{n}",
            f"h{student // 2}",
            f"i{(student // 26 * 7 + n * 5) % 430}",
            student=f"s{student}",
        )
        for student in range(5200)
        for n in range(16)
    ]
    problem = load(document(talks, dates=BOTH))
    begin = time.process_time()
    found = forecast(problem)
    assert time.process_time() - begin < 20
    assert found.offers == 83_200 and found.asked == pytest.approx(5200 * 0.7 * 1.5)


def run(*arguments):
    return main([str(each) for each in arguments])


def test_the_command_shows_who_is_tight_and_what_would_help(tmp_path, capsys):
    problem, written = tmp_path / "offers.json", tmp_path / "forecast.json"
    people = [{"id": "busy"}, {"id": "calm", "unavailable": [[at("18:30"), at("18:40")]]}]
    talks = [*families(9, "busy"), *families(2, "calm")]
    problem.write_text(json.dumps(document(talks, instructors=people)))
    asked = ("--asking", "1", "--per-student", "1", "--most", 1, "--popularity", "busy=2")
    assert run("forecast", problem, *asked, "--output", written) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^busy +4 +4 +8\.3 +7-9 +100 % +4\.3$", shown, re.MULTILINE)
    assert "9 families may ask 11 conversations; 9 are expected." in shown
    assert re.search(r"^busy +2027-02-09 19:10 +add a slot at the end +1\.00$", shown, re.MULTILINE)
    found = json.loads(written.read_text())
    assert found["format"] == "ouderavond-forecast/1" and found["extras"][0]["start"] == at("19:10")
    busy, calm = found["instructors"]
    assert (busy["instructor"], busy["demand"], calm["instructor"]) == ("busy", 8.3333, "calm")
    assert busy["dates"] == [{"date": DAY, "slots": 4, "demand": 8.3333, "only": 8.3333}]


def test_wrong_expectations_end_with_2(tmp_path, capsys):
    problem = tmp_path / "offers.json"
    problem.write_text(json.dumps(document(families(2, "a"))))
    assert run("forecast", problem, "--asking", "70") == 2
    assert capsys.readouterr().err == "error: The share of households that ask is from 0 to 1, not 70.\n"
    with pytest.raises(SystemExit) as caught:
        run("forecast", problem, "--popularity", "a:2")
    assert caught.value.code == 2
