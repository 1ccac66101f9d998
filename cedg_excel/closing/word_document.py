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
MAX_UNSPLIT_ROW = 600
"""A table row with no more characters than this is kept on one page."""

TABLE_HEADING, TABLE_TEXT, NOTICE = "Table heading", "Table text", "Notice"
_FONT_SIZES = {"Title": 26.0, "Subtitle": 13.0, "Heading 1": 18.0, "Heading 2": 15.0, "Heading 3": 12.0}
TO_WRITE_FILL = "FFE97F"
_UNUSED_PARTS = ("/thumbnail", "/customXml", "/stylesWithEffects")
"""What the template of python-docx contains and our documents do not use: a picture of another document, and parts."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph, in one of the character styles."""

    text: str
    style: str | None = None


Line = str | Sequence[Run]
Content = str | Sequence[Line]
"""The content of a table cell: a text, or a paragraph for each line."""


def rating_style(word: str) -> str:
    """The name of the character style that shows a rating on its colour."""
    return f"BRAG {word}"


class WordDocument:
    """A document being written. `notice` appears at the top of every page."""

    def __init__(self, title: str, notice: str = "") -> None:
        self.document: Any = Document()
        self._set_properties(title)
        self._define_styles()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(PAGE_WIDTH), Cm(PAGE_HEIGHT)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)
        section.header_distance = section.footer_distance = Cm(1)
        if notice:
            header = section.header.paragraphs[0]
            header.style = self.document.styles[NOTICE]
            header.add_run(clean(notice))
        self._write_footer(section.footer.paragraphs[0], title)

    def paragraph(self, line: Line, style: str = "Normal") -> None:
        """Add a paragraph: a text, or runs in different styles."""
        _write_line(self.document.add_paragraph(style=style), line)

    def heading(self, text: str, level: int) -> None:
        """Add a real heading, for Word's navigation pane and screen readers. Level 1 is the highest."""
        self.document.add_heading(clean(text), level)

    def picture(self, png: bytes, size: tuple[int, int], alt_text: str) -> None:
        """Add a picture as wide as the text, or as tall as the page; `alt_text` is for those who cannot see it. Size is in pixels."""
        width = min(TEXT_WIDTH, (TEXT_HEIGHT - 3) * size[0] / size[1])
        shape = self.document.add_picture(BytesIO(png), width=Cm(width))
        shape._inline.docPr.set("descr", clean(alt_text))
        shape._inline.docPr.set("name", "Chart")

    def table(self, headings: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[Content]], alt_text: str) -> None:
        """Add a table with a header row that is repeated on every page. Widths are in centimetres; `alt_text` describes it."""
        table = self.document.add_table(1, len(headings), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for cell, text in zip(table.rows[0].cells, headings, strict=True):
            _shade(cell, NAVY)
            _write_cell(cell, text, TABLE_HEADING)
        table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader"))
        for values in rows:
            for cell, value in zip(table.add_row().cells, values, strict=True):
                _write_cell(cell, value, TABLE_TEXT)
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Cm(width)
            if sum(len(cell.text) for cell in row.cells) <= MAX_UNSPLIT_ROW:
                row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        table._tbl.tblPr.append(_element("w:tblDescription", val=clean(alt_text)))
        self.document.add_paragraph(style="No Spacing")

    def to_bytes(self, modified: datetime) -> bytes:
        """The document as a .docx file, the same bytes for the same content and time of modification."""
        self.document.core_properties.created = self.document.core_properties.modified = modified
        raw = BytesIO()
        self.document.save(raw)
        return rezip(raw, lambda name, part: anonymous_part(name, _with_our_font(name, part), modified))

    def _set_properties(self, title: str) -> None:
        """Set our title and language, and remove what the template says about itself."""
        properties = self.document.core_properties
        properties.title, properties.language = clean(title)[:255], LANGUAGE
        properties.comments = properties.last_modified_by = ""
        document = self.document.part
        for rels in (document.package.rels, document.rels):
            for name in [name for name, rel in rels.items() if rel.reltype.endswith(_UNUSED_PARTS)]:
                del rels[name]
        settings = self.document.settings.element
        settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
        settings.find(qn("w:themeFontLang")).set(qn("w:val"), LANGUAGE)

    def _define_styles(self) -> None:
        styles = self.document.styles
        for lang in styles.element.iter(qn("w:lang")):
            lang.set(qn("w:val"), LANGUAGE)
        used = {"Normal Table", "Table Grid"}
        for style in [style for style in styles if style.type == WD_STYLE_TYPE.TABLE and style.name not in used]:
            style.delete()
        styles["Normal"].font.size = Pt(11)
        styles["Normal"].paragraph_format.space_after = Pt(8)
        styles["Normal"].paragraph_format.line_spacing = 1.15
        for name, size in _FONT_SIZES.items():
            styles[name].font.size, styles[name].font.italic = Pt(size), False
            styles[name].font.color.rgb = RGBColor.from_string(NAVY)
        for name, before, after in (("Title", 0, 6), ("Subtitle", 0, 4), ("Heading 1", 22, 6), ("Heading 2", 18, 6), ("Heading 3", 12, 4)):
            styles[name].paragraph_format.space_before, styles[name].paragraph_format.space_after = Pt(before), Pt(after)
        styles["Footer"].font.size = Pt(9)
        for name in ("Title", "Subtitle"):
            for letter_spacing in list(styles[name].element.rPr.iter(qn("w:spacing"))):
                letter_spacing.getparent().remove(letter_spacing)
        styles["Caption"].font.color.rgb = RGBColor.from_string(NAVY)
        styles["Caption"].paragraph_format.keep_with_next = True
        for name in ("List Bullet", "List Bullet 2"):
            styles[name].paragraph_format.space_after = Pt(5)
            for no_space_between in list(styles[name].element.iter(qn("w:contextualSpacing"))):
                no_space_between.getparent().remove(no_space_between)
        for name, size, ink, bold in ((TABLE_HEADING, 9, WHITE, True), (TABLE_TEXT, 9, None, False), (NOTICE, 9, BAD_INK, True)):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = styles["Normal"]
            style.font.size, style.font.bold = Pt(size), bold
            style.font.color.rgb = RGBColor.from_string(ink) if ink else None
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(2)
            style.paragraph_format.line_spacing = 1.0
        source = styles.add_style(SOURCE, WD_STYLE_TYPE.CHARACTER)
        source.font.color.rgb = RGBColor.from_string(GREY)
        self._add_shaded_style(TO_WRITE, TO_WRITE_FILL, None)
        for rating in RATINGS:
            self._add_shaded_style(rating_style(rating.word), rating.fill, rating.ink)
        self._add_shaded_style(rating_style(NOT_RATED), MIST, None)

    def _add_shaded_style(self, name: str, fill: str, ink: str | None) -> None:
        """A character style on a colour: as shading, because Word allows no highlighting in a style."""
        style = self.document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.bold = True
        if ink:
            style.font.color.rgb = RGBColor.from_string(ink)
        style.element.get_or_add_rPr().append(_element("w:shd", val="clear", color="auto", fill=fill))

    def _write_footer(self, footer: Paragraph, title: str) -> None:
        footer.add_run(f"{clean(title)}. Page ")
        _add_field(footer, "PAGE")
        footer.add_run(" of ")
        _add_field(footer, "NUMPAGES")


def _write_line(paragraph: Paragraph, line: Line) -> None:
    for run in [Run(line)] if isinstance(line, str) else line:
        paragraph.add_run(clean(run.text), style=run.style)


def _write_cell(cell: _Cell, content: Content, style: str) -> None:
    for number, line in enumerate([content] if isinstance(content, str) else content or [""]):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.style = style
        _write_line(paragraph, line)


def _shade(cell: _Cell, fill: str) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=fill))


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _add_field(paragraph: Paragraph, code: str) -> None:
    """A field that Word calculates when it opens the document; until then it shows 1."""
    field = _element("w:fldSimple", instr=code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


_THEME_FONT = re.compile(rb'(<a:(?:major|minor)Font>\s*<a:latin typeface=")[^"]*')


def _with_our_font(name: str, part: bytes) -> bytes:
    """The theme with the font of the workbooks instead of the template's two; every style follows the theme."""
    return _THEME_FONT.sub(rb"\g<1>" + FONT.encode(), part) if name.startswith("word/theme/") else part


_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text with every character that XML forbids replaced by \ufffd, so that nothing is dropped silently."""
    return _ILLEGAL_IN_XML.sub("\ufffd", text.replace("\r\n", "\n"))
