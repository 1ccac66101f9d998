"""The control workbook and its modules: built from text, the same each time, and run unchanged in LibreOffice."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel.excel.save import zip_bytes
from cedg_excel.round import control_workbook as control
from cedg_excel.round import folder as rounds
from tests.helpers.inspection import faults, leaks
from tests.helpers.office import Office
from tests.helpers.places import ROOT
from tests.helpers.zips import parts_of

MACROS = ROOT / "macros"
CONTROL = MACROS / "control.xlsm"
MODULES = {path.stem: path for path in sorted((MACROS / "src").glob("*.bas"))}
BUTTONS = MODULES["CedgButtons"].read_text("ascii")
PINNED = ("pyOpenVBA", "XlsxWriter", "xlwings")


@cache
def read_back(path: Path) -> dict[str, str]:
    """
    Every VBA module of a workbook by name, as olevba reads it. In a separate process, because the library warns when it is loaded.
    """
    code = (
        "import json, sys; from oletools.olevba import VBA_Parser\n"
        "found = VBA_Parser(sys.argv[1]).extract_macros()\n"
        "print(json.dumps({name.rpartition('.')[0]: text for _, _, name, text in found}))"
    )
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(path)], capture_output=True, encoding="utf-8", check=True)
    found: dict[str, str] = json.loads(run.stdout)
    return found


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").strip("\n").split("\n")


# The file


def test_building_again_gives_the_committed_file(tmp_path: Path) -> None:
    pins = dict(item.split("==") for item in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
                ["optional-dependencies"]["test"] if "==" in item)  # fmt: skip
    assert {name: version(name) for name in PINNED} == {name: pins[name] for name in PINNED}, "other versions give other bytes"
    for name in ("one.xlsm", "two.xlsm"):
        subprocess.run([sys.executable, str(MACROS / "build.py"), str(tmp_path / name)], check=True)
        assert (tmp_path / name).read_bytes() == CONTROL.read_bytes(), "run python macros/build.py"


def test_olevba_reads_back_exactly_the_text() -> None:
    modules = read_back(CONTROL)
    assert {"ThisWorkbook", "Sheet1", "Sheet2", "Sheet3", "xlwings", "Dictionary", *MODULES} == set(modules)
    for name, path in MODULES.items():
        assert modules[name] == path.read_bytes().decode("ascii"), name


def test_modules_from_xlwings_are_unchanged() -> None:
    xlwings = pytest.importorskip("xlwings")
    theirs = read_back(Path(xlwings.__file__).with_name("quickstart_standalone.xlsm"))
    modules = read_back(CONTROL)
    assert [lines(modules[name]) for name in ("xlwings", "Dictionary")] == [lines(theirs[name]) for name in ("xlwings", "Dictionary")]
    notices = (MACROS / "NOTICES.txt").read_text("utf-8")
    assert "xlwings 0.37.8" in notices
    assert "Redistributions in binary form must reproduce the above copyright notice" in modules["xlwings"].replace("\n'", "\n")
    assert "Redistributions in binary form must reproduce the above copyright notice" in notices


def test_workbook_has_no_compiled_code() -> None:
    """Excel runs the text: no module has compiled code before it, and the project is marked as not compiled."""
    code = (
        "import sys; from pyopenvba.cfb import CFB; from pyopenvba.vba import parse_vba_project\n"
        "file = CFB.from_bytes(sys.stdin.buffer.read()); project = parse_vba_project(file)\n"
        "print(file.get_stream_in_storage('VBA', '_VBA_PROJECT').hex(), {m.text_offset for m in project.modules}, project.validate(file))"
    )
    project = parts_of(CONTROL.read_bytes())["xl/vbaProject.bin"]
    run = subprocess.run([sys.executable, "-c", code], input=project, capture_output=True, check=True)
    assert run.stdout.decode().strip() == "cc61ffff000000 {0} []"


def test_excel_has_nothing_to_repair_in_the_control_workbook() -> None:
    content = CONTROL.read_bytes()
    assert [fault for fault in faults(content) if "content type is not that of an .xlsx" not in fault] == []
    assert b"application/vnd.ms-excel.sheet.macroEnabled.main+xml" in parts_of(content)["[Content_Types].xml"]
    assert faults(macro_free()) == []
    assert [leak for leak in leaks(content) if leak != "xl/vbaProject.bin"] == []


def test_project_and_workbook_have_the_same_name_for_each_tab() -> None:
    parts = parts_of(CONTROL.read_bytes())
    names = [re.search(rb'codeName="(\w+)"', parts[f"xl/worksheets/sheet{n}.xml"])[1].decode() for n in (1, 2, 3)]  # type: ignore[index]
    assert set(names) < set(read_back(CONTROL))
    assert b'<workbookPr codeName="ThisWorkbook"' in parts["xl/workbook.xml"]


def test_names_point_to_cells_that_a_button_can_write() -> None:
    """A protected sheet refuses a macro as it refuses a person."""
    book = openpyxl.load_workbook(CONTROL)
    assert book.sheetnames == [control.CONTROL, control.FINDINGS, control.SETTINGS]
    used = {value for name, value in vars(control).items() if name.isupper() and str(value).startswith("cedg_")}
    assert set(book.defined_names) == used
    assert set(re.findall(r'"(cedg_\w+)"', BUTTONS)) <= used
    for name in used:
        ((title, address),) = book.defined_names[name].destinations
        assert not book[title][address].protection.locked, name
    assert [sheet.protection.sheet for sheet in book] == [True, False, True]
    heads = [cell.value for cell in book[control.FINDINGS][control.FIRST_FINDING_ROW - 1]]
    assert tuple(heads) == control.FINDING_HEADINGS


def test_settings_stop_python_from_loading_files_in_the_folder() -> None:
    settings = {row[0].value: row[1].value for row in openpyxl.load_workbook(CONTROL)[control.SETTINGS]}
    assert settings["Add_Workbook_To_PythonPath"] == "false"
    assert settings["Interpreter_Win"] is settings["Interpreter_Mac"] is None


# The text


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_can_be_read_and_imported(name: str) -> None:
    raw = MODULES[name].read_bytes()
    assert raw.isascii()
    assert raw.count(b"\r\n") == raw.count(b"\n") > 0
    assert raw.startswith(f'Attribute VB_Name = "{name}"\r\nOption Explicit\r\n'.encode())


def procedures(text: str) -> dict[str, str]:
    """The public Subs of a module, each with its body."""
    return dict(re.findall(r"^Public Sub (\w+)\(.*?\)\n(.*?)^End Sub", text, re.MULTILINE | re.DOTALL))


def test_every_button_has_a_sub_and_every_sub_a_button() -> None:
    drawing = parts_of(CONTROL.read_bytes())["xl/drawings/vmlDrawing1.vml"].decode()
    macros = re.findall(r"<x:FmlaMacro>\[0\]!(\w+)</x:FmlaMacro>", drawing)
    assert sorted(macros) == sorted(procedures(BUTTONS))
    assert len(re.findall(r' alt="[^"]+"', drawing)) == len(macros), "a button without a description for screen readers"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_sub_handles_errors(name: str) -> None:
    subs = procedures(MODULES[name].read_text("ascii"))
    assert subs
    assert [sub for sub, body in subs.items() if not body.lstrip().startswith("On Error ")] == []


def test_every_python_function_that_is_called_exists() -> None:
    buttons = pytest.importorskip("cedg_excel.buttons")
    called = re.findall(r'"import cedg_excel\.buttons; cedg_excel\.buttons\.(\w+)\(\)"', BUTTONS)
    assert called == ["create_copies", "check_returns", "merge_returns"]
    assert all(callable(getattr(buttons, name)) for name in called)
    assert BUTTONS.count("RunPython ") == BUTTONS.count("RunPython Command\n") + BUTTONS.count("' RunPython reports")


def test_file_names_match_those_of_the_round() -> None:
    constants = dict(re.findall(r'Private Const (\w+) As String = "(.*)"', BUTTONS))
    assert (constants["MASTER_FILE"], constants["SEND_BACK"]) == (rounds.MASTER, rounds.FEEDBACK)
    assert control.PASSWORD_VARIABLE in MODULES["CedgUser"].read_text("ascii")


# The buttons, clicked in LibreOffice


def macro_free() -> bytes:
    """The control workbook without its VBA project: the tests bring the modules themselves."""
    parts = parts_of(CONTROL.read_bytes())
    del parts["xl/vbaProject.bin"]
    types, plain = parts["[Content_Types].xml"], b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main"
    parts["[Content_Types].xml"] = types.replace(b"vnd.ms-excel.sheet.macroEnabled.main", plain)
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = re.sub(rb"<Relationship [^>]*vbaProject[^>]*/>", b"", parts[relations])
    return zip_bytes(parts.items())


RECORDER = """
Option Explicit
Public Log As String
Private Sub Note(ByVal Words As String)
    Log = Log & Words & vbLf
