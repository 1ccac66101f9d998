"""What was done to a copy besides filling it in: hidden content, comments, removed protection, links, and lost dropdown lists."""

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
from cedg_excel.returns.object_findings import object_findings
from cedg_excel.tab_names import PLEASE_FIX

_FEEDBACK_COMMENT = re.compile(rf"{PLEASE_FIX}: .* \[[A-Z_]+\]")
"""The comment that feedback writes on a cell. If anything has been added to it, it counts as the agency's own comment."""


def form_findings(
    opened: gate.Opened, book: WorkbookInfo, details: Mapping[str, SheetDetails], form_tabs: set[str], file: str
) -> list[Finding]:
    """What only the XML shows: hidden content, comments, protection, links and embedded files."""
    findings = []
    for tab in book.tabs:
        tab_place = Place(tab.title)
        if tab.state != "visible":
            findings.append(BY_CODE["HIDDEN_SHEET" if tab.is_read else "ADDIN_SHEET"].finding(file, tab_place))
        if not tab.is_read:
            continue
        tab_details = details[tab.title]
        rows, columns = _hidden_rows_and_columns(tab_details)
        if rows and tab_details.filtered:
            findings.append(BY_CODE["FILTERED_ROWS"].finding(file, tab_place, value=rows))
        if hidden := "; ".join(part for part in (columns, "" if tab_details.filtered else rows) if part):
            findings.append(BY_CODE["HIDDEN_ROWS"].finding(file, tab_place, value=hidden))
        if tab_details.merged_ranges and tab.title in form_tabs:
            row, column = min(first[:2] for first in ranges(" ".join(tab_details.merged_ranges)))
            findings.append(
                BY_CODE["MERGED_CELLS"].finding(file, Place(tab.title, row, column), value=_shortened_list(tab_details.merged_ranges))
            )
        for (row, column), text in sorted(tab_details.comments.items()):
            if not _FEEDBACK_COMMENT.fullmatch(text):
                findings.append(BY_CODE["COMMENT"].finding(file, Place(tab.title, row, column), value=text))
    if unprotected := [tab.title for tab in book.tabs if tab.title in form_tabs and not details[tab.title].protected]:
        findings.append(BY_CODE["PROTECTION_REMOVED"].finding(file, value=", ".join(unprotected)))
    if any(name.startswith("xl/externalLinks/") for name in opened.names):
        findings.append(BY_CODE["LINKS"].finding(file))
    return [*findings, *object_findings(details, opened.names, file)]


def _hidden_rows_and_columns(tab_details: SheetDetails) -> tuple[str, str]:
    """The rows and the columns that are hidden: `rows 7, 8` and `columns I`."""
    # Rows hidden after the last value, as by "hide all below", hide nothing.
    rows = [str(row) for row in tab_details.hidden_rows if row <= tab_details.last_row]
    columns = [column_letter(column) for column in tab_details.hidden_columns if column <= tab_details.last_column]
    return _labelled_list("rows", rows), _labelled_list("columns", columns)


def _labelled_list(name: str, items: list[str], max_items: int = 20) -> str:
    return f"{name} {_shortened_list(items, max_items)}" if items else ""


def _shortened_list(items: list[str], max_items: int = 20) -> str:
    return ", ".join(items[:max_items]) + (f" and {len(items) - max_items} more" if len(items) > max_items else "")


def lost_dropdowns(aligned: Aligned, details: SheetDetails, title: str, file: str) -> list[Finding]:
    """The cells whose dropdown list is missing, as one finding at the first of them."""
    if any(finding.code in ("ROW_MOVED", "COLUMN_MOVED") for finding in aligned.findings):
        return []  # some programs do not move dropdown lists with their rows
    lost = sorted((column, row) for field, (row, column) in aligned.fields if field.choices and not details.has_dropdown((row, column)))
    if not lost:
        return []
    column, row = lost[0]
    return [BY_CODE["DROPDOWN_GONE"].finding(file, Place(title, row, column), value=_runs(lost))]


def _runs(cells: list[tuple[int, int]]) -> str:
    """Cells, sorted by column and row, as ranges: `H5:H11, H14`."""
    runs: list[list[int]] = []
    for column, row in cells:
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1][2] = row
        else:
            runs.append([column, row, row])
    return ", ".join(f"{column_letter(c)}{a}" if a == b else f"{column_letter(c)}{a}:{column_letter(c)}{b}" for c, a, b in runs)
