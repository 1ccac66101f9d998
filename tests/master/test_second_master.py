"""Two people worked in two copies of the master: the group's cells of both are brought together. A master is never a return."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel.form.stamp import plan_of_master
from cedg_excel.master.master_stamp import MasterStamp
from tests.conftest import Cedg
from tests.helpers.places import SMALL
from tests.master.conftest import edit, in_group_cell

RATING, NOTE = 13, 14


@pytest.fixture
def other(round_folder: Path, tmp_path: Path) -> Path:
    """A copy of the master that somebody took home."""
    return Path(shutil.copy(round_folder / "master.xlsx", tmp_path / "from the lead.xlsx"))


def group(cedg: Cedg, folder: Path) -> list[tuple[Any, ...]]:
    rows = cedg("data", "--table", "group", "--format", "json", folder=folder).json()
    return [tuple(row.values()) for row in rows]


def test_entries_that_only_the_other_has_are_taken(cedg: Cedg, round_folder: Path, other: Path) -> None:
    edit(round_folder / "master.xlsx", in_group_cell("2.3", RATING, "Blue"))
    edit(other, in_group_cell("2.3", NOTE, "Agreed in May"))
    edit(other, in_group_cell("2.4", RATING, "Green"))
    merged = cedg("merge", "--group-from", other, folder=round_folder)
    assert (merged.status, merged.out.splitlines()[-1]) == (0, "Took 2 entries of the group from from the lead.xlsx; 0 differ.")
    assert group(cedg, round_folder) == [("2019-20-Q3", "2.3", "Blue", "Agreed in May"), ("2019-20-Q3", "2.4", "Green", None)]
    assert cedg("merge", folder=round_folder).out.splitlines()[-1] == "master.xlsx is already up to date."


def test_two_entries_for_one_cell_are_listed_and_the_held_one_stays(cedg: Cedg, round_folder: Path, other: Path) -> None:
    for path, text in ((round_folder / "master.xlsx", "Agreed"), (other, "Ask 943 476 5919 again")):
        edit(path, in_group_cell("2.3", NOTE, text))
        edit(path, in_group_cell("2.4", NOTE, "The same in both"))
    lines = cedg("merge", "--group-from", other, folder=round_folder).out.splitlines()
    row = next(c.row for (c,) in openpyxl.load_workbook(other)["Objective 2"].iter_rows(max_col=1) if c.value == "2.3")
    assert lines[-2:] == [
        "Took 0 entries of the group from from the lead.xlsx; 1 differs, and these stay as they were:",
        '  2019-20-Q3, 2.3, Coordinator\'s note: "Agreed" stays; the other master has "Ask [NHS number] again" '
        f"(Objective 2!N{row}).",
    ]  # fmt: skip
    assert group(cedg, round_folder) == [("2019-20-Q3", "2.3", None, "Agreed"), ("2019-20-Q3", "2.4", None, "The same in both")]
    assert cedg("merge", "--group-from", other, "--format", "json", folder=round_folder).json()["group_conflicts"] == [{
        "period": "2019-20-Q3", "ref": "2.3", "entry": "Coordinator's note", "key": "group/2.3/note", "held": "Agreed",
        "other": "Ask [NHS number] again", "sheet": "Objective 2", "cell": f"N{row}",
    }]  # fmt: skip


def test_entries_of_earlier_periods_are_taken_from_its_store(
    cedg: Cedg, round_folder: Path, other: Path, send: Callable[..., Path]
) -> None:
    edit(other, in_group_cell("2.3", RATING, "Blue"))
    cedg("merge", "--into", other, folder=round_folder)
    send("n4.xlsx", "north", {}, period="2019-20-Q4")
    cedg("merge", folder=round_folder)
    cedg("merge", "--group-from", other, folder=round_folder)
    assert group(cedg, round_folder) == [("2019-20-Q3", "2.3", "Blue", None)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing.xlsx", "There is no file nothing.xlsx. Check the name given with --group-from."),
        ("returns/n.xlsx", "returns/n.xlsx is not a master of this plan. Name one with --group-from; nothing was changed."),
        ("plan.toml", "plan.toml is not a master of this plan. Name one with --group-from; nothing was changed."),
        ("theirs.xlsx", "theirs.xlsx is not a master of this plan. Name one with --group-from; nothing was changed."),
    ],
)
def test_what_is_no_master_of_this_plan_is_refused(cedg: Cedg, round_folder: Path, tmp_path: Path, name: str, sentence: str) -> None:
    plan = tmp_path / "theirs.toml"
    plan.write_text(SMALL.read_text("utf-8").replace('id = "small"', 'id = "theirs"'), "utf-8")
    cedg("merge", round_folder / "returns", "--plan", plan, "--into", round_folder / "theirs.xlsx", folder=tmp_path)
    before = (round_folder / "master.xlsx").read_bytes()
    refused = cedg("merge", "--group-from", Path(name), folder=round_folder)
    assert (refused.status, refused.out, refused.err) == (2, "", sentence.replace("returns/n", str(Path("returns/n"))) + "\n")
    assert (round_folder / "master.xlsx").read_bytes() == before


# A master among the returns


def as_it_is(path: Path) -> None:
    pass


def saved(path: Path) -> None:
    edit(path, lambda _book: None)


def without_properties(path: Path) -> None:
    def change(book: Any) -> None:
        del book.custom_doc_props["cedg.master"]

    edit(path, change)


@pytest.mark.parametrize("change", [as_it_is, saved, without_properties])
@pytest.mark.parametrize("name", ["master.xlsx", "master.previous.xlsx", "north_2019-20-Q3.xlsx"])
def test_a_master_among_the_returns_is_named_and_nothing_else(
    cedg: Cedg, round_folder: Path, change: Callable[[Path], None], name: str
) -> None:
    before = (round_folder / "master.xlsx").read_bytes()
    change(Path(shutil.copy(round_folder / "master.xlsx", round_folder / "returns" / name)))
    sentence = (
        f"  WARNING  {name}  This is a master workbook of small, not a return. It was not merged. Move it out of the returns. "
        "To take over what the group has written into it, run merge with --group-from and this file.  [IS_MASTER]"
    )
    for command in ("check", "merge"):
        result = cedg(command, folder=round_folder)
        assert (result.status, sentence in result.out.splitlines(), f"{name}: skipped" in result.out) == (0, True, True)
    assert (round_folder / "master.xlsx").read_bytes() == before
    merged = cedg("merge", "--group-from", Path("returns") / name, folder=round_folder)
    assert "IS_MASTER" not in merged.out, "it is being used as what it is"


def test_the_stamp_that_the_reader_looks_for_is_the_one_that_is_written() -> None:
    assert plan_of_master(str(MasterStamp("small", "1", "2019-20-Q3"))) == "small"
