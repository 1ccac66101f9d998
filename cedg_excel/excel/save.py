"""An Office document as a file: no author, fixed times, rows that grow, the same bytes for the same content."""

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
_CUSTOM_HEIGHT = re.compile(rb'(<row\b[^>]*?) customHeight="(?:1|true)"')
_CREATOR = re.compile(rb"<dc:creator[^>]*>.*?</dc:creator>")
_TIME = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
_APP = re.compile(rb"<(Application|AppVersion)>[^<]*</\1>")


Results = Mapping[str, Mapping[tuple[int, int], str | int]]
"""What formulas come to: by tab, then by row and column, both 1-based."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A sheet's rows as XML: the range they take, such as `A1:H20`, and their text, a piece at a time."""

    extent: str
    pieces: Iterable[bytes]


def midnight(day: date) -> datetime:
    """The time that a file bears which was made for a day, and not by somebody at an hour."""
    return datetime.combine(day, time(), UTC)


def to_bytes(
    workbook: Workbook,
    when: datetime,
    results: Results | None = None,
    rows: Mapping[str, Rows] | None = None,
    chart_texts: Sequence[str] = (),
) -> bytes:
    """
    The workbook as the bytes of an .xlsx file, the same for the same content.

    `when` is written as the time it was made and last changed; it must come from the content, never from the clock.
    `results` are written as the values of its formulas, for programs that show a file without calculating it.
    `rows` are the rows of sheets that have none of their own, by title. `chart_texts` are the charts' alternative texts, in the
    order of the sheets.
    """
    # Only now: it brings openpyxl, and numpy with it, whose threads would keep `readers` from copying the process.
    from cedg_excel.excel.in_memory import workbook_parts

    by_part = {f"xl/worksheets/sheet{n}.xml": (results or {}).get(title, {}) for n, title in enumerate(workbook.sheetnames, 1)}
    given = {f"xl/worksheets/sheet{n}.xml": (rows or {}).get(title) for n, title in enumerate(workbook.sheetnames, 1)}
    texts = iter(chart_texts)
    parts = ((name, _fixed_part(name, part, when, by_part.get(name, {}), texts)) for name, part in workbook_parts(workbook).items())
    return zip_bytes((name, _filled(part, its_rows) if (its_rows := given.get(name)) else part) for name, part in parts)


def rezipped(raw: BytesIO, mended: Callable[[str, bytes], bytes]) -> bytes:
    """A zip written again with fixed times and each part mended, so that it is the same bytes for the same content."""
    with zipfile.ZipFile(raw) as source:
        return zip_bytes((name, mended(name, source.read(name))) for name in source.namelist())


def zip_bytes(parts: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> bytes:
    """Parts with their names as a zip, the same bytes for the same parts, wherever and whenever. A part may come in pieces."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts:
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # or Windows would write other bytes
            info.external_attr = 0o600 << 16
            with target.open(info, "w") as stream:
                stream.writelines([part] if isinstance(part, bytes) else part)
    return out.getvalue()


_NO_ROWS = re.compile(rb"<sheetData ?/>|<sheetData></sheetData>")
_EXTENT = re.compile(rb'(<dimension ref=)"[^"]*"')


def _filled(part: bytes, rows: Rows) -> Iterator[bytes]:
    """A sheet without rows, with these."""
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
    """A part of an Office file without the author, the program and the clock that its writer puts in."""
    if name == "docProps/core.xml":
        stamp = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return _TIME.sub(rb"\g<1>" + stamp + rb"\g<3>", _CREATOR.sub(b"", part))
    if name == "docProps/app.xml":
        return _APP.sub(b"", part)
    return part


_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"((?: s="\d+")?)(?: t="\w+")?>(<f>.*?</f>)<v ?/?>(?:</v>)?</c>')


def _with_results(part: bytes, results: Mapping[tuple[int, int], str | int]) -> bytes:
    """The sheet with a value beside each formula. openpyxl writes none."""

    def valued(match: re.Match[bytes]) -> bytes:
        letters, row, style, formula = match.groups()
        value = results.get((int(row), column_number(letters.decode())))
        if value is None:
            return match[0]
        kind, text = (b' t="str"', html.escape(value, quote=False)) if isinstance(value, str) else (b"", str(value))
        return b'<c r="%s%s"%s%s>%s<v>%s</v></c>' % (letters, row, style, kind, formula, text.encode())

    return _FORMULA.sub(valued, part) if results else part
