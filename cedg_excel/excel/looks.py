"""How cells look, by the styles of their workbook: the number format, and whether they are struck through."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree  # the gate has refused every document type

from cedg_excel.excel.gate import Refused
from cedg_excel.excel.number_format import GENERAL
from cedg_excel.excel.workbook_info import parse_xml


class Look(NamedTuple):
    """The number format of a cell, and whether the whole cell is struck through."""

    number_format: str = GENERAL
    struck: bool = False


PLAIN = Look()

BUILT_IN_FORMATS = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "dd/mm/yyyy h:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: '#,##0;-#,##0;"-"', 42: '"£"#,##0;-"£"#,##0;"£-"', 43: '#,##0.00;-#,##0.00;"-"', 44: '"£"#,##0.00;-"£"#,##0.00;"£-"',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "0.0E+00", 49: "@",
}  # fmt: skip
"""The formats that a workbook names by number alone, as British Excel shows them (ECMA-376 part 1, 18.8.30)."""

UNKNOWN_FORMAT = "unknown"
"""Stands for a format that cannot be followed."""


def looks_of(parts: Mapping[str, bytes]) -> tuple[Look, ...]:
    """The look of each cell style, in the order in which cells refer to them; none where the workbook has no readable styles."""
    styles = next((part for name, part in parts.items() if name.lower() == "xl/styles.xml"), b"")
    return _looks(styles) if styles else ()


@lru_cache(maxsize=64)
def _looks(styles: bytes) -> tuple[Look, ...]:
    try:
        root = parse_xml(styles)
    except (ElementTree.ParseError, Refused):
        return ()
    formats = {item.get("numFmtId"): item.get("formatCode", GENERAL) for item in root.iter() if _name(item) == "numFmt"}
    struck = [any(_is_strike(part) for part in font) for font in _children(root, "fonts")]
    return tuple(_look(style, formats, struck) for style in _children(root, "cellXfs"))


def _children(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The elements in one of the lists of the styles."""
    return [child for parent in root if _name(parent) == name for child in parent]


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _is_strike(element: ElementTree.Element) -> bool:
    return _name(element) == "strike" and element.get("val", "1") not in ("0", "false")


def _look(style: ElementTree.Element, formats: Mapping[str | None, str], struck: list[bool]) -> Look:
    number, font = style.get("numFmtId", "0"), style.get("fontId", "0")
    code = formats.get(number) or BUILT_IN_FORMATS.get(int(number) if number.isdecimal() else -1, UNKNOWN_FORMAT)
    return Look(code, font.isdecimal() and int(font) < len(struck) and struck[int(font)])
