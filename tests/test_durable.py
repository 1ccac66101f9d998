"""
If anything goes wrong during a merge, the master is the complete old one or the complete new one.

15 merges are killed at random moments, and all tests take about 15 seconds; `CEDG_LONG=1` kills 100.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.master.read_workbook import read_master
from cedg_excel.plan.model import Plan
from cedg_excel.round.folder import init_round
from tests.conftest import COVER, PERIOD, RATED, SENT, Cedg, Fill
from tests.helpers.merging import merge, start
from tests.helpers.places import SMALL

LONG = os.environ.get("CEDG_LONG") == "1"
KILLS = 100 if LONG else 15
KNOWN = {
    "plan.toml", "control.xlsm", "outbox", "returns", "feedback", "master.xlsx", "master.previous.xlsx", ".master.xlsx.lock", "history",
    "plans",
}  # fmt: skip
"""What may be in a round folder between merges."""


@pytest.fixture(scope="module")
def prepared(small: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round folder with a master, a previous master, and a return that is not merged yet."""
    folder = tmp_path_factory.mktemp("prepared") / "round"
    init_round(folder, str(SMALL))
    for number, word in enumerate(("Red", "Green", "Amber")):
        book = build_template(small, "north", PERIOD, values={**COVER, **RATED, "action/2.3/rating": word})
        (folder / "returns" / f"{number}.xlsx").write_bytes(to_bytes(book, SENT.replace(hour=number)))
        if number < 2:
            assert merge(folder) in (0, 1)
    return folder


