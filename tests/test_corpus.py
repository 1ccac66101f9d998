"""
Every kind of change on every tab: what is reported, at which cell, and that no value is read wrongly.

Each change is made on one tab of a filled-in copy, and all the changed copies are read in one batch with two good returns. A short run uses
a copy of a small plan and takes about 12 seconds; `CEDG_LONG=1` uses all tabs of a copy of the real plan.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.checking.check import Checked, check
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout, Sheet, Value
from cedg_excel.plan.model import Plan
from cedg_excel.returns.read import read_return
from tests.conftest import PERIOD, SENT

LONG = os.environ.get("CEDG_LONG") == "1"
AGENCY, OTHERS = ("south-yorkshire-police", ("barnardos", "rdash")) if LONG else ("north", ("south",))


def answers(layout: Layout) -> dict[str, Value]:
    """An answer to every question, all different except the ratings, so that an answer read in the wrong place is noticed."""
    given: dict[str, Value] = {}
    for number, (_, _, item) in enumerate(layout.fields()):
        given[item.key] = {
            "text": f"Invented answer {number}",
            "date": None if item.name == "date_achieved" else layout.plan.about.start + timedelta(days=100 + number),
            "number": 1000 + number,
            "rating": ("Red", "Amber")[number % 2],
            "choice": "Final" if item.key == "cover/status" else None,
        }[item.kind]
    return given


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the copy, to be changed. Rows and columns are 1-based."""

    book: Workbook
    title: str
    form: Sheet

    @property
    def sheet(self) -> Worksheet:
        return self.book[self.title]

    @property
    def kind(self) -> str:
        """`Cover`, `Objective`, or the name of a tab without questions."""
        return self.title.split()[0]

    @property
    def asks(self) -> bool:
        return bool(self.form.tables)

    @property
    def rows(self) -> list[int]:
        """The rows of the first table, where there is one; otherwise rows with content."""
        return [row.number for row in self.form.tables[0].rows] if self.asks else sorted({cell.row for cell in self.form.cells()})[-3:]

    @property
    def head(self) -> int:
        return self.form.tables[0].heading_row if self.asks else self.rows[0]

    @property
    def after(self) -> int:
        """The row after the first table."""
        return self.rows[-1] + 1

    @property
    def width(self) -> int:
        return len(self.form.widths)

    def input(self, kind: str) -> tuple[str, str] | None:
        """The first input cell of a kind: its address and its key."""
        return next(((self.sheet.cell(c.row, c.column).coordinate, f.key) for c, f in self.form.fields() if f.kind == kind), None)

    @property
    def column(self) -> int:
        """A column with answers in it: the answers of the Cover, the evidence of an objective."""
        return {"Cover": 2, "Objective": 7}.get(self.kind, 2)


Change = Callable[[Tab], object]


def swap(tab: Tab, one: int, other: int, first: int = 1) -> None:
    """Swap the contents of two rows, from a column on."""
    for column in range(first, tab.width + 1):
        a, b = tab.sheet.cell(one, column), tab.sheet.cell(other, column)
        a.value, b.value = b.value, a.value
        a.number_format, b.number_format = b.number_format, a.number_format


def sort(tab: Tab, columns: tuple[int, int] | None = None) -> None:
    """Reverse the rows of the first table: whole, or only some columns."""
    first, last = columns or (1, tab.width)
    kept = [[(tab.sheet.cell(r, c).value, tab.sheet.cell(r, c).number_format) for c in range(first, last + 1)] for r in tab.rows]
    for row, line in zip(tab.rows, reversed(kept), strict=True):
        for column, (value, form) in enumerate(line, first):
            tab.sheet.cell(row, column).value = value
            tab.sheet.cell(row, column).number_format = form


def repeat_row(tab: Tab) -> None:
    """Copy the second row below everything else."""
    target = tab.sheet.max_row + 3
    for column in range(1, tab.width + 1):
        tab.sheet.cell(target, column).value = tab.sheet.cell(tab.rows[1], column).value


def move_column(tab: Tab) -> None:
    """Cut the column with the answers and paste it to the right of everything else."""
    letter = tab.sheet.cell(1, tab.column).column_letter
    tab.sheet.move_range(f"{letter}1:{letter}{tab.sheet.max_row}", cols=tab.width + 1 - tab.column)


