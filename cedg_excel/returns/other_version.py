"""A copy made from another version of the plan: what the plan has taken in or let go since is said, and is nobody's mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Finding, Place
from cedg_excel.form.fields import FIELDS
from cedg_excel.form.model import Layout, Sheet
from cedg_excel.form.rules import BY_CODE
from cedg_excel.tab_names import objective_number
from cedg_excel.text import shown, squeeze

_REF = re.compile(r"K?\d+\.\d+[a-z]?")
_MOVES = ("ROW_MOVED", "COLUMN_MOVED")
"""In a copy of another version rows stand elsewhere rightly."""

_ANSWERS = {field.heading for table in ("actions", "kpis") for field in FIELDS[table] if field.heading and not field.from_plan}
"""The headings under which only agencies write."""

THIS_RETURN = "(this return)"
OWN_LINES = 4
"""How many lines over the tables of a tab are the form's own; they name what the agency had to do in that version."""


def findings_for_version(findings: Iterable[Finding], layout: Layout, tabs: Mapping[str, Grid], file: str) -> list[Finding]:
    """
    The findings on the form of a copy of another version, as they are meant.

    What the copy could not be asked is one finding, what the plan has let go is one for each ref; neither is an error, and
    nothing that was typed is passed over.
    """
    findings = list(findings)
    sheets = {grid.title: sheet for sheet in layout.sheets if (grid := tabs.get(sheet.title))}
    gone = {title: _gone(sheets[title], grid) for title, grid in ((grid.title, grid) for grid in tabs.values())}
    order = [ref for sheet in layout.sheets for ref in (sheet.title, *(row.ref for table in sheet.tables for row in table.rows))]
    new = sorted(set(_new(findings, layout)), key=order.index)
    kept = [item for item in findings if not _explained(item, sheets, gone, new)]
    if new:
        kept.append(BY_CODE["NOT_IN_COPY"].finding(file, value=", ".join(new)))
    for title, refs in gone.items():
        for ref, row in refs.items():
            grid = next(grid for grid in tabs.values() if grid.title == title)
            if typed := "; ".join(_typed(grid, row)):
                kept.append(BY_CODE["LEFT_PLAN"].finding(file, Place(title, row, 1), value=typed, other=ref))
    return kept


def _new(findings: Iterable[Finding], layout: Layout) -> Iterator[str]:
    """The refs that the copy does not have at all."""
    titles = {sheet.title: sheet for sheet in layout.sheets}
    for item in findings:
        if item.code == "ROW_MISSING" and not item.place.row and _REF.fullmatch(item.value or ""):
            yield item.value or ""
        elif item.code == "SHEET_MISSING" and objective_number(item.value or "") is not None:
            refs = [row.ref for table in titles[item.value or ""].tables for row in table.rows if _REF.fullmatch(row.ref)]
            yield from refs or [item.value or ""]


def _gone(sheet: Sheet, grid: Grid) -> dict[str, int]:
    """The refs in the first column that this tab has no longer, with their rows."""
    known = {row.ref for table in sheet.tables for row in table.rows}
    found = {}
    for (row, column), value in sorted(grid.cells.items()):
        ref = squeeze(str(shown(value)))
        if column == 1 and _REF.fullmatch(ref) and ref not in known:
            found[ref] = row
    return found


def _explained(item: Finding, sheets: Mapping[str, Sheet], gone: Mapping[str, Mapping[str, int]], new: list[str]) -> bool:
    """Whether a finding only says that the versions differ."""
    place = item.place
    if item.code == "ROW_MISSING":
        return not place.row and item.value in new
    if item.code == "SHEET_MISSING":
        return objective_number(item.value or "") is not None
    if item.code == "HEADINGS_MISSING":
        return any(set(refs) <= set(new) for refs in _tables(sheets.get(place.sheet)))
    if item.code == "OUTSIDE_FORM":
        own_line = objective_number(place.sheet) is not None and place.column == 1 and place.row <= OWN_LINES
        return own_line or place.row in gone.get(place.sheet, {}).values()
    return item.code in _MOVES


def _tables(sheet: Sheet | None) -> list[list[str]]:
    return [[row.ref for row in table.rows] for table in sheet.tables if table.rows] if sheet else []


def _typed(grid: Grid, row: int) -> Iterator[str]:
    """What an agency typed into a row, under the headings of answers next above it."""
    head = max((r for (r, c), value in grid.cells.items() if r < row and c == 1 and value == "Ref"), default=0)
    for (here, column), value in sorted(grid.cells.items()):
        heading = grid.cells.get((head, column))
        if here == row and isinstance(heading, str) and (heading in _ANSWERS or heading.endswith(THIS_RETURN)):
            yield f"{heading.removesuffix(THIS_RETURN).strip()}: {shown(value)}"
