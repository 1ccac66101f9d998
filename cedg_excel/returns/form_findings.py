"""What was done to a copy beside filling it in: hidden content, comments, lost protection, links, and dropdowns that are gone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cedg_excel.excel import gate
from cedg_excel.excel.sheet_xml import SheetDetails, ranges
from cedg_excel.excel.workbook_info import WorkbookInfo
from cedg_excel.excel_facts import column_letter
from cedg_excel.findings import Finding, Place
from cedg_excel.form.rules import BY_CODE
from cedg_excel.returns.alignment import Aligned
from cedg_excel.tab_names import PLEASE_FIX

_OWN_COMMENT = re.compile(rf"{PLEASE_FIX}: .* \[[A-Z_]+\]")
"""What feedback writes on a cell; with anything added to it, it is the agency's own comment."""


def form_findings(opened: gate.Opened, book: WorkbookInfo, marks: Mapping[str, SheetDetails], ours: set[str], file: str) -> list[Finding]:
    """What the XML alone shows: hidden content, comments, protection, links and embedded files."""
    found = []
    for tab in book.tabs:
        here = Place(tab.title)
        if tab.state != "visible":
            found.append(BY_CODE["HIDDEN_SHEET" if tab.is_read else "ADDIN_SHEET"].finding(file, here))
        if not tab.is_read:
            continue
        mark = marks[tab.title]
        rows, columns = _hidden(mark)
        if rows and mark.filtered:
            found.append(BY_CODE["FILTERED_ROWS"].finding(file, here, value=rows))
        if hidden := "; ".join(part for part in (columns, "" if mark.filtered else rows) if part):
            found.append(BY_CODE["HIDDEN_ROWS"].finding(file, here, value=hidden))
        if mark.merged_ranges and tab.title in ours:
            row, column = min(first[:2] for first in ranges(" ".join(mark.merged_ranges)))
            found.append(BY_CODE["MERGED_CELLS"].finding(file, Place(tab.title, row, column), value=_few(mark.merged_ranges)))
        for (row, column), text in sorted(mark.comments.items()):
            if not _OWN_COMMENT.fullmatch(text):
                found.append(BY_CODE["COMMENT"].finding(file, Place(tab.title, row, column), value=text))
    if bare := [tab.title for tab in book.tabs if tab.title in ours and not marks[tab.title].protected]:
        found.append(BY_CODE["PROTECTION_REMOVED"].finding(file, value=", ".join(bare)))
    if any(name.startswith("xl/externalLinks/") for name in opened.names):
        found.append(BY_CODE["LINKS"].finding(file))
    if any(name.startswith(("xl/embeddings/", "xl/media/")) or _is_drawing(name) for name in opened.names):
        found.append(BY_CODE["EMBEDDED"].finding(file))
    return found


def _is_drawing(name: str) -> bool:
    """Pictures, shapes and charts; comments have drawings of their own, in VML."""
    return name.startswith("xl/drawings/") and name.endswith(".xml")


def _hidden(mark: SheetDetails) -> tuple[str, str]:
    """The rows and the columns that are hidden: `rows 7, 8` and `columns I`."""
    # Rows hidden beyond the last value, as "hide all below" does, hide nothing.
    rows = [str(row) for row in mark.hidden_rows if row <= mark.last_row]
    columns = [column_letter(column) for column in mark.hidden_columns if column <= mark.last_column]
    return _listed("rows", rows), _listed("columns", columns)


def _listed(name: str, items: list[str], most: int = 20) -> str:
    return f"{name} {_few(items, most)}" if items else ""


def _few(items: list[str], most: int = 20) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


def lost_dropdowns(aligned: Aligned, marks: SheetDetails, title: str, file: str) -> list[Finding]:
    """The cells whose dropdown is gone, as one finding at the first of them."""
    if any(finding.code in ("ROW_MOVED", "COLUMN_MOVED") for finding in aligned.findings):
        return []  # some programs leave dropdowns behind when rows move
    gone = sorted((column, row) for item, (row, column) in aligned.fields if item.choices and not marks.has_dropdown((row, column)))
    if not gone:
        return []
    column, row = gone[0]
    return [BY_CODE["DROPDOWN_GONE"].finding(file, Place(title, row, column), value=_runs(gone))]


def _runs(cells: list[tuple[int, int]]) -> str:
    """Columns and rows as Excel names them: `H5:H11, H14`."""
    runs: list[list[int]] = []
    for column, row in cells:
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1][2] = row
        else:
            runs.append([column, row, row])
    return ", ".join(f"{column_letter(c)}{a}" if a == b else f"{column_letter(c)}{a}:{column_letter(c)}{b}" for c, a, b in runs)