def exchange_names(tab: Tab) -> None:
    titles = tab.book.sheetnames
    other = titles[(titles.index(tab.title) + 1) % len(titles)]
    sheet, neighbour = tab.sheet, tab.book[other]
    sheet.title, neighbour.title = "x", tab.title
    sheet.title = other


def duplicate(tab: Tab) -> None:
    copy = tab.book.copy_worksheet(tab.sheet)
    copy.title = "Copied"
    copy.protection.sheet = True


def put(row: Callable[[Tab], int], column: int, value: Any) -> Change:
    return lambda tab: setattr(tab.sheet.cell(row(tab), column), "value", value)


def into(kind: str, new_value: Callable[[Any], Any]) -> Change:
    """Change what the first input cell of a kind holds."""

    def change(tab: Tab) -> None:
        found = tab.input(kind)
        if found:
            tab.sheet[found[0]].value = new_value(tab.sheet[found[0]].value)

    return change


def upper_headings(tab: Tab) -> None:
    for cell in tab.sheet[tab.head]:
        if isinstance(cell.value, str):
            cell.value = cell.value.upper()


def filtered(tab: Tab) -> None:
    tab.sheet.auto_filter.ref = f"A{tab.head}:B{tab.rows[-1]}"
    tab.sheet.row_dimensions[tab.rows[1]].hidden = True


def ref_as_number(tab: Tab) -> None:
    ref = tab.sheet.cell(tab.rows[1], 1)
    if re.fullmatch(r"\d+\.\d+", str(ref.value)):
        ref.value = float(ref.value)


def without_validation(tab: Tab) -> None:
    tab.sheet.data_validations.dataValidation = []


def merged(tab: Tab) -> None:
    """Merge two cells with answers: the lower one's answer is lost."""
    letter = tab.sheet.cell(1, tab.column).column_letter
    tab.sheet.merge_cells(f"{letter}{tab.rows[0]}:{letter}{tab.rows[1]}")


CHANGES: Mapping[str, Change] = {
    "row inserted above everything": lambda tab: tab.sheet.insert_rows(1),
    "row inserted above the headings": lambda tab: tab.sheet.insert_rows(tab.head),
    "row inserted among the rows": lambda tab: tab.sheet.insert_rows(tab.rows[1]),
    "row inserted after the table": lambda tab: tab.sheet.insert_rows(tab.after),
    "row deleted": lambda tab: tab.sheet.delete_rows(tab.rows[1]),
    "row duplicated": repeat_row,
    "rows sorted": sort,
    "refs sorted alone": lambda tab: sort(tab, (1, 1)),
    "rows swapped": lambda tab: swap(tab, tab.rows[0], tab.rows[1]),
    "column inserted": lambda tab: tab.sheet.insert_cols(2),
    "column deleted": lambda tab: tab.sheet.delete_cols(tab.column),
    "column moved": move_column,
    "tab renamed": lambda tab: setattr(tab.sheet, "title", "Renamed"),
    "tab deleted": lambda tab: tab.book.remove(tab.sheet),
    "tab duplicated": duplicate,
    "two tabs' names swapped": exchange_names,
    "tab hidden": lambda tab: setattr(tab.sheet, "sheet_state", "hidden"),
    "row hidden": lambda tab: setattr(tab.sheet.row_dimensions[tab.rows[1]], "hidden", True),
    "column hidden": lambda tab: setattr(tab.sheet.column_dimensions["B"], "hidden", True),
    "filter": filtered,
    "locked text changed": put(lambda _: 2, 1, "Something else"),
    "locked text cleared": put(lambda _: 2, 1, None),
    "heading changed": lambda tab: put(lambda tab: tab.head, tab.column, "Proof")(tab),
    "headings in upper case": upper_headings,
    "comment": lambda tab: setattr(tab.sheet.cell(tab.rows[0], 2), "comment", Comment("Invented remark", "")),
    "stray text far off": put(lambda _: 70, 40, "Invented note"),
    "stray text near": lambda tab: put(lambda tab: tab.rows[0], tab.width + 1, "Invented note")(tab),
    "cells merged": merged,
    "formula in an input": into("text", lambda _: "=1+1"),
    "formula from another workbook": into("text", lambda _: "=[1]Sheet1!A1"),
    "error value": into("text", lambda _: "#N/A"),
    "input cleared": into("text", lambda _: None),
    "ref as a number": ref_as_number,
    "spaces around an answer": into("rating", lambda value: f"\u00a0{value} "),
    "number as text": into("number", lambda value: f"{value:,}"),
    "date as text": into("date", lambda value: f"{value:%d/%m/%Y}"),
    "validation removed": without_validation,
    "protection removed": lambda tab: setattr(tab.sheet.protection, "sheet", False),
    "1904 dates": lambda tab: setattr(tab.book, "epoch", CALENDAR_MAC_1904),
}  # fmt: skip


