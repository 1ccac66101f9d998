"""What the buttons call, end to end: with real round folders, and a fake Excel for xlwings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel.errors import CannotRead
from cedg_excel.excel.encryption import encrypt
from cedg_excel.excel.save import zip_bytes
from cedg_excel.findings import Finding, Place, Severity
from cedg_excel.round import control_workbook as control
from cedg_excel.round.folder import init_round
from tests.conftest import PERIOD, RATED, Cedg, Fill
from tests.helpers.places import ROOT, SMALL
from tests.helpers.zips import parts_of

xlwings = pytest.importorskip("xlwings")
from cedg_excel import buttons  # noqa: E402  after the library it needs
from tests.helpers.fake_excel import Converted, FakeBook, Formula, open_in_fake_excel  # noqa: E402

Rows = list[list[object]]


@pytest.fixture
def round_folder(tmp_path: Path) -> Path:
    """A round folder with the small plan."""
    return init_round(tmp_path / "my group", str(SMALL)).root


@pytest.fixture
def book(round_folder: Path) -> Iterator[FakeBook]:
    """Its control workbook, open."""
    yield open_in_fake_excel(round_folder / "control.xlsm")
    del xlwings.Book._mock_caller


def findings(book: FakeBook) -> Rows:
    """The rows of the Findings tab, under its heading."""
    sheet = book.sheets(control.FINDINGS)
    last = max(row for row, _ in sheet.values)
    width = len(control.FINDING_HEADINGS)
    return [[sheet.values.get((row, column)) for column in range(1, width + 1)] for row in range(control.FIRST_FINDING_ROW, last + 1)]


def counts(book: FakeBook) -> tuple[object, object]:
    return book.cell(control.ERRORS), book.cell(control.WARNINGS)


def test_a_round_runs_by_buttons(round_folder: Path, book: FakeBook, fill: Fill) -> None:
    """The folder is the one the workbook is in, the period is the plan's first: no cell has to be filled in."""
    buttons.create_copies()
    assert book.cell(control.OUTCOME) == f"Wrote 2 copies for Q3 2019-20 to {round_folder / 'outbox' / PERIOD}."
    assert book.cell(control.OPEN) == str(round_folder / "outbox" / PERIOD)
    assert sorted(path.name for path in (round_folder / "outbox" / PERIOD).iterdir()) == [f"north_{PERIOD}.xlsx", f"south_{PERIOD}.xlsx"]

    fill({**RATED, "action/2.3/rating": "Blue"}).rename(round_folder / "returns" / "return (1) FINAL v2.xlsx")
    buttons.check_returns()
    expected = "1 file: 1 with findings. 1 error, {} warnings.\nWrote 1 copy to send back to {}."
    assert book.cell(control.OUTCOME) == expected.format(counts(book)[1], round_folder / "feedback")
    assert counts(book)[0] == 1
    assert book.cell(control.OPEN) == str(round_folder / "feedback")
    assert (round_folder / "feedback" / f"north_{PERIOD}.xlsx").is_file()
    row = findings(book)[0]
    assert row[:4] == ["error", "return (1) FINAL v2.xlsx", "Objective 2", "H8"]
    assert row[4:9] == ['=HYPERLINK(J5,"Open")', "Blue needs the date it was achieved.", row[6], "Blue", "BLUE_NEEDS_ACHIEVED"]
    assert row[9] == f"{round_folder / 'returns' / 'return (1) FINAL v2.xlsx'}#'Objective 2'!H8"

    buttons.merge_returns()
    summary, cells, wrote = str(book.cell(control.OUTCOME)).split("\n")
    assert summary.startswith("1 file: 1 accepted. 1 error")
    assert cells == "Cells: 39 read = 7 merged + 0 held back + 32 blank."
    assert wrote == f"Wrote {round_folder / 'master.xlsx'}."
    assert book.cell(control.OPEN) == str(round_folder / "master.xlsx")
    assert openpyxl.load_workbook(round_folder / "master.xlsx")["Summary"]["A2"].value.startswith("Q3 2019-20")


