"""Reading in other processes: the same results, and no process left running after Ctrl-C. Takes ten seconds."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from cedg_excel.checking.check import check
from cedg_excel.master.merge import merge
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_returns
from cedg_excel.round.process_pool import MIN_FILES_FORKED, reading_pool
from tests.conftest import RATED, Cedg, Fill
from tests.helpers.places import SAMPLES

TERMINAL = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")


@pytest.fixture
def paths(fill: Fill, tmp_path: Path) -> list[Path]:
    """Two good returns, one with a mistake, one that is not a workbook, and a lock file."""
    broken, lock = tmp_path / "broken.xlsx", tmp_path / "~$lock.xlsx"
    broken.write_text("not a workbook", encoding="utf-8")
    lock.touch()
    good = [fill(RATED), fill({"action/2.1/rating": "Red"}, agency="south"), fill({"action/2.3/rating": "Purple"}, period="2019-20-Q4")]
    return [good[0], broken, good[1], lock, good[2]]


@contextmanager
def processes(start: str) -> Iterator[Executor]:
    with ProcessPoolExecutor(2, multiprocessing.get_context(start)) as executor:
        yield executor


@contextmanager
def dask(_start: str) -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster, Client(cluster) as client:
        yield client.get_executor()


EXECUTORS = [
    pytest.param(processes, "spawn", id="spawned processes"),
    pytest.param(processes, "fork", id="forked processes", marks=[
        pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork"),
        pytest.mark.filterwarnings("ignore:This process.* is multi-threaded:DeprecationWarning"),
    ]),
    pytest.param(dask, "", id="a Dask cluster"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "start"), EXECUTORS)
def test_any_executor_gives_the_same_results(kind: object, start: str, paths: list[Path], small: Plan) -> None:
    here = list(read_returns(paths, small))
    with kind(start) as executor:  # type: ignore[operator]
        there = list(read_returns(paths, small, executor))
    assert [item.file for item in there] == [path.name for path in paths]
    assert there == here
    assert master(there, small) == master(here, small)


def test_only_the_values_of_a_return_are_kept(plan: Plan) -> None:
    """Thousands are in memory at once, and a workbook's XML is twenty times as large as what was typed into it."""
    (returned,) = read_returns([SAMPLES / "2019-20-Q3" / "south-yorkshire-police_2019-20-Q3.xlsx"], plan)
    assert returned.entries is not None and len(returned.entries) > 30
    assert len(pickle.dumps(returned)) < 20_000


def master(returns: list[Return], plan: Plan) -> bytes:
    return master_bytes(merge(check(returns, plan), plan))


def test_no_library_with_threads_is_loaded_before_the_files_are_read() -> None:
    """numpy starts threads, and a process with threads cannot be forked; pandas and openpyxl load numpy."""
    loaded = "import sys, cedg_excel.cli.app, cedg_excel.cli.progress, cedg_excel.round.steps"
    code = (
        f"{loaded}; cedg_excel.round.folder.open_round('rotherham-2019-2022'); print({{'numpy', 'pandas', 'openpyxl'}} & {{*sys.modules}})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_few_files_are_read_in_this_process_and_so_are_all_with_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    with reading_pool(MIN_FILES_FORKED - 1) as executor:
        assert executor is None
    monkeypatch.setattr("cedg_excel.round.process_pool.available_processors", lambda: 1)
    with reading_pool(10_000) as executor:
        assert executor is None


def test_a_merge_is_the_same_with_and_without_other_processes(cedg: Cedg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole processes, as people start them: only those fork before they load anything with threads."""
    monkeypatch.setattr("cedg_excel.round.process_pool.available_processors", lambda: 1)
    alone = cedg("merge", SAMPLES / "2019-20-Q3", "--plan", "rotherham-2019-2022", "--into", tmp_path / "alone.xlsx")
    command = [sys.executable, "-m", "cedg_excel", "merge", str(SAMPLES / "2019-20-Q3"), "--plan", "rotherham-2019-2022"]
    together = subprocess.run([*command, "--into", "together.xlsx"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (together.returncode, together.stderr) == (alone.status, "")
    assert together.stdout == alone.out.replace(str(tmp_path / "alone.xlsx"), "together.xlsx")
    assert (tmp_path / "together.xlsx").read_bytes() == (tmp_path / "alone.xlsx").read_bytes()


@TERMINAL
def test_ctrl_c_gives_one_sentence_and_leaves_the_old_master_and_no_process(tmp_path: Path) -> None:
    inbox = tmp_path / "returns"
    inbox.mkdir()
    for number in range(300):
        shutil.copy(SAMPLES / "2019-20-Q3" / "rdash_2019-20-Q3.xlsx", inbox / f"{number}.xlsx")
    old = tmp_path / "master.xlsx"
    merging = [sys.executable, "-m", "cedg_excel", "merge", "--plan", "rotherham-2019-2022"]
    subprocess.run([*merging, str(inbox / "0.xlsx")], cwd=tmp_path, check=False, capture_output=True)
    before = old.read_bytes()
    terminal, end = pty.openpty()
    started = subprocess.Popen([*merging, "returns"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=end, start_new_session=True)
    os.close(end)
    read_until(terminal, "Reading returns")
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to every process of the command
    output = read_until(terminal, "")
    os.close(terminal)
    assert (started.communicate(timeout=20)[0], started.returncode) == (b"", 130)
    assert output.strip().endswith("Stopped. Every file is either unchanged or complete; run the same command again to do the rest.")
    assert "Traceback" not in output
    assert old.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir() if item.name.endswith(".tmp")] == []
    assert not in_group(started.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, to see that there are processes to leave")
def test_a_killed_merge_leaves_no_process(tmp_path: Path) -> None:
    """A killed process cannot clean up: the processes that read for it notice that it has ended."""
    merging = [sys.executable, "-m", "cedg_excel", "merge", "--plan", "rotherham-2019-2022", "--into", "m.xlsx"]
    started = subprocess.Popen([*merging, str(SAMPLES)], cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
    while len(group_of(started.pid)) < 2:
        assert started.poll() is None
        time.sleep(0.005)
    started.kill()
    started.wait(20)
    assert not in_group(started.pid)
    assert not (tmp_path / "m.xlsx").exists()


def read_until(terminal: int, words: str) -> str:
    """What is written to a terminal until these words appear, or to the end."""
    output = ""
    while not words or words not in output:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # its other end is closed
            break
        if not more:
            break
        output += more.decode("utf-8", "replace")
    return output


def group_of(group: int) -> list[str]:
    """The processes of a command: the fifth figure of /proc/<id>/stat is the group's."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                found.append(stat.parent.name)
        except OSError:  # it has ended
            continue
    return found


def in_group(group: int, patience: float = 5.0) -> bool:
    """Whether any process of a command is still running after this many seconds."""
    for _ in range(int(patience * 20)):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
