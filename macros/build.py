"""
Build control.xlsm from the modules under src/: `python macros/build.py`.

The VBA project starts from the one that xlwings ships for standalone workbooks, which includes RunPython. It contains no
compiled code, so that what runs is the text that can be read here. The result is the same bytes each time; a test compares
the committed file with it.
"""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pyopenvba import vba
from pyopenvba.cfb import CFB
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from cedg_excel.excel.save import zip_bytes  # noqa: E402
from cedg_excel.excel.styles import BAD_INK, FONT, RULE, STYLES, CellStyle  # noqa: E402
from cedg_excel.round import control_workbook as names  # noqa: E402  after the path above
from cedg_excel.round.control_workbook import FINDING_HEADINGS, FIRST_FINDING_ROW  # noqa: E402

CREATED = datetime(2019, 10, 1)  # the first day of the plan that comes with the program: any fixed day would do
NO_COMPILED_CODE = bytes.fromhex("CC61FFFF000000")  # [MS-OVBA] 2.3.4.1: Office then compiles the text itself
SHEETS = {names.CONTROL: "Sheet1", names.FINDINGS: "Sheet2", names.SETTINGS: "Sheet3"}
"""The tabs, and the name of each in VBA."""
LAST_FORMATTED_ROW = 3000
"""Findings down to this row get borders and colours."""

BANNER = "If there is a yellow bar above, click Enable Editing, then Enable Content. Without that the buttons do nothing."
GUIDE = (
    "Once: open a terminal in the round folder and run cedg excel-setup. It tells this workbook where Python is.",
    "At the start of a period, enter its id below and click Create copies. Then e-mail the files in the folder outbox.",
    "Save what comes back into the folder returns, under any name. Check returns lists what is wrong and writes copies to send back.",
    "Close the master, then click Merge returns, as often as you like. The previous master is kept next to the new one.",
    "Everything a button does, a cedg command does too. If your IT department blocks macros, use the commands.",
)
BUTTONS = (
    ("Create copies", "CreateCopies", "Writes a locked workbook for each agency into outbox, with what it last reported filled in."),
    ("Check returns", "CheckReturns", "Reads everything in returns, lists what is wrong on the tab Findings, writes copies to send back."),
    ("Merge returns", "MergeReturns", "Reads and checks everything in returns, and merges it into master.xlsx."),
    ("Open master", "OpenMaster", "Opens master.xlsx, with the summary for the meeting."),
    ("Send-back folder", "OpenSendBack", "Opens the folder feedback: the marked copies, each with the text of its e-mail."),
)  # fmt: skip
INPUTS = (
    ("Round folder", names.FOLDER, "", "Blank: the folder that this workbook is in."),
    ("Period", names.PERIOD, "", "Its id, such as 2019-20-Q4. Blank: the latest one started."),
    ("Encrypt the copies", names.ENCRYPT, "No", "Yes: each with its agency's password in passwords.toml."),
    ("Ask for a password", names.ASK_PASSWORD, "No", "Yes: for returns that passwords.toml does not open. Not stored."),
)
LAST_RUN = (
    ("Step", names.STEP, "No button has been clicked yet."),
    ("When", names.WHEN, ""),
    ("Outcome", names.OUTCOME, ""),
    ("Errors", names.ERRORS, ""),
    ("Warnings", names.WARNINGS, ""),
    ("Created or opened", names.OPEN, ""),
)
SETTINGS = (
    ("Setting", "Value", "What it is"),
    ("Interpreter_Win", None, "The path of Python on Windows. Written by cedg excel-setup, or typed by hand."),
    ("Interpreter_Mac", None, "The same on a Mac."),
    ("Add_Workbook_To_PythonPath", "false", "Python looks for no programs in the round folder, which contains files from others."),
    ("Use UDF Server", "false", "Each button starts a new Python."),
    ("Show Console", "false", "No black window."),
)


class Book:
    """The workbook being written, in the styles of the copies."""

    def __init__(self, out: BytesIO) -> None:
        self.workbook = Workbook(out, {"in_memory": True})
        self.workbook.set_properties({"title": "Control workbook", "created": CREATED})
        self._formats: dict[tuple[str, tuple[tuple[str, Any], ...]], Format] = {}
        self.workbook.formats[0].set_font_name(FONT)
        self.workbook.formats[0].set_font_size(10)

    def look(self, style: str, **more: Any) -> Format:
        """The XlsxWriter format of a style from `excel/styles.py`; `more` overrides it."""
        key = (style, tuple(sorted(more.items())))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({**_properties(STYLES[style]), **more})
        return self._formats[key]

    def sheet(self, title: str, widths: Sequence[float]) -> Worksheet:
        """A new tab, with its column widths in characters."""
        sheet: Worksheet = self.workbook.add_worksheet(title)
        sheet.set_vba_name(SHEETS[title])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer(f'&L&"{FONT}"&8Control workbook&R&"{FONT}"&8&A, page &P of &N')
        return sheet

    def name(self, name: str, sheet: Worksheet, row: int, column: int) -> None:
        """Define a name for a cell; row and column are 0-based, as in XlsxWriter."""
        self.workbook.define_name(name, f"='{sheet.name}'!${'ABC'[column]}${row + 1}")


