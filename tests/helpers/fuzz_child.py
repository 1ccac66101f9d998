"""
Reads every file of a folder in a process of its own, so that its memory can be measured and its death survived.

`main("ours", FOLDER)` reads and checks them as the program does; `main("theirs", FOLDER)` opens them with openpyxl. What each
file gave is written to standard output, pickled, before the next is begun.
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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
MERGED = "(under a merged cell)"


@dataclass(frozen=True, slots=True)
class Result:
    """What one file gave: an outcome, or how it failed; the seconds it took and the most memory so far, in bytes."""

    file: str
    outcome: Any
    failure: str
    seconds: float
    peak: int


def peak() -> int:
    """The most memory this program has held. Linux counts what the process held before it became this program into the other figure."""
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


SECONDS, ROOM = 20, 3 * 1024 * MIB
"""What openpyxl is given for a file: it has no limits of its own."""


def theirs() -> Callable[[Path], Any]:
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))

    def too_long(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)

    def read(path: Path) -> Mapping[tuple[str, str], Any] | None:
        signal.alarm(SECONDS)
        try:
            return cells(path)
        except Exception:  # any file may be too much for it
            return None
        finally:
            signal.alarm(0)

    return read


def cells(path: Path) -> dict[tuple[str, str], Any]:
    """Every cell with something in it as openpyxl sees it, by tab and address; MERGED where it does not look."""
    import openpyxl
    from openpyxl.cell.cell import MergedCell

    book = openpyxl.load_workbook(path, data_only=True)
    seen = {(sheet.title, cell.coordinate): cell for sheet in book for row in sheet for cell in row}
    return {
        place: MERGED if isinstance(cell, MergedCell) else cell.value
        for place, cell in seen.items() if isinstance(cell, MergedCell) or cell.value is not None
    }  # fmt: skip


def main(what: str, folder: str) -> None:
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between
    read = {"ours": ours, "theirs": theirs}[what]()
    for path in sorted(Path(folder).iterdir()):
        start, outcome, failure = time.perf_counter(), None, ""
        try:
            outcome = read(path)
        except BaseException:  # a Rust panic is one too
            failure = traceback.format_exc()
        pickle.dump(Result(path.name, outcome, failure, time.perf_counter() - start, peak()), out)
        out.flush()