def test_buttons_say_what_the_commands_say(round_folder: Path, book: FakeBook, fill: Fill, cedg: Cedg) -> None:
    fill({**RATED, "action/2.3/rating": "Purple"}).rename(round_folder / "returns" / "a.xlsx")
    buttons.check_returns()
    output = cedg("check", folder=round_folder).out
    assert len(findings(book)) == len(re.findall(r"\[[A-Z_]+\]$", output, re.MULTILINE)) > 0
    assert [row[5] for row in findings(book) if str(row[5]) not in output] == []
    assert str(book.cell(control.OUTCOME)).splitlines()[0] in output


def test_a_clean_check_clears_what_the_last_one_found(round_folder: Path, book: FakeBook, fill: Fill) -> None:
    clean = {**RATED, "kpi/K2.1/value": 7}
    fill({**clean, "action/2.3/rating": "Purple"}).rename(round_folder / "returns" / "a.xlsx")
    buttons.check_returns()
    assert findings(book)
    fill(clean).rename(round_folder / "returns" / "a.xlsx")
    buttons.check_returns()
    assert (findings(book), counts(book)) == ([], (0, 0))


def test_what_an_agency_typed_stays_text(round_folder: Path, book: FakeBook, fill: Fill) -> None:
    """It becomes neither a formula nor a date, as 1-2 would; names of files and tabs are typed by the agency too."""
    typed = {"2.3": "=1+1", "2.4": "1-2", "2.5": "@SUM(A1)"}
    path = fill({**RATED, **{f"action/{ref}/rating": text for ref, text in typed.items()}})
    path.rename(round_folder / "returns" / "=2+2.xlsx")
    buttons.check_returns()
    rows = findings(book)
    assert set(typed.values()) <= {row[7] for row in rows}
    cells = {column: {type(row[column]) for row in rows} for column in range(len(rows[0]))}
    assert cells.pop(4) == {Formula}
    assert not {Formula, Converted} & {kind for kinds in cells.values() for kind in kinds}
    assert all(row[4] == f'=HYPERLINK(J{number},"Open")' for number, row in enumerate(rows, control.FIRST_FINDING_ROW))


def test_personal_numbers_are_masked(round_folder: Path, book: FakeBook, fill: Fill) -> None:
    fill({**RATED, "action/2.3/evidence": "Seen: 943 476 5919"}).rename(round_folder / "returns" / "a.xlsx")
    buttons.check_returns()
    assert "NHS_NUMBER" in {row[8] for row in findings(book)}
    assert "943 476 5919" not in str(findings(book))


def test_a_file_that_is_not_a_return_is_linked_as_a_whole(round_folder: Path, book: FakeBook) -> None:
    (round_folder / "returns" / "notes.txt").write_text("hello")
    buttons.check_returns()
    assert [(row[0], row[1], row[9]) for row in findings(book)] == [("warning", "notes.txt", str(round_folder / "returns" / "notes.txt"))]


@pytest.mark.parametrize(
    ("file", "place", "address"),
    [
        ("a.xlsx", Place("Objective 2", 8, 8), "/r/a.xlsx#'Objective 2'!H8"),
        ("a.xlsx", Place("Jo's tab"), "/r/a.xlsx#'Jo''s tab'!A1"),
        ("a.xlsx", Place(), "/r/a.xlsx"),
        ("return #2.xlsx", Place("Objective 2", 8, 8), "/r"),
    ],
)
def test_links_go_to_the_cell_or_as_near_as_excel_can(file: str, place: Place, address: str) -> None:
    finding = Finding("X", Severity.ERROR, file, place, "Wrong.", "Mend it.")
    assert buttons._link_target(Path("/r") / file, finding) == address


