"""What the households of the demo ask for. Plain Python; the same school asks the same."""

import random
from dataclasses import dataclass

from ouderavond.demo.plan import School

ASKING = 0.70
# Of the instructors, how many are asked for by more than they have time for, and by how much.
POPULAR = 0.10
OVERASKED = 1.5
SLOTS = 30
MOST_PER_STUDENT = 2
REMARKS = (
    "Graag over de overstap naar de bovenbouw.",
    "Het laatste cijfer viel ons erg tegen; hoe kan dat?",
    "Onze zoon kan zich in de les slecht concentreren.",
    "Onze dochter vindt dit vak heel leuk en wil meer.",
    "Graag bespreken welke extra hulp er is.",
    "Er is dyslexie vastgesteld, daar willen we het over hebben.",
    "We maken ons zorgen over het huiswerk: het lukt 's avonds niet.",
    "Profielkeuze: is wiskunde B haalbaar?",
    "Kan dit gesprek vroeg op de avond? We hebben een jong kind thuis.",
    "Thuis is het een moeilijke tijd; dat heeft invloed op school.",
    "We vragen ons af of dit het juiste niveau is.",
    "Zij wordt in deze groep vaak afgeleid door anderen.",
)
LANGUAGES = ("Arabisch", "Turks", "Pools", "Oekraïens", "Tigrinya")
# Subjects that are asked for more often than others.
WANTED_SUBJECTS = {
    "Wiskunde": 4,
    "Wiskunde A": 4,
    "Wiskunde B": 4,
    "Nederlands": 3,
    "Engels": 3,
    "Mentorles": 4,
    "Natuurkunde": 3,
    "Scheikunde": 3,
    "Frans": 2,
    "Duits": 2,
    "Economie": 2,
}

Offer = tuple[str, str, tuple[int, ...]]


@dataclass
class Asked:
    """A request: who asks (guardians who attend together), for whom, for which offer, with which wishes."""

    group: tuple[int, ...]
    student: int
    offer: str
    subject: str
    instructors: tuple[int, ...]
    must_see: bool = False
    rank: int = 1
    longer: bool = False
    preference: str = ""
    interpreter_language: str = ""
    step_free: bool = False
    remark: str = ""


class _Asking:
    """The requests as they come in."""

    def __init__(self, capacity: dict, offers: dict[int, list[Offer]], rng: random.Random):
        self.capacity = capacity  # (group, student) -> how many more
        self.offers = offers
        self.rng = rng
        self.asked: list[Asked] = []
        self.load: dict[int, int] = {}
        self._by_student: dict[tuple, set[int]] = {}

    def can_ask(self, key: tuple, offer: Offer) -> bool:
        """Not the same instructor twice for a student, and not more than the maximum."""
        return self.capacity[key] > 0 and not self._by_student.get(key, set()) & set(offer[2])

    def add(self, key: tuple, offer: Offer) -> None:
        name, subject, instructors = offer
        self.capacity[key] -= 1
        self._by_student.setdefault(key, set()).update(instructors)
        for i in instructors:
            self.load[i] = self.load.get(i, 0) + 1
        self.asked.append(Asked(*key, name, subject, instructors))


def ask(
    school: School, parties: dict[int, list[tuple[int, ...]]], offers: dict[int, list[Offer]], seed: int = 7
) -> list[Asked]:
    """Draw what is asked for.

    Args:
        parties: per student the groups of guardians who attend together.
        offers: per student (name, subject, instructors), in a fixed order.
    """
    rng = random.Random(f"{seed} {len(school.students)} {school.students[-1].code}")
    asking = _Asking(_capacity(school, parties, rng), offers, rng)
    popular = _popular(school, asking, rng)
    for instructor in popular:
        _ask_for(instructor, asking, rng)
    for key in asking.capacity:
        _ask_for_others(key, asking, set(popular))
    _rank(asking.asked, rng)
    for request in asking.asked:
        _wish(request, school, rng)
    return asking.asked


def _capacity(school: School, parties: dict[int, list[tuple[int, ...]]], rng: random.Random) -> dict:
    """Which groups of guardians ask, and for how many conversations per child."""
    capacity = {}
    for family in school.families:
        if rng.random() >= ASKING:
            continue
        for child in family.children:
            groups = parties[child]
            if len(groups) > 1 and rng.random() > 0.3:  # of guardians who attend separately, mostly one asks
                groups = [rng.choice(groups)]
            for group in groups:
                capacity[(group, child)] = rng.choices((1, MOST_PER_STUDENT), weights=(22, 78))[0]
    return capacity


def _popular(school: School, asking: _Asking, rng: random.Random) -> list[int]:
    """Instructors who teach enough of the asking households to be asked for too often."""
    reach: dict[int, int] = {}
    for _group, student in asking.capacity:
        for i in {i for offer in asking.offers[student] for i in offer[2]}:
            reach[i] = reach.get(i, 0) + 1
    widest = sorted(reach, key=lambda i: (-reach[i], i))[: max(3, len(reach) // 2)]
    count = max(1, round(len(school.instructors) * POPULAR))
    return sorted(rng.sample(widest, min(count, len(widest))))


def _ask_for(instructor: int, asking: _Asking, rng: random.Random) -> None:
    keys = list(asking.capacity)
    rng.shuffle(keys)
    for key in keys:
        if asking.load.get(instructor, 0) >= SLOTS * OVERASKED:
            return
        offer = next((offer for offer in asking.offers[key[1]] if instructor in offer[2]), None)
        if offer and asking.can_ask(key, offer):
            asking.add(key, offer)


def _ask_for_others(key: tuple, asking: _Asking, popular: set[int]) -> None:
    for _ in range(asking.capacity[key]):
        open_offers = [
            offer
            for offer in asking.offers[key[1]]
            if asking.can_ask(key, offer)
            and not popular & set(offer[2])
            and all(asking.load.get(i, 0) < SLOTS * 0.9 for i in offer[2])
        ]
        if not open_offers:
            return
        weights = [WANTED_SUBJECTS.get(subject, 1) for _name, subject, _instructors in open_offers]
        asking.add(key, asking.rng.choices(open_offers, weights=weights)[0])


def _rank(asked: list[Asked], rng: random.Random) -> None:
    """Some must be seen; these come first in the order of those who ask."""
    of_group: dict[tuple[int, ...], list[Asked]] = {}
    for request in asked:
        request.must_see = rng.random() < 0.12
        of_group.setdefault(request.group, []).append(request)
    for requests in of_group.values():
        rng.shuffle(requests)
        requests.sort(key=lambda request: not request.must_see)
        for rank, request in enumerate(requests, 1):
            request.rank = rank


def _wish(request: Asked, school: School, rng: random.Random) -> None:
    request.longer = rng.random() < 0.03
    request.preference = _preference(school.students[request.student].family)
    request.step_free = request.group[0] % 150 == 3
    if request.group[0] % 90 == 11:
        request.interpreter_language = LANGUAGES[request.group[0] % len(LANGUAGES)]
    if rng.random() < 0.15:
        request.remark = rng.choice(REMARKS)


def _preference(family: int) -> str:
    """A household wants to come early or late with all of its conversations, or does not mind."""
    draw = random.Random(family).random()
    return "Early" if draw < 0.14 else "Late" if draw < 0.25 else ""
