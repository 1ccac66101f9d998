"""An Office document as the bytes of its file: no author, fixed times, rows that grow, the same bytes for the same content."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING

from cedg_excel.excel_facts import column_number

if TYPE_CHECKING:
    from openpyxl import Workbook

_NAMELESS_CHART = re.compile(rb'(<(?:xdr:)?cNvPr id="\d+" name="Chart \d+")')
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
ZIP_SYSTEM, ZIP_ATTRIBUTES = 3, 0o600 << 16
"""Of every part, on every system: else the bytes would differ on Windows."""
_CUSTOM_HEIGHT = re.compile(rb'(<row\b[^>]*?) customHeight="(?:1|true)"')
_CREATOR = re.compile(rb"<dc:creator[^>]*>.*?</dc:creator>")
_TIME = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
_APP = re.compile(rb"<(Application|AppVersion)>[^<]*</\1>")


Results = Mapping[str, Mapping[tuple[int, int], str | int]]
"""The values of formulas: by tab, then by row and column, both 1-based."""


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A sheet's rows as XML: their range, such as `A1:H20`, and their text in pieces."""

    extent: str
    pieces: Iterable[bytes]


def midnight(day: date) -> datetime:
    """The time stamp of a file that is dated to a day: the start of that day, in UTC."""
    return datetime.combine(day, time(), UTC)


def to_bytes(
    workbook: Workbook,
    when: datetime,
    results: Results | None = None,
    rows: Mapping[str, SheetRows] | None = None,
    chart_texts: Sequence[str] = (),
) -> bytes:
    """
    The workbook as the bytes of an .xlsx file, the same for the same content.

    `when` is written as the time of creation and of the last change; it must come from the content, never from the clock.
    `results` are written as the values of its formulas, for programs that show a file without calculating it.
    `rows` are the rows of sheets that have none yet, by title. `chart_texts` are the charts' alternative texts, in the
    order of the sheets.
    """
    # Imported here because it imports openpyxl, and so numpy, whose threads would prevent forking the process.
    from cedg_excel.excel.in_memory import workbook_parts

    results_by_part = {f"xl/worksheets/sheet{n}.xml": (results or {}).get(title, {}) for n, title in enumerate(workbook.sheetnames, 1)}
    rows_by_part = {f"xl/worksheets/sheet{n}.xml": (rows or {}).get(title) for n, title in enumerate(workbook.sheetnames, 1)}
    texts = iter(chart_texts)
    parts = ((name, _fixed_part(name, part, when, results_by_part.get(name, {}), texts)) for name, part in workbook_parts(workbook).items())
    return zip_bytes((name, _with_rows(part, sheet_rows) if (sheet_rows := rows_by_part.get(name)) else part) for name, part in parts)


def rezip(raw: BytesIO, change_part: Callable[[str, bytes], bytes]) -> bytes:
    """A zip written again with fixed times and each part changed, so that the same content gives the same bytes."""
    with zipfile.ZipFile(raw) as source:
        return zip_bytes((name, change_part(name, source.read(name))) for name in source.namelist())


def zip_bytes(parts: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> bytes:
    """Named parts as a zip: the same bytes for the same parts, on every system and at any time. A part may come in pieces."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts:
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = ZIP_SYSTEM
            info.external_attr = ZIP_ATTRIBUTES
            with target.open(info, "w") as stream:
                stream.writelines([part] if isinstance(part, bytes) else part)
    return out.getvalue()


_NO_ROWS = re.compile(rb"<sheetData ?/>|<sheetData></sheetData>")
_EXTENT = re.compile(rb'(<dimension ref=)"[^"]*"')


def _with_rows(part: bytes, rows: SheetRows) -> Iterator[bytes]:
    """A sheet that has no rows, with these rows put in."""
    before, after = _NO_ROWS.split(part)
    yield _EXTENT.sub(rb'\1"' + rows.extent.encode() + b'"', before) + b"<sheetData>"
    yield from rows.pieces
    yield b"</sheetData>" + after


def _fixed_part(name: str, part: bytes, when: datetime, results: Mapping[tuple[int, int], str | int], texts: Iterator[str]) -> bytes:
    if name.startswith("xl/worksheets/sheet"):
        return _with_results(_CUSTOM_HEIGHT.sub(rb"\1", part), results)
    if name.startswith("xl/drawings/drawing"):
        return _NAMELESS_CHART.sub(lambda match: b'%s descr="%s"' % (match[1], html.escape(next(texts)).encode()), part)
    return anonymous_part(name, part, when)


def anonymous_part(name: str, part: bytes, when: datetime) -> bytes:
    """A part of an Office file without the author, the program's name and the time that the writing library adds."""
    if name == "docProps/core.xml":
        stamp = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return _TIME.sub(rb"\g<1>" + stamp + rb"\g<3>", _CREATOR.sub(b"", part))
    if name == "docProps/app.xml":
        return _APP.sub(b"", part)
    return part


_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"((?: s="\d+")?)(?: t="\w+")?>(<f>.*?</f>)<v ?/?>(?:</v>)?</c>')


def _with_results(part: bytes, results: Mapping[tuple[int, int], str | int]) -> bytes:
    """The sheet with the value of each formula; openpyxl writes formulas without values."""

    def with_value(match: re.Match[bytes]) -> bytes:
        letters, row, style, formula = match.groups()
        value = results.get((int(row), column_number(letters.decode())))
        if value is None:
            return match[0]
        cell_type, text = (b' t="str"', html.escape(value, quote=False)) if isinstance(value, str) else (b"", str(value))
        return b'<c r="%s%s"%s%s>%s<v>%s</v></c>' % (letters, row, style, cell_type, formula, text.encode())

    return _FORMULA.sub(with_value, part) if results else part
