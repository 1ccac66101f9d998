"""
Copies saved by programs that keep little more than the values: the same answers under the same keys, found by stamp and refs.

Takes about 10 seconds. `CEDG_LONG=1` tests every sample return, not three.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cedg_excel.cli.setup_commands import DEFAULT_PLAN
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_return
from cedg_excel.shipped import shipped_plans
from tests.helpers.mutations import SHEET, with_shared_strings
from tests.helpers.places import SAMPLES
from tests.helpers.zips import Parts, parts_of, zipped

LONG = os.environ.get("CEDG_LONG") == "1"
NAMES = sorted(path.stem for path in SAMPLES.glob("2019-20-*/*.xlsx")) if LONG else [
    "south-yorkshire-police_2019-20-Q3", "rmbc-childrens-services_2019-20-Q4", "barnardos_2019-20-Q4",
]  # fmt: skip

Strip = Callable[[bytes], bytes]


def sample(name: str) -> bytes:
    return (SAMPLES / name.partition("_")[2] / f"{name}.xlsx").read_bytes()


@cache
def plan_of_samples() -> Plan:
    return load_plan(shipped_plans()[DEFAULT_PLAN])


@cache
def expected(name: str) -> Mapping[str, Any]:
    """The values of the unchanged sample, by key, with the blanks."""
    returned = read_return(SAMPLES / name.partition("_")[2] / f"{name}.xlsx", plan_of_samples())
    assert returned.entries is not None
    return {key: entry.value for key, entry in returned.entries.items()}


def in_sheets(*changes: tuple[str, str]) -> Strip:
    """Replace patterns in the XML of every tab."""
    return in_parts(SHEET, *changes)


def in_parts(names: re.Pattern[str], *changes: tuple[str, str]) -> Strip:
    def strip(data: bytes) -> bytes:
        parts = parts_of(data)
        for name in filter(names.fullmatch, parts):
            for old, new in changes:
                parts[name] = re.sub(old.encode(), new.encode(), parts[name], flags=re.DOTALL)
        return zipped(parts)

    return strip


def without(*names: str) -> Strip:
    """Remove some parts, and every reference to them in the others."""

    def strip(data: bytes) -> bytes:
        parts = {name: part for name, part in parts_of(data).items() if name not in names}
        for name, part in parts.items():
            if name.endswith(".rels") or name == "[Content_Types].xml":
                last = "|".join(re.escape(removed.rpartition("/")[2]) for removed in names)
                parts[name] = re.sub(rf'<(?:Relationship|Override) [^>]*"[^"]*(?:{last})"[^>]*/>'.encode(), b"", part)
        return zipped(parts)

    return strip


UNPROTECTED = in_sheets(("<sheetProtection[^>]*/>", ""))
BARE = in_sheets(
    ("<sheetProtection[^>]*/>", ""), ("<dataValidations.*?</dataValidations>", ""),
    ("<conditionalFormatting.*?</conditionalFormatting>", ""), ("<cols>.*?</cols>", ""), ("<hyperlinks>.*?</hyperlinks>", ""),
    ("<sheetViews>.*?</sheetViews>", ""), (' ht="[^"]*"', ""), ("<rowBreaks.*?</rowBreaks>", ""),
)  # fmt: skip
NAMELESS = in_parts(re.compile(r"xl/workbook\.xml"), ("<definedNames>.*?</definedNames>", ""), ("<workbookProtection[^>]*/>", ""))


def without_all(data: bytes) -> bytes:
    return without("docProps/custom.xml", "docProps/app.xml")(NAMELESS(BARE(data)))


def unstyled(data: bytes) -> bytes:
    """Dates become plain numbers of days."""
    return without("xl/styles.xml", "xl/theme/theme1.xml")(in_sheets((' s="\\d+"', ""))(data))


def cells_of(data: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(data), data_only=True)


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def values_only(data: bytes) -> bytes:
    """What a program writes that keeps only tabs and values."""
    book, old = Workbook(), cells_of(data)
    book.remove(book.worksheets[0])
    for sheet in old:
        new = book.create_sheet(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    copy = new.cell(cell.row, cell.column)
                    copy.value = cell.value
                    if isinstance(cell.value, str):
                        copy.data_type = "s"
    return saved(book)


def by_hand(data: bytes) -> bytes:
    """The same as the simplest exporters write it: no styles, no properties, every text in its cell, no addresses."""
    parts: Parts = {}
    main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006"
    types, links, tabs = "", "", ""
    for number, sheet in enumerate(cells_of(data), 1):
        rows = "".join(f"<row>{''.join(written(cell.value) for cell in row)}</row>" for row in sheet.iter_rows())
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
        types += f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}"/>'
        links += f'<Relationship Id="r{number}" Type="{office}/relationships/worksheet" Target="worksheets/sheet{number}.xml"/>'
        tabs += f'<sheet name="{escape(sheet.title)}" sheetId="{number}" r:id="r{number}"/>'
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    workbook = f'<workbook xmlns="{main}" xmlns:r="{office}/relationships"><sheets>{tabs}</sheets></workbook>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return zipped({
        "[Content_Types].xml": (
            f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{defaults}'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}"/>{types}</Types>'
        ).encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/relationships/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": workbook.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">{links}</Relationships>'.encode(),
        **parts,
    })  # fmt: skip


def written(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, date):
        when = value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
        return f"<c><v>{(when - datetime(1899, 12, 30)) // timedelta(days=1)}</v></c>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def iso_days(data: bytes) -> bytes:
    """Dates as ISO text in cells that say so, as some exporters write them."""
    parts = parts_of(data)
    for sheet, name in zip(openpyxl.load_workbook(BytesIO(data)), sorted(filter(SHEET.fullmatch, parts), key=part_number), strict=True):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, date):
                    old = rb'<c r="%s"([^>]*?)(?: t="n")?>.*?</c>' % cell.coordinate.encode()
                    new = rb'<c r="%s"\1 t="d"><v>%s</v></c>' % (cell.coordinate.encode(), f"{cell.value:%Y-%m-%d}".encode())
                    parts[name] = re.sub(old, new, parts[name])
    return zipped(parts)


def part_number(name: str) -> int:
    return int(re.sub(r"\D", "", name))


def from_1904(data: bytes) -> bytes:
    book = openpyxl.load_workbook(BytesIO(data))
    book.epoch = CALENDAR_MAC_1904
    return saved(book)


MAIN, RELATIONS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/"
XLSX = re.compile(r"xl/(workbook|styles|worksheets/sheet\d+)\.xml|.*\.rels")

STRIPPED: Mapping[str, tuple[Strip, bool]] = {
    # What is done, and whether every date is reported as a plain number.
    "as it was": (lambda data: data, False),
    "without protection": (UNPROTECTED, False),
    "without protection, validation, formats, widths, links": (BARE, False),
    "without defined names and the workbook's protection": (NAMELESS, False),
    "without custom properties": (without("docProps/custom.xml"), False),
    "without any properties": (without("docProps/custom.xml", "docProps/app.xml", "docProps/core.xml"), False),
    "without all of these": (without_all, False),
    "without styles": (unstyled, True),
    "shared strings": (with_shared_strings, False),
    "shared strings, and nothing else": (lambda data: without_all(with_shared_strings(data)), False),
    "texts as results": (in_sheets((' t="inlineStr"><is><t[^>]*>(.*?)</t></is>', r' t="str"><v>\1</v>')), False),
    "texts in runs": (in_sheets((r"<is><t[^>]*>([^<]{4})([^<]*)</t></is>", r"<is><r><t xml:space='preserve'>\1</t></r>"
                                 r"<r><rPr><b/></rPr><t xml:space='preserve'>\2</t></r></is>")), False),
    "values alone, saved by openpyxl": (values_only, False),
    "values alone, saved by openpyxl, with shared strings": (lambda data: with_shared_strings(values_only(data)), False),
    "values alone, as simple exporters write them": (by_hand, True),
    "opened and saved by openpyxl": (lambda data: saved(openpyxl.load_workbook(BytesIO(data))), False),
    "names with a prefix": (in_parts(SHEET, ("<(/?)(?=[A-Za-z])", r"<\1x:"), (' xmlns="', ' xmlns:x="')), False),
    "the strict namespaces": (in_parts(XLSX, (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
                                       (RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/")), False),
    "dates as ISO text": (iso_days, False),
    "days counted from 1904": (from_1904, False),
    "texts with preserved space and line ends": (in_sheets(("<t>", '\\n <t xml:space="preserve">')), False),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", STRIPPED)
def test_stripped_copies_give_the_same_answers_under_the_same_keys(what: str, name: str, tmp_path: Path) -> None:
    strip, numbered = STRIPPED[what]
    path = tmp_path / "return.xlsx"
    path.write_bytes(strip(sample(name)))
    returned = read_return(path, plan_of_samples())
    assert [finding.code for finding in returned.findings if finding.code not in ("PROTECTION_REMOVED", "DROPDOWN_GONE")] == []
    assert values(returned) == expected(name)
    dated = {entry.rule_code for entry in (returned.entries or {}).values() if isinstance(entry.value, date)}
    assert dated == ({"DATE_AS_NUMBER"} if numbered else {None})


def values(returned: Return) -> Mapping[str, Any]:
    return {key: entry.value for key, entry in (returned.entries or {}).items()}


@pytest.mark.parametrize("what", [what for what in STRIPPED if what != "as it was"])
def test_each_way_changes_the_file(what: str) -> None:
    """A change that leaves the file as it was would test nothing."""
    data = sample(NAMES[0])
    assert parts_of(STRIPPED[what][0](data)) != parts_of(data)


def test_a_copy_with_neither_stamp_nor_properties_is_refused(tmp_path: Path) -> None:
    """Values alone are enough only because of the stamp."""
    data = without_all(in_sheets((r"cedg \| [^<]*", "cut off"))(sample(NAMES[0])))
    path = tmp_path / "return.xlsx"
    path.write_bytes(data)
    assert [finding.code for finding in read_return(path, plan_of_samples()).findings] == ["NOT_OURS"]
