"""A small number for each household, to colour and compare by: the same as long as the household is."""

from collections.abc import Iterable

import frappe

from ouderavond.evening.people import household_index

# Seconds. Who is new meanwhile is found all the same: whoever is missing makes it count anew.
KEPT = 600


class Households:
    """The numbers of the households of an evening (a document), those of `guardians` among them."""

    def __init__(self, evening, guardians: Iterable[str]):
        key = f"ouderavond_households:{evening.name}:{evening.modified}"
        self._numbers: dict[str, int] = frappe.cache.get_value(key) or {}
        if not self._numbers.keys() >= set(guardians):
            self._numbers = _numbers(evening, guardians)
            frappe.cache.set_value(key, self._numbers, expires_in_sec=KEPT)

    def of(self, guardians: list[str], student: str | None) -> int:
        """The number of the household of guardians, or of a student who comes alone."""
        name = guardians[0] if guardians else f"student:{student}"
        return self._numbers.setdefault(name, len(self._numbers) + 1)


def _numbers(evening, guardians: Iterable[str]) -> dict[str, int]:
    index = household_index(evening)
    # Who stands on no student's row any more, and still has a conversation, is a household too.
    households = {name: index.get(name, name) for name in [*index, *guardians]}
    order = {name: number for number, name in enumerate(sorted(set(households.values())), 1)}
    return {guardian: order[name] for guardian, name in households.items()}