Spoil = Callable[[Path, FakeBook], object]
MASTER_OPEN: Spoil = lambda round_folder, _: (round_folder / "~$master.xlsx").touch()  # noqa: E731
FAILURES: list[tuple[str, Spoil, str]] = [
    ("merge_returns", MASTER_OPEN, "master.xlsx is open in another program. Close it and run this again; nothing was changed."),
    (
        "merge_returns",
        lambda round_folder, _: (round_folder / "master.xlsx").write_text("notes"),
        "master.xlsx is not a readable workbook",
    ),
    ("check_returns", lambda round_folder, _: (round_folder / "returns" / "a.xlsx").unlink(), "There are no files in "),
    ("check_returns", lambda round_folder, book: book.type(control.FOLDER, str(round_folder / "returns")), "This is not a round folder"),
    ("create_copies", lambda _, book: book.type(control.PERIOD, "2019-20-Q5"), "The plan has no period '2019-20-Q5'. Did you mean "),
    ("create_copies", lambda round_folder, _: (round_folder / "plan.toml").write_text("[plan]"), "plan.toml"),
]


@pytest.mark.parametrize(("button", "spoil", "sentence"), FAILURES)
def test_a_step_that_cannot_run_puts_a_sentence_in_the_sheet(
    round_folder: Path, book: FakeBook, fill: Fill, button: str, spoil: Spoil, sentence: str
) -> None:
    fill(RATED).rename(round_folder / "returns" / "a.xlsx")
    buttons.check_returns()
    spoil(round_folder, book)
    getattr(buttons, button)()
    assert sentence in str(book.cell(control.OUTCOME))
    assert (counts(book), book.cell(control.OPEN)) == ((None, None), None)


