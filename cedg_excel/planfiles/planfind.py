"""Which tab, row and column of a plan's workbook is which: tabs by name, rows under their headings, columns by theirs."""

from __future__ import annotations

from collections.abc import Mapping

from cedg_excel.excel.grid import Grid
from cedg_excel.findings import Place
from cedg_excel.plan.model import nearest
from cedg_excel.planfiles.cell_mistakes import Reading
from cedg_excel.planfiles.cell_values import folded
from cedg_excel.planfiles.sheets import CHECK, LISTS_SHEET, PLAN, PLAN_ITEMS, SHEETS, PlanSheet
from cedg_excel.text import squeeze


def match_tabs(grids: Mapping[str, Grid], reading: Reading) -> dict[str, Grid]:
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


def columns_of(grid: Grid, sheet: PlanSheet, head: int, reading: Reading) -> dict[str, int]:
    """The column of each key. One that is missing, or there twice, is said."""
    heads = {column: value for (row, column), value in sorted(grid.cells.items()) if row == head}
    known = {item.heading.casefold() for item in sheet.items} | {CHECK.casefold()}
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