EXPECTED: Mapping[str, tuple[str, str, str]] = {
    # on the Cover; on an Objective tab; on Check, Reference or Versions. {h} is the heading row of the first table, {1} {2} {n} its
    # first, second and last row, {a} the row after it, {k} the first row of the second table, {d} where the next row moves when the second
    # is deleted, {e} a row below everything; {1+} is the row after {1}.
    "row inserted above everything": ("A{1+} ROW_MOVED", "A{1+} ROW_MOVED", ""),
    "row inserted above the headings": ("A{1+} ROW_MOVED", "A{1+} ROW_MOVED", ""),
    "row inserted among the rows": ("A{2+} ROW_MOVED", "A{2+} ROW_MOVED", ""),
    "row inserted after the table": ("LOCKED_CHANGED, OUTSIDE_FORM", "A{k+} ROW_MOVED", ""),
    "row deleted": ("ROW_MISSING, A{d} ROW_MOVED", "ROW_MISSING, A{d} ROW_MOVED", ""),
    "row duplicated": ("A{e} ROW_REPEATED", "A{e} ROW_REPEATED", "?OUTSIDE_FORM"),
    "rows sorted": ("A{1} ROW_MOVED", "A{1} ROW_MOVED", ""),
    "refs sorted alone": ("A{1} REF_MISPLACED", "A{1} REF_MISPLACED", ""),
    "rows swapped": ("A{1} ROW_MOVED", "A{1} ROW_MOVED", ""),
    "column inserted": ("C{h} COLUMN_MOVED", "C{h} COLUMN_MOVED", ""),
    "column deleted": ("COLUMN_MISSING, B{h} COLUMN_MOVED", "COLUMN_MISSING, G{h} COLUMN_MOVED", ""),
    "column moved": ("F{h} COLUMN_MOVED", "N{h} COLUMN_MOVED", ""),
    "tab renamed": ("Renamed SHEET_RENAMED",) * 3,
    "tab deleted": ("SHEET_MISSING", "SHEET_MISSING", ""),
    "tab duplicated": ("Copied SHEET_ADDED",) * 3,
    "two tabs' names swapped": ("SHEET_RENAMED",) * 3,
    "tab hidden": ("HIDDEN_SHEET",) * 3,
    "row hidden": ("HIDDEN_ROWS",) * 3,
    "column hidden": ("HIDDEN_ROWS",) * 3,
    "filter": ("FILTERED_ROWS",) * 3,
    "locked text changed": ("A2 LOCKED_CHANGED",) * 3,
    "locked text cleared": ("A2 LOCKED_CHANGED", "A2 LOCKED_CHANGED", ""),
    "heading changed": (
        "COLUMN_MISSING, B{h} LOCKED_CHANGED, B{1} OUTSIDE_FORM", "COLUMN_MISSING, G{h} LOCKED_CHANGED, G{1} OUTSIDE_FORM",
        "?OUTSIDE_FORM, ?LOCKED_CHANGED, ?TYPED_OVER",
    ),
    "headings in upper case": ("?LOCKED_CHANGED", "LOCKED_CHANGED", "?LOCKED_CHANGED"),
    "comment": ("B{1} COMMENT",) * 3,
    "stray text far off": ("AN70 OUTSIDE_FORM",) * 3,
    "stray text near": ("F{1} OUTSIDE_FORM", "N{1} OUTSIDE_FORM", "OUTSIDE_FORM"),
    "cells merged": ("MERGED_CELLS", "MERGED_CELLS", "MERGED_CELLS"),
    "formula in an input": ("B{1} FORMULA_NO_VALUE", "{text} FORMULA_NO_VALUE", ""),
    "formula from another workbook": ("B{1} FORMULA_EXTERNAL", "{text} FORMULA_EXTERNAL", ""),
    "error value": ("B{1} ERROR_VALUE", "{text} ERROR_VALUE", ""),
    "input cleared": ("B{1} COVER_MISSING", "", ""),
    "ref as a number": ("", "", ""),
    "spaces around an answer": ("", "{rating} RATING_RETYPED", ""),
    "number as text": ("", "{number} NUMBER_AS_TEXT", ""),
    "date as text": ("{date} DATE_AS_TEXT", "{date} DATE_AS_TEXT", ""),
    "validation removed": ("DROPDOWN_GONE", "DROPDOWN_GONE", ""),
    "protection removed": ("PROTECTION_REMOVED",) * 3,
    "1904 dates": ("", "", ""),
}  # fmt: skip
"""
What is reported: `A8 ROW_MOVED` at that cell, `HIDDEN_ROWS` anywhere, `?LOCKED_CHANGED` optionally. No other code may be reported.
"""