End Sub
Public Sub Say(ByVal Sentence As String)
    Note "say " & Sentence
End Sub
Public Function AskFolder(ByVal Start As String) As String
    Note "ask for a folder from " & Start
    If "{pick}" = "fails" Then Err.Raise 513, "x", "No dialog here."
    AskFolder = "{pick}"
End Function
Public Function AskPassword(ByVal Title As String) As String
    Note "ask for the password"
    AskPassword = "{password}"
End Function
Public Sub GivePassword(ByVal Password As String)
    If Len(Password) > 0 Then Note "give " & Password
End Sub
Public Sub ForgetPassword()
    If InStr(Log, "give") > 0 Then Note "forget"
End Sub
Public Sub OpenWorkbook(ByVal Path As String)
    Note "open " & Path
End Sub
Public Sub OpenFolder(ByVal Path As String)
    Note "open " & Path
    If "{folder}" = "refused" Then Err.Raise 513, "x", "Not allowed here."
End Sub
Public Function Exists(ByVal Path As String) As Boolean
    Exists = ("{exists}" = "yes")
End Function
Public Function OwnFolder() As String
    OwnFolder = "{own}"
End Function
Public Function OnMac() As Boolean
    OnMac = ("{system}" = "mac")
End Function
Public Function PythonHasEnded() As Boolean
    PythonHasEnded = Not OnMac()
