"""Copies made from another version of the plan: what was added to the plan or removed since is reported, but not as an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Finding, Place
from cedg_excel.form.fields import ACTION_COLUMNS, FIELDS
from cedg_excel.form.former_texts import ADDED_HEADINGS
from cedg_excel.form.model import Layout, Sheet
from cedg_excel.form.objective_tab import THIS_RETURN
from cedg_excel.form.rules import BY_CODE
from cedg_excel.tab_names import AS_ISSUED, objective_number
from cedg_excel.text import shown, squeeze

_REF = re.compile(r"K?\d+\.\d+[a-z]?")
_MOVE_CODES = ("ROW_MOVED", "COLUMN_MOVED")
"""In a copy of another version, rows are rightly in other places."""

_ANSWER_HEADINGS = {field.heading for table in ("actions", "kpis") for field in FIELDS[table] if field.heading and not field.from_plan}
"""The headings of columns that only agencies fill in."""

INTRODUCTION_ROWS = 4
"""How many rows above the tables of a tab are the form's own; their text depends on the version."""


def findings_for_version(findings: Iterable[Finding], layout: Layout, tabs: Mapping[str, Grid], file: str) -> list[Finding]:
    """
    The findings on the form of a copy made from another version, without those that only reflect the difference in versions.

    Instead there is one finding for everything that the copy does not contain, and one for each ref that has left the plan and
    has answers. Neither is an error, and no answer is left unmentioned.
    """
    findings = list(findings)
    sheets = {grid.title: sheet for sheet in layout.sheets if (grid := tabs.get(sheet.title))}
    dropped = {title: _dropped_refs(sheets[title], grid) for title, grid in ((grid.title, grid) for grid in tabs.values())}
    order = [ref for sheet in layout.sheets for ref in (sheet.title, *(row.ref for table in sheet.tables for row in table.rows))]
    missing = sorted(set(_missing_refs(findings, layout)), key=order.index)
    remaining = [finding for finding in findings if not _is_explained(finding, sheets, dropped, missing)]
    if missing:
        remaining.append(BY_CODE["NOT_IN_COPY"].finding(file, value=", ".join(missing)))
    for title, refs in dropped.items():
        if sheets[title].title == AS_ISSUED:
            continue  # what an earlier return said of an action that has left the plan
        for ref, row in refs.items():
            grid = next(grid for grid in tabs.values() if grid.title == title)
            if answers := "; ".join(_answers_in_row(grid, row)):
                remaining.append(BY_CODE["LEFT_PLAN"].finding(file, Place(title, row, 1), value=answers, other=ref))
    return remaining


def _missing_refs(findings: Iterable[Finding], layout: Layout) -> Iterator[str]:
    """The refs of the form that the copy does not contain at all."""
    titles = {sheet.title: sheet for sheet in layout.sheets}
    for finding in findings:
        if finding.code == "ROW_MISSING" and not finding.place.row and _REF.fullmatch(finding.value or ""):
            yield finding.value or ""
        elif finding.code == "SHEET_MISSING" and objective_number(finding.value or "") is not None:
            refs = [row.ref for table in titles[finding.value or ""].tables for row in table.rows if _REF.fullmatch(row.ref)]
            yield from refs or [finding.value or ""]


def _dropped_refs(sheet: Sheet, grid: Grid) -> dict[str, int]:
    """The refs in the first column that the form no longer has, with their rows."""
    refs_in_form = {row.ref for table in sheet.tables for row in table.rows}
    dropped_rows = {}
    for (row, column), value in sorted(grid.cells.items()):
        ref = squeeze(str(shown(value)))
        if column == 1 and _REF.fullmatch(ref) and ref not in refs_in_form:
            dropped_rows[ref] = row
    return dropped_rows


def _is_explained(finding: Finding, sheets: Mapping[str, Sheet], dropped: Mapping[str, Mapping[str, int]], missing: list[str]) -> bool:
    """Whether a finding only reflects the difference in versions."""
    place = finding.place
    if finding.code == "ROW_MISSING":
        return not place.row and finding.value in missing
    if finding.code == "SHEET_MISSING":
        return objective_number(finding.value or "") is not None
    if finding.code == "COLUMN_MISSING":
        return finding.value in ADDED_HEADINGS
    if finding.code == "HEADINGS_MISSING":
        return any(set(refs) <= set(missing) for refs in _refs_by_table(sheets.get(place.sheet)))
    if finding.code == "OUTSIDE_FORM":
        is_introduction = objective_number(place.sheet) is not None and place.column == 1 and place.row <= INTRODUCTION_ROWS
        return is_introduction or place.row in dropped.get(place.sheet, {}).values()
    return finding.code in _MOVE_CODES


def _refs_by_table(sheet: Sheet | None) -> list[list[str]]:
    return [[row.ref for row in table.rows] for table in sheet.tables if table.rows] if sheet else []


def _answers_in_row(grid: Grid, row: int) -> Iterator[str]:
    """What an agency typed into a row, by the headings in the nearest heading row above."""
    heading_row = max((r for (r, c), value in grid.cells.items() if r < row and c == 1 and value == ACTION_COLUMNS[0].heading), default=0)
    for (cell_row, column), value in sorted(grid.cells.items()):
        heading = grid.cells.get((heading_row, column))
        if cell_row == row and isinstance(heading, str) and (heading in _ANSWER_HEADINGS or heading.endswith(THIS_RETURN)):
            yield f"{heading.removesuffix(THIS_RETURN).strip()}: {shown(value)}"
