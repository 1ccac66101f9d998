"""`from`, `until` and `became` in the plan's workbook: dropdowns, live checks, mistakes at their cells, workbooks without them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from cedg_excel.errors import PlanError
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.planfiles.read_workbook import read_plan_book
from cedg_excel.planfiles.sheets import BY_TABLE, HEADING_ROW
from cedg_excel.planfiles.write_workbook import plan_bytes
from tests.helpers.office import Office

Q3, Q4 = "2019-20-Q3", "2019-20-Q4"
Typed = Mapping[str, str]
"""What is typed, by tab and cell: `{"Agencies!F7": "2019-20-Q3"}`."""


def at(table: str, key: str, entry: int) -> str:
    """`Agencies!F7`: the cell of an entry, counted from 1."""
    sheet = BY_TABLE[table]
    return f"{sheet.title}!{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[sheet.column(key) - 1]}{HEADING_ROW + entry}"


NORTH_FROM, SOUTH_FROM, SOUTH_UNTIL = at("agency", "from", 1), at("agency", "from", 2), at("agency", "until", 2)
UNTIL, BECAME = at("action", "until", 3), at("action", "became", 3)
SOUTH_ALONE = "2.1 goes on, but none of its accountable agencies is active in 2019-20-Q4. "

MISTAKES: list[tuple[Typed, str, str, str]] = [
    ({SOUTH_FROM: "2019-20-Q5"}, SOUTH_FROM, "unknown period '2019-20-Q5'. Did you mean '2019-20-Q4'?", "From: there is no such period."),
    ({SOUTH_UNTIL: "Q3"}, SOUTH_UNTIL, "unknown period 'Q3'.", "Until: there is no such period."),
    ({SOUTH_FROM: Q4, SOUTH_UNTIL: Q3}, SOUTH_UNTIL,
     "until is before from: 2019-20-Q3 is an earlier period than 2019-20-Q4. Change one of them, or leave it blank.",
     "Until is before From."),
    ({SOUTH_UNTIL: Q3}, at("action", "ref", 1),
     SOUTH_ALONE + "Make an agency accountable that is active then, or end the action before with until.", ""),
    ({UNTIL: "Q3"}, UNTIL, "unknown period 'Q3'.", "Until: there is no such period."),
    ({UNTIL: Q3, BECAME: "2.6"}, BECAME, "unknown action '2.6'. Did you mean '2.5'?", "Became: there is no such action."),
    ({BECAME: "2.5"}, BECAME, "2.4 became 2.5, but goes on. Name its last period under until.", "Became needs Until."),
    ({UNTIL: Q3, BECAME: "2.4"}, BECAME,
     "2.4 became itself. Name the action that continues it, or leave became blank.", "An action cannot become itself."),
    ({UNTIL: Q4, BECAME: "2.5"}, BECAME,
     "2.5 cannot continue 2.4, because it ends no later. Name an action that goes on after 2019-20-Q4.", ""),
    ({UNTIL: Q3, BECAME: "2.5"}, "", "", ""),
    ({NORTH_FROM: Q3}, "", "", ""),
]  # fmt: skip
"""What is typed; the cell that the reader names; its sentence; what Check says in that row, where a formula can tell."""


@pytest.fixture
def typed(small: Plan, tmp_path: Path) -> Callable[[Typed], Path]:
    def make(cells: Typed) -> Path:
        path = tmp_path / "plan.xlsx"
        path.write_bytes(plan_bytes(small))
        book = openpyxl.load_workbook(path)
        for place, text in cells.items():
            sheet, cell = place.split("!")
            book[sheet][cell] = text
        book.save(path)
        return path

    return make


@pytest.mark.parametrize(("cells", "place", "sentence", "check"), MISTAKES)
def test_mistake_is_named_at_its_cell(typed: Callable[[Typed], Path], cells: Typed, place: str, sentence: str, check: str) -> None:
    if not place:
        load_plan(typed(cells))
        return
    with pytest.raises(PlanError) as refused:
        load_plan(typed(cells))
    found = [line.strip() for line in str(refused.value).split("\n")[1:]]
    assert f"{place}: {sentence}" in found


@pytest.mark.office
@pytest.mark.parametrize(("cells", "place", "sentence", "check"), MISTAKES)
def test_check_says_it_while_people_type(
    typed: Callable[[Typed], Path], office: Office, cells: Typed, place: str, sentence: str, check: str
) -> None:
    sheet, cell = (place or at("action", "until", 3)).split("!")
    table = next(table for table in BY_TABLE.values() if table.title == sheet)
    letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[table.check_column - 1]
    (shown,) = office.read(typed(cells), [(sheet, letter + cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))])
    assert shown.text == check


def test_periods_and_refs_are_chosen_from_lists(typed: Callable[[Typed], Path]) -> None:
    book = openpyxl.load_workbook(typed({}))
    for place, name in ((SOUTH_FROM, "plan_periods"), (SOUTH_UNTIL, "plan_periods"), (UNTIL, "plan_periods"), (BECAME, "plan_actions")):
        sheet, cell = place.split("!")
        rules = [rule.formula1 for rule in book[sheet].data_validations.dataValidation if cell in rule.sqref]
        assert (rules, name in book.defined_names) == ([name], True)


def test_what_is_typed_is_read(typed: Callable[[Typed], Path], small: Plan) -> None:
    plan = load_plan(typed({SOUTH_FROM: Q3, NORTH_FROM: f" {Q3} ", UNTIL: Q3, BECAME: "2.5"}))
    assert [(agency.from_, agency.until) for agency in plan.agencies] == [(Q3, ""), (Q3, "")]
    assert [(action.until, action.became) for action in plan.actions] == [("", ""), ("", ""), (Q3, "2.5"), ("", "")]
    assert plan != small


def test_a_workbook_of_an_earlier_version_is_read_without_the_columns(typed: Callable[[Typed], Path], small: Plan, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(typed({}))
    for table, keys in (("agency", ("from", "until")), ("action", ("until", "became"))):
        for key in keys:
            sheet, cell = at(table, key, 0).split("!")
            book[sheet][cell] = None
    book.save(tmp_path / "earlier.xlsx")
    read = read_plan_book(tmp_path / "earlier.xlsx")
    assert (read.plan, read.remarks) == (small, ())


def test_a_retyped_heading_is_no_column_left_out(typed: Callable[[Typed], Path]) -> None:
    with pytest.raises(PlanError, match=r"the column Until is missing from row 5\. Is it 'Untill'"):
        load_plan(typed({SOUTH_UNTIL: Q4, at("agency", "until", 0): "Untill"}))


def test_an_agency_that_joins_with_work_of_its_own_needs_nobody_before(small: Plan) -> None:
    """Its action has not begun before that, which is no gap in who is accountable."""
    data = small.model_dump(by_alias=True)
    data["agency"] = [*data["agency"], {"id": "west", "name": "West", "from": Q4}]
    data["action"] = [*data["action"], {"ref": "2.6", "title": "West's own", "agencies": ["west"]}]
    plan = plan_from({key: list(value) if isinstance(value, tuple) else value for key, value in data.items()})
    assert ["2.6" in plan.at(period).action_by_ref for period in (Q3, Q4)] == [False, True]
