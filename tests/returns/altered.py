"""One copy with an answer in nearly every cell, ways to change it, and what is read and reported afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl import Workbook

from cedg_excel.checking.check import Checked
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.fields import ACTION_COLUMNS
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from cedg_excel.text import shown
from tests.conftest import COVER, PERIOD, SENT
from tests.helpers.zips import Parts, parts_of, zipped

TAB = "Objective 2"
ANSWERS: Mapping[str, Any] = {
    **COVER,
    "action/2.1/evidence": "Helped",
    "action/2.3/date_commenced": date(2019, 8, 1), "action/2.3/target_date": date(2020, 6, 30),
    "action/2.3/date_achieved": date(2019, 12, 12), "action/2.3/evidence": "Minutes", "action/2.3/rating": "Blue",
    "action/2.3/remedial_action": "None needed",
    "action/2.4/date_commenced": date(2019, 9, 2), "action/2.4/target_date": date(2020, 3, 31),
    "action/2.4/evidence": "Leaflet", "action/2.4/rating": "Amber", "action/2.4/remedial_action": "A new lead",
    "action/2.5/date_commenced": date(2019, 10, 3), "action/2.5/evidence": "Draft", "action/2.5/rating": "Red",
    "kpi/K2.1/value": 17, "kpi/K2.1/comment": "Up", "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4,
    "kpi/K2.2/comment": "Few", "kpi/K2.3/value": 2.5, "kpi/K2.4/value": "Two apps", "kpi/K2.4/comment": "New",
    "narrative/2/achievements": "A protocol", "narrative/2/impact": "Quicker help", "narrative/2/next_steps": "A review",
}  # fmt: skip
"""An answer in nearly every cell of north's copy, no two alike, so that an answer read in the wrong place is noticed.

The tab Objective 2: titles in rows 1 to 4; actions 2.1, 2.3, 2.4 and 2.5 in rows 7 to 10, under their headings in 6;
KPIs K2.1 to K2.4 in 13 to 16, under 12; the officer's own words N2.1 to N2.3 in 19 to 21, under 18."""

LAST = column_letter(len(ACTION_COLUMNS))
"""The last column of the tables."""

Tamper = Callable[[Workbook], object]
Edit = Callable[[Parts], object]
Read = Callable[..., Checked]


def altered(data: bytes, tamper: Tamper | None = None, edit: Edit | None = None) -> bytes:
    if tamper:
        book = openpyxl.load_workbook(BytesIO(data))
        tamper(book)
        data = to_bytes(book, SENT)
    if edit:
        parts = parts_of(data)
        edit(parts)
        data = zipped(parts, level=1)
    return data


def assert_addresses(path: Path, returned: Return) -> None:
    """Another program finds each value at the reported address too: a wrong address is worse than none."""
    book = openpyxl.load_workbook(path, data_only=True)
    for key, entry in (returned.entries or {}).items():
        if entry.raw is not None and not str(entry.raw).startswith("="):
            assert shown(book[entry.place.sheet][entry.place.cell].value) == shown(entry.raw), (key, entry.place)


def reported(item: Checked) -> list[str]:
    """`["Objective 2!A8 ROW_MOVED"]`."""
    return [f"{finding.where} {finding.code}".strip() for finding in item.findings]


def values(item: Checked) -> dict[str, Any]:
    return {key: entry.value for key, entry in (item.returned.entries or {}).items() if entry.value is not None}


def answers(unread: Iterable[str] = (), **instead: Any) -> dict[str, Any]:
    """The answers, without those whose keys match a pattern such as `action/2.3/*`."""
    kept = {key: value for key, value in ANSWERS.items() if not any(fnmatch(key, pattern) for pattern in unread)}
    return kept | instead


def outside(cells: str, sheet: str = TAB) -> list[str]:
    return [f"{sheet}!{cell} OUTSIDE_FORM" for cell in cells.split()]


def on_tab(code: str, cell: str = "") -> str:
    return f"{TAB}!{cell} {code}" if cell else f"{TAB} {code}"


def rows_missing(*refs: str) -> list[str]:
    return [on_tab("ROW_MISSING") for _ in refs]


def put(cell: str, value: Any, sheet: str = TAB, number_format: str = "") -> Tamper:
    """Type a value into a cell; a text remains text, whatever it begins with."""

    def tamper(book: Workbook) -> None:
        target = book[sheet][cell]
        target.value = value
        if isinstance(value, str) and value.startswith("="):
            target.data_type = "s"
        if number_format:
            target.number_format = number_format

    return tamper


def swap(first: str, second: str) -> Tamper:
    """Swap the contents of two ranges of the same size, with their formats, as sorting does."""

    def tamper(book: Workbook) -> None:
        for ours, theirs in zip(book[TAB][first], book[TAB][second], strict=True):
            for one, other in zip(ours, theirs, strict=True):
                one.value, other.value = other.value, one.value
                one.number_format, other.number_format = other.number_format, one.number_format

    return tamper


def cover_row(plan: Plan, name: str) -> int:
    return next(cell.row for _, cell, item in layout_for(plan, "north", PERIOD).fields() if item.key == f"cover/{name}")


def rewrite(parts: Parts, cell: str, written: str) -> None:
    """Put XML into a cell, keeping its style."""
    name, sheet = sheet_of(parts, TAB)
    opening = "" if written.startswith(" ") else ">"
    changed, times = re.subn(
        rf'<c r="{cell}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', lambda m: f'<c r="{cell}"{m[1] or ""}{opening}{written}</c>', sheet, count=1
    )
    assert times == 1
    parts[name] = changed.encode()


def sheet_of(parts: Parts, title: str) -> tuple[str, str]:
    """A tab's part and its XML."""
    titles = re.findall(r'<sheet [^>]*?name="([^"]+)"', parts["xl/workbook.xml"].decode())
    name = f"xl/worksheets/sheet{titles.index(title) + 1}.xml"
    return name, parts[name].decode()
