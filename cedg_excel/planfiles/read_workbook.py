"""A plan from its workbook, with every mistake named by its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cedg_excel.errors import PlanError
from cedg_excel.excel import gate
from cedg_excel.excel.gate import Refused
from cedg_excel.excel.grid import Grid
from cedg_excel.excel.reader import read_workbook
from cedg_excel.findings import Place
from cedg_excel.plan.from_data import read_plan
from cedg_excel.plan.mistakes import plan_error
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.agency_columns import marked_columns, read_marks
from cedg_excel.planfiles.cell_mistakes import PlanCells, where
from cedg_excel.planfiles.cell_values import folded
from cedg_excel.planfiles.sheets import CHECK_HEADING, LISTS_SHEET, PLAN, PLAN_HEADINGS, PLAN_ITEMS, SHEETS, PlanSheet
from cedg_excel.returns.read import refusal_finding
from cedg_excel.text import nearest, nearest_word, squeeze


@dataclass(frozen=True, slots=True)
class PlanBook:
    """A plan from a workbook, and a sentence about each part of the workbook that was not read."""

    plan: Plan
    remarks: tuple[str, ...]


def read_plan_book(path: Path) -> PlanBook:
    """
    The plan in an Excel workbook.

    Raises PlanError, naming every mistake's sheet and cell and the nearest right name.
    """
    try:
        book = read_workbook(gate.open_file(path))
    except Refused as refused:
        raise PlanError(_refusal_message(path, refused)) from refused
    cells = PlanCells(book.details, book.info.epoch_1904)
    cells.remarks += [
        f"{where(Place(title, *item.far_cells[0]))}something far outside the lists was not read."
        for title, item in book.details.items() if item.far_cells
    ]  # fmt: skip
    tabs = match_tabs(book.grids, cells)
    if PLAN in tabs:
        _read_plan_tab(tabs[PLAN], cells)
    for sheet in SHEETS:
        if sheet.title in tabs:
            _read_list_tab(sheet, tabs[sheet.title], cells)
    for sheet in SHEETS:
        if sheet.marks and sheet.title in tabs:
            read_marks(sheet, tabs[sheet.title], cells)
    plan, mistakes = read_plan(cells.data)
    lines = cells.mistake_lines(mistakes)
    if plan is None or lines:
        raise plan_error(path.name, lines)
    return PlanBook(plan, tuple(cells.remarks))


def _refusal_message(path: Path, refused: Refused) -> str:
    """Why the file must not be opened, in one sentence, and what to do."""
    reasons = {
        "UNREADABLE_FILE": f"cannot be read ({refused.words.get('reason', '')}). Check the path",
        "ENCRYPTED": "is protected with a password or a sensitivity label. Save a copy without it, use that file",
        "HAS_MACROS": "contains macros, which a plan never does. Save it as an Excel workbook (.xlsx), without macros",
        "EMPTY_FILE": "is empty. Check that it was saved",
        "NOT_A_WORKBOOK": "is not an Excel workbook (.xlsx). Save it as one in Excel",
        "OLD_FORMAT": f"is {refused.words.get('kind', 'another kind of file')}. Save it as an Excel workbook (.xlsx)",
        "UNUSUAL": "is stored in an unusual way. Open it in Excel, save it again",
    }
    name = path if refused.code == "UNREADABLE_FILE" else path.name
    if refused.code in reasons:
        return f"The plan {name} {reasons[refused.code]}, and try again."
    return f"The plan {name} cannot be used. {refusal_finding(refused, path.name).message} Save it again in Excel, and try again."


def _read_plan_tab(grid: Grid, cells: PlanCells) -> None:
    """Read the tab Plan: a line for each key, found by its label."""
    item_by_label = {item.heading.casefold(): item for item in PLAN_ITEMS}
    labels = {address: item_by_label[folded(value)] for address, value in sorted(grid.cells.items()) if folded(value) in item_by_label}
    label_column = min((column for _, column in labels), default=1)
    heading_row = find_heading_row(grid, list(PLAN_HEADINGS))
    value_column = _value_column(grid, heading_row) or label_column + 1
    about: dict[str, Any] = {}
    row_by_key: dict[str, int] = {}
    for (row, column), item in labels.items():
        if column != label_column or row <= heading_row:
            continue
        if item.key in row_by_key:
            message = f"{item.heading} appears twice, in rows {row_by_key[item.key]} and {row}. Keep one."
            cells.report(Place(grid.title, row, column), message)
            continue
        row_by_key[item.key] = row
        table, _, key = item.key.rpartition(".")
        loc = ("plan", *item.key.split("."))
        value = cells.read_value(grid, Place(grid.title, row, value_column), item, loc)
        if value is not None:
            (about.setdefault(table, {}) if table else about)[key] = value
    unused = [item.heading for item in PLAN_ITEMS if item.key not in row_by_key]
    for (row, column), label in sorted(grid.cells.items()):
        if column == label_column and row > heading_row and (row, column) not in labels and (row, value_column) in grid.cells:
            _report_unknown_line(Place(grid.title, row, column), str(label), unused, cells)
    cells.data["plan"] = about


def _value_column(grid: Grid, heading_row: int) -> int | None:
    """The column headed Your plan."""
    heading = PLAN_HEADINGS[1].casefold()
    return next((column for (row, column), value in grid.cells.items() if row == heading_row and folded(value) == heading), None)


def _report_unknown_line(place: Place, label: str, unused: list[str], cells: PlanCells) -> None:
    """A line that is not part of a plan: a mistake where an unused label is similar, else a note of the coordinator's."""
    if suggestion := nearest(label, unused):
        cells.report(place, f"there is no line '{label}' in a plan.{suggestion}")
    else:
        cells.remarks.append(f"{where(place)}the line '{label}' is not part of the plan, and was not read.")


