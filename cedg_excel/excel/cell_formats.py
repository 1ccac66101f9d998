"""How cells are formatted, as far as this program has to know: which are unlocked, and which hold text whatever is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from cedg_excel.excel.gate import Refused
from cedg_excel.excel.sheet_details import STYLES
from cedg_excel.excel.sheet_xml import SheetDetails, SheetParser
from cedg_excel.excel.workbook_info import Tab, parse_xml
from cedg_excel.excel_facts import Address

_TEXT, _TEXT_ID = "@", "49"


@dataclass(frozen=True, slots=True)
class CellFormat:
    """The format of a cell, and Excel's default for one without a format."""

    locked: bool = True
    is_text: bool = False


def cell_formats(parts: dict[str, bytes], tab: Tab) -> dict[Address, CellFormat]:
    """The format of every cell that is written in a tab, blank ones too. Raises Refused when the XML is broken."""
    try:
        formats = [*_formats(parts[STYLES])] if STYLES in parts else []
        parser = _StyleParser(SheetDetails())
        parser.run(parts[tab.part])
    except (ParseError, expat.ExpatError, ValueError, OverflowError) as error:
        raise Refused("DAMAGED") from error
    return {address: formats[style] if style < len(formats) else CellFormat() for address, style in parser.styles.items()}


class _StyleParser(SheetParser):
    """Notes the number of every cell's style."""

    def __init__(self, details: SheetDetails) -> None:
        super().__init__(details)
        self.styles: dict[Address, int] = {}

    def start_cell(self, attributes: dict[str, str]) -> None:
        super().start_cell(attributes)
        self.styles[self.last_address] = 0
        if style := attributes.get("s"):
            self.note_style(style)

    def note_style(self, style: str) -> None:
        if style.isascii() and style.isdecimal() and len(style) < 10:
            self.styles[self.last_address] = int(style)


def _formats(styles: bytes) -> Iterator[CellFormat]:
    """The format of each cell style, in order."""
    root = parse_xml(styles)
    text_ids = {_TEXT_ID, *(item.get("numFmtId", "") for item in _named(root, "numFmt") if item.get("formatCode") == _TEXT)}
    for group in _named(root, "cellXfs"):
        for item in group:
            locks = [lock.get("locked", "1") for lock in _named(item, "protection")]
            yield CellFormat(locked=locks not in (["0"], ["false"]), is_text=item.get("numFmtId", "") in text_ids)


def _named(parent: Element, name: str) -> Iterator[Element]:
    return (element for element in parent.iter() if element.tag.rpartition("}")[2] == name)
