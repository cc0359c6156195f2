"""Every text that a person may read is there in Dutch, French and German."""

import re

import frappe
import pytest

from tests.harness import messages
from tests.harness.bench import CHECKOUT
from tests.harness.messages import LANGUAGES

UPDATE = "bring the PO files up to date with `python -m tests.harness.messages` and translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_lacks_a_translation(site, language):
    assert messages.missing(language) == [], UPDATE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_hold_the_texts_of_today(site, language):
    assert set(messages.read(language)) == messages.messages(), UPDATE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_what_is_filled_in_and_the_markup(language):
    for (text, _context), translated in messages.read(language).items():
        if translated:
            for pattern in (r"\{\d\}", r"</?\w+"):
                assert sorted(re.findall(pattern, text)) == sorted(re.findall(pattern, translated)), text


@pytest.mark.parametrize(
    ("language", "heading", "deadline"),
    [
        ("nl", "Gesprekken aanvragen", "Uiterste datum"),
        ("fr", "Demander des entretiens", "Date limite"),
        ("de", "Gespräche anfragen", "Frist"),
    ],
)
def test_the_platform_loads_them(site, language, heading, deadline):
    messages.compile_all()
    assert frappe._("Request conversations", lang=language) == heading
    assert frappe._("Deadline", lang=language, context="Parent Evening") == deadline


def test_our_word_for_a_thing_does_not_change_the_platforms_pages(site):
    messages.compile_all()
    assert frappe._("Room", lang="nl", context="Evening Booking") == "Lokaal"
    assert frappe._("Room", lang="nl") == messages.platform_texts("nl")["Room"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_with_a_context_has_a_translation_of_its_own(language):
    """Without one the platform's word stands there, which is what the context is to prevent."""
    from babel.messages.pofile import read_po

    with (CHECKOUT / f"ouderavond/locale/{language}.po").open("rb") as file:
        messages_of = read_po(file, locale=language)
    assert not [(one.context, one.id) for one in messages_of if one.id and one.context and not one.string]