End Function
Public Sub ShowAllFindings()
End Sub
Public Function RunPython(ByVal Command As String)
    Note "python " & Command
    If "{python}" = "fails" Then Err.Raise 513, "x", "Python broke down."
    If "{python}" = "answers" Then ThisWorkbook.Worksheets("Control").Range("cedg_outcome").Value = "Done."
End Function
Public Function Play() As String
    Dim Control As Object
    Set Control = ThisWorkbook.Worksheets("Control")
    Control.Range("cedg_folder").Value = "{cell}"
    Control.Range("cedg_ask_password").Value = "{ask}"
    ThisWorkbook.Worksheets("xlwings.conf").Range("cedg_python_windows").Value = "{interpreter}"
    ThisWorkbook.Worksheets("xlwings.conf").Range("cedg_python_mac").Value = "{interpreter}"
    If "{sheet}" = "renamed" Then Control.Name = "Other"
    {button}
    Play = "played" & vbLf & Control.Range("cedg_step").Value & vbLf & Control.Range("cedg_outcome").Value & vbLf & _
        Control.Range("cedg_folder").Value & vbLf & CStr(Control.Range("cedg_when").Value <> "") & vbLf & Log
End Function
"""
AS_USUAL = {
    "button": "CheckReturns", "cell": "/round", "own": "/own", "pick": "", "interpreter": "/python", "python": "answers", "ask": "No",
    "password": "", "exists": "yes", "folder": "", "system": "windows", "sheet": "",
}  # fmt: skip


@pytest.fixture
def click(office: Office, tmp_path: Path) -> Any:
    """Click a button: the step, outcome and folder the sheet then shows, whether it shows a time, and what the macro did."""
    workbook = tmp_path / "control.xlsx"
    workbook.write_bytes(macro_free())

    def clicked(**unusual: str) -> tuple[str, str, str, bool, list[str]]:
        user = RECORDER
        for name, value in {**AS_USUAL, **unusual}.items():
            user = user.replace(f"{{{name}}}", value)
        modules = {"CedgButtons": BUTTONS.partition("\n")[2], "CedgUser": user}
        played = office.basic(workbook, modules, "CedgUser.Play")
        assert played and played.startswith("played\n"), "a module does not compile"
        _, step, outcome, folder, timed, *log = played.split("\n")
        return step, outcome, folder, timed == "True", log[:-1]

    return clicked


PYTHON = "python import cedg_excel.buttons; cedg_excel.buttons.{}()"
NOT_SET_UP = "This workbook does not yet know where Python is. Open a terminal in the round folder and run: cedg excel-setup"
CHECKED = PYTHON.format("check_returns")
ASKED = "ask for a folder from "
WEB = "https://example.org/x"
CANCELLED = "No folder was chosen, so nothing was {}."


@pytest.mark.office
@pytest.mark.parametrize(
    ("button", "title", "function"),
    [
        ("CreateCopies", "Create copies", "create_copies"),
        ("CheckReturns", "Check returns", "check_returns"),
        ("MergeReturns", "Merge returns", "merge_returns"),
    ],
)
def test_a_button_runs_its_function_and_leaves_the_outcome_to_it(click: Any, button: str, title: str, function: str) -> None:
    assert click(button=button) == (title, "Done.", "/round", True, [PYTHON.format(function)])


@pytest.mark.office
@pytest.mark.parametrize(
    ("unusual", "outcome", "done"),
    [
        ({"python": "is silent"}, "Python did not answer, so it is not known whether anything was done. ", [CHECKED]),
        ({"python": "is silent", "system": "mac"}, "Working...", [CHECKED]),
        ({"python": "fails"}, "Python broke down.", [CHECKED]),
        ({"interpreter": " "}, NOT_SET_UP, []),
        ({"cell": ""}, "Done.", [CHECKED]),
        ({"cell": "", "own": WEB}, CANCELLED.format("done"), [ASKED]),
        ({"cell": "", "own": WEB, "pick": "/picked"}, "Done.", [ASKED, CHECKED]),
        ({"ask": "Yes", "password": "pw 1"}, "Done.",
         ["ask for the password", "give pw 1", CHECKED, "forget"]),
        ({"ask": "Yes", "password": "pw 1", "python": "fails"}, "Python broke down.",
         ["ask for the password", "give pw 1", CHECKED, "forget"]),
        ({"ask": "Yes"}, "No password was given, so nothing was done. ", ["ask for the password"]),
        ({"ask": "Yes", "button": "CreateCopies"}, "Done.", [PYTHON.format("create_copies")]),
        ({"button": "OpenMaster"}, "", ["open /round/master.xlsx"]),
        ({"button": "OpenMaster", "exists": "no"}, "There is no /round/master.xlsx yet. Click Merge returns first.", []),
        ({"button": "OpenMaster", "cell": "", "own": ""}, CANCELLED.format("opened"), [ASKED]),
        ({"button": "OpenSendBack"}, "", ["open /round/feedback"]),
        ({"button": "OpenSendBack", "exists": "no"}, "There is no folder /round/feedback yet. Click Check returns first.", []),
        ({"button": "OpenSendBack", "folder": "refused"}, "Not allowed here.", ["open /round/feedback"]),
        ({"button": "ChooseFolder", "pick": "fails"}, "No dialog here. Type the folder into the cell next to Round folder instead.",
         ["ask for a folder from /round"]),
    ],
)  # fmt: skip
def test_the_sheet_shows_the_outcome_whatever_happens(click: Any, unusual: dict[str, str], outcome: str, done: list[str]) -> None:
    _, shown, _, timed, log = click(**unusual)
    assert (shown == outcome) if outcome.strip() == outcome else shown.startswith(outcome)
    assert timed == bool(outcome)
    assert [line for line in log if line != "forget"] == [line for line in done if line != "forget"]
    assert (log[-1] == "forget" if log else False) == ("forget" in done), "a password outlives the run"


@pytest.mark.office
@pytest.mark.parametrize(("picked", "folder"), [("/picked", "/picked"), ("", "/round")])
def test_choose_folder_writes_the_cell_unless_cancelled(click: Any, picked: str, folder: str) -> None:
    _, outcome, cell, _, _ = click(button="ChooseFolder", pick=picked)
    assert (cell, outcome) == (folder, "")


@pytest.mark.office
def test_a_message_appears_when_the_sheet_cannot_be_written(click: Any) -> None:
    """With the sheet renamed there is no cell to write the sentence into."""
    *_, log = click(sheet="renamed")
    messages = " ".join(log)
    assert messages.startswith("say Check returns: ")
    assert messages.count("(The Control sheet could not be written: ") == messages.count("say ") == 1


@pytest.mark.office
def test_the_other_module_compiles_too(office: Office, tmp_path: Path) -> None:
    """What uses Excel's own dialogs cannot run here; the rest does, and reports when the password cannot be passed on."""
    workbook = tmp_path / "control.xlsx"
    workbook.write_bytes(macro_free())
    play = f"""
Public Function Play() As String
    On Error GoTo Failed
    Dim Said As String
    GivePassword ""
    ForgetPassword
    ShowAllFindings
    Said = "played " & CStr(Exists("{tmp_path}")) & CStr(Exists("{tmp_path}/none")) & CStr(OwnFolder() = "{tmp_path}") & CStr(OnMac())
    GivePassword "x"
    Play = Said
    Exit Function
Failed:
    Play = Said & " " & Err.Description
End Function
"""
    modules = {"CedgUser": MODULES["CedgUser"].read_text("ascii").partition("\n")[2], "Player": play}
    result = office.basic(workbook, modules, "Player.Play")
    assert result == (
        "played TrueFalseTrueFalse The password could not be passed to Python: that works only on Windows, where scripts are allowed. "
        "Use the command in a terminal."
    )


@pytest.mark.office
def test_libreoffice_opens_it_with_names_and_protection(office: Office) -> None:
    cells = [("Control", "A2"), ("Control", "B26"), ("Control", "C30"), ("Findings", "A4"), ("xlwings.conf", "A2")]
    shown = [content.text for content in office.read(CONTROL, cells)]
    assert shown == ["Control workbook", "No button has been clicked yet.", "See the findings", "Severity", "Interpreter_Win"]
    with openpyxl.load_workbook(BytesIO(CONTROL.read_bytes()), keep_vba=True).vba_archive as archive:
        assert "xl/vbaProject.bin" in archive.namelist()
