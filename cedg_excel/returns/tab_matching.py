"""Matches returned tabs to the form's tabs: by name, else by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Finding, Place
from cedg_excel.form.model import Sheet
from cedg_excel.form.rules import BY_CODE
from cedg_excel.tab_names import AS_ISSUED, PLEASE_FIX
from cedg_excel.text import plain_text, squeeze


def resemblance(sheet: Sheet, grid: Grid) -> float:
    """The share of a tab's refs that appear anywhere in a grid, from 0 to 1; for a tab without refs, the share of its text."""
    texts = {plain_text(value) for value in grid.cells.values()}
    form_texts = sheet.refs or {plain_text(value) for value in sheet.form_text.values()}
    return sum(text in texts for text in form_texts) / len(form_texts) if form_texts else 0.0


def _is_another(sheet: Sheet, grid: Grid, sheets: tuple[Sheet, ...]) -> bool:
    """Whether a tab has little of the content of the form tab it is named after, and most of another's."""
    if any(grid.cells.get(address) == ref for address, ref in sheet.ref_positions or [((1, 1), sheet.form_text.get((1, 1)))]):
        return False
    most = max(0.5, 2 * resemblance(sheet, grid))
    return any(resemblance(other, grid) > most for other in sheets if other is not sheet and other.title != AS_ISSUED)


GridsByTitle = Mapping[str, Grid]


def match_sheets(sheets: tuple[Sheet, ...], grids: GridsByTitle, file: str) -> tuple[dict[str, Grid], list[Finding]]:
    """
    The returned tab of each form tab, by title: matched by name, else by content when only one other tab has it.

    Tabs that match no form tab are reported as added.
    """
    findings: list[Finding] = []
    grids_by_name: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids.values():
        grids_by_name[squeeze(grid.title).casefold()].append(grid)
    matches = {s.title: grids_by_name[s.title.casefold()][0] for s in sheets if len(grids_by_name[s.title.casefold()]) == 1}
    # A tab with the name of one objective and the refs of another is the other one: two tabs have swapped names.
    matches = {s.title: matches[s.title] for s in sheets if s.title in matches and not _is_another(s, matches[s.title], sheets)}
    renamed = [(matches[s.title].title, s.title) for s in sheets if s.title in matches and matches[s.title].title != s.title]
    findings += [BY_CODE["SHEET_RENAMED"].finding(file, Place(title), value=name) for title, name in renamed]
    matched_titles = {grid.title for grid in matches.values()}
    unmatched = [grid for grid in grids.values() if grid.title not in matched_titles]
    for sheet in sheets:
        if sheet.title in matches:
            continue
        # The tab that shows what was filled in has the refs of the objectives' tabs, and earlier copies have none.
        similar = [grid for grid in unmatched if resemblance(sheet, grid) > 0.5] if sheet.title != AS_ISSUED else []
        if len(similar) == 1:
            matches[sheet.title] = similar[0]
            unmatched.remove(similar[0])
            findings.append(BY_CODE["SHEET_RENAMED"].finding(file, Place(similar[0].title), value=sheet.title))
        elif similar:
            names = " and ".join(grid.title for grid in similar)
            findings.append(BY_CODE["SHEET_UNCLEAR"].finding(file, value=sheet.title, other=names))
            unmatched = [grid for grid in unmatched if grid not in similar]
        elif any(True for _ in sheet.fields()):
            findings.append(BY_CODE["SHEET_MISSING"].finding(file, value=sheet.title))
    unmatched = [grid for grid in unmatched if not (grid.title == PLEASE_FIX and grid.cells.get((1, 1)) == PLEASE_FIX)]
    findings += [BY_CODE["SHEET_ADDED"].finding(file, Place(grid.title)) for grid in unmatched]
    return matches, findings