UNREAD = {
    "cells merged": "Excel itself throws the second answer away",
    "formula in an input": "no result", "formula from another workbook": "held back", "error value": "held back",
    "input cleared": "the answer was deleted",
}  # fmt: skip
"""Changes after which one answer can no longer be read, whatever is reported."""


def fill_in(text: str, tab: Tab) -> list[str]:
    """The expected findings, with the placeholders replaced by the places on one tab."""
    rows, tables = tab.rows, tab.form.tables
    every = [row.number for table in tables for row in table.rows]
    places = {
        "{h}": tab.head, "{1}": rows[0], "{2}": rows[1] if len(rows) > 1 else 0, "{n}": rows[-1], "{a}": tab.after,
        "{1+}": rows[0] + 1, "{2+}": rows[1] + 1 if len(rows) > 1 else 0, "{k+}": tables[1].rows[0].number + 1 if len(tables) > 1 else 0,
        "{e}": tab.sheet.max_row + 3, "{d}": next((n - 1 for n in every if len(rows) > 1 and n > rows[1]), 0),
        **{f"{{{kind}}}": (tab.input(kind) or ("",))[0] for kind in ("text", "rating", "number", "date")},
    }  # fmt: skip
    for name, place in places.items():
        text = text.replace(name, str(place))
    return [part for part in text.split(", ") if part]


@dataclass(frozen=True, slots=True)
class Case:
    """One change on one tab: its result, and the expected findings."""

    name: str
    tab: Tab
    item: Checked
    expected: list[str] | None

    def __str__(self) -> str:
        return f"{self.name} on {self.tab.title}"


@pytest.fixture(scope="module")
def round_plan(plan: Plan, small: Plan) -> Plan:
    return plan if LONG else small


@pytest.fixture(scope="module")
def layout(round_plan: Plan) -> Layout:
    return layout_for(round_plan, AGENCY, PERIOD)


@pytest.fixture(scope="module")
def copy(round_plan: Plan, layout: Layout) -> bytes:
    return to_bytes(build_template(round_plan, AGENCY, PERIOD, values=answers(layout)), SENT)


@pytest.fixture(scope="module")
def batch(round_plan: Plan, layout: Layout, copy: bytes, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Case], list[Checked]]:
    """Every change on every tab that has room for it, and after them the other agencies' returns, all checked at once."""
    folder, cases, returns = tmp_path_factory.mktemp("corpus"), [], []
    for form in layout.sheets:
        for name, change in CHANGES.items():
            book = openpyxl.load_workbook(BytesIO(copy))
            tab = Tab(book, form.title, form)
            if tab.asks and len(tab.rows) < 2:
                continue
            kind = {"Cover": 0, "Objective": 1}.get(tab.kind, 2)
            settled = name in EXPECTED and (kind != 1 or tab.input("rating"))  # a tab with nothing to rate has other rows and columns
            expected = fill_in(EXPECTED[name][kind], tab) if settled else None
            change(tab)
            path = folder / f"{len(cases)}.xlsx"
            path.write_bytes(to_bytes(book, SENT))
            cases.append((name, tab, expected))
            returns.append(read_return(path, round_plan))
    for agency in OTHERS:
        path = folder / f"{agency}.xlsx"
        path.write_bytes(other(round_plan, agency))
        returns.append(read_return(path, round_plan))
    checked = check(returns, round_plan)
    return [Case(name, tab, item, expected) for (name, tab, expected), item in zip(cases, checked, strict=False)], checked[len(cases) :]


