"""
Every cell that was read is merged, held back, superseded or blank; and the counts are taken in different places, so that they can disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cedg_excel.checking.check import Checked
from cedg_excel.errors import CountsDisagree
from cedg_excel.master.accounting import count_cells, merged_cells
from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge, withdraw
from cedg_excel.master.merged import Merged
from cedg_excel.master.reconcile import reconcile
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, RATED, SENT, Fill, checked, table_rows

LATER = SENT + timedelta(days=1)

SITUATIONS = """
    | what was returned                   | read | merged | held back | superseded | blank |
    | one return                          |   39 |      7 |         0 |          0 |    32 |
    | a figure that is not a number       |   39 |      7 |         1 |          0 |    31 |
    | an NHS number among the evidence    |   39 |      7 |         1 |          0 |    31 |
    | a later return with fewer answers   |   78 |      7 |         0 |         39 |    32 |
    | two that cannot be ordered          |   78 |      0 |        14 |          0 |    64 |
    | errors, and --strict                |   39 |      0 |         8 |          0 |    31 |
    | nothing to report                   |   39 |      5 |         0 |          0 |    34 |
    | the same file under two names       |   39 |      7 |         0 |          0 |    32 |
    | a return that was withdrawn         |   39 |      0 |         0 |         39 |     0 |
"""

NOT_A_NUMBER = {**RATED, "kpi/K2.1/value": "12 people"}


def merge_situation(what: str, fill: Fill, small: Plan) -> tuple[list[Checked], Merged]:
    """The returns of a situation, and the result of merging them."""
    files: dict[str, Callable[[], Sequence[Path]]] = {
        "one return": lambda: [fill(RATED)],
        "a figure that is not a number": lambda: [fill(NOT_A_NUMBER)],
        "an NHS number among the evidence": lambda: [fill({**RATED, "action/2.3/evidence": "No. 943 476 5919"})],
        "a later return with fewer answers": lambda: [
            fill({**RATED, "action/2.3/evidence": "Minutes"}, name="first.xlsx"), fill(RATED, name="second.xlsx", sent=LATER),
        ],
        "two that cannot be ordered": lambda: [
            fill(RATED, name="one.xlsx"), fill({**RATED, "action/2.3/rating": "Green"}, name="two.xlsx"),
        ],
        "errors, and --strict": lambda: [fill(NOT_A_NUMBER)],
        "nothing to report": lambda: [fill({"cover/nil_return": "Yes"})],
        "the same file under two names": lambda: [fill(RATED, name="a.xlsx"), fill(RATED, name="b.xlsx")],
        "a return that was withdrawn": lambda: [fill(RATED)],
    }  # fmt: skip
    items = checked(small, *files[what]())
    merged = merge(items, small, strict=what.endswith("--strict"))
    if what.endswith("withdrawn"):
        after = withdraw(small, merged.store, "north", PERIOD)
        assert after is not None
        merged = after
    return items, merged


@pytest.mark.parametrize("row", table_rows(SITUATIONS), ids=lambda row: row[0])
def test_every_cell_is_counted_once(row: tuple[str, ...], fill: Fill, small: Plan) -> None:
    what, *numbers = row
    items, merged = merge_situation(what, fill, small)
    cells = count_cells(items, merged)
    assert cells == dict(zip(("read", "merged", "held_back", "superseded", "blank"), map(int, numbers), strict=True))


# The tests below remove or add something, as a fault in the program would, and check that the counts disagree.


@pytest.mark.parametrize("table", ["actions", "returns"])
def test_an_answer_that_is_missing_from_a_table_is_noticed(table: str, fill: Fill, small: Plan) -> None:
    items, merged = merge_situation("one return", fill, small)
    less = replace(merged, tables={**merged.tables, table: merged.tables[table].iloc[:0]})
    with pytest.raises(CountsDisagree, match=r"^39 cells were read, but .* do not add up to that\. Nothing was changed\."):
        count_cells(items, less)


def test_a_held_back_cell_without_its_finding_is_noticed(fill: Fill, small: Plan) -> None:
    items, merged = merge_situation("a figure that is not a number", fill, small)
    silent = [replace(item, findings=()) for item in items]
    with pytest.raises(CountsDisagree):
        count_cells(silent, merged)


def test_a_superseded_return_that_still_counts_is_noticed(fill: Fill, small: Plan) -> None:
    items, merged = merge_situation("a later return with fewer answers", fill, small)
    both = replace(merged, statuses=dict.fromkeys(merged.statuses, "accepted"))
    with pytest.raises(CountsDisagree):
        count_cells(items, both)


def test_a_blank_cell_that_became_an_answer_is_noticed(fill: Fill, small: Plan) -> None:
    items, merged = merge_situation("one return", fill, small)
    actions = merged.tables["actions"].copy()
    actions.loc[0, "evidence"] = "From somewhere else"
    with pytest.raises(CountsDisagree):
        count_cells(items, replace(merged, tables={**merged.tables, "actions": actions}))


def test_dates_settled_in_the_plan_are_not_counted_as_answers(fill: Fill, small: Plan) -> None:
    """A date from the plan is in the table too, but no return has answered it."""
    data = small.model_dump(by_alias=True)
    next(action for action in data["action"] if action["ref"] == "2.3")["target_date"] = small.about.end
    settled = Plan.model_validate(data)
    items = checked(settled, fill(RATED, plan=settled))
    merged = merge(items, settled)
    assert small.about.end in list(merged.tables["actions"]["target_date"])
    assert not any(key == "action/2.3/target_date" for _, key in merged_cells(merged))
    assert count_cells(items, merged)["merged"] == 7


def test_reconcile_counts_the_cells_too(fill: Fill, small: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items, merged = merge_situation("one return", fill, small)
    master = tmp_path / "master.xlsx"
    write_master(merged, master)
    assert reconcile(master, items, small).differences == ()
    monkeypatch.setattr("cedg_excel.master.accounting.merged_cells", lambda _merged: iter(()))
    with pytest.raises(CountsDisagree):
        reconcile(master, items, small)
