"""Which returned tab is which of the form's: by its name, else by its own text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Finding, Place
from cedg_excel.form.model import Sheet
from cedg_excel.form.rules import BY_CODE
from cedg_excel.tab_names import PLEASE_FIX
from cedg_excel.text import plain_text, squeeze


def resemblance(sheet: Sheet, grid: Grid) -> float:
    """How many of a tab's refs stand anywhere in a grid, from 0 to 1; how much of its text, for a tab without refs."""
    texts = {plain_text(value) for value in grid.cells.values()}
    own = sheet.refs or {plain_text(value) for value in sheet.form_text.values()}
    return sum(text in texts for text in own) / len(own) if own else 0.0


def _is_another(sheet: Sheet, grid: Grid, sheets: tuple[Sheet, ...]) -> bool:
    """Whether a tab has little of the sheet it is named for, and most of another."""
    if any(grid.cells.get(address) == ref for address, ref in sheet.ref_positions or [((1, 1), sheet.form_text.get((1, 1)))]):
        return False
    most = max(0.5, 2 * resemblance(sheet, grid))
    return any(resemblance(other, grid) > most for other in sheets if other is not sheet)


Sheets = Mapping[str, Grid]


Match = Callable[[Sheet], Grid | None]


def match_sheets(sheets: tuple[Sheet, ...], grids: Sheets, file: str) -> tuple[dict[str, Grid], list[Finding]]:
    """
    Which returned tab is which of ours: by its name, else by its own text when only one other tab has it.

    Tabs that are none of ours are said to be added.
    """
    findings: list[Finding] = []
    folded: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids.values():
        folded[squeeze(grid.title).casefold()].append(grid)
    found = {s.title: folded[s.title.casefold()][0] for s in sheets if len(folded[s.title.casefold()]) == 1}
    # A tab with the name of one objective and the refs of another is that other: two tabs have changed names.
    found = {s.title: found[s.title] for s in sheets if s.title in found and not _is_another(s, found[s.title], sheets)}
    taken = {grid.title for grid in found.values()}
    spare = [grid for grid in grids.values() if grid.title not in taken]
    for sheet in sheets:
        if sheet.title in found:
            continue
        alike = [grid for grid in spare if resemblance(sheet, grid) > 0.5]
        if len(alike) == 1:
            found[sheet.title] = alike[0]
            spare.remove(alike[0])
            findings.append(BY_CODE["SHEET_RENAMED"].finding(file, Place(alike[0].title), value=sheet.title))
        elif alike:
            names = " and ".join(grid.title for grid in alike)
            findings.append(BY_CODE["SHEET_UNCLEAR"].finding(file, value=sheet.title, other=names))
            spare = [grid for grid in spare if grid not in alike]
        elif sheet.tables:
            findings.append(BY_CODE["SHEET_MISSING"].finding(file, value=sheet.title))
    spare = [grid for grid in spare if not (grid.title == PLEASE_FIX and grid.cells.get((1, 1)) == PLEASE_FIX)]
    findings += [BY_CODE["SHEET_ADDED"].finding(file, Place(grid.title)) for grid in spare]
    return found, findings
