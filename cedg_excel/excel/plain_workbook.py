"""A workbook made for calamine alone: its sheets, shared texts and styles, and nothing else of the file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROOT = (
    f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_DIMENSION = re.compile(rb"<(?:[\w.-]+:)?dimension\b[^<>]*?(?:/>|>\s*</(?:[\w.-]+:)?dimension\s*>)")


def workbook_of(sheets: Sequence[bytes], parts: Mapping[str, bytes], *, epoch_1904: bool) -> BytesIO:
    """
    A zip with these sheets, named `0`, `1` and so on, and the shared texts and styles of `parts`.

    What calamine reads is what was inspected: no other program's names, relations or sheets are in it.
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, part in _frame(len(sheets), epoch_1904=epoch_1904).items():
            package.writestr(zipfile.ZipInfo(name), part)
        for number, sheet in enumerate(sheets):
            package.writestr(zipfile.ZipInfo(f"xl/worksheets/sheet{number}.xml"), without_dimension(sheet))
        for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
            if name in parts:
                package.writestr(zipfile.ZipInfo(name), parts[name])
    out.seek(0)
    return out


def without_dimension(sheet: bytes) -> bytes:
    """The sheet without the range that it claims to fill: a hint, which some programs leave empty or get wrong."""
    head, found, rest = sheet.partition(b"sheetData")
    return _DIMENSION.sub(b"", head) + found + rest if b"dimension" in head else sheet


def _frame(count: int, *, epoch_1904: bool) -> dict[str, str]:
    sheets = "".join(f'<sheet name="{number}" sheetId="{number + 1}" r:id="r{number}"/>' for number in range(count))
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>' for number in range(count)
    )
    return {
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": f'<workbook xmlns:r="{_OFFICE}"><workbookPr date1904="{epoch_1904:d}"/><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
    }
