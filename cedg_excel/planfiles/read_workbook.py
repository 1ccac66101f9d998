"""The plan's workbook read back: values with their cells, and every mistake at the cell it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cedg_excel.errors import PlanError
from cedg_excel.excel import gate
from cedg_excel.excel.gate import Refused
from cedg_excel.excel.grid import Grid, read_grids
from cedg_excel.excel.sheet_details import details_by_title
from cedg_excel.excel.workbook_info import workbook_info
from cedg_excel.findings import Place
from cedg_excel.plan.mistakes import read_plan, refusal
from cedg_excel.plan.model import Plan, nearest
from cedg_excel.planfiles.agency_columns import marked_columns, read_marks
from cedg_excel.planfiles.cell_mistakes import PlanCells, where
from cedg_excel.planfiles.cell_values import folded
from cedg_excel.planfiles.sheets import CHECK_HEADING, LISTS_SHEET, PLAN, PLAN_HEADS, PLAN_ITEMS, SHEETS, PlanSheet
from cedg_excel.returns.read import refusal_finding
from cedg_excel.text import squeeze


@dataclass(frozen=True, slots=True)
class PlanBook:
    """A plan out of a workbook, and what was left aside in reading it, a sentence each."""

    plan: Plan
    remarks: tuple[str, ...]


def read_plan_book(path: Path) -> PlanBook:
    """
    The plan in an Excel workbook.

    Raises PlanError, naming every mistake's sheet and cell and the nearest right name.
    """
    try:
        opened = gate.open_file(path)
        book = workbook_info(opened.parts)
        marks = details_by_title(opened.parts, book)
        grids = read_grids(opened, marks)
    except Refused as refused:
        raise PlanError(_refused(path, refused)) from refused
    reading = PlanCells(marks, book.epoch_1904)
    found = match_tabs(grids, reading)
    if PLAN in found:
        _read_lines(found[PLAN], reading)
    for sheet in SHEETS:
        if sheet.title in found:
            _read_list(sheet, found[sheet.title], reading)
    for sheet in SHEETS:
        if sheet.marks and sheet.title in found:
            read_marks(sheet, found[sheet.title], reading)
    plan, mistakes = read_plan(reading.data)
    lines = reading.lines(mistakes)
    if plan is None or lines:
        raise refusal(path.name, lines)
    return PlanBook(plan, tuple(reading.remarks))


def _refused(path: Path, refused: Refused) -> str:
    """Why the gate let the file not in, in one sentence."""
    said = {
        "UNREADABLE_FILE": f"cannot be read ({refused.words.get('reason', '')}). Check the path",
        "ENCRYPTED": "is protected with a password or a sensitivity label. Save a copy without it, and name that",
        "HAS_MACROS": "holds macros, which a plan never does. Save it as an Excel workbook (.xlsx), without macros",
        "EMPTY_FILE": "is empty. Check that it was saved",
        "NOT_A_WORKBOOK": "is not an Excel workbook (.xlsx). Save it as one in Excel",
        "OLD_FORMAT": f"is {refused.words.get('kind', 'another kind of file')}. Save it as an Excel workbook (.xlsx)",
        "FAR_CELL": f"has something far outside its lists, in {refused.words.get('sheet')}!{refused.words.get('cell')}. Delete it",
    }
    name = path if refused.code == "UNREADABLE_FILE" else path.name
    if refused.code in said:
        return f"The plan {name} {said[refused.code]}, and try again."
    return f"The plan {name} cannot be used. {refusal_finding(refused, path.name).message} Save it anew in Excel, and try again."


def _read_lines(grid: Grid, reading: PlanCells) -> None:
    """The sheet Plan: a line for each key, found by what stands before it."""
    by_label = {item.heading.casefold(): item for item in PLAN_ITEMS}
    labels = {address: by_label[folded(value)] for address, value in sorted(grid.cells.items()) if folded(value) in by_label}
    column = min((c for _, c in labels), default=1)
    head = head_row(grid, list(PLAN_HEADS))
    answers = [c for (row, c), value in grid.cells.items() if row == head and folded(value) == PLAN_HEADS[1].casefold()]
    beside = answers[0] if answers else column + 1
    about: dict[str, Any] = {}
    taken: dict[str, int] = {}
    for (row, there), item in labels.items():
        if there != column or row <= head:
            continue
        if item.key in taken:
            reading.say(Place(grid.title, row, there), f"{item.heading} is there twice, in rows {taken[item.key]} and {row}. Keep one.")
            continue
        taken[item.key] = row
        table, _, key = item.key.rpartition(".")
        loc = ("plan", *item.key.split("."))
        value = reading.value(grid, Place(grid.title, row, beside), item, loc)
        if value is not None:
            (about.setdefault(table, {}) if table else about)[key] = value
    for (row, there), label in sorted(grid.cells.items()):
        if there == column and row > head and (row, there) not in labels and (row, beside) in grid.cells:
            _strange_line(Place(grid.title, row, there), str(label), [i.heading for i in PLAN_ITEMS if i.key not in taken], reading)
    reading.data["plan"] = about


def _strange_line(place: Place, label: str, left: list[str], reading: PlanCells) -> None:
    """A line that is none of the plan's: a slip where one that is `left` is like it, else a note of the coordinator's."""
    if near := nearest(label, left):
        reading.say(place, f"there is no line '{label}' in a plan.{near}")
    else:
        reading.remarks.append(f"{where(place)}the line '{label}' is not part of the plan, and was not read.")


def _read_list(sheet: PlanSheet, grid: Grid, reading: PlanCells) -> None:
    """One list: its rows by the headings of its columns. Blank rows are passed over."""
    head = head_row(grid, [item.heading for item in sheet.items])
    if not head:
        reading.missing.add(sheet.title)
        reading.say(Place(grid.title), "its headings are missing, so it could not be read. Put them back.")
        return
    columns = columns_of(grid, sheet, head, reading)
    reading.heads[sheet.table] = (head, columns)
    entries: list[dict[str, Any]] = []
    rows = rows_of(grid, head, {*columns.values(), *(marked_columns(sheet, grid, head, columns) if sheet.marks else ())})
    rows += sorted({row for row, column in reading.marks[grid.title].errors if column in columns.values() and row > head} - set(rows))
    for place, row in enumerate(sorted(rows)):
        entry: dict[str, Any] = {}
        reading.places[sheet.table, place] = Place(grid.title, row, min(columns.values(), default=1))
        for item in sheet.items:
            if item.key in columns:
                loc = (sheet.table, place, item.key)
                value = reading.value(grid, Place(grid.title, row, columns[item.key]), item, loc)
                if value is not None:
                    entry[item.key] = value
            elif item.required:
                reading.said.add((sheet.table, place, item.key))
        entries.append(entry)
    reading.data[sheet.table] = entries
    if not sheet.marks:
        for (row, column), heading in sorted(grid.cells.items()):
            if row == head and column not in columns.values() and folded(heading) != CHECK_HEADING.casefold():
                reading.leave(grid, Place(grid.title, row, column), str(heading))


def match_tabs(grids: Mapping[str, Grid], reading: PlanCells) -> dict[str, Grid]:
    """The tab of each sheet: by its name, else the only other one with its headings."""
    folded = {squeeze(title).strip().casefold(): grid for title, grid in grids.items()}
    titles = {PLAN: _plan_labels(), **{sheet.title: [item.heading for item in sheet.items] for sheet in SHEETS}}
    found = {title: folded[title.casefold()] for title in titles if title.casefold() in folded}
    spare = [grid for grid in grids.values() if grid not in found.values() and grid.title.casefold() != LISTS_SHEET.casefold()]
    for title, headings in titles.items():
        if title in found:
            continue
        alike = [grid for grid in spare if _resembles(grid, headings)]
        if len(alike) == 1:
            found[title] = alike[0]
            spare.remove(alike[0])
            reading.remarks.append(f"The tab {alike[0].title} was read as {title}.")
        else:
            reading.missing.add(title)
            several = f"; {' and '.join(grid.title for grid in alike)} both look like it" if alike else ""
            reading.say(Place(), f"The tab {title} is missing{several}. Give the right tab that name again.")
    reading.remarks += [f"The tab {grid.title} is not part of the plan, and was not read." for grid in spare]
    reading.titles.update({title: grid.title for title, grid in found.items()})
    return found


def _plan_labels() -> list[str]:
    return [item.heading for item in PLAN_ITEMS]


def _resembles(grid: Grid, headings: list[str]) -> bool:
    texts = {folded(value) for value in grid.cells.values()}
    return sum(heading.casefold() in texts for heading in headings) * 3 > len(headings) * 2


def head_row(grid: Grid, headings: list[str]) -> int:
    """The first row with most of the headings; 0 when no row has more than half of them."""
    wanted = {heading.casefold() for heading in headings}
    hits: dict[int, set[str]] = {}
    for (row, _), value in grid.cells.items():
        if folded(value) in wanted:
            hits.setdefault(row, set()).add(folded(value))
    best = max(hits, key=lambda row: (len(hits[row]), -row), default=0)
    return best if best and len(hits[best]) * 2 > len(wanted) else 0


def columns_of(grid: Grid, sheet: PlanSheet, head: int, reading: PlanCells) -> dict[str, int]:
    """The column of each key. One that is missing, or there twice, is said."""
    heads = {column: value for (row, column), value in sorted(grid.cells.items()) if row == head}
    known = {item.heading.casefold() for item in sheet.items} | {CHECK_HEADING.casefold()}
    others = [value for value in heads.values() if isinstance(value, str) and folded(value) not in known]
    found = {}
    for item in sheet.items:
        places = [column for column, value in heads.items() if folded(value) == item.heading.casefold()]
        if len(places) == 1:
            found[item.key] = places[0]
        elif places:
            reading.say(Place(grid.title, head, places[1]), f"two columns are headed {item.heading}. Keep one.")
        else:
            near = nearest(item.heading, others).replace(" Did you mean ", " Is it ")
            reading.say(Place(grid.title, head), f"the column {item.heading} is missing from row {head}.{near} Put the heading back.")
    return found


def rows_of(grid: Grid, head: int, columns: set[int]) -> list[int]:
    """The rows under the headings in which any of these columns is filled in."""
    return sorted({row for row, column in grid.cells if row > head and column in columns})
