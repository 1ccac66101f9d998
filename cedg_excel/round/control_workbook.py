"""The control workbook: the names of its cells, and how the path of Python is written into it without opening Excel."""

from __future__ import annotations

import html
import platform
import re
import zipfile
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Literal

from cedg_excel.errors import CannotRead, CannotWrite, NotInstalled
from cedg_excel.excel.save import zip_bytes
from cedg_excel.files import replace_file
from cedg_excel.shipped import shipped

CONTROL_FILE = "control.xlsm"
CONTROL, FINDINGS, SETTINGS = "Control", "Findings", "xlwings.conf"

FOLDER, PERIOD, ENCRYPT, ASK_PASSWORD = "cedg_folder", "cedg_period", "cedg_encrypt", "cedg_ask_password"
STEP, WHEN, OUTCOME, ERRORS, WARNINGS, OPEN = "cedg_step", "cedg_when", "cedg_outcome", "cedg_errors", "cedg_warnings", "cedg_open"
PYTHON_WINDOWS, PYTHON_MAC = "cedg_python_windows", "cedg_python_mac"
"""Defined names: what a button reads, the result of the last run, and where Python is."""

PASSWORD_VARIABLE = "CEDG_PASSWORD"  # noqa: S105  the name of an environment variable
"""The password for one run is passed in the environment: others can see a command line, and a cell would be saved."""

FINDING_HEADINGS = (
    "Severity", "File", "Tab", "Cell", "Open", "What is wrong", "What to do", "What was typed", "Code", "Where the link leads",
)  # fmt: skip
FIRST_FINDING_ROW = 5
"""As Excel numbers it: 1-based."""

System = Literal["windows", "mac"]
_PYTHON_CELL: dict[System, str] = {"windows": "B2", "mac": "B3"}


def excel_system() -> System:
    """The system the buttons run on. Raises NotInstalled where they cannot run: without Excel, or without xlwings."""
    systems: dict[str, System] = {"Windows": "windows", "Darwin": "mac"}
    if platform.system() not in systems:
        raise NotInstalled("The buttons need Excel on Windows or on a Mac. Run this there; nothing was changed.")
    if find_spec("xlwings") is None:
        raise NotInstalled('The buttons need xlwings, which is not installed. Run: pip install "cedg-excel[excel]" '
                           "and then run this again; nothing was changed.")  # fmt: skip
    return systems[platform.system()]


def put_control(folder: Path) -> Path:
    """Put the control workbook into a folder, unless it has one already. Raises CannotRead, CannotWrite."""
    path = folder / CONTROL_FILE
    if not path.exists():
        replace_file(path, _shipped_control())
    return path


def _shipped_control() -> bytes:
    try:
        return (shipped("macros") / CONTROL_FILE).read_bytes()
    except OSError as error:
        raise CannotRead(f"{CONTROL_FILE} is missing from this installation. Install the program again.") from error


def set_python(path: Path, python: str, system: System) -> None:
    """
    Write the path of Python into the settings of a control workbook; everything else in it stays as it is.

    Raises CannotRead when it is not a control workbook, CannotWrite when it is open.
    """
    if path.with_name(f"~${path.name}").exists():
        raise CannotWrite(f"{path} is open in Excel. Close it and run this again; nothing was changed.")
    replace_file(path, with_python(path.read_bytes(), python, system))


def with_python(control: bytes, python: str, system: System) -> bytes:
    """The control workbook with another path of Python. Raises CannotRead."""
    try:
        with zipfile.ZipFile(BytesIO(control)) as workbook:
            parts = {name: workbook.read(name) for name in workbook.namelist()}
        settings = _sheet_part(parts, SETTINGS)
        parts[settings] = _with_text(parts[settings].decode("utf-8"), _PYTHON_CELL[system], python).encode("utf-8")
    except (zipfile.BadZipFile, LookupError, ValueError) as error:
        raise CannotRead(
            f"{CONTROL_FILE} is not the control workbook, or is damaged. Delete it and run this again to get a new one."
        ) from error
    return zip_bytes(parts.items())


def _sheet_part(parts: dict[str, bytes], title: str) -> str:
    """The part that holds a sheet; Excel may have renamed it when it saved. Raises LookupError."""
    for sheet in re.findall(r"<sheet [^>]*>", parts["xl/workbook.xml"].decode("utf-8")):
        if _attribute(sheet, "name") == title:
            relation_id = _attribute(sheet, "r:id")
            for relation in re.findall(r"<Relationship [^>]*>", parts["xl/_rels/workbook.xml.rels"].decode("utf-8")):
                if _attribute(relation, "Id") == relation_id:
                    return f"xl/{_attribute(relation, 'Target').removeprefix('/xl/')}"
    raise LookupError(title)


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(match[1]) if match else ""


def _with_text(sheet: str, address: str, text: str) -> str:
    """The sheet's XML with a text in a cell that it already has. Raises LookupError when there is no such cell."""
    match = re.search(rf'<c r="{address}"((?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)', sheet, re.DOTALL)
    if match is None:
        raise LookupError(address)
    cell = f'<c r="{address}"{match[1]} t="inlineStr"><is><t xml:space="preserve">{html.escape(text, quote=False)}</t></is></c>'
    return sheet[: match.start()] + cell + sheet[match.end() :]
