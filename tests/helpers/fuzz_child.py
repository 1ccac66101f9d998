"""
Reads every file of a folder in a separate process, so that its memory can be measured and the tests survive a crash.

`main("ours", FOLDER)` reads and checks them as the program does; `main("theirs", FOLDER)` opens them with openpyxl;
`main("commands", FOLDER)` gives each to the commands that take any workbook. The result of each file is written to standard output,
pickled, before the next one is read.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

MIB = 1024 * 1024
MERGED = "(under a merged cell)"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one file: an outcome, or how it failed; the seconds it took and the peak memory so far, in bytes."""

    file: str
    outcome: Any
    failure: str
    seconds: float
    peak: int


def peak() -> int:
    """The peak memory of this program. On Linux the figure of getrusage also counts what the process held before it became this program."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def ours() -> Callable[[Path], Any]:
    from cedg_excel.checking.check import check
    from cedg_excel.planfiles.plan_file import load_plan
    from cedg_excel.returns.read import read_return
    from cedg_excel.shipped import shipped_plans

    plan = load_plan(shipped_plans()["rotherham-2019-2022"])
    return lambda path: check([read_return(path, plan)], plan)[0]


SECONDS, MEMORY = 20, 3 * 1024 * MIB
"""The limits for openpyxl on each file, because it has none of its own."""


def theirs() -> Callable[[Path], Any]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def too_long(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)

    def read(path: Path) -> Mapping[tuple[str, str], Any] | None:
        signal.alarm(SECONDS)
        try:
            return cells(path)
        except Exception:  # any file may make it fail
            return None
        finally:
            signal.alarm(0)

    return read


def cells(path: Path) -> dict[tuple[str, str], Any]:
    """Every cell that is not blank, as openpyxl reads it, by tab and address; MERGED for a cell that a merge covers."""
    import openpyxl
    from openpyxl.cell.cell import MergedCell

    book = openpyxl.load_workbook(path, data_only=True)
    seen = {(sheet.title, cell.coordinate): cell for sheet in book for row in sheet for cell in row}
    return {
        place: MERGED if isinstance(cell, MergedCell) else cell.value
        for place, cell in seen.items() if isinstance(cell, MergedCell) or cell.value is not None
    }  # fmt: skip


PLAN = "rotherham-2019-2022"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "map": ("map", "{}", "--format", "json"),
    "plan check": ("plan", "check", "{}", "--format", "json"),
    "data": ("data", "{}", "--format", "json"),
    "status": ("status", "{}", "--plan", PLAN, "--period", "2019-20-Q3", "--format", "json"),
    "reconcile": ("reconcile", "{}", "{returns}", "--plan", PLAN, "--format", "json"),
    "closure": ("closure", "{}", "--plan", PLAN, "--out", "{out}.docx"),
    "rollover": ("rollover", "{}", "--plan", PLAN, "--out", "{out}.xlsx"),
    "withdraw": ("withdraw", "rdash", "2019-20-Q3", "--into", "{}", "--plan", PLAN),
    "merge into": ("merge", "{returns}", "--into", "{}", "--plan", PLAN),
}
"""Every command that opens a workbook it is given: the file in the place of {}, good returns in that of {returns}."""


class Ended(NamedTuple):
    """How a command ended: its exit status, what it said when it refused, and how many seconds it took."""

    status: int
    refusal: str
    seconds: float


def commands(names: Collection[str] = COMMANDS) -> Callable[[Path], Any]:
    """Runs every command of these names on a file, as the program does; how each ended, by name."""
    import contextlib
    import io
    import shutil
    import tempfile

    from cedg_excel.cli.app import app
    from cedg_excel.errors import CedgError
    from tests.helpers.places import SAMPLES

    folder = Path(tempfile.mkdtemp())
    returns = SAMPLES / "2019-20-Q3" / "rdash_2019-20-Q3.xlsx"

    def run(name: str, path: Path) -> Ended:
        start = time.perf_counter()
        status, refusal = ended(name, path)
        return Ended(status, refusal, time.perf_counter() - start)

    def ended(name: str, path: Path) -> tuple[int, str]:
        copy = folder / path.name  # the commands that write a master must not change what the next one reads
        shutil.copy(path, copy)
        words = [word.format(copy, returns=returns, out=folder / "out") for word in COMMANDS[name]]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                return app(words, standalone_mode=False) or 0, ""
            except CedgError as refusal:
                return 2, str(refusal)
            except SystemExit as end:
                return int(end.code or 0), ""

    return lambda path: {name: run(name, path) for name in names}


def main(what: str, folder: str, *names: str) -> None:
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that what a library prints does not mix with the results
    read = {"ours": ours, "theirs": theirs, "commands": lambda: commands(names)}[what]()
    for path in sorted(Path(folder).iterdir()):
        start, outcome, failure = time.perf_counter(), None, ""
        try:
            outcome = read(path)
        except BaseException:  # a Rust panic is not an Exception
            failure = traceback.format_exc()
        pickle.dump(Result(path.name, outcome, failure, time.perf_counter() - start, peak()), out)
        out.flush()
