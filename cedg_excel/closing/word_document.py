"""A Word document while it is written: real styles, headings, tables with header rows, page numbers, no author."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from cedg_excel.excel.save import anonymous_part, rezip
from cedg_excel.excel.styles import BAD_INK, FONT, GREY, MIST, NAVY, WHITE
from cedg_excel.ratings import NOT_RATED, RATINGS

LANGUAGE = "en-GB"
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 21.0, 29.7, 2.0
TEXT_WIDTH, TEXT_HEIGHT = PAGE_WIDTH - 2 * MARGIN, PAGE_HEIGHT - 2 * MARGIN
"""A4, in centimetres."""

STRONG, SOURCE, TO_WRITE = "Strong", "Source", "To be written"
SHORT = 600
"""A table row of no more characters than this is kept on one page."""

TABLE_HEAD, TABLE_TEXT, NOTICE = "Table heading", "Table text", "Notice"
_SIZES = {"Title": 26.0, "Subtitle": 13.0, "Heading 1": 18.0, "Heading 2": 15.0, "Heading 3": 12.0}
TO_WRITE_FILL = "FFE97F"
_NEEDLESS = ("/thumbnail", "/customXml", "/stylesWithEffects")
"""What python-docx's own template brings along: a picture of another document, and parts nothing uses."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph, in one of the character styles."""

    text: str
    style: str | None = None


Line = str | Sequence[Run]
Content = str | Sequence[Line]
"""What a table cell holds: a text, or a paragraph for each line."""


def rating_style(word: str) -> str:
    """The character style of a rating: its word on its colour."""
    return f"BRAG {word}"


