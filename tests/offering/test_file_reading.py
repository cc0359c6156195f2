"""From bytes to lines, without the platform: encodings, ends of lines, quotes, and whatever else comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouderavond.evening.offering import file_reading
from ouderavond.evening.offering.file_reading import NotReadable, read

# What a cell may hold: anything but what separates cells and lines. \x00 stands in no text.
CELL = st.text(
    st.characters(blacklist_characters="\t\r\n\0\ufeff", blacklist_categories=("Cs",)), max_size=8
).map(str.strip)
PLAIN = CELL.filter(lambda text: text and '"' not in text)
TABLE = st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=1, max_size=20)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def cells_of(content: bytes) -> list[tuple]:
    return [line.cells for line in read(content).lines]


def written(rows, end="\n") -> str:
    return end.join("\t".join(row) for row in rows)


@given(TABLE, ENDS, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_was_written_is_read(rows, end, ends_with_one, encoding):
    text = written(rows, end) + (end if ends_with_one else "")
    content = text.encode(encoding)
    if not content.startswith(file_reading._NOT_TEXT):
        assert cells_of(content) == rows


@given(TABLE)
def test_windows_1252_is_read_where_it_is_not_utf_8(rows):
    rows = [("é", "ë", "ü"), *rows]
    try:
        content = written(rows).encode("cp1252")
    except UnicodeEncodeError:
        return
    try:
        content.decode()
    except UnicodeDecodeError:
        reading = read(content)
        assert reading.encoding == "Windows-1252"
        assert [line.cells for line in reading.lines] == rows


@given(TABLE, st.data())
def test_a_spreadsheets_quotes_are_taken_away(rows, data):
    quoted = [[f'"{cell}"' if data.draw(st.booleans(), label=cell) else cell for cell in row] for row in rows]
    assert cells_of(written(quoted).encode()) == rows


@given(st.binary(max_size=400))
def test_any_bytes_are_lines_or_are_refused(content):
    try:
        reading = read(content)
    except NotReadable as refusal:
        assert refusal.code == "not_text"
        return
    numbers = [line.number for line in reading.lines]
    assert numbers == sorted(set(numbers)) and all(number > 0 for number in numbers)
    for line in reading.lines:
        assert any(line.cells)
        assert not any(set(cell) & set("\t\r\n") or cell != cell.strip() for cell in line.cells)


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("1\ta\tb", ("1", "a", "b")),
        (" 1 \ta \t b", ("1", "a", "b")),
        # A spreadsheet writes a tab for each column that was ever used.
        ("1\ta\tb\t\t", ("1", "a", "b")),
        ("1\ta\t", ("1", "a", "")),
        ("1\t\tb", ("1", "", "b")),
        ("1\ta\tb\tc", ("1", "a", "b", "c")),
        ("1;a;b", ("1;a;b",)),
        ('"1"\t"a"\t"b"', ("1", "a", "b")),
        ('1\t"say ""hi"""\tb', ("1", 'say "hi"', "b")),
        # No pair around the cell: part of it.
        ('1\t"a\tb"', ("1", '"a', 'b"')),
        ('1\t"a"b"\tb', ("1", '"a"b"', "b")),
        ('1\t"\tb', ("1", '"', "b")),
        # In some editors these end a line; in a file they are part of it.
        ("1\ta\u2028\tb\x0bc", ("1", "a", "b\x0bc")),
    ],
)
def test_cells_of_a_line(line, cells):
    assert cells_of(line.encode()) == [cells]


def test_numbers_are_those_of_an_editor():
    reading = read(b"\r\n1\ta\tb\r\n\t\t\r\n  \r\n2\ta\tb\r\n")
    assert [(line.number, line.cells[0]) for line in reading.lines] == [(2, "1"), (5, "2")]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("1\té\tb".encode(), "UTF-8"),
        ("1\té\tb".encode("utf-8-sig"), "UTF-8"),
        ("1\té\tb".encode("utf-16"), "UTF-16"),
        ("1\té\tb".encode("cp1252"), "Windows-1252"),
        # 0x81 means nothing in Windows-1252, and is no reason to give up on the other lines.
        (b"1\t\x81\tb", "Windows-1252"),
    ],
)
def test_encodings(content, encoding):
    reading = read(content)
    assert reading.encoding == encoding
    assert reading.lines[0].cells[1] in ("é", "\ufffd")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 a spreadsheet", "not_text"),
        (b"\xd0\xcf\x11\xe0 an old one", "not_text"),
        (b"1\ta\tb\0", "not_text"),
        (b"1\ta\tb\n" * 1_700_000, "too_large"),
        (b"1\ta\tb\n" * 200_001, "too_many_lines"),
    ],
)
def test_what_cannot_be_read(content, code):
    with pytest.raises(NotReadable) as refusal:
        read(content)
    assert refusal.value.code == code


def test_an_empty_file_has_no_lines():
    assert read(b"").lines == [] and read(b"\xef\xbb\xbf\r\n\t\t\n").lines == []