@pytest.fixture
def round_folder(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the prepared round folder for one test."""
    return Path(shutil.copytree(prepared, tmp_path / "round"))


def state(folder: Path) -> tuple[bytes | None, bytes | None]:
    """The master and the previous one, as they are on disk."""
    master, before = folder / "master.xlsx", folder / "master.previous.xlsx"
    return tuple(path.read_bytes() if path.exists() else None for path in (master, before))  # type: ignore[return-value]


class KilledMerges:
    """A round folder in which one merge after the other is killed, and what it may look like after each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.before = folder, folder.with_name("before")
        shutil.copytree(folder, self.before)
        old, oldest = state(folder)
        start = time.perf_counter()
        assert merge(folder) == 1, "Amber without a remedial action"
        self.seconds = time.perf_counter() - start
        self.done = state(folder)
        assert len({oldest, old, self.done[0]}) == 3
        self.allowed = {(old, oldest): "not begun", (old, old): "the old one is kept", self.done: "done"}

    def again(self) -> None:
        """Put the folder back as it was before the merge."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.before, self.folder)

    def outcome(self) -> str:
        """What the folder looks like now; also checks that the next merge gives what the killed one would have, and tidies up."""
        seen = self.allowed.get(state(self.folder), "BROKEN")
        assert merge(self.folder) == 1
        assert state(self.folder) == self.done
        assert self.leftovers() == set()
        return seen

    def leftovers(self) -> set[str]:
        history = {path.name for path in (self.folder / "history").iterdir() if path.name.endswith(".tmp")}
        return ({path.name for path in self.folder.iterdir()} - KNOWN) | history


@pytest.fixture
def killed(round_folder: Path) -> KilledMerges:
    return KilledMerges(round_folder)


def test_a_merge_killed_at_any_moment_leaves_the_old_master_or_the_new(killed: KilledMerges) -> None:
    rng, seen = random.Random(0), []  # noqa: S311 the moment need not be unpredictable
    for number in range(KILLS):
        killed.again()
        process = start(killed.folder)
        # Every second one near the end, where the files are written.
        time.sleep(killed.seconds * (rng.random() if number % 2 else rng.uniform(0.8, 1)))
        process.kill()
        process.join()
        seen.append(killed.outcome())
    print({word: seen.count(word) for word in seen})
    assert set(seen) <= set(killed.allowed.values())


def test_a_merge_killed_at_each_file_operation_leaves_the_old_master_or_the_new(killed: KilledMerges) -> None:
    """Moments so short that random kills hardly find them: between keeping the old master and putting the new one in its place."""
    seen: list[str] = []
    for step in range(1, 100):
        killed.again()
        ended = merge(killed.folder, kill_at=step)
        seen.append(killed.outcome())
        if ended != -9:
            break
    assert len(seen) > 4, "the lock, the new file, the copy of the old one, and two names"
    assert seen[-1] == "done"
    assert set(seen) == set(killed.allowed.values())


def test_a_merge_killed_at_any_file_operation_keeps_what_people_did(round_folder: Path) -> None:
    """The master is only replaced once the file that people edited is safe under another name."""
    book = openpyxl.load_workbook(round_folder / "master.xlsx")
    book["Summary"]["N3"] = "Ask Jane"
    book.save(round_folder / "master.xlsx")
    edited = (round_folder / "master.xlsx").read_bytes()
    before, seen = round_folder.with_name("before"), set()
    shutil.copytree(round_folder, before)
    for step in range(1, 100):
        shutil.rmtree(round_folder)
        shutil.copytree(before, round_folder)
        ended = merge(round_folder, kill_at=step)
        master, copy = round_folder / "master.xlsx", round_folder / "master.edited.xlsx"
        replaced = master.read_bytes() != edited
        assert not replaced or copy.read_bytes() == edited
        seen.add(replaced)
        assert merge(round_folder) == 1
        assert copy.read_bytes() == edited
        assert not list(round_folder.rglob("*.tmp")) and not (round_folder / "master.edited-2.xlsx").exists()
        if ended != -9:
            break
    assert seen == {False, True}


def test_eight_merges_at_once_lose_nothing(tmp_path: Path, cedg: Cedg, fill: Fill, small: Plan) -> None:
    """Each with its own return, all into one master: it has the same bytes as one merge of all."""
    folder = tmp_path / "round"
    cedg("init", folder, "--plan", SMALL)
    for number, (agency, period) in enumerate(itertools.product(("north", "south"), small.periods * 2)):
        path = fill({"action/2.3/rating": "Red"}, agency, period.id, f"{number}.xlsx", sent=SENT.replace(hour=number))
        shutil.move(path, folder / "returns")
    names = sorted(path.name for path in (folder / "returns").iterdir())
    assert len(names) == 8
    processes = [start(folder, f"returns/{name}") for name in names]
    for process in processes:
        process.join(60)
    assert {process.exitcode for process in processes} <= {0, 1}
    together = state(folder)[0]
    assert merge(folder, "--into", "one.xlsx") in (0, 1)
    assert together == (folder / "one.xlsx").read_bytes()
    assert len(read_master(folder / "master.previous.xlsx").files) == 7


# What prevents a merge


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


@pytest.mark.parametrize("mark", ["~$master.xlsx", ".~lock.master.xlsx#"])
@pytest.mark.parametrize("command", [["merge"], ["withdraw", "north", "2019-20-Q3"]])
def test_a_master_open_in_an_office_program_is_not_changed(round_folder: Path, cedg: Cedg, mark: str, command: list[str]) -> None:
    before = state(round_folder)
    (round_folder / mark).touch()
    completed = cedg(*command, folder=round_folder)
    assert (completed.status, completed.out, completed.err.partition(".xlsx is ")[0]) == (2, "", "master")
    assert "Close it and run this again; nothing was changed." in completed.err
    assert state(round_folder) == before


WRITES = ("open", "mkdir", "unlink", "remove", "rename", "replace", "link", "chmod")
Refuse = Callable[[Path, int, str], None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Make the system refuse some calls on files of a folder with an error, or with "" all that write."""

    def begin(folder: Path, error: int, call: str = "") -> None:
        def refusing(name: str) -> Callable[..., Any]:
            real = getattr(os, name)

            def called(path: Any, *arguments: Any, **named: Any) -> Any:
                writes = name != "open" or arguments[0] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
                if writes and Path(path).absolute().is_relative_to(folder):
                    raise OSError(error, os.strerror(error), str(path))
                return real(path, *arguments, **named)

            return called

        for name in (call,) if call else WRITES:
            monkeypatch.setattr(os, name, refusing(name))

    return begin


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC], ids=errno.errorcode.get)
@pytest.mark.parametrize("command", [
    ["merge"], ["withdraw", "north", "2019-20-Q3"], ["template"], ["check"], ["status", "--chase", "reminders"], ["init", "new"],
    ["demo", "new"],
], ids=lambda words: words[0])  # fmt: skip
def test_a_merge_into_a_read_only_folder_gives_one_sentence(
    round_folder: Path, cedg: Cedg, refuse: Refuse, command: list[str], error: int
) -> None:
    """A share without write permission, read-only media, a full disk: each is a different error in Python."""
    before = state(round_folder)
    refuse(round_folder, error, "")
    completed = cedg(*command, "--plan", SMALL, folder=round_folder) if command[0] != "demo" else cedg(*command, folder=round_folder)
    assert completed.status == 2
    assert one_sentence(completed.err), completed.err
    assert state(round_folder) == before


