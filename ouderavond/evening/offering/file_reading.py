"""From the bytes of a tab-separated file to its lines. Knows nothing of the platform."""

from dataclasses import dataclass

COLUMNS = 3
MOST_BYTES = 10_000_000
MOST_LINES = 200_000

UTF_8, UTF_16, WINDOWS_1252 = "UTF-8", "UTF-16", "Windows-1252"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8", UTF_8),
    (b"\xff\xfe", "utf-16-le", UTF_16),
    (b"\xfe\xff", "utf-16-be", UTF_16),
)
# How the files of spreadsheets and documents begin, and what is in no text at all.
_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


class NotReadable(Exception):
    """The file cannot be read at all; `code` is one of too_large, not_text, too_many_lines."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty: its number in an editor, and its cells without spaces around them."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it has the columns that it must have."""
        return len(self.cells) == COLUMNS


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: how its characters are written, and its lines in order."""

    encoding: str
    lines: list[Line]


def read(content: bytes) -> Reading:
    """Read a file: tabs between the cells, and CR, LF or both after a line.

    Text with a byte order mark is what the mark says. Without one it is UTF-8 where that is valid, else
    Windows-1252, in which every file can be read.

    Raises:
        NotReadable: it is too large, or no text.
    """
    if len(content) > MOST_BYTES:
        raise NotReadable("too_large")
    text, encoding = decode(content)
    lines = []
    for number, written in enumerate(_lines(text), 1):
        cells = _cells(written)
        if cells:
            lines.append(Line(number, cells))
        if len(lines) > MOST_LINES:
            raise NotReadable("too_many_lines")
    return Reading(encoding, lines)


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    Raises:
        NotReadable: it is no text.
    """
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(codec, "replace"), name
    if content.startswith(_NOT_TEXT) or b"\0" in content:
        raise NotReadable("not_text")
    try:
        return content.decode(), UTF_8
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), WINDOWS_1252


def _lines(text: str) -> list[str]:
    # Not splitlines(): it also breaks at characters that are part of a line.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _cells(line: str) -> tuple[str, ...]:
    """The cells of a line; none for an empty one. Spreadsheets put tabs behind the last filled cell."""
    cells = [_unquoted(cell.strip()) for cell in line.split("\t")]
    while cells and not cells[-1] and (len(cells) > COLUMNS or not any(cells)):
        cells.pop()
    return tuple(cells)


def _unquoted(cell: str) -> str:
    """A cell as it was before a spreadsheet put quotes around it; other quotes are part of the cell."""
    inside = cell[1:-1]
    if len(cell) < 2 or not (cell[0] == cell[-1] == '"') or '"' in inside.replace('""', ""):
        return cell
    return inside.replace('""', '"').strip()
