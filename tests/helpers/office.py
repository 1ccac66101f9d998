"""LibreOffice as a second program that fills copies in, recalculates and prints them. `office_driver.py` does the work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

JOB_SECONDS, STOP_SECONDS = 60.0, 15.0
PATIENCE = 30.0
"""Extra seconds for the driver, which gives up first, to report why."""


class OfficeError(Exception):
    """LibreOffice could not do a job; the message says why."""


class Input(NamedTuple):
    """Something put into a cell: `Input("Objective 2", "H7", "text", "Green")`. Types: text, number, date, formula, clear."""

    sheet: str
    cell: str
    type: str
    value: str | int | float | date | None = None

    @property
    def job(self) -> dict[str, Any]:
        return {**self._asdict(), "value": self.value.isoformat() if isinstance(self.value, date) else self.value}


class Content(NamedTuple):
    """What LibreOffice shows in a cell, and the cell's value. `type` is EMPTY, VALUE, TEXT or FORMULA; `error` 0 when there is none."""

    text: str
    value: float
    error: int
    type: str
    formula: str


class Office:
    """A LibreOffice that runs for as long as the tests do. The methods take the paths of the files that they read and write."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def fill(self, src: Path, dst: Path, cells: Sequence[Input]) -> Path:
        """Open `src`, put values into cells as a program does, and save it as an Excel workbook."""
        self._ask("fill", src, dst, cells=[cell.job for cell in cells])
        return dst

    def type(self, src: Path, dst: Path, sheet: str, cell: str, words: str) -> Path:
        """Type into one cell at the keyboard: it is read as a date or number where it looks like one, and protection can refuse it."""
        self._ask("type", src, dst, sheet=sheet, cell=cell, value=words)
        return dst

    def recalculate(self, src: Path, dst: Path) -> Path:
        """Open `src`, recalculate every formula, and save it as an Excel workbook."""
        self._ask("recalculate", src, dst)
        return dst

    def read(self, src: Path, cells: Sequence[tuple[str, str]]) -> list[Content]:
        """What the cells, given as sheet and address, show once every formula has been recalculated."""
        asked = [{"sheet": sheet, "cell": cell} for sheet, cell in cells]
        return [Content(**found) for found in self._ask("read", src, cells=asked)["cells"]]

    def heights(self, src: Path) -> dict[str, list[float]]:
        """How tall each row of each tab has to be to show everything in it, in points, from row 1 down."""
        found: dict[str, list[float]] = self._ask("heights", src)["heights"]
        return found

    def to_pdf(self, src: Path, dst: Path) -> Path:
        """Print a workbook to a PDF."""
        self._ask("convert", src, dst, filter="pdf")
        return dst

    def via_ods(self, src: Path, dst: Path) -> Path:
        """Save a workbook as OpenDocument, open that file and save it as an Excel workbook again."""
        between = dst.with_suffix(".ods")
        self._ask("convert", src, between, filter="ods")
        self._ask("convert", between, dst, filter="xlsx")
        between.unlink()
        return dst

    def basic(self, src: Path, modules: Mapping[str, str], function: str) -> str | None:
        """
        Put VBA modules into `src`, which has none of its own, and return what `Module.Function` returns.

        The result is also None when a module does not compile, so make the function return something.
        """
        returned: str | None = self._ask("basic", src, modules=dict(modules), function=function)["returned"]
        return returned

    def _ask(self, job: str, src: Path, dst: Path | None = None, **more: Any) -> dict[str, Any]:
        asked = {"job": job, "src": str(src.absolute()), "dst": str(dst.absolute()) if dst else None, **more}
        answer = self._answer(json.dumps(asked), JOB_SECONDS + PATIENCE)
        if "error" in answer:
            raise OfficeError(f"{job} {src.name}: {answer['error']}")
        return answer

    def _answer(self, line: str, seconds: float) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        # If the driver fails, the tests continue: without a driver, readline returns at once.
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            reply = self._process.stdout.readline()
        except BrokenPipeError:
            reply = ""
        finally:
            timer.cancel()
        if not reply:
            raise OfficeError(f"The driver has ended. {self._log.read_text(errors='replace')[-1000:]}")
        answer: dict[str, Any] = json.loads(reply)
        return answer


@contextmanager
def running_office() -> Iterator[Office]:
    """LibreOffice, stopped again after use. Skips the test when it is not installed; fails it where CI=true."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        skip_or_fail("LibreOffice is not installed: there is no soffice on the path")
    python = _python_with_bridge(Path(soffice))
    if python is None:
        skip_or_fail("no Python here has LibreOffice's bridge 'uno': install python3-uno")
    with tempfile.TemporaryDirectory(prefix="cedg-tests-") as folder:
        log = Path(folder) / "driver.log"
        command = [python, str(Path(__file__).with_name("office_driver.py")), soffice, str(JOB_SECONDS)]
        with log.open("wb") as errors, subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", env=_environment(),
        ) as process:  # fmt: skip
            try:
                yield Office(process, log)
            finally:
                _stop(process)


def skip_or_fail(reason: str) -> NoReturn:
    """Skip a test that needs a program that is not installed; fail it in CI, where everything should be installed."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _python_with_bridge(soffice: Path) -> str | None:
    """A Python that can import uno: the system's, or the one that comes with LibreOffice."""
    program = soffice.resolve().parent
    candidates = (Path("/usr/bin/python3"), program / "python", program.with_name("Resources") / "python", Path(sys.executable))
    return next((str(python) for python in candidates if python.exists() and _has_bridge(python)), None)


def _has_bridge(python: Path) -> bool:
    return subprocess.run([python, "-c", "import uno"], check=False, capture_output=True, env=_environment()).returncode == 0


def _environment() -> dict[str, str]:
    """The environment variables, without those of the Python that runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))}


def _stop(process: subprocess.Popen[str]) -> None:
    """Closing its input makes the driver stop LibreOffice; a driver that does not end is killed."""
    assert process.stdin
    try:
        process.stdin.close()
        process.wait(STOP_SECONDS)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
