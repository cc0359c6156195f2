"""Sheets as a PDF: set in parts that tell how far it is, numbered per sheet, with the date of printing.

What is set loads nothing: every text is escaped, pictures lie in the letter head, and the programme that sets
it may reach neither files nor the network. Numbers and dates are written onto the finished pages, since not
every build of that programme knows page footers.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.jinja_globals import is_rtl
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ouderavond.evening import wording
from ouderavond.evening.offering.letters import speaking
from ouderavond.evening.overviews.sheets import Sheet

# Sheets per run of the programme: starting it takes as long as setting some twenty of them.
PART = 100
# Rows of a table per run.
ROWS = 250
SECONDS = 300
MARGIN = "14mm"
# A white of its own at the top of every sheet tells on which pages sheets begin.
MARK = "#fefdfc"
MARK_IN_PDF = re.compile(rb"(?<!\d)0?\.9960\d+ 0?\.9921\d+ 0?\.9882\d+ ")
OPTIONS = (
    "--quiet",
    "--print-media-type",
    "--disable-javascript",
    "--disable-local-file-access",
    "--disable-plugins",
    "--disable-external-links",
    "--encoding",
    "UTF-8",
    "--page-size",
    "A4",
    # Nothing answers there: whatever asked for something from the network would not get it.
    "--proxy",
    "http://127.0.0.1:9",
)


class NotPossible(frappe.ValidationError):
    """No PDF can be made on this server, or not of this."""


def make(
    sheets: list[Sheet],
    head: Markup | None = None,
    landscape: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """One PDF of all sheets, each beginning on a page of its own.

    Args:
        head: the letter head, from `letter_head.html`.
        progress: called as progress(sheets set, all sheets).

    Raises:
        NotPossible: with a sentence on what the server lacks.
    """
    from pypdf import PdfReader, PdfWriter

    writer, begins, done = PdfWriter(), [], 0
    for part in _parts(sheets):
        reader = PdfReader(BytesIO(_set(page(part, head), landscape)))
        offset = len(writer.pages)
        for sheet, first in zip(part, _beginnings(reader, len(part)), strict=False):
            if not sheet.is_continued:
                begins.append((offset + first, sheet.language))
        for one in reader.pages:
            writer.add_page(one)
        done += sum(not sheet.is_continued for sheet in part)
        if progress:
            progress(done, len(sheets))
    _number(writer, begins)
    writer.add_metadata({"/Title": sheets[0].title if len(sheets) == 1 else _("Overview"), "/Producer": ""})
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _parts(sheets: list[Sheet]) -> Iterator[list[Sheet]]:
    """What is set in one run: so many sheets, or a part of a long table, which takes ever longer per page."""
    few: list[Sheet] = []
    for sheet in sheets:
        pieces = _pieces(sheet)
        if few and (len(few) == PART or len(pieces) > 1):
            yield few
            few = []
        if len(pieces) > 1:
            yield from ([piece] for piece in pieces)
        else:
            few.append(sheet)
    if few:
        yield few


def _pieces(sheet: Sheet) -> list[Sheet]:
    """A sheet with long tables as several, the later ones without its head."""
    if sum(len(block.rows) for block in sheet.blocks) <= ROWS:
        return [sheet]
    pieces = []
    for block in sheet.blocks:
        for first in range(0, len(block.rows), ROWS):
            rows = block.rows[first : first + ROWS]
            heading = block.heading if not first else ""
            pieces.append(Sheet("", blocks=[replace(block, rows=rows, heading=heading)], look=sheet.look))
            pieces[-1].is_continued = True
    pieces[0] = replace(sheet, blocks=pieces[0].blocks, closing=[])
    pieces[-1].closing = sheet.closing
    return pieces


def page(sheets: list[Sheet], head: Markup | None = None) -> str:
    """The sheets as HTML, complete in itself."""
    language = frappe.local.lang or "en"
    right_to_left = is_rtl()
    return _template().render(
        sheets=sheets,
        letter_head=head,
        language=language,
        title=_("Overview"),
        direction="rtl" if right_to_left else "ltr",
        left="right" if right_to_left else "left",
        right="left" if right_to_left else "right",
        # The programme sets a page of some 900 points onto the width of the paper.
        size=13.5,
        mark=MARK,
    )


@cache
def _template():
    folder = Path(__file__).parents[2] / "templates" / "prints"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("sheets.html")


# Setting


def _set(html: str, landscape: bool) -> bytes:
    command = ["wkhtmltopdf", *OPTIONS]
    for side in ("top", "bottom", "left", "right"):
        command += [f"--margin-{side}", MARGIN]
    command += ["--orientation", "Landscape" if landscape else "Portrait", "-", "-"]
    try:
        done = subprocess.run(command, input=html.encode(), capture_output=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        return _set_by_browser(html, landscape)
    except subprocess.TimeoutExpired:
        raise NotPossible(_("The PDF was not ready after {0} seconds.").format(SECONDS)) from None
    if not done.stdout.startswith(b"%PDF"):
        frappe.log_error(
            title="Ouderavond: no PDF could be made", message=done.stderr.decode(errors="replace")[-2_000:]
        )
        raise NotPossible(_("The PDF could not be made; the Error Log says why."))
    return done.stdout


def _set_by_browser(html: str, landscape: bool) -> bytes:
    """Where the platform sets PDFs with a browser of its own."""
    from frappe.utils import pdf

    if not hasattr(pdf, "get_chrome_pdf"):
        raise NotPossible(_("This server has no wkhtmltopdf, with which PDFs are made."))
    options = {"page-size": "A4", "orientation": "Landscape" if landscape else "Portrait"}
    options.update({f"margin-{side}": MARGIN for side in ("top", "bottom", "left", "right")})
    smaller = html.replace("html { font-size: 13.5pt; }", "html { font-size: 10pt; }")
    return pdf.get_chrome_pdf(None, smaller, options, None, pdf_generator="chrome")


# Numbers and dates on the finished pages


def _beginnings(reader, count: int) -> list[int]:
    """On which pages sheets begin; the first alone where that cannot be told."""
    if len(reader.pages) == count:
        return list(range(count))
    found = [number for number, one in enumerate(reader.pages) if _begins(one)]
    return found if len(found) == count else [0]


def _begins(one) -> bool:
    content = one.get_contents()
    data = b"" if content is None else content.get_data()
    return bool(MARK_IN_PDF.search(data))


def _number(writer, begins: list[tuple[int, str]]) -> None:
    """Below each page: when it was printed, and which page of its sheet it is."""
    from pypdf.generic import DictionaryObject, NameObject

    font = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
                NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
            }
        )
    )
    printed = _Printed()
    ends = [first for first, _language in begins[1:]] + [len(writer.pages)]
    for (first, language), end in zip(begins, ends, strict=True):
        for index in range(first, end):
            _write_below(writer, index, font, printed.on(language), (index - first + 1, end - first))


class _Printed:
    """The sentence on when it was printed, in each language once."""

    def __init__(self):
        self._now, self._said = now_datetime(), {}

    def on(self, language: str) -> bytes:
        if language not in self._said:
            with speaking(language or frappe.local.lang):
                said = _("Printed: {0}").format(wording.moment(self._now))
            try:
                self._said[language] = said.encode("cp1252")
            except UnicodeEncodeError:
                # The font of every PDF reader knows only western letters.
                self._said[language] = f"{self._now:%Y-%m-%d %H:%M}".encode()
        return self._said[language]


def _write_below(writer, index: int, font, printed: bytes, of_sheet: tuple[int, int]) -> None:
    from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

    page = writer.pages[index]
    left, width = float(page.mediabox.left) + 40, float(page.mediabox.width)
    below = b"Q BT /Fn 8 Tf 0 g %d 22 Td (%s) Tj ET" % (left, _literal(printed))
    if of_sheet[1] > 1:
        below += b" BT /Fn 8 Tf 0 g %d 22 Td (%d / %d) Tj ET" % (left + width - 110, *of_sheet)
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q ")
    after.set_data(b" " + below)
    content = page.raw_get("/Contents")
    old = content.get_object()
    middle = list(old) if isinstance(old, ArrayObject) else [content]
    page[NameObject("/Contents")] = ArrayObject(
        [writer._add_object(before), *middle, writer._add_object(after)]
    )
    resources = page["/Resources"].get_object()
    fonts = resources.setdefault(NameObject("/Font"), DictionaryObject()).get_object()
    fonts[NameObject("/Fn")] = font


def _literal(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
