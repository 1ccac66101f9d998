"""What `cedg reconcile` says of a master that people have worked in: their own entries, shifted rows, rows without a return."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import RATED, SENT, Cedg
from tests.helpers.office import Office
from tests.master.conftest import edit, in_group_cell


def lines(cedg: Cedg, folder: Path) -> tuple[list[str], int]:
    """What it printed before its verdict, and its exit status."""
    result = cedg("reconcile", folder=folder)
    *before, verdict = result.out.splitlines()
    assert "cells of the master compared" in verdict
    return before, result.status


def test_the_groups_own_entries_are_no_differences(cedg: Cedg, round_folder: Path) -> None:
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 13, "Blue"))
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 14, "Ask 943 476 5919"))
    page = openpyxl.load_workbook(round_folder / "master.xlsx")["Objective 2"]
    row = next(cell.row for (cell,) in page.iter_rows(max_col=1) if cell.value == "2.3")
    before, status = lines(cedg, round_folder)
    assert (before[:2], status) == ([
        f'Objective 2!M{row}: the group\'s own entry since the last merge (2.3, Group rating): "Blue".',
        f'Objective 2!N{row}: the group\'s own entry since the last merge (2.3, Coordinator\'s note): "Ask [NHS number]".',
    ], 0)  # fmt: skip
    assert before[2].startswith("The next merge takes these entries over and changes ")
    found = cedg("reconcile", "--format", "json", folder=round_folder).json()
    assert found["differences"] == []
    assert found["group_entries"][0] == {
        "sheet": "Objective 2",
        "cell": f"M{row}",
        "key": "group/2.3/rating",
        "before": None,
        "after": "Blue",
    }
    counts = {(e["sheet"], e["cell"]): (e["before"], e["after"]) for e in found["group_entries"] if e["key"] is None}
    assert (counts["Summary", "D7"], counts["Summary", "G7"]) == (("3", "2"), ("0", "1")), "Red and Blue of the objective"

    cedg("merge", folder=round_folder)
    assert lines(cedg, round_folder) == ([], 0)
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 13, None))
    cleared, status = lines(cedg, round_folder)
    assert (cleared[0], status) == (f"Objective 2!M{row}: the group's own entry since the last merge (2.3, Group rating): cleared.", 0)


def test_an_entry_does_not_hide_a_difference(cedg: Cedg, round_folder: Path) -> None:
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 13, "Blue"))
    edit(round_folder / "master.xlsx", lambda book: book["Data kpis"].__setitem__("E2", 18))
    before, status = lines(cedg, round_folder)
    assert (before[0], status) == ('Data kpis!E2: the master has "18", the returns give "17".', 1)


SHIFTS: dict[str, tuple[Callable[[Any], object], list[str]]] = {
    "a row inserted in a data table": (lambda book: book["Data kpis"].insert_rows(3), ["Data kpis: row 3 was inserted."]),
    "a row inserted in a page": (lambda book: book["Objective 2"].insert_rows(2), ["Objective 2: row 2 was inserted."]),
    "two rows deleted": (lambda book: book["Data actions"].delete_rows(3, 2), ["Data actions: rows 3 to 4 were deleted."]),
    "a column inserted": (lambda book: book["Store files"].insert_cols(8), []),
    "a column inserted in the Summary": (lambda book: book["Summary"].insert_cols(2), ["Summary: column B was inserted."]),
    "an own sheet": (
        lambda book: book.create_sheet("Notes").append(["a", "b"]),
        ['Notes: the master has "a sheet with 2 cells", the returns give nothing.'],
    ),
}


@pytest.mark.parametrize("name", SHIFTS)
def test_what_one_insertion_shifted_is_one_line(cedg: Cedg, round_folder: Path, name: str) -> None:
    change, expected = SHIFTS[name]
    edit(round_folder / "master.xlsx", change)
    assert lines(cedg, round_folder) == (expected, 1 if expected else 0)


def test_inserted_and_changed_as_json(cedg: Cedg, round_folder: Path) -> None:
    def change(book: Any) -> None:
        book["Data kpis"].insert_rows(2)
        book["Data kpis"]["E3"] = 18
        book["Data kpis"]["C2"] = "by hand"

    edit(round_folder / "master.xlsx", change)
    assert cedg("reconcile", "--format", "json", folder=round_folder).json()["differences"] == [
        {"sheet": "Data kpis", "cell": "2:2", "master": "by hand", "returns": None},
        {"sheet": "Data kpis", "cell": "E3", "master": "18", "returns": "17"},
    ]


def test_the_rows_of_a_return_that_is_gone_are_named(cedg: Cedg, round_folder: Path) -> None:
    (round_folder / "returns" / "s.xlsx").unlink()
    assert lines(cedg, round_folder) == ([
        "s.xlsx is in the master but not among the files given, so it could not be compared. These rows rest only on the master's "
        "memory: actions of south for 2019-20-Q3: 2.1, 2.3; kpis of south for 2019-20-Q3: K2.1, K2.2; narrative of south for "
        "2019-20-Q3: 2.",
    ], 1)  # fmt: skip
    found = cedg("reconcile", "--format", "json", folder=round_folder).json()
    assert (found["missing"], found["differences"]) == (["s.xlsx"], [])
    assert found["memory"] == [
        {"table": "actions", "period": "2019-20-Q3", "agency": "south", "refs": ["2.1", "2.3"], "file": "s.xlsx"},
        {"table": "kpis", "period": "2019-20-Q3", "agency": "south", "refs": ["K2.1", "K2.2"], "file": "s.xlsx"},
        {"table": "narrative", "period": "2019-20-Q3", "agency": "south", "refs": ["2"], "file": "s.xlsx"},
    ]


def test_a_superseded_return_that_is_gone_leaves_nothing_to_memory(cedg: Cedg, round_folder: Path, send: Callable[..., Path]) -> None:
    send("n2.xlsx", "north", {**RATED, "kpi/K2.1/value": 20}, when=SENT.replace(day=20))
    cedg("merge", folder=round_folder)
    (round_folder / "returns" / "n.xlsx").unlink()
    assert lines(cedg, round_folder) == ([], 0)


@pytest.mark.office
def test_a_master_saved_in_libreoffice_equals_its_returns(cedg: Cedg, round_folder: Path, office: Office, tmp_path: Path) -> None:
    shutil.move(office.recalculate(round_folder / "master.xlsx", tmp_path / "saved.xlsx"), round_folder / "master.xlsx")
    assert lines(cedg, round_folder) == ([], 0)