@pytest.mark.parametrize("call", ["replace", "rename"])
def test_a_master_locked_by_another_program_gives_one_sentence(round_folder: Path, cedg: Cedg, refuse: Refuse, call: str) -> None:
    """On Windows an open file cannot be replaced."""
    before = state(round_folder)
    refuse(round_folder, errno.EACCES, call)
    if call == "replace":
        completed = cedg("merge", folder=round_folder)
        assert (completed.status, one_sentence(completed.err)) == (2, True)
        assert state(round_folder)[0] == before[0]
    assert not [path for path in round_folder.iterdir() if path.name not in KNOWN]


def test_an_open_copy_to_send_back_gives_one_sentence(round_folder: Path, cedg: Cedg, refuse: Refuse, fill: Fill) -> None:
    """Its return has been corrected, so the copy should be deleted; on Windows an open file cannot be."""
    assert cedg("check", folder=round_folder).status == 1
    assert {path.name for path in (round_folder / "feedback").iterdir()} == {"north_2019-20-Q3.xlsx", "north_2019-20-Q3.txt"}
    shutil.move(fill(RATED, name="right.xlsx", sent=SENT), round_folder / "returns")
    refuse(round_folder, errno.EACCES, "unlink")
    completed = cedg("check", folder=round_folder)
    assert completed.status == 2
    assert one_sentence(completed.err), completed.err


@pytest.fixture
def full_after(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """A disk with room for this many bytes."""

    def begin(room: int) -> None:
        real = os.fdopen

        def opened(handle: int, *arguments: Any, **named: Any) -> Any:
            file = real(handle, *arguments, **named)
            write = file.write

            def written(data: bytes) -> int:
                if len(data) > room:
                    write(data[:room])
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return int(write(data))

            return _Full(file, written)

        monkeypatch.setattr(os, "fdopen", opened)

    yield begin


class _Full:
    """A file whose write method is replaced."""

    def __init__(self, file: Any, write: Callable[[bytes], int]) -> None:
        self._file, self.write = file, write

    def __enter__(self) -> _Full:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 1, 4096, 20_000])
def test_a_full_disk_gives_one_sentence_and_the_old_master_stays(
    round_folder: Path, cedg: Cedg, full_after: Callable[[int], None], room: int
) -> None:
    before = state(round_folder)
    full_after(room)
    completed = cedg("merge", folder=round_folder)
    assert (completed.status, one_sentence(completed.err)) == (2, True)
    assert "No space left on device" in completed.err
    assert state(round_folder) == before
    assert {path.name for path in round_folder.iterdir()} <= KNOWN, "half a file was left"


def test_a_disk_that_is_full_when_flushing_gives_one_sentence(round_folder: Path, cedg: Cedg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network drives report it only when the data is flushed."""
    before = state(round_folder)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    completed = cedg("merge", folder=round_folder)
    assert (completed.status, one_sentence(completed.err)) == (2, True)
    assert state(round_folder) == before
    assert {path.name for path in round_folder.iterdir()} <= KNOWN