def _properties(look: CellStyle) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "font_name": FONT, "font_size": look.size, "bold": look.bold, "italic": look.italic, "underline": int(look.underline),
        "font_color": f"#{look.ink}", "align": look.horizontal, "valign": {"center": "vcenter"}.get(look.vertical, look.vertical),
        "text_wrap": look.wrap, "num_format": look.number_format, "locked": look.locked,
    }  # fmt: skip
    if look.fill:
        properties["bg_color"] = f"#{look.fill}"
    if look.border:
        properties |= {"border": 1, "border_color": f"#{RULE}"}
    return properties


def control_sheet(book: Book) -> None:
    """The buttons, their inputs, and the result of the last run."""
    sheet = book.sheet(names.CONTROL, (27, 78, 52, 25))
    sheet.fit_to_pages(1, 1)
    for column in range(4):
        sheet.write(0, column, BANNER if column == 0 else None, book.look("banner"))
    sheet.set_row(0, 20)
    sheet.write(1, 0, "Control workbook", book.look("title"))
    sheet.set_row(1, 26)
    sheet.write(2, 0, "A round by buttons, for the coordinator.", book.look("subtitle"))
    row = _heading(book, sheet, 4, "How to use it")
    for number, line in enumerate(GUIDE, 1):
        sheet.write(row, 0, f"{number}.  {line}", book.look("line"))
        row += 1
    row = _heading(book, sheet, row + 1, "Your round")
    sheet.insert_button(row, 3, _button("Choose folder", "ChooseFolder", 168, "Choose the round folder"))
    for title, name, value, note in INPUTS:
        sheet.write(row, 0, title, book.look("ref", valign="vcenter"))
        sheet.write(row, 1, value, book.look("input.text", valign="vcenter"))
        sheet.write(row, 2, note, book.look("lead", indent=1, text_wrap=True, valign="vcenter"))
        sheet.set_row(row, 33 if name == names.FOLDER else 22)
        book.name(name, sheet, row, 1)
        if value:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": ["No", "Yes"], "error_message": "Pick No or Yes."})
        row += 1
    row = _heading(book, sheet, row + 1, "Steps")
    for caption, macro, words in BUTTONS:
        sheet.insert_button(row, 0, _button(caption, macro, 184, words))
        sheet.write(row, 1, words, book.look("text", indent=1, valign="vcenter"))
        sheet.set_row(row, 34)
        row += 1
    row = _heading(book, sheet, row + 1, "Last run")
    for title, name, value in LAST_RUN:
        shown = {names.WHEN: {"num_format": "dd/mm/yyyy hh:mm"}, names.ERRORS: {"num_format": "0"}, names.WARNINGS: {"num_format": "0"}}
        sheet.write(row, 0, title, book.look("ref"))
        # Unlocked, because the sheet is protected and a button has to write here.
        sheet.write(row, 1, value or None, book.look("locked", locked=False, **shown.get(name, {"num_format": "@"})))
        sheet.set_row(row, 66 if name == names.OUTCOME else 30 if name == names.OPEN else 18)
        book.name(name, sheet, row, 1)
        if name == names.WARNINGS:
            link = f'=HYPERLINK("#\'{names.FINDINGS}\'!A1","See the findings")'
            sheet.write_formula(row, 2, link, book.look("list.link", indent=1), "See the findings")
        if name == names.OPEN:
            sheet.write_formula(row, 2, f'=IF({name}="","",HYPERLINK({name},"Open it"))', book.look("list.link", indent=1), "")
        row += 1
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_selection(_row_of(names.FOLDER), 1, _row_of(names.FOLDER), 1)
    sheet.activate()


def _heading(book: Book, sheet: Worksheet, row: int, words: str) -> int:
    sheet.write(row, 0, words, book.look("heading"))
    sheet.set_row(row, 20)
    return row + 1


def _row_of(name: str) -> int:
    """The row of an input, 0-based."""
    return 4 + 1 + len(GUIDE) + 1 + 1 + [item[1] for item in INPUTS].index(name)


def _button(caption: str, macro: str, width: int, words: str) -> dict[str, Any]:
    return {"caption": caption, "macro": macro, "width": width, "height": 32, "x_offset": 4, "y_offset": 6, "description": words}