def other(plan: Plan, agency: str) -> bytes:
    return to_bytes(build_template(plan, agency, PERIOD, values=answers(layout_for(plan, agency, PERIOD))), SENT)


@pytest.fixture(scope="module")
def untouched(round_plan: Plan, copy: bytes, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    path.write_bytes(copy)
    return check([read_return(path, round_plan)], round_plan)[0]


def test_every_change_is_reported_with_its_code_at_its_cell(batch: tuple[list[Case], list[Checked]], untouched: Checked) -> None:
    before = {(finding.code, finding.key) for finding in untouched.findings}
    wrong = []
    for case in batch[0]:
        if case.expected is None:
            continue
        found = [finding for finding in case.item.findings if (finding.code, finding.key) not in before]
        codes = {finding.code for finding in found}
        reported = codes | {f"{finding.place.cell} {finding.code}" for finding in found if finding.place.sheet == case.tab.title}
        reported |= {f"{finding.place.sheet} {finding.code}" for finding in found if not finding.place.cell}
        must = [text for text in case.expected if not text.startswith("?")]
        may = {text.lstrip("?").split()[-1] for text in case.expected}
        if not set(must) <= reported or not codes <= may:
            wrong.append(f"{case}: expected {case.expected}, reported {sorted(f'{f.where} {f.code}' for f in found)[:8]}")
    assert not wrong, "\n".join(wrong)


def test_no_change_puts_a_value_under_another_key(batch: tuple[list[Case], list[Checked]], layout: Layout) -> None:
    """Each answer is read as it was given, or not at all; if one is not read, the return has an error."""
    given, wrong = answers(layout), []
    for case in batch[0]:
        entries = case.item.returned.entries
        if entries is None:
            wrong.append(f"{case}: refused, {[finding.code for finding in case.item.findings]}")
            continue
        read = {key: entry.value for key, entry in entries.items() if entry.value is not None}
        wrong += [f"{case}: {key} was {given.get(key)!r}, read {value!r}" for key, value in read.items() if value != given.get(key)]
        lost = {key for key, value in given.items() if value is not None} - set(read)
        if lost and not case.item.has_errors and case.name not in UNREAD:
            wrong.append(f"{case}: {sorted(lost)} not read, and nothing reported")
    assert wrong == []


def test_every_value_is_at_its_reported_address(batch: tuple[list[Case], list[Checked]]) -> None:
    """As openpyxl reads the changed workbook."""
    wrong = []
    for case in batch[0]:
        for key, entry in (case.item.returned.entries or {}).items():
            if entry.raw is not None and entry.rule_code is None:
                actual = case.tab.book[entry.place.sheet][entry.place.cell].value
                actual = actual.date() if isinstance(actual, datetime) else actual
                if actual != entry.raw and float_of(actual) != float_of(entry.raw):
                    wrong.append(f"{case}: {key} at {entry.place}: {entry.raw!r}, there is {actual!r}")
    assert wrong == []


def float_of(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else value


def test_the_other_returns_of_the_batch_are_not_affected(batch: tuple[list[Case], list[Checked]], round_plan: Plan, tmp_path: Path) -> None:
    for agency, among in zip(OTHERS, batch[1], strict=True):
        path = tmp_path / f"{agency}.xlsx"
        path.write_bytes(other(round_plan, agency))
        assert check([read_return(path, round_plan)], round_plan) == [among]


def test_every_change_alters_the_file(batch: tuple[list[Case], list[Checked]], untouched: Checked) -> None:
    """A change that does nothing would pass every test."""
    done = {case.name for case in batch[0] if case.item.returned.sha256 != untouched.returned.sha256}
    assert done == set(CHANGES)