def test_an_unexpected_error_is_reported_in_the_sheet_and_raised(
    round_folder: Path, book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """xlwings shows the traceback only when Python ends with one."""
    monkeypatch.setattr(buttons, "run_template", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        buttons.create_copies()
    assert book.cell(control.OUTCOME) == buttons.UNEXPECTED


def test_folder_and_period_come_from_the_sheet(round_folder: Path, book: FakeBook, tmp_path: Path) -> None:
    other = init_round(tmp_path / "other", str(SMALL)).root
    book.type(control.FOLDER, f" {other} ")
    book.type(control.PERIOD, "2019-20-Q4")
    buttons.create_copies()
    assert (other / "outbox" / "2019-20-Q4").is_dir()
    assert list((round_folder / "outbox").iterdir()) == []


def test_password_opens_returns_for_one_run_and_is_in_no_cell(round_folder: Path, book: FakeBook, fill: Fill, monkeypatch: Any) -> None:
    path = fill(RATED)
    (round_folder / "returns" / "a.xlsx").write_bytes(encrypt(path.read_bytes(), "secret 1"))
    buttons.check_returns()
    assert [row[8] for row in findings(book)] == ["ENCRYPTED"]
    monkeypatch.setenv(control.PASSWORD_VARIABLE, "secret 1")
    buttons.check_returns()
    assert "ENCRYPTED" not in {row[8] for row in findings(book)}
    assert control.PASSWORD_VARIABLE not in os.environ
    assert "secret 1" not in str([sheet.values for sheet in book.sheets.by_name.values()])
    buttons.check_returns()
    assert [row[8] for row in findings(book)] == ["ENCRYPTED"]


def test_copies_are_encrypted_if_the_sheet_says_so(round_folder: Path, book: FakeBook) -> None:
    book.type(control.ENCRYPT, "Yes")
    buttons.create_copies()
    assert "The copies are encrypted, each with its agency's password in " in str(book.cell(control.OUTCOME))
    assert not any(zipfile.is_zipfile(path) for path in (round_folder / "outbox" / PERIOD).iterdir())
    word = tomllib.loads((round_folder / "passwords.toml").read_text("utf-8"))["passwords"]["north"]
    assert word not in str([sheet.values for sheet in book.sheets.by_name.values()])


def test_xlwings_is_not_loaded_before_a_button_is_clicked() -> None:
    code = "import sys, cedg_excel.buttons, cedg_excel.cli; print('xlwings' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=ROOT).stdout == "False\n"


# Setting the workbook up


def test_setup_writes_where_python_is_and_nothing_else(cedg: Cedg, round_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = parts_of((round_folder / "control.xlsm").read_bytes())
    monkeypatch.setattr("platform.system", lambda: "Windows")
    monkeypatch.setattr(sys, "executable", r"C:\Users\a & b\.venv\Scripts\python.exe")
    completed = cedg("excel-setup", folder=round_folder)
    assert (completed.status, completed.err) == (0, "")
    assert completed.out.startswith(f"control.xlsm now knows where Python is: {sys.executable}\nNext: open it in Excel,")
    after = parts_of((round_folder / "control.xlsm").read_bytes())
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet3.xml"]
    assert list(before) == list(after)
    settings = openpyxl.load_workbook(round_folder / "control.xlsm")["xlwings.conf"]
    assert (settings["B2"].value, settings["B3"].value) == (sys.executable, None)
    assert not settings["B2"].protection.locked
    once = (round_folder / "control.xlsm").read_bytes()
    cedg("excel-setup", folder=round_folder)
    assert (round_folder / "control.xlsm").read_bytes() == once


def test_setup_finds_the_settings_wherever_excel_has_put_them(round_folder: Path) -> None:
    """Excel renumbers parts and moves texts to the shared strings when it saves."""
    parts = parts_of((round_folder / "control.xlsm").read_bytes())
    sheet, found = re.subn(rb'(<c r="B2" s="\d+")/>', rb'\1 t="s"><v>3</v></c>', parts.pop("xl/worksheets/sheet3.xml"))
    assert found == 1
    moved = {name: part.replace(b"sheet3.xml", b"sheet7.xml") for name, part in parts.items()} | {"xl/worksheets/sheet7.xml": sheet}
    path = round_folder / "saved.xlsm"
    path.write_bytes(control.with_python(zip_bytes(moved.items()), "/opt/python", "mac"))
    path.write_bytes(control.with_python(path.read_bytes(), "C:/python.exe", "windows"))
    settings = openpyxl.load_workbook(path)["xlwings.conf"]
    assert [settings[f"B{row}"].value for row in (2, 3, 4)] == ["C:/python.exe", "/opt/python", "false"]


def test_setup_creates_the_workbook_in_a_folder_without_one(cedg: Cedg, round_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (round_folder / "control.xlsm").unlink()
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert cedg("excel-setup", round_folder).status == 0
    assert openpyxl.load_workbook(round_folder / "control.xlsm")["xlwings.conf"]["B3"].value == sys.executable


@pytest.mark.parametrize(
    ("system", "spoil", "sentence"),
    [
        ("Linux", lambda _: None, "The buttons need Excel on Windows or on a Mac. Run this there; nothing was changed."),
        (
            "Windows",
            lambda round_folder: (round_folder / "plan.toml").unlink(),
            "This is not a round folder: it has no plan.toml or plan.xlsx.",
        ),
        (
            "Windows",
            lambda round_folder: (round_folder / "~$control.xlsm").touch(),
            "control.xlsm is open in Excel. Close it and run this again;",
        ),
        (
            "Windows",
            lambda round_folder: (round_folder / "control.xlsm").write_text("x"),
            "control.xlsm is not the control workbook, or is damaged.",
        ),
    ],
)
def test_setup_that_cannot_run_gives_one_sentence(
    cedg: Cedg, round_folder: Path, monkeypatch: pytest.MonkeyPatch, system: str, spoil: Callable[[Path], object], sentence: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    spoil(round_folder)
    completed = cedg("excel-setup", folder=round_folder)
    assert (completed.status, completed.out, len(completed.err.splitlines())) == (2, "", 1)
    assert sentence in completed.err


def test_setup_says_plainly_when_xlwings_is_missing(cedg: Cedg, round_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Windows")
    monkeypatch.setattr("cedg_excel.round.control_workbook.find_spec", lambda _: None)
    completed = cedg("excel-setup", folder=round_folder)
    assert (completed.status, completed.out) == (2, "")
    assert 'Run: pip install "cedg-excel[excel]"' in completed.err


def test_workbook_of_another_kind_is_refused(fill: Fill) -> None:
    with pytest.raises(CannotRead, match="is not the control workbook"):
        control.with_python(fill(RATED).read_bytes(), "python", "mac")


def test_init_puts_the_control_workbook_into_the_folder(round_folder: Path) -> None:
    assert (round_folder / "control.xlsm").read_bytes() == (ROOT / "macros" / "control.xlsm").read_bytes()