def findings_sheet(book: Book) -> None:
    """The last check as a table. Not locked, so that it can be sorted and filtered."""
    widths = (10, 30, 13, 7, 7, 46, 46, 28, 28, 20)
    sheet = book.sheet(names.FINDINGS, widths)
    for column, head in enumerate(FINDING_HEADINGS):
        # Text, so that nothing an agency typed becomes a formula or a date.
        small = book.look("lead", num_format="@", font_size=9)
        cells = book.look("list.link") if head == "Open" else small if column > 7 else book.look("text", num_format="@")
        sheet.set_column(column, column, widths[column], cells)
    sheet.write(0, 0, "Findings of the last run", book.look("title"))
    sheet.set_row(0, 26)
    sheet.write(1, 0, "What Check returns or Merge returns found last, the most serious first. Click Open to go to the cell.",
                book.look("line", num_format="General"))  # fmt: skip
    for column in range(1, len(FINDING_HEADINGS)):
        sheet.write_blank(0, column, None, book.look("line"))
        sheet.write_blank(1, column, None, book.look("line"))
    for column, head in enumerate(FINDING_HEADINGS):
        sheet.write(FIRST_FINDING_ROW - 2, column, head, book.look("head"))
    sheet.set_row(FIRST_FINDING_ROW - 2, 20)
    last = len(FINDING_HEADINGS) - 1
    sheet.autofilter(FIRST_FINDING_ROW - 2, 0, LAST_FORMATTED_ROW - 1, last)
    sheet.freeze_panes(FIRST_FINDING_ROW - 1, 0)
    sheet.repeat_rows(FIRST_FINDING_ROW - 2)
    lines = {"border": 1, "border_color": f"#{RULE}"}
    inks = {"error": {"bold": True, "font_color": f"#{BAD_INK}"}, "warning": {"bold": True}, "info": {}}
    rules = [(0, 0, f'=$A{FIRST_FINDING_ROW}="{word}"', ink) for word, ink in inks.items()]
    for left, right, criteria, ink in (*rules, (1, last, f'=$A{FIRST_FINDING_ROW}<>""', {})):
        look = {"type": "formula", "criteria": criteria, "format": book.workbook.add_format({**lines, **ink})}
        sheet.conditional_format(FIRST_FINDING_ROW - 1, left, LAST_FORMATTED_ROW - 1, right, look)


def settings_sheet(book: Book) -> None:
    """Where RunPython finds Python. It reads setting names from A1 downwards, with their values in the next column."""
    sheet = book.sheet(names.SETTINGS, (30, 70, 70))
    for row, (setting, value, words) in enumerate(SETTINGS):
        head = row == 0
        sheet.write(row, 0, setting, book.look("head" if head else "ref"))
        sheet.write(row, 1, value, book.look("head" if head else "input.text"))
        sheet.write(row, 2, words, book.look("head" if head else "help"))
    book.name(names.PYTHON_WINDOWS, sheet, 1, 1)
    book.name(names.PYTHON_MAC, sheet, 2, 1)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def vba_project() -> bytes:
    """The project of xlwings, with our modules instead of its sample."""
    with zipfile.ZipFile(xlwings_workbook()) as workbook:
        container = CFB.from_bytes(workbook.read("xl/vbaProject.bin"))
    project = vba.parse_vba_project(container)
    project.delete_module("Module1")
    container.remove_stream_in_storage("VBA", "Module1")
    for module in project.modules:
        module.dirty = True  # so that it is written again, without the compiled code that comes before the text
    vba.write_back_modules(container, project)
    # That workbook has modules for two tabs; the third tab's is like theirs.
    third = project.get_module("Sheet2").source.replace('VB_Name = "Sheet2"', 'VB_Name = "Sheet3"')
    project.add_module("Sheet3", third, kind=vba.VBAModuleKind.other)
    added = [("Sheet3", "Document")]
    for path in sorted((HERE / "src").glob("*.bas")):
        project.add_module(path.stem, path.read_bytes().decode("ascii"))
        added.append((path.stem, "Module"))
    for name, _ in added:
        container.add_stream_to_storage("VBA", name, vba.rebuild_module_stream(project.get_module(name), project.code_page))
    container.write_stream_in_storage("VBA", "dir", vba.compress(vba.serialize_dir_stream(project)))
    declared = container.get_stream("PROJECT").rstrip() + b"\r\n"
    container.write_stream("PROJECT", vba.serialize_project_stream(declared, {}, add_modules=added, delete_names={"Module1"}))
    container.write_stream("PROJECTwm", vba.serialize_projectwm([(module.name, module.name) for module in project.modules]))
    container.write_stream_in_storage("VBA", "_VBA_PROJECT", NO_COMPILED_CODE)
    return container.to_bytes()


def xlwings_workbook() -> Path:
    """The workbook that xlwings ships, found without importing xlwings."""
    package = importlib.util.find_spec("xlwings")
    if package is None or package.origin is None:
        raise SystemExit("xlwings is not installed: pip install '.[test]'")
    return Path(package.origin).with_name("quickstart_standalone.xlsm")


def control() -> bytes:
    """The control workbook."""
    out = BytesIO()
    book = Book(out)
    control_sheet(book)
    findings_sheet(book)
    settings_sheet(book)
    book.workbook.set_vba_name("ThisWorkbook")
    book.workbook.add_vba_project(BytesIO(vba_project()), is_stream=True)
    book.workbook.close()
    with zipfile.ZipFile(out) as workbook:
        # XlsxWriter has a fixed font for the text on a button.
        theirs, ours = b'<font face="Calibri"', f'<font face="{FONT}"'.encode()
        return zip_bytes((name, workbook.read(name).replace(theirs, ours)) for name in workbook.namelist())


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / names.CONTROL_FILE
    target.write_bytes(control())