class WordDocument:
    """One document being written. `notice` stands at the head of every page."""

    def __init__(self, title: str, notice: str = "") -> None:
        self.document: Any = Document()
        self._plain(title)
        self._styles()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(PAGE_WIDTH), Cm(PAGE_HEIGHT)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)
        section.header_distance = section.footer_distance = Cm(1)
        if notice:
            head = section.header.paragraphs[0]
            head.style = self.document.styles[NOTICE]
            head.add_run(clean(notice))
        self._page_numbers(section.footer.paragraphs[0], title)

    def put(self, line: Line, style: str = "Normal") -> None:
        """A paragraph: a text, or runs of it."""
        _write(self.document.add_paragraph(style=style), line)

    def heading(self, text: str, level: int) -> None:
        """A heading, which Word's navigation pane and screen readers go by. Level 1 is the highest."""
        self.document.add_heading(clean(text), level)

    def picture(self, png: bytes, size: tuple[int, int], words: str) -> None:
        """A picture as wide as the text, or as tall as the page; `words` are for those who cannot see it. Size is in pixels."""
        width = min(TEXT_WIDTH, (TEXT_HEIGHT - 3) * size[0] / size[1])
        shape = self.document.add_picture(BytesIO(png), width=Cm(width))
        shape._inline.docPr.set("descr", clean(words))
        shape._inline.docPr.set("name", "Chart")

    def table(self, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[Content]], words: str) -> None:
        """A table with a header row that is repeated on every page. Widths are in centimetres; `words` says what it holds."""
        table = self.document.add_table(1, len(heads), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for cell, text in zip(table.rows[0].cells, heads, strict=True):
            _shade(cell, NAVY)
            _write_cell(cell, text, TABLE_HEAD)
        table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader"))
        for values in rows:
            for cell, value in zip(table.add_row().cells, values, strict=True):
                _write_cell(cell, value, TABLE_TEXT)
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Cm(width)
            if sum(len(cell.text) for cell in row.cells) <= SHORT:
                row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        table._tbl.tblPr.append(_element("w:tblDescription", val=clean(words)))
        self.document.add_paragraph(style="No Spacing")

    def to_bytes(self, when: datetime) -> bytes:
        """The document as a .docx file, the same bytes for the same content; `when` comes from the content."""
        self.document.core_properties.created = self.document.core_properties.modified = when
        raw = BytesIO()
        self.document.save(raw)
        return rezip(raw, lambda name, part: anonymous_part(name, _in_one_font(name, part), when))

    def _plain(self, title: str) -> None:
        """Our title and language, and none of what the template says of itself."""
        properties = self.document.core_properties
        properties.title, properties.language = clean(title)[:255], LANGUAGE
        properties.comments = properties.last_modified_by = ""
        document = self.document.part
        for rels in (document.package.rels, document.rels):
            for name in [name for name, rel in rels.items() if rel.reltype.endswith(_NEEDLESS)]:
                del rels[name]
        settings = self.document.settings.element
        settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
        settings.find(qn("w:themeFontLang")).set(qn("w:val"), LANGUAGE)

    def _styles(self) -> None:
        styles = self.document.styles
        for lang in styles.element.iter(qn("w:lang")):
            lang.set(qn("w:val"), LANGUAGE)
        used = {"Normal Table", "Table Grid"}
        for style in [style for style in styles if style.type == WD_STYLE_TYPE.TABLE and style.name not in used]:
            style.delete()
        styles["Normal"].font.size = Pt(11)
        styles["Normal"].paragraph_format.space_after = Pt(8)
        styles["Normal"].paragraph_format.line_spacing = 1.15
        for name, size in _SIZES.items():
            styles[name].font.size, styles[name].font.italic = Pt(size), False
            styles[name].font.color.rgb = RGBColor.from_string(NAVY)
        for name, before, after in (("Title", 0, 6), ("Subtitle", 0, 4), ("Heading 1", 22, 6), ("Heading 2", 18, 6), ("Heading 3", 12, 4)):
            styles[name].paragraph_format.space_before, styles[name].paragraph_format.space_after = Pt(before), Pt(after)
        styles["Footer"].font.size = Pt(9)
        for name in ("Title", "Subtitle"):
            for wide in list(styles[name].element.rPr.iter(qn("w:spacing"))):
                wide.getparent().remove(wide)
        styles["Caption"].font.color.rgb = RGBColor.from_string(NAVY)
        styles["Caption"].paragraph_format.keep_with_next = True
        for name in ("List Bullet", "List Bullet 2"):
            styles[name].paragraph_format.space_after = Pt(5)
            for close in list(styles[name].element.iter(qn("w:contextualSpacing"))):
                close.getparent().remove(close)
        for name, size, ink, bold in ((TABLE_HEAD, 9, WHITE, True), (TABLE_TEXT, 9, None, False), (NOTICE, 9, BAD_INK, True)):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = styles["Normal"]
            style.font.size, style.font.bold = Pt(size), bold
            style.font.color.rgb = RGBColor.from_string(ink) if ink else None
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(2)
            style.paragraph_format.line_spacing = 1.0
        source = styles.add_style(SOURCE, WD_STYLE_TYPE.CHARACTER)
        source.font.color.rgb = RGBColor.from_string(GREY)
        self._shaded(TO_WRITE, TO_WRITE_FILL, None)
        for rating in RATINGS:
            self._shaded(rating_style(rating.word), rating.fill, rating.ink)
        self._shaded(rating_style(NOT_RATED), MIST, None)

    def _shaded(self, name: str, fill: str, ink: str | None) -> None:
        """A character style on a colour. Word knows no highlighting in styles, but shading."""
        style = self.document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.bold = True
        if ink:
            style.font.color.rgb = RGBColor.from_string(ink)
        style.element.get_or_add_rPr().append(_element("w:shd", val="clear", color="auto", fill=fill))

    def _page_numbers(self, foot: Paragraph, title: str) -> None:
        foot.add_run(f"{clean(title)}. Page ")
        _field(foot, "PAGE")
        foot.add_run(" of ")
        _field(foot, "NUMPAGES")


def _write(paragraph: Paragraph, line: Line) -> None:
    for run in [Run(line)] if isinstance(line, str) else line:
        paragraph.add_run(clean(run.text), style=run.style)


def _write_cell(cell: _Cell, content: Content, style: str) -> None:
    for number, line in enumerate([content] if isinstance(content, str) else content or [""]):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.style = style
        _write(paragraph, line)


def _shade(cell: _Cell, fill: str) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=fill))


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word works out, with a 1 in it until then."""
    field = _element("w:fldSimple", instr=code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


_THEME_FONT = re.compile(rb'(<a:(?:major|minor)Font>\s*<a:latin typeface=")[^"]*')


def _in_one_font(name: str, part: bytes) -> bytes:
    """The template's two typefaces made the one of the workbooks; every style follows the theme."""
    return _THEME_FONT.sub(rb"\g<1>" + FONT.encode(), part) if name.startswith("word/theme/") else part


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """A text that Word can hold: what XML forbids is shown as \ufffd, never dropped in silence."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n"))
