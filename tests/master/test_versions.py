"""A plan that changes between the quarters: copies of the previous version still count, and nothing recorded is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.ratings_and_totals import AnswersByPeriod
from cedg_excel.master.read_workbook import read_master
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from tests.conftest import PERIOD, RATED, Cedg, Fill, checked
from tests.helpers.places import PLANS

ANSWERS = {
    **RATED, "action/2.3/rating": "Green", "action/2.3/evidence": "Minutes of 3 May", "action/2.5/rating": "Amber",
    "action/2.5/remedial_action": "A new draft", "kpi/K2.1/value": 7, "kpi/K2.3/value": 12,
    "narrative/2/impact": "Families say so",
}  # fmt: skip
"""What north answers in a copy of version 1."""


@pytest.fixture(scope="session")
def later() -> Plan:
    """Version 2 of the small plan."""
    return load_plan(PLANS / "small-2.toml")


def findings_of(plan: Plan, path: Path) -> list[str]:
    """`["error H9 RATING_MISSING", "info NOT_IN_COPY 2.6"]`."""
    (item,) = checked(plan, path)
    return [" ".join(filter(None, (f.severity, f.place.cell, f.code, f.value))) for f in item.findings]


def merged(plan: Plan, paths: Sequence[Path], before: Merged | None = None) -> Merged:
    return merge(checked(plan, *paths), plan, before.store if before else None)


def test_copy_of_the_previous_version_has_findings_only_about_differences(fill: Fill, later: Plan) -> None:
    """No finding asks for a rating or a row that the copy did not have; answers that are no longer asked for are quoted."""
    assert findings_of(later, fill(ANSWERS)) == [
        "warning A8 LEFT_PLAN Evidence: Minutes of 3 May; BRAG: Green",
        "warning A10 LEFT_PLAN BRAG: Amber; Remedial action: A new draft",
        "warning A13 LEFT_PLAN Q3 2019-20: 7",
        "info NOT_IN_COPY 2.6, K3.1",
        "info OTHER_VERSION version 1 of the plan; the current version is 2",
    ]
    messages = [finding.message for finding in checked(later, fill(ANSWERS))[0].findings]
    assert [ref in message for ref, message in zip(("2.3", "2.5", "K2.1"), messages, strict=False)] == [True] * 3


def test_blank_rows_of_ended_actions_are_not_reported(fill: Fill, later: Plan) -> None:
    assert [line.split()[0] for line in findings_of(later, fill({"action/2.4/rating": "Red"}))] == ["info", "info"]


def test_missing_rating_of_a_remaining_action_is_still_reported(fill: Fill, later: Plan) -> None:
    assert [line for line in findings_of(later, fill({})) if line.startswith("error")] == ["error H9 RATING_MISSING"]


def test_copy_of_the_current_version_still_gets_its_own_findings(fill: Fill, later: Plan, small: Plan) -> None:
    """A row that was deleted from a copy of the current version is still an error."""
    path = fill({"action/2.4/rating": "Red", "action/2.6/rating": "Red"}, plan=later)
    book = openpyxl.load_workbook(path)
    row = next(cell.row for (cell,) in book["Objective 2"].iter_rows(max_col=1) if cell.value == "2.6")
    book["Objective 2"].delete_rows(row)
    book.save(path)
    assert "error ROW_MISSING 2.6" in findings_of(later, path)
    assert any(f.code == "NOT_IN_COPY" for f in checked(later, fill(ANSWERS))[0].findings)
    assert not [f for f in checked(small, fill(ANSWERS))[0].findings if f.code in ("NOT_IN_COPY", "LEFT_PLAN", "OTHER_VERSION")]


def test_remaining_actions_are_merged_by_their_refs(fill: Fill, later: Plan) -> None:
    result = merged(later, [fill(ANSWERS)])
    rows = [(row.ref, row.rating) for row in result.tables["actions"].itertuples()]
    assert rows == [("2.1", None), ("2.4", "Red")]
    assert AnswersByPeriod(result).actions(later.period_by_id[PERIOD])["2.4"].rating == "Red"
    assert [row.value for row in result.tables["kpis"].itertuples() if row.ref == "K2.3"] == [12]
    assert list(result.tables["narrative"]["impact"]) == ["Families say so"]


def test_nothing_recorded_is_lost_when_the_plan_changes(fill: Fill, small: Plan, later: Plan, tmp_path: Path) -> None:
    """Merged under version 1; then the plan changes, and everything in returns/ is merged again with the new quarter's copies."""
    first = [fill(ANSWERS), fill({"action/2.1/rating": "Green", "action/2.3/rating": "Blue", "kpi/K2.1/value": 4}, agency="south")]
    master = tmp_path / "master.xlsx"
    write_master(merged(small, first), master)
    second = fill({"action/2.4/rating": "Green", "action/2.6/rating": "Red"}, period="2019-20-Q4", plan=later,
                  sent=datetime(2020, 4, 14, tzinfo=UTC))  # fmt: skip
    result = merge(checked(later, *first, second), later, read_master(master, "small"))
    write_master(result, master)
    ratings = {(row.period, row.agency, row.ref): row.rating for row in result.tables["actions"].itertuples()}
    assert (ratings[PERIOD, "north", "2.3"], ratings[PERIOD, "south", "2.3"]) == ("Green", "Blue")
    assert (ratings[PERIOD, "north", "2.5"], ratings["2019-20-Q4", "north", "2.6"]) == ("Amber", "Red")
    assert sorted(row.value for row in result.tables["kpis"].itertuples() if row.ref == "K2.1") == [4, 7]
    # Merging again changes nothing, and it is the master that keeps them, not the files.
    again = merge(checked(later, *first, second), later, read_master(master, "small"))
    assert master_bytes(again) == master.read_bytes()
    assert merge([], later, read_master(master, "small")).tables["actions"].equals(result.tables["actions"])


