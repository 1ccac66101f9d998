"""What the next copy has filled in: the agency's own answers as last accepted, but never a rating."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel.copies.prefill import Prefill, prefill
from cedg_excel.copies.template import template_bytes
from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan
from tests.conftest import COVER, RATED, SENT, Fill, checked
from tests.helpers.zips import parts_of

NEXT = "2019-20-Q4"
ANSWERS = {
    "action/2.3/rating": "Amber", "action/2.3/remedial_action": "A new lead", "action/2.3/date_commenced": date(2019, 10, 1),
    "action/2.3/target_date": date(2020, 3, 1), "action/2.3/evidence": "=minutes\nof the board", "action/2.1/evidence": "Ours",
    "kpi/K2.1/value": 7, "kpi/K2.1/comment": "Not carried", "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4,
    "narrative/2/impact": "Not carried",
}  # fmt: skip

Carried = Callable[..., Prefill]


@pytest.fixture
def carried(small: Plan) -> Carried:
    def from_returns(*paths: Path, agency: str = "north", period: str = NEXT) -> Prefill:
        tables = merge(checked(small, *paths), small).tables
        return prefill(small, agency, period, tables["actions"], tables["kpis"])

    return from_returns


def copy_with(plan: Plan, prefilled: Prefill, agency: str = "north") -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(template_bytes(plan, agency, NEXT, values=prefilled.values, past=prefilled.past)))


def test_own_answers_are_filled_in_and_the_rating_is_blank(carried: Carried, fill: Fill) -> None:
    prefilled = carried(fill({**RATED, **ANSWERS}))
    assert prefilled.values == {key: value for key, value in ANSWERS.items() if key.startswith("action/") and not key.endswith("rating")}
    assert prefilled.past == {
        "action/2.3/last_time": "Amber", "action/2.4/last_time": "Red", "action/2.5/last_time": "Red",
        "kpi/K2.1/past/2019-20-Q3": 7, "kpi/K2.2/past/2019-20-Q3": "3 of 4",
    }  # fmt: skip


def test_no_answer_of_another_agency_is_filled_in(carried: Carried, fill: Fill, small: Plan) -> None:
    """Every part of the zip is searched, because hidden content leaks too."""
    secret = {"action/2.1/rating": "Amber", "action/2.1/remedial_action": "SECRET", "action/2.3/evidence": "SECRET"}
    secret |= {"kpi/K2.1/value": 77_777}
    prefilled = carried(fill({**RATED, **ANSWERS}), fill(secret, agency="south"))
    parts = parts_of(template_bytes(small, "north", NEXT, values=prefilled.values, past=prefilled.past))
    assert [name for name, part in parts.items() if b"SECRET" in part or b"77777" in part] == []


def test_nothing_comes_from_a_later_period_or_a_return_that_does_not_count(carried: Carried, fill: Fill) -> None:
    later = fill(RATED, period=NEXT)
    assert carried(later, period="2019-20-Q3") == Prefill()
    one, two = fill(RATED, name="1.xlsx"), fill({**RATED, "action/2.3/rating": "Green"}, name="2.xlsx")
    assert carried(one, two) == Prefill()


def test_held_back_and_cleared_answers_are_not_filled_in(carried: Carried, fill: Fill) -> None:
    first = fill({**RATED, "action/2.3/evidence": "Old", "action/2.3/target_date": "soon"}, name="a.xlsx")
    assert "action/2.3/target_date" not in carried(first).values
    second = fill(RATED, name="b.xlsx", sent=SENT + timedelta(days=1))
    assert "action/2.3/evidence" not in carried(first, second).values


def test_nothing_to_report_keeps_the_earlier_answers(fill: Fill, plan: Plan) -> None:
    """A quarter with Nothing to report set to Yes, and the copy cleared, does not change what the agency reported before."""
    first = fill({"action/1.2/rating": "Green", "action/1.2/evidence": "Minutes"}, agency="rscp", plan=plan)
    nil = fill({"cover/nil_return": "Yes"}, agency="rscp", period=NEXT, plan=plan)
    tables = merge(checked(plan, first, nil), plan).tables
    after = prefill(plan, "rscp", "2020-21-Q1", tables["actions"], tables["kpis"])
    assert (after.values, after.past) == ({"action/1.2/evidence": "Minutes"}, {"action/1.2/last_time": "Green"})


def test_copy_shows_the_answers_in_their_cells(carried: Carried, fill: Fill, small: Plan) -> None:
    sheet = copy_with(small, carried(fill({**RATED, **ANSWERS})))["Objective 2"]
    row = {cell.column_letter: cell.value for cell in sheet[8]}
    assert (row["G"], row["H"], row["I"], row["J"]) == ("=minutes\nof the board", None, "A new lead", "Amber")
    assert sheet["G8"].data_type == "s"
    past = next(cell for line in sheet.iter_rows(max_col=1) for cell in line if cell.value == "K2.2")
    assert (sheet.cell(past.row, 3).value, sheet.cell(past.row, 3).protection.locked) == ("3 of 4", True)
    assert (sheet.cell(past.row, 4).value, sheet.cell(past.row, 4).protection.locked) == (None, False)


def returned_untouched(small: Plan, prefilled: Prefill, path: Path, extra: Mapping[str, Any]) -> Path:
    path.write_bytes(template_bytes(small, "north", NEXT, values={**prefilled.values, **extra}, past=prefilled.past))
    return path


def test_unchanged_copy_is_unrated_and_clean_once_rated(carried: Carried, fill: Fill, small: Plan, tmp_path: Path) -> None:
    prefilled = carried(fill({**RATED, **ANSWERS}))
    (untouched,) = checked(small, returned_untouched(small, prefilled, tmp_path / "u.xlsx", COVER))
    assert {f.code for f in untouched.findings} == {"RATING_MISSING"}
    (rated,) = checked(small, returned_untouched(small, prefilled, tmp_path / "r.xlsx", {**COVER, **RATED}))
    assert rated.findings == ()


@pytest.mark.parametrize(("cell", "text"), [("J8", "Ask Pat"), ("C13", "about 7")])
def test_text_typed_over_an_earlier_answer_is_reported(
    carried: Carried, fill: Fill, small: Plan, tmp_path: Path, cell: str, text: str
) -> None:
    path = returned_untouched(small, carried(fill({**RATED, **ANSWERS})), tmp_path / "x.xlsx", {**COVER, **RATED})
    book = openpyxl.load_workbook(path)
    book["Objective 2"][cell].value = text
    book.save(path)
    (item,) = checked(small, path)
    assert [(f.code, f.place.cell, f.value) for f in item.findings if f.severity != "info"] == [("OUTSIDE_FORM", cell, text)]
