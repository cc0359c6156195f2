"""What a schedule is worth, and to whom: figures that are calculated once, when a run ends, and kept with it.

They hold ids only, as the stored input of a run does; names are added when somebody looks.
"""

from collections import defaultdict
from dataclasses import asdict, replace

from ouderavond.evening.planning.run_options import WEIGHTS

# How many of those who are worst off are kept.
WORST = 12


def of_documents(problem: dict, schedule: dict) -> dict:
    """The figures of a schedule document of a problem document; its own criteria are not needed.

    Returns:
        {"criteria", "placed", "total", "objective", "instructors_objective": of the placements,
         "amounts": {weight: what it is multiplied with in the families' objective},
         "waiting_mean", "waiting_worst", "waiting_households": minutes per household that comes, and how
             many wait at all; "instructor_waiting_worst"; "idle_instructors",
         "households": those who are worst off [{household, points, asked, placed, dates, waiting, missed,
             moved}], "instructors": [{instructor, idle, breaks_missed, placed}]}
    """
    from ouderavond import scheduler
    from ouderavond.scheduler.points import families_terms

    read = scheduler.load(problem)
    sides = _Sides(read, {item["conversation"]: item["start"] for item in schedule["placements"]})
    found = sides.schedule(schedule["unplaced"])
    amounts = dict.fromkeys(WEIGHTS[:7], 0.0)
    for term in families_terms(read, found):
        amounts[term.key] += term.amount * term.factor
    households, instructors = sides.households(), sides.instructors()
    waiting = [row["waiting"] for row in households if row["placed"]]
    return {
        "criteria": asdict(found.criteria),
        "placed": len(found.placements),
        "total": len(read.conversations),
        "objective": found.objective,
        "instructors_objective": found.instructors_objective,
        "amounts": {name: round(value, 6) for name, value in amounts.items()},
        "waiting_mean": round(sum(waiting) / max(1, len(waiting)), 2),
        "waiting_worst": max(waiting, default=0),
        "waiting_households": sum(minutes > 0 for minutes in waiting),
        "instructor_waiting_worst": max((row["idle"] for row in instructors), default=0),
        "idle_instructors": sum(row["idle"] > 0 for row in instructors),
        "households": sorted((row for row in households if row["points"]), key=_worst)[:WORST],
        "instructors": sorted(
            (row for row in instructors if row["idle"] or row["breaks_missed"]),
            key=lambda row: (-row["breaks_missed"], -row["idle"], row["instructor"]),
        )[:WORST],
    }


def value(figures: dict, weights: dict) -> float:
    """What a schedule is worth to families under some weights: points, smaller is better."""
    return round(sum(amount * weights[name] for name, amount in figures["amounts"].items()), 3)


def _worst(row: dict) -> tuple:
    return -row["points"], row["household"]


class _Sides:
    """A schedule seen by each household and each instructor."""

    def __init__(self, problem, starts: dict[str, str]):
        from ouderavond.scheduler.grid import Grid
        from ouderavond.scheduler.reading import moment
        from ouderavond.scheduler.score import Score

        self.problem, self.grid = problem, Grid(problem)
        self.score = Score(self.grid)
        self.cells = [
            self.grid.cell_at[moment(starts[item.id], item.id)] if item.id in starts else -1
            for item in problem.conversations
        ]

    def schedule(self, unplaced: list[dict]):
        """The Schedule of the placements, with figures of its own making."""
        from ouderavond.scheduler.schedule import Placement, Schedule, Unplaced

        grid, score = self.grid, self.score
        pairs = list(zip(grid.conversations, self.cells, strict=True))
        criteria = score.criteria(self.cells)
        people = range(len(grid.problem.instructors))
        empty = Schedule("feasible", (), (), criteria, 0.0, None, 0.0)
        return replace(
            empty,
            placements=tuple(Placement(item.id, grid.starts[cell]) for item, cell in pairs if cell >= 0),
            unplaced=tuple(Unplaced(item.id, "time_limit") for item, cell in pairs if cell < 0),
            objective=score.families(self.cells) / score.scale,
            instructors_objective=sum(score.instructor_cost(each, self.cells) for each in people)
            / score.scale,
        )

    def households(self) -> list[dict]:
        """What each household that asked something gets."""
        return [
            self._household(index, members) for index, members in enumerate(self.grid.of_household) if members
        ]

    def _household(self, index: int, members: list[int]) -> dict:
        grid, score = self.grid, self.score
        evenings: dict[int, list[tuple[int, int]]] = defaultdict(list)
        kept = [each for each in members if self.cells[each] >= 0]
        for each in kept:
            evenings[grid.date_of[self.cells[each]]].append((self.cells[each], each))
        return {
            "household": self.problem.households[index].id,
            "points": round(score.household(members, self.cells) / score.scale, 3),
            "asked": len(members),
            "placed": len(kept),
            "dates": len(evenings),
            "waiting": sum(score.evening(sorted(evening)) for evening in evenings.values()),
            "missed": sum(bool(grid.misses_preference(each, self.cells[each])) for each in kept),
            "moved": sum(score.previous[each] not in (None, self.cells[each]) for each in kept),
        }

    def instructors(self) -> list[dict]:
        """What the evening of each instructor looks like."""
        found = []
        for index, person in enumerate(self.problem.instructors):
            missed, idle = self.score.instructor(index, self.cells)
            placed = sum(self.cells[each] >= 0 for each in self.grid.of_instructor[index])
            found.append({"instructor": person.id, "idle": idle, "breaks_missed": missed, "placed": placed})
        return found
