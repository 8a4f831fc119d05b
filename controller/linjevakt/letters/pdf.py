"""A letter as PDF: A4, page numbers, fonts embedded; the same letter gives the same octets."""

from collections.abc import Iterator
from functools import cache
from html import escape
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from linjevakt.letters.document import Document, Facts, Section, Table

_PLAIN, _BOLD = "Vera", "VeraBd"
_MARGIN = 22 * mm
_PADDING = 6  # of the frame that reportlab lays out in
_WIDTH = A4[0] - 2 * _MARGIN - 2 * _PADDING
_NAME_COLUMN = 42 * mm
_PAGE = {"nb": "Side {} av {}", "en": "Page {} of {}"}
_NEAREST = str.maketrans("ŋŊŧŦ", "nNtT")  # letters of Northern Sami that the font lacks

_BODY = ParagraphStyle("body", fontName=_PLAIN, fontSize=9, leading=12.5, spaceAfter=5, splitLongWords=True)
_CELL = ParagraphStyle("cell", _BODY, fontSize=7.5, leading=9.5, spaceAfter=0)
_NAME = ParagraphStyle("name", _CELL, fontName=_BOLD)
_TITLE = ParagraphStyle("title", _BODY, fontName=_BOLD, fontSize=15, leading=19, spaceBefore=12, spaceAfter=8)
_HEADING = ParagraphStyle("heading", _BODY, fontName=_BOLD, fontSize=10.5, leading=14, spaceBefore=8, spaceAfter=4)
_SENDER = ParagraphStyle("sender", _BODY, textColor=HexColor("#444444"), spaceAfter=0)
_LINE = ParagraphStyle("line", _BODY, spaceAfter=0)

_TABLE_LOOK = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e8eef4")),
        ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#8a99a8")),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
)
_FACTS_LOOK = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
)


def pdf(document: Document) -> bytes:
    """The letter's file."""
    _fonts()
    pages, _ = _built(document, 0)
    return _built(document, pages)[1]


def _built(document: Document, pages: int) -> tuple[int, bytes]:
    """How many pages it takes, and the file that says that there are `pages`."""
    file = BytesIO()
    paper = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=document.title,
        author=document.sender[0],
        lang=document.language,
        invariant=1,
    )

    def number(canvas: Canvas, _paper: SimpleDocTemplate) -> None:
        canvas.setFont(_PLAIN, 7.5)
        words = _PAGE[document.language].format(canvas.getPageNumber(), pages)
        canvas.drawRightString(A4[0] - _MARGIN - _PADDING, 12 * mm, words)

    paper.build(list(_story(document)), onFirstPage=number, onLaterPages=number)
    return paper.page, file.getvalue()


@cache
def _fonts() -> None:
    """Bitstream Vera, which reportlab brings along: the PDF standard's own fonts lack letters of Sami names."""
    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


def _story(document: Document) -> Iterator[Flowable]:
    yield from (_paragraph(line, _SENDER) for line in document.sender)
    yield Spacer(0, 6 * mm)
    yield from (_paragraph(line, _LINE) for line in (*document.recipient, document.date))
    yield _paragraph(document.title, _TITLE)
    for section in document.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[Flowable]:
    blocks = [_block(block) for block in section.blocks]
    if section.heading:
        yield KeepTogether([_paragraph(section.heading, _HEADING), *blocks[:1]])  # no heading alone at a page's foot
        blocks = blocks[1:]
    yield from blocks


def _block(block: str | Facts | Table) -> Flowable:
    match block:
        case Facts():
            rows = [[_paragraph(name, _NAME), _paragraph(value, _CELL)] for name, value in block.rows]
            return Grid(rows, colWidths=[_NAME_COLUMN, _WIDTH - _NAME_COLUMN], style=_FACTS_LOOK, spaceAfter=6)
        case Table():
            rows = [[_paragraph(name, _NAME) for name in block.header]]
            rows += [[_paragraph(cell, _CELL) for cell in row] for row in block.rows]
            widths = [_WIDTH * width / sum(block.widths) for width in block.widths]
            return Grid(rows, colWidths=widths, style=_TABLE_LOOK, repeatRows=1, spaceAfter=6)
        case _:
            return _paragraph(block, _BODY)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text.translate(_NEAREST)), style)
