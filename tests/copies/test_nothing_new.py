"""A copy that was filled in from last time, returned untouched with nothing to report: a nil return, and nothing has to be emptied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from cedg_excel.copies.prefill import prefill
from cedg_excel.copies.template import template_bytes
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.layout import layout_for
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan
from cedg_excel.tab_names import AS_ISSUED, CHECK_TAB, COVER
from tests.conftest import RATED, Fill, checked
from tests.helpers.office import Office

NEXT = "2019-20-Q4"
LAST = {
    **RATED, "action/2.3/evidence": "Seen\nby the board", "action/2.3/target_date": date(2020, 3, 1), "action/2.1/evidence": "Ours",
    # An error that is not held back comes back in the next copy.
    "action/2.4/target_date": date(2023, 1, 1), "kpi/K2.1/value": 7,
}  # fmt: skip
NIL = {"cover/completed_by": "An Officer", "cover/completed_on": date(2020, 4, 14), "cover/status": "Final", "cover/nil_return": "Yes"}


def next_copy(small: Plan, fill: Fill, typed: Mapping[str, Any], folder: Path) -> Path:
    """The next copy, filled in from the last return, in which somebody then types."""
    tables = merge(checked(small, fill(LAST)), small).tables
    content = prefill(small, "north", NEXT, tables["actions"], tables["kpis"])
    path = folder / f"north_{NEXT}.xlsx"
    path.write_bytes(
        template_bytes(small, "north", NEXT, values=content.values, past=content.locked, saved_at=datetime(2020, 4, 14, tzinfo=UTC))
    )
    book = openpyxl.load_workbook(path)
    for sheet, cell, field in layout_for(small, "north", NEXT).fields():
        if field.key in typed:
            book[sheet.title].cell(cell.row, cell.column).value = typed[field.key]
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("typed", "codes", "status"),
    [
        pytest.param({}, [], "nil", id="untouched"),
        pytest.param({"action/2.3/evidence": None, "action/2.1/evidence": None}, [], "nil", id="emptied by hand"),
        pytest.param({"action/2.3/evidence": "Seen by the board"}, ["DATE_OUTSIDE_PLAN", "NIL_WITH_ENTRIES"], "nil", id="a text changed"),
        pytest.param({"action/2.3/target_date": date(2020, 3, 2)}, ["DATE_OUTSIDE_PLAN", "NIL_WITH_ENTRIES"], "nil", id="a date changed"),
        pytest.param({"kpi/K2.1/value": 7}, ["DATE_OUTSIDE_PLAN", "NIL_WITH_ENTRIES"], "nil", id="a figure typed"),
        pytest.param({"cover/nil_return": "No", **RATED}, ["DATE_OUTSIDE_PLAN"], "accepted", id="nothing to report is not set"),
    ],
)
def test_what_was_filled_in_is_no_answer(
    small: Plan, fill: Fill, tmp_path: Path, typed: dict[str, Any], codes: list[str], status: str
) -> None:
    (item,) = checked(small, next_copy(small, fill, {**NIL, **typed}, tmp_path))
    assert sorted(finding.code for finding in item.findings if finding.severity.value == "error") == codes
    assert list(merge([item], small).statuses.values()) == [status]


def test_last_times_answers_are_not_counted_as_this_times_and_are_not_lost(small: Plan, fill: Fill, tmp_path: Path) -> None:
    items = checked(small, fill(LAST), next_copy(small, fill, NIL, tmp_path))
    merged = merge(items, small)
    count_cells(items, merged)
    rows = merged.tables["actions"]
    rows = rows[(rows["period"] == NEXT) & (rows["agency"] == "north")]
    assert rows[["evidence", "rating", "date_achieved", "remedial_action"]].isna().all(axis=None)
    assert (
        prefill(small, "north", NEXT, merged.tables["actions"], merged.tables["kpis"]).values["action/2.3/evidence"] == "Seen\nby the board"
    )


def test_what_was_filled_in_counts_with_a_change(small: Plan, fill: Fill, tmp_path: Path) -> None:
    """Or a date that was left as it is would be lost from the next copy."""
    items = checked(small, next_copy(small, fill, {**NIL, "action/2.3/evidence": "New"}, tmp_path))
    rows = merge(items, small).tables["actions"].set_index("ref")
    assert (rows.loc["2.3", "evidence"], rows.loc["2.3", "target_date"]) == ("New", date(2020, 3, 1))


def test_a_struck_text_is_a_change(small: Plan, fill: Fill, tmp_path: Path) -> None:
    path = next_copy(small, fill, NIL, tmp_path)
    book = openpyxl.load_workbook(path)
    places = {f.key: f"{column_letter(c.column)}{c.row}" for _, c, f in layout_for(small, "north", NEXT).fields()}
    cell = book["Objective 2"][places["action/2.3/evidence"]]
    cell.font = Font(strike=True)
    book.save(path)
    (item,) = checked(small, path)
    assert {"NIL_WITH_ENTRIES", "STRUCK_OUT"} <= {finding.code for finding in item.findings}


def test_it_is_shown_openly(small: Plan, fill: Fill, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(next_copy(small, fill, NIL, tmp_path))
    sheet = book[AS_ISSUED]
    assert (sheet.sheet_state, sheet.protection.sheet) == ("visible", True)
    assert {sheet.cell(row, 6).value for row in range(5, 9)} == {"Ours", "Seen\nby the board", None}
    assert AS_ISSUED not in openpyxl.load_workbook(fill(RATED)).sheetnames, "the first copies of a plan have nothing to show"


@pytest.mark.office
@pytest.mark.parametrize(
    ("typed", "ready", "new"),
    [({}, "Ready to send.", 0), ({"action/2.3/evidence": "seen\nby the board"}, "0 of 3 actions rated, 2 things to fix.", 1)],
)
def test_the_sheet_says_the_same(
    small: Plan, fill: Fill, tmp_path: Path, office: Office, typed: dict[str, Any], ready: str, new: int
) -> None:
    path = office.recalculate(next_copy(small, fill, {**NIL, **typed}, tmp_path), tmp_path / "calculated.xlsx")
    book = openpyxl.load_workbook(path, data_only=True)
    assert (book[COVER]["A5"].value, book[CHECK_TAB]["G9"].value) == (ready, new)


def test_the_stored_results_say_the_same(small: Plan, fill: Fill, tmp_path: Path) -> None:
    from cedg_excel.copies.formula_results import formula_results

    tables = merge(checked(small, fill(LAST)), small).tables
    content = prefill(small, "north", NEXT, tables["actions"], tables["kpis"])
    results = formula_results(layout_for(small, "north", NEXT), {**content.values, **NIL}, content.locked)
    assert (results[COVER][5, 1], results[CHECK_TAB][9, 7]) == ("Ready to send.", 0)
