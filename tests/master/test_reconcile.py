"""Reconcile confirms that the master equals its returns, and finds a single digit changed by hand."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge, withdraw
from cedg_excel.master.reconcile import reconcile
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, RATED, Fill, checked


@pytest.fixture
def files(fill: Fill) -> list[Path]:
    north = {**RATED, "kpi/K2.1/value": 17, "action/2.3/evidence": "=1+1"}
    return [fill(north), fill({"action/2.1/rating": "Red"}, agency="south"), fill(RATED, period="2019-20-Q4")]


@pytest.fixture
def master(files: list[Path], small: Plan, tmp_path: Path) -> Path:
    path = tmp_path / "master.xlsx"
    write_master(merge(checked(small, *files), small), path)
    return path


def test_untouched_master_equals_its_returns(master: Path, files: list[Path], small: Plan) -> None:
    result = reconcile(master, checked(small, *files), small)
    assert (result.differences, result.missing, result.returns) == ((), (), 3)
    assert result.cells > 500


@pytest.mark.parametrize(
    ("sheet", "column", "row_of", "was", "now"),
    [
        ("Data kpis", "value", 17, 17, 18),
        ("Data actions", "evidence", "=1+1", "=1+1", "=1+2"),
        ("Store values", "value", "17", "17", "18"),
    ],
)
def test_one_digit_changed_by_hand_is_found(
    master: Path, files: list[Path], small: Plan, sheet: str, column: str, row_of: object, was: object, now: object
) -> None:
    book = openpyxl.load_workbook(master)
    number = [head.value for head in book[sheet][1]].index(column) + 1
    (cell,) = (row[0] for row in book[sheet].iter_rows(min_col=number, max_col=number) if row[0].value == row_of)
    cell.value, cell.data_type = now, "s" if isinstance(now, str) else "n"
    book.save(master)
    (difference,) = reconcile(master, checked(small, *files), small).differences
    assert (difference.place.sheet, difference.place.cell) == (sheet, cell.coordinate)
    assert (difference.master, difference.returns) == (str(now), str(was))
    assert difference.as_line() == f'{sheet}!{cell.coordinate}: the master has "{now}", the returns give "{was}".'


def test_period_that_has_left_the_plan_is_a_difference(master: Path, files: list[Path], small: Plan) -> None:
    later = small.model_copy(update={"periods": tuple(p.model_copy(update={"id": f"{p.id}-again"}) for p in small.periods)})
    later = Plan.model_validate(later.model_dump(by_alias=True))
    assert reconcile(master, checked(later, *files), later).differences


def test_missing_return_is_named(master: Path, files: list[Path], small: Plan) -> None:
    result = reconcile(master, checked(small, *files[1:]), small)
    assert (result.differences, result.missing) == ((), ("north_2019-20-Q3.xlsx",))


def test_shown_period_and_decisions_are_not_differences(files: list[Path], small: Plan, tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    result = merge(checked(small, *files), small, strict=True, show=PERIOD)
    out = withdraw(small, result.store, "north", "2019-20-Q4")
    assert out is not None
    for merged in (result, out):
        write_master(merged, path)
        assert reconcile(path, checked(small, *files), small).differences == ()
