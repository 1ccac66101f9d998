"""Earlier masters are kept in history/, named by what they held, and can be brought back."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cedg_excel.master import history
from cedg_excel.master.history import delete_oldest, generation_name, generations, is_generation, keep_generation
from tests.conftest import RATED, SENT, Cedg
from tests.helpers.zips import parts_of
from tests.master.conftest import edit, in_group_cell

FIRST = "master_2019-20-Q3_2-returns_2020-01-14T10-30.xlsx"


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "history").iterdir())


def test_each_master_is_kept_under_what_it_held(cedg: Cedg, round_folder: Path, send: Callable[..., Path]) -> None:
    assert kept(round_folder) == [FIRST]
    first = (round_folder / "master.xlsx").read_bytes()
    send("n2.xlsx", "north", {**RATED, "kpi/K2.1/value": 20}, when=SENT.replace(day=20))
    cedg("merge", folder=round_folder)
    assert kept(round_folder) == [FIRST, "master_2019-20-Q3_3-returns_2020-01-20T10-30.xlsx"]
    assert (round_folder / "history" / FIRST).read_bytes() == first
    assert (round_folder / "master.previous.xlsx").read_bytes() == first


def test_the_same_content_is_kept_once_and_another_is_numbered(cedg: Cedg, round_folder: Path) -> None:
    cedg("merge", folder=round_folder)
    assert kept(round_folder) == [FIRST]
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 13, "Blue"))
    cedg("merge", folder=round_folder)
    second = FIRST.replace(".xlsx", "-2.xlsx")
    assert kept(round_folder) == [second, FIRST]
    assert (round_folder / "history" / second).read_bytes() == (round_folder / "master.xlsx").read_bytes()


def test_what_could_identify_a_child_is_not_kept_in_the_history(cedg: Cedg, round_folder: Path) -> None:
    """What the group types is only masked when it is read. The file before that is the previous master, until the next merge."""
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 14, "Ask 943 476 5919"))
    cedg("merge", folder=round_folder)
    cedg("merge", folder=round_folder)
    for path in (round_folder / "history").iterdir():
        assert not [name for name, part in parts_of(path.read_bytes()).items() if b"943 476 5919" in part]


def test_a_master_from_before_there_was_a_history_is_kept_when_it_is_replaced(
    cedg: Cedg, round_folder: Path, send: Callable[..., Path]
) -> None:
    old = (round_folder / "master.xlsx").read_bytes()
    (round_folder / "history" / FIRST).unlink()
    send("n2.xlsx", "north", {**RATED, "kpi/K2.1/value": 20}, when=SENT.replace(day=20))
    cedg("merge", folder=round_folder)
    assert (round_folder / "history" / FIRST).read_bytes() == old


def test_the_oldest_are_deleted_except_the_last_of_each_period(tmp_path: Path) -> None:
    master = tmp_path / "master.xlsx"
    for number in range(30):
        name = generation_name(master, "Q1" if number < 4 else "Q2", number, None)
        latest = keep_generation(master, name, b"%d" % number)
    other = tmp_path / "history" / "master_x_Q1_1-return.xlsx"
    for path in (other, other.with_name("notes.xlsx")):
        path.write_bytes(b"not of this master")
    delete_oldest(master, latest)
    names = [path.name for path in generations(master)]
    assert names == [*(f"master_Q2_{n}-returns.xlsx" for n in range(29, 29 - history.KEPT, -1)), "master_Q1_3-returns.xlsx"]
    assert other.exists()
    assert other.with_name("notes.xlsx").exists()


def test_they_are_ordered_by_what_they_held(tmp_path: Path) -> None:
    """Not by the times of the files: copying a folder changes those."""
    master = tmp_path / "master.xlsx"
    for content, returns, saved in ((b"c", 3, "2020-04-02T09:00:00Z"), (b"a", 2, "2020-01-01T09:00:00Z"), (b"b", 3, "2020-01-01T09:00:00Z"),
                                    (b"b2", 3, "2020-01-01T09:00:00Z"), (b"a", 2, "2020-01-01T09:00:00Z")):  # fmt: skip
        keep_generation(master, generation_name(master, "Q1", returns, saved), content)
    assert [path.read_bytes() for path in generations(master)] == [b"c", b"b2", b"b", b"a"]


def test_the_current_one_is_never_deleted(tmp_path: Path) -> None:
    """A master made again from few returns is older by what it held."""
    master = tmp_path / "master.xlsx"
    for number in range(20):
        keep_generation(master, generation_name(master, "Q1", number + 5, None), b"%d" % number)
    current = keep_generation(master, generation_name(master, "Q1", 1, None), b"again")
    delete_oldest(master, current)
    assert generations(master)[-1] == current
    assert len(generations(master)) == history.KEPT + 1


@pytest.mark.parametrize(
    ("period", "returns", "saved", "expected"),
    [
        ("2019-20-Q4", 22, "2020-04-14T10:30:59Z", "master_2019-20-Q4_22-returns_2020-04-14T10-30.xlsx"),
        ("2019-20-Q4", 1, None, "master_2019-20-Q4_1-return.xlsx"),
        (None, 0, None, "master_no-period_0-returns.xlsx"),
    ],
)
def test_names(tmp_path: Path, period: str | None, returns: int, saved: str | None, expected: str) -> None:
    assert generation_name(tmp_path / "master.xlsx", period, returns, saved) == expected
    assert is_generation(tmp_path / "history" / expected)
    assert not is_generation(tmp_path / "returns" / expected)


def test_no_command_takes_an_earlier_master_for_a_return(cedg: Cedg, round_folder: Path) -> None:
    (round_folder / "returns" / "history").mkdir()
    (round_folder / "returns" / "history" / FIRST).write_bytes((round_folder / "history" / FIRST).read_bytes())
    (round_folder / "returns" / "n.xlsx").rename(round_folder / "returns" / "history" / "n.xlsx")
    for command in (("check",), ("merge",), ("check", "."), ("merge", ".")):
        result = cedg(*command, "--format", "json", folder=round_folder).json()
        files = [item["file"] for item in result.get("files") or result["returns"]]
        assert FIRST not in files
        assert "n.xlsx" in files, "an agency's own folder may be called history too"


def test_an_earlier_master_is_brought_back(cedg: Cedg, round_folder: Path, send: Callable[..., Path]) -> None:
    first = (round_folder / "master.xlsx").read_bytes()
    send("n2.xlsx", "north", {**RATED, "kpi/K2.1/value": 20}, when=datetime(2020, 1, 20, 9, 0, tzinfo=UTC))
    cedg("merge", folder=round_folder)
    edit(round_folder / "master.xlsx", lambda book: book["Summary"].__setitem__("N3", "Ask Jane"))
    second = (round_folder / "master.xlsx").read_bytes()
    restored = cedg("merge", "--restore", FIRST, folder=round_folder)
    assert restored.out.splitlines() == [
        f"master.xlsx is {FIRST} again. The one before is kept as master.previous.xlsx.",
        "The previous master had been changed outside the group's own cells. The new one does not have these changes; "
        "the file that has them is kept as master.edited.xlsx:",
        '  Summary!N3: "Ask Jane" was added.',
        "The next cedg merge reads everything in returns/ again. With --group-from master.previous.xlsx it also takes "
        "what the group had entered there.",
    ]
    assert (round_folder / "master.xlsx").read_bytes() == first
    assert (round_folder / "master.previous.xlsx").read_bytes() == second
    again = cedg("merge", "--restore", Path("history") / FIRST, folder=round_folder)
    assert again.out == f"master.xlsx is already the same as {Path('history') / FIRST}.\n"
    assert cedg("merge", "--restore", FIRST, "--format", "json", folder=round_folder).json() == {
        "master": "master.xlsx", "restored_from": str(Path("history") / FIRST), "changed": False, "edits": {"kept_as": None, "changes": []},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing.xlsx"], f"There is no file nothing.xlsx. Name one of these: {FIRST}; nothing was changed."),
        (["plan.toml"], "plan.toml is not a master of this plan. Name another file with --restore; nothing was changed."),
        (["returns/n.xlsx"], "returns/n.xlsx is not a master of this plan. Name another file with --restore; nothing was changed."),
        (
            [FIRST, "--strict"],
            "--restore only brings back an earlier master, so --into and --plan are the only options it can be used with. "
            "Merge afterwards; nothing was changed.",
        ),
    ],
)
def test_what_cannot_be_brought_back(cedg: Cedg, round_folder: Path, arguments: list[str], sentence: str) -> None:
    before = (round_folder / "master.xlsx").read_bytes()
    refused = cedg("merge", "--restore", *arguments, folder=round_folder)
    assert (refused.status, refused.out, refused.err) == (2, "", sentence.replace("returns/", f"returns{os.sep}") + "\n")
    assert (round_folder / "master.xlsx").read_bytes() == before


@pytest.mark.parametrize("release", [f"history/{FIRST}", "master.edited.xlsx", "master.edited-2.xlsx"])
def test_a_release_does_not_overwrite_an_earlier_master(cedg: Cedg, round_folder: Path, release: str) -> None:
    refused = cedg("merge", "--release", release, folder=round_folder)
    assert (refused.status, refused.err.partition(" ")[2]) == (
        2, "is where earlier masters are kept, and could overwrite one. Name another place; nothing was changed.\n",
    )  # fmt: skip


def test_a_history_that_cannot_be_written_changes_nothing(cedg: Cedg, round_folder: Path, send: Callable[..., Path]) -> None:
    before = (round_folder / "master.xlsx").read_bytes()
    (round_folder / "history" / FIRST).unlink()
    (round_folder / "history").rmdir()
    (round_folder / "history").write_text("a file")
    send("n2.xlsx", "north", {**RATED, "kpi/K2.1/value": 20}, when=SENT.replace(day=20))
    refused = cedg("merge", folder=round_folder)
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "nothing was changed" in refused.err
    assert (round_folder / "master.xlsx").read_bytes() == before
