"""
Drives LibreOffice for the tests: one JSON job a line on stdin, one JSON answer a line on stdout.

It runs in a Python that has LibreOffice's bridge `uno`, which is rarely the one that runs the tests; `office.py` starts it with the path of
soffice and the seconds a job may take. It starts its own soffice with its own profile, and at the end stops only that one. A job that
fails, or takes too long, is answered with {"error": "..."}.

    {"job": "fill", "src": F, "dst": F, "cells": [{"sheet", "cell", "type": text|number|date|formula|clear, "value"}]}
    {"job": "type", "src": F, "dst": F, "sheet": S, "cell": A1, "value": V}        as if typed at the keyboard
    {"job": "recalculate", "src": F, "dst": F}
    {"job": "read", "src": F, "cells": [{"sheet", "cell"}]}
    {"job": "heights", "src": F}
    {"job": "convert", "src": F, "dst": F, "filter": pdf|ods|xlsx}
    {"job": "basic", "src": F, "modules": {name: VBA}, "function": "Module.Function"}
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8", "pdf": "calc_pdf_Export"}
ALL_CONTENT = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: values, dates, strings, formulas
STOP_SECONDS = 5

# British settings on every machine: typed dates are day, month, year. And no lock files: one left by a soffice that was killed would
# prevent its workbook from being opened again.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-GB</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="UseLocking" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""


class Soffice:
    """The driver's own LibreOffice. It is started when first needed, and again after it was killed."""

    def __init__(self, program):
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="cedg-office-"))
        # Its temporary files go there too, so that they are deleted even after a crash.
        os.environ["TMPDIR"] = str(self.folder)
        self.process = self.context = None
        self.starts = 0

    def desktop(self):
        """The running LibreOffice, through its bridge."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        return self.create("com.sun.star.frame.Desktop")

    def create(self, service):
        return self.context.ServiceManager.createInstanceWithContext(service, self.context)

    def start(self):
        self.kill()  # left over from a crash
        self.starts += 1
        profile = self.folder / f"profile-{self.starts}"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
        self.pipe = f"cedg-office-{os.getpid()}-{self.starts}"
        command = [self.program, "--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard",
                   f"-env:UserInstallation={profile.as_uri()}", f"--accept=pipe,name={self.pipe};urp;"]  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            # In its own session, so that killing it also kills what the start script has started.
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.killed = False
        self.context = self.connected(f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext")

    def connected(self, address):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        while self.process.poll() is None:
            try:
                return resolver.resolve(address)
            except NoConnectException:
                time.sleep(0.05)
        raise RuntimeError(f"LibreOffice did not start. Its log: {(self.folder / 'log').read_text(errors='replace')[-500:]!r}")

    def kill(self):
        """Kill the soffice that was started here, and its child processes."""
        if self.process is not None and not self.killed:
            self.killed = True  # once only: later the id may belong to another process
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            Path(f"/tmp/OSL_PIPE_{os.getuid()}_{self.pipe}").unlink(missing_ok=True)  # noqa: S108  where LibreOffice has its pipes

    def kill_if_crashed(self):
        """So that the next job starts another."""
        try:
            with Limit(STOP_SECONDS, self.kill):
                self.desktop()
        except Exception:
            self.kill()

    def stop(self):
        """Ask it to quit; kill it after a few seconds."""
        if self.process is not None and self.process.poll() is None:
            with Limit(STOP_SECONDS, self.kill), suppress(Exception):
                self.desktop().terminate()
            with Limit(STOP_SECONDS, self.kill):
                self.process.wait()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Opened:
    """
    A document opened without a window, and always closed again.

    A class, because contextlib sets the traceback of exceptions, which those of the bridge do not allow.
    """

    def __init__(self, office, path, *options):
        if not Path(path).is_file():
            raise RuntimeError(f"There is no file {path}.")
        self.document = office.desktop().loadComponentFromURL(Path(path).as_uri(), "_blank", 0, (option("Hidden", True), *options))
        if self.document is None or not hasattr(self.document, "Sheets"):
            self.__exit__()
            raise RuntimeError(f"LibreOffice cannot open {path} as a spreadsheet.")

    def __enter__(self):
        return self.document

    def __exit__(self, *raised):
        with suppress(Exception):
            self.document.close(True)


class Limit:
    """Calls `stop` when the block takes longer; the block's own call into LibreOffice then fails instead of hanging."""

    def __init__(self, seconds, stop):
        self.timer = threading.Timer(seconds, stop)
        self.timer.daemon = True

    def __enter__(self):
        self.timer.start()

    def __exit__(self, *raised):
        self.timer.cancel()


def option(name, value):
    return PropertyValue(name, 0, value, 0)