def _read_list_tab(sheet: PlanSheet, grid: Grid, cells: PlanCells) -> None:
    """Read a tab with one entry a row. Blank rows are skipped."""
    heading_row = find_heading_row(grid, [item.heading for item in sheet.items])
    if not heading_row:
        cells.missing_tabs.add(sheet.title)
        cells.report(Place(grid.title), "its headings are missing, so it could not be read. Put them back.")
        return
    columns = find_columns(grid, sheet, heading_row, cells)
    cells.headings[sheet.table] = (heading_row, columns)
    entries: list[dict[str, Any]] = []
    of_agencies = marked_columns(sheet, grid, heading_row, columns) if sheet.marks else ()
    with_values = filled_rows(grid, heading_row, {*columns.values(), *of_agencies})
    errors = cells.details[grid.title].errors
    with_errors = {row for row, column in errors if column in columns.values() and row > heading_row}
    for index, row in enumerate(sorted(with_errors.union(with_values))):
        entry: dict[str, Any] = {}
        cells.places[sheet.table, index] = Place(grid.title, row, min(columns.values(), default=1))
        for item in sheet.items:
            if item.key in columns:
                loc = (sheet.table, index, item.key)
                value = cells.read_value(grid, Place(grid.title, row, columns[item.key]), item, loc)
                if value is not None:
                    entry[item.key] = value
            elif item.required:
                cells.reported.add((sheet.table, index, item.key))
        entries.append(entry)
    cells.data[sheet.table] = entries
    if not sheet.marks:
        for (row, column), heading in sorted(grid.cells.items()):
            if row == heading_row and column not in columns.values() and folded(heading) != CHECK_HEADING.casefold():
                cells.remark_on_column(grid, Place(grid.title, row, column), str(heading))


def match_tabs(grids: Mapping[str, Grid], cells: PlanCells) -> dict[str, Grid]:
    """The tab of each sheet, by the sheet's title: the tab of that name, else the only other one with its headings."""
    by_title = {squeeze(title).strip().casefold(): grid for title, grid in grids.items()}
    headings_by_title = {PLAN: _plan_labels(), **{sheet.title: [item.heading for item in sheet.items] for sheet in SHEETS}}
    tabs = {title: by_title[title.casefold()] for title in headings_by_title if title.casefold() in by_title}
    others = [grid for grid in grids.values() if grid not in tabs.values() and grid.title.casefold() != LISTS_SHEET.casefold()]
    for title, headings in headings_by_title.items():
        if title in tabs:
            continue
        similar = [grid for grid in others if _resembles(grid, headings)]
        if len(similar) == 1:
            tabs[title] = similar[0]
            others.remove(similar[0])
            cells.remarks.append(f"The tab {similar[0].title} was read as {title}.")
        else:
            cells.missing_tabs.add(title)
            candidates = f"; {' and '.join(grid.title for grid in similar)} both look like it" if similar else ""
            cells.report(Place(), f"The tab {title} is missing{candidates}. Give the right tab that name again.")
    cells.remarks += [f"The tab {grid.title} is not part of the plan, and was not read." for grid in others]
    cells.tab_titles.update({title: grid.title for title, grid in tabs.items()})
    return tabs


def _plan_labels() -> list[str]:
    return [item.heading for item in PLAN_ITEMS]


def _resembles(grid: Grid, headings: list[str]) -> bool:
    texts = {folded(value) for value in grid.cells.values()}
    return sum(heading.casefold() in texts for heading in headings) * 3 > len(headings) * 2


def find_heading_row(grid: Grid, headings: list[str]) -> int:
    """The first row with most of the headings; 0 when no row has more than half of them."""
    expected = {heading.casefold() for heading in headings}
    found_by_row: dict[int, set[str]] = {}
    for (row, _), value in grid.cells.items():
        if folded(value) in expected:
            found_by_row.setdefault(row, set()).add(folded(value))
    best = max(found_by_row, key=lambda row: (len(found_by_row[row]), -row), default=0)
    return best if best and len(found_by_row[best]) * 2 > len(expected) else 0


def find_columns(grid: Grid, sheet: PlanSheet, heading_row: int, cells: PlanCells) -> dict[str, int]:
    """The column of each key. A heading that is missing or appears twice is reported."""
    headings = {column: value for (row, column), value in sorted(grid.cells.items()) if row == heading_row}
    known = {item.heading.casefold() for item in sheet.items} | {CHECK_HEADING.casefold()}
    others = [value for value in headings.values() if isinstance(value, str) and folded(value) not in known]
    columns = {}
    for item in sheet.items:
        same = [column for column, value in headings.items() if folded(value) == item.heading.casefold()]
        if len(same) == 1:
            columns[item.key] = same[0]
        elif same:
            cells.report(Place(grid.title, heading_row, same[1]), f"two columns have the heading {item.heading}. Keep one.")
        else:
            similar = nearest_word(item.heading, others)
            if item.added_later and not similar:
                continue
            question = f" Is it '{similar}'?" if similar else ""
            message = f"the column {item.heading} is missing from row {heading_row}.{question} Put the heading back."
            cells.report(Place(grid.title, heading_row), message)
    return columns


def filled_rows(grid: Grid, heading_row: int, columns: set[int]) -> list[int]:
    """The rows below the headings with a value in any of these columns."""
    return sorted({row for row, column in grid.cells if row > heading_row and column in columns})