def test_master_lists_the_versions_and_what_has_left_the_plan(fill: Fill, small: Plan, later: Plan, tmp_path: Path) -> None:
    first = fill(ANSWERS)
    store = merged(small, [first])
    second = fill({"action/2.4/rating": "Green", "action/2.6/rating": "Red"}, period="2019-20-Q4", plan=later)
    path = tmp_path / "master.xlsx"
    path.write_bytes(master_bytes(merged(later, [first, second], store)))
    page = openpyxl.load_workbook(path)["Versions"]
    text = [[cell for cell in row if cell is not None] for row in page.iter_rows(values_only=True)]
    assert "version 2 of the plan" in text[1][0]
    assert [line for line in text[4:] if line] == [
        [datetime(2019, 7, 18), "1"],
        [datetime(2020, 1, 10), "2", "2.3 and K2.1 ended; 2.6, objective 3 and K3.1 added; 2.4 renamed; 2.5 moved to south"],
        ["The versions that returns were made from"],
        ["Period", "Version", "Returns"],
        [PERIOD, "1", "1"],
        ["2019-20-Q4", "2", "1"],
        ["No longer in the plan. The answers are kept on the Data sheets"],
        ["Ref", "Last in"],
        ["2.3", PERIOD],
        ["K2.1", PERIOD],
    ]


def test_next_copy_carries_over_remaining_actions_and_asks_for_new_ones(cedg: Cedg, tmp_path: Path, fill: Fill, later: Plan) -> None:
    """A whole round in a folder: version 1, its returns, version 2 as a workbook, the next copies, the same returns again."""
    plans = PLANS
    assert cedg("init", "round", "--plan", plans / "small.toml").status == 0
    round_folder = tmp_path / "round"
    fill({**ANSWERS, "action/2.4/evidence": "Posters"}).rename(round_folder / "returns" / "north.xlsx")
    assert cedg("merge", folder=round_folder).status == 0
    assert cedg("plan", "to-excel", plans / "small-2.toml", "plan.xlsx", folder=round_folder).status == 0
    both = cedg("template", folder=round_folder)
    assert (both.status, both.err.count("\n")) == (2, 1)
    assert "contains both plan.toml and plan.xlsx" in both.err
    (round_folder / "plan.toml").unlink()
    assert cedg("template", "--period", "2019-20-Q4", folder=round_folder).status == 0
    copy = round_folder / "outbox" / "2019-20-Q4" / "north_2019-20-Q4.xlsx"
    sheet = openpyxl.load_workbook(copy)["Objective 2"]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows()}
    assert "Posters" in rows["2.4"]
    assert "2.6" in rows
    assert "2.3" not in rows
    assert cedg("merge", folder=round_folder).status == 0
    assert cedg("reconcile", folder=round_folder).status == 0
    kept = cedg("data", "--table", "actions", "--format", "json", folder=round_folder).json()
    assert {row["ref"]: row["rating"] for row in kept} == {"2.1": None, "2.3": "Green", "2.4": "Red", "2.5": "Amber"}