def cell_of(document, item):
    try:
        return document.Sheets.getByName(item["sheet"]).getCellRangeByName(item["cell"])
    except Exception:
        raise RuntimeError(f"There is no cell {item['sheet']}!{item['cell']}.") from None


def save(document, path, kind="xlsx"):
    document.storeToURL(Path(path).as_uri(), (option("FilterName", FILTERS[kind]), option("Overwrite", True)))


def put(document, item):
    """Set one value as a program does: the cell keeps its format."""
    cell, value = cell_of(document, item), item.get("value")
    if item["type"] == "text":
        cell.setString(value)
    elif item["type"] == "number":
        cell.setValue(value)
    elif item["type"] == "date":
        zero = document.NullDate
        cell.setValue((date.fromisoformat(value) - date(zero.Year, zero.Month, zero.Day)).days)
    elif item["type"] == "formula":
        cell.setFormula(value)
    elif item["type"] == "clear":
        cell.clearContents(ALL_CONTENT)
    else:
        raise RuntimeError(f"There is no type {item['type']}.")


def fill(office, job):
    with Opened(office, job["src"]) as document:
        for item in job["cells"]:
            put(document, item)
        save(document, job["dst"])
    return {}


def type_(office, job):
    """
    Type through the dispatcher, which respects sheet protection, as it does for a person, but does not validate.

    One cell for each job: LibreOffice 7.4 crashes at a second refusal in the same document.
    """
    with Opened(office, job["src"]) as document:
        controller, helper = document.CurrentController, office.create("com.sun.star.frame.DispatchHelper")
        controller.select(cell_of(document, job))
        helper.executeDispatch(controller.Frame, ".uno:EnterString", "", 0, (option("StringName", job["value"]),))
        save(document, job["dst"])
    return {}


def recalculate(office, job):
    with Opened(office, job["src"]) as document:
        document.calculateAll()
        save(document, job["dst"])
    return {}


def read(office, job):
    with Opened(office, job["src"]) as document:
        document.calculateAll()
        return {"cells": [content(cell_of(document, item)) for item in job["cells"]]}


def content(cell):
    """What a cell shows, and its value. `error` is 0, or LibreOffice's number for an error value such as 32767 for #N/A."""
    return {
        "text": cell.getString(), "value": cell.getValue(), "error": cell.getError(), "type": cell.Type.value,
        "formula": cell.getFormula(),
    }  # fmt: skip


def heights(office, job):
    """How tall each row has to be to show everything in it, in points: measured, not read from the file."""
    with Opened(office, job["src"]) as document:
        return {"heights": {sheet.Name: list(_heights(sheet)) for sheet in document.Sheets}}


def _heights(sheet):
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(True)
    rows = cursor.Rows
    rows.OptimalHeight = True
    for number in range(cursor.RangeAddress.EndRow + 1):
        yield rows.getByIndex(number).Height * 72 / 2540  # from hundredths of a millimetre


def convert(office, job):
    with Opened(office, job["src"]) as document:
        save(document, job["dst"], job["filter"])
    return {}


def basic(office, job):
    """
    Put VBA modules into the document and call a function of one. A module that does not compile is silently ignored and the function
    returns nothing, so the caller should make it return something.
    """
    with Opened(office, job["src"], option("MacroExecutionMode", 4)) as document:
        libraries = document.BasicLibraries
        libraries.VBACompatibilityMode = True
        library = libraries.getByName("Standard")
        for name, text in job["modules"].items():
            library.insertByName(name, f"Rem Attribute VBA_ModuleType=VBAModule\nOption VBASupport 1\n{text}")
        address = f"vnd.sun.star.script:Standard.{job['function']}?language=Basic&location=document"
        returned, _, _ = document.getScriptProvider().getScript(address).invoke((), (), ())
        return {"returned": returned}


JOBS = {"fill": fill, "type": type_, "recalculate": recalculate, "read": read, "heights": heights, "convert": convert, "basic": basic}


def answer(office, line, seconds):
    """The result of one job; never raises."""
    stopped = threading.Event()

    def stop():
        stopped.set()
        office.kill()

    try:
        job = json.loads(line)
        with Limit(seconds, stop):
            return JOBS[job["job"]](office, job)
    except Exception as error:
        office.kill_if_crashed()
        if stopped.is_set():
            return {"error": f"LibreOffice did not finish within {seconds:g} s, so it was stopped: {line.strip()[:200]}"}
        return {"error": f"{type(error).__name__}: {getattr(error, 'Message', '') or error}"}


def main():
    program, seconds = sys.argv[1], float(sys.argv[2])
    # LibreOffice's libraries may print, but only answers may reach standard output.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    office = Soffice(program)
    try:
        for line in sys.stdin:
            print(json.dumps(answer(office, line, seconds)), file=answers, flush=True)
    finally:
        office.stop()


if __name__ == "__main__":
    main()
