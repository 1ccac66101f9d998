"""The whole way of a copy through another program: created here, filled in by LibreOffice, read and merged here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from cedg_excel.cli.app import app
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD
from tests.helpers.office import Input, Office, OfficeError, running_office, skip_or_fail
from tests.helpers.zips import parts_of

pytestmark = pytest.mark.office

PLAN = "rotherham-2019-2022"
POLICE, CHILDREN, YOUTH = "south-yorkshire-police", "rmbc-childrens-services", "rotherham-yot"
"""An agency with every kind of cell, the one with most to fill in, and the one with nothing to rate."""


def cedg(*arguments: object) -> str:
    """What a command prints on stdout. It may end with findings, not with a refusal."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code in (0, 1), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout


def cedg_json(*arguments: object) -> Any:
    return json.loads(cedg(*arguments, "--format", "json"))


# What is typed

MARK = "typed-not-calculated"
TEXTS = (
    "He said \"done\" and then 'nearly done' ({key})",
    "“Smart” quotes, the children’s ‘own’ words – and more… ({key})",
    "First line of {key}\nsecond line\n\nfourth line",
    '=HYPERLINK("https://example.org","' + MARK + ' {key}")',
    "=1+1",
    "+ two more sessions ({key})",
    "-none yet ({key})",
    "@home sessions ({key})",
    "Well done 🎉 to 👩‍👩‍👧 and 👍🏽 ({key})",
    "R&D <b>not bold</b> & 1 < 2 > 0, &amp; &lt; ({key})",
    "_x0041_ and _x000D_ unchanged ({key})",
    "  two spaces before, two  inside {key} and two after  ",
    "A tab\tin {key}",
    "00123",
    "2.10",
    "1/2",
    "TRUE",
    "#N/A",
    "nan",
    "'an apostrophe first ({key})",
    "Zoë’s café, Łódź, عربى, 日本 ({key})",
    "{long}",
)
"""What people write, and what some programs are known to change. A few do not look like text."""

LONG = 2_000
"""Characters in a long text: the most that a cell accepts."""


def long_text(about: str) -> str:
    """A text exactly as long as a cell accepts, with every word different, so that a missing part is noticed."""
    words = f"{about}: " + " ".join(f"word{number}" for number in range(LONG))
    return words[: LONG - 1] + "."


@dataclass(frozen=True)
class Copy:
    """An agency's copy as `cedg template` wrote it, and its input cells as `cedg map` lists them."""

    agency: str
    path: Path
    cells: tuple[Mapping[str, Any], ...]

    def at(self, key: str) -> tuple[str, str]:
        """Sheet and address of an input cell."""
        return next((cell["sheet"], cell["cell"]) for cell in self.cells if cell["key"] == key)

    def inputs(self, values: Mapping[str, Any]) -> list[Input]:
        """These values, by key, as they are put into this copy."""
        return [Input(*self.at(key), _type(value), value) for key, value in values.items()]


def _type(value: Any) -> str:
    return "date" if isinstance(value, date) else "text" if isinstance(value, str) else "number"


def everything(copy: Copy, plan: Plan, number: Iterator[int]) -> dict[str, Any]:
    """A value for every input cell of a copy, by key, whether or not they go together."""
    return {cell["key"]: value_for(cell, plan, next(number)) for cell in copy.cells}


def value_for(cell: Mapping[str, Any], plan: Plan, number: int) -> Any:
    key, kind = cell["key"], cell["kind"]
    if cell["choices"]:
        return cell["choices"][number % len(cell["choices"])]
    if kind == "date":
        return plan.about.start + timedelta(days=number % 365)
    if kind == "number":
        whole = plan.kpi_by_ref[key.split("/")[1]].unit in ("count", "percent")
        return number if whole else number + 0.5
    return TEXTS[number % len(TEXTS)].format(key=key, long=long_text(key))


def careful_values(copy: Copy, plan: Plan) -> dict[str, Any]:
    """What a careful officer enters: a rating with all that goes with it, every figure, every text."""
    end, texts = plan.period_by_id[PERIOD].end, count(len(copy.agency))
    values = {}
    for cell in copy.cells:
        if cell["kind"] == "text":
            values[cell["key"]] = TEXTS[next(texts) % len(TEXTS)].format(key=cell["key"], long=long_text(cell["key"]))
        elif cell["kind"] == "number":
            # The denominator is above the numerator.
            values[cell["key"]] = 40 if cell["key"].endswith("denominator") else 12
        elif cell["kind"] == "rating":
            action = cell["key"].removesuffix("/rating")
            word = cell["choices"][next(texts) % 4]
            values |= {cell["key"]: word, f"{action}/date_commenced": plan.about.start, f"{action}/target_date": end + timedelta(days=90)}
            values |= {f"{action}/date_achieved": end - timedelta(days=9)} if word == "Blue" else {}
    return values | {"cover/completed_on": end + timedelta(days=9), "cover/status": "Final"}


# The round: built once, used by many tests


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Copy]:
    """Every agency's copy."""
    folder = tmp_path_factory.mktemp("outbox")
    cedg("template", "--plan", PLAN, "--period", PERIOD, "--out", folder)
    paths = sorted(folder.glob("*.xlsx"))
    found = (Copy(path.name.removesuffix(f"_{PERIOD}.xlsx"), path, tuple(cedg_json("map", path))) for path in paths)
    return {copy.agency: copy for copy in found}


@pytest.fixture(scope="module")
def typed(copies: dict[str, Copy], plan: Plan) -> dict[str, dict[str, Any]]:
    """A value for every input cell of every agency, by agency and key."""
    number = count()
    return {agency: everything(copy, plan, number) for agency, copy in copies.items()}


@pytest.fixture(scope="module")
def full(office: Office, copies: dict[str, Copy], typed: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of every copy, with every input cell filled in by LibreOffice."""
    folder = tmp_path_factory.mktemp("full")
    for agency, copy in copies.items():
        office.fill(copy.path, folder / copy.path.name, copy.inputs(typed[agency]))
    return folder


@pytest.fixture(scope="module")
def careful(office: Office, copies: dict[str, Copy], plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of every copy as a careful officer fills it in, saved by LibreOffice."""
    folder = tmp_path_factory.mktemp("careful")
    for copy in copies.values():
        office.fill(copy.path, folder / copy.path.name, copy.inputs(careful_values(copy, plan)))
    return folder


@pytest.fixture(scope="module")
def master(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The master of the full copies."""
    path = tmp_path_factory.mktemp("master") / "master.xlsx"
    cedg("merge", full, "--plan", PLAN, "--into", path)
    return path


# What the master contains


COVER = {"completed_by": "completed_by", "role": "role", "completed_on": "completed_on", "status": "declared", "nil_return": "nil_return"}
"""The cells of the Cover, and the columns of the table `returns` that they are in."""
NAMED = ("period", "agency", "objective", "ref", "doubt", "variation", "assurance")


def master_values(master: Path) -> dict[tuple[str, str], Any]:
    """Every value in a master that is not blank, by agency and key, from the tables as `cedg data` prints them."""
    found: dict[tuple[str, str], Any] = {}
    for table, name in (("actions", "action"), ("kpis", "kpi"), ("narrative", "narrative")):
        for row in cedg_json("data", master, "--table", table):
            ref = row.get("ref", row["objective"])
            fields = (field for field in row if field not in NAMED and not field.startswith("source_"))
            found |= {(row["agency"], f"{name}/{ref}/{field}"): row[field] for field in fields}
    for row in cedg_json("data", master, "--table", "returns"):
        found |= {(row["agency"], f"cover/{field}"): row[column] for field, column in COVER.items()}
    return {place: value for place, value in found.items() if value is not None}


def expected(typed: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    """What was typed, as JSON values."""
    return {
        (agency, key): value.isoformat() if isinstance(value, date) else value
        for agency, values in typed.items()
        for key, value in values.items()
    }


def differences(typed: Mapping[Any, Any], found: Mapping[Any, Any]) -> dict[Any, tuple[str, str]]:
    """What was typed and what came back, where they differ. 7, 7.0 and "7" all differ."""
    pairs = {place: (repr(typed.get(place)), repr(found.get(place))) for place in {**typed, **found}}
    return {place: pair for place, pair in pairs.items() if pair[0] != pair[1]}


def test_every_value_comes_back_as_it_was_typed(typed: dict[str, Any], copies: dict[str, Copy], master: Path) -> None:
    """
    The promise of the whole program: nothing an agency enters is lost, changed or moved to another ref.

    Every input cell of all twelve agencies, and nothing that was not typed.
    """
    assert len(copies) == 12
    assert differences(expected(typed), master_values(master)) == {}


def test_every_cell_is_counted_as_merged(full: Path, typed: dict[str, Any], tmp_path: Path) -> None:
    """Every cell was filled in, so none may be counted as blank or held back."""
    number = len(expected(typed))
    cells = cedg_json("merge", full, "--plan", PLAN, "--into", tmp_path / "master.xlsx")["cells"]
    assert cells == {"read": number, "merged": number, "held_back": 0, "superseded": 0, "blank": 0}


def test_text_that_begins_like_a_formula_is_never_one(typed: dict[str, Any], master: Path, office: Office) -> None:
    """A live =HYPERLINK in the master would be one agency's code run on another's computer."""
    parts = {name: part.decode() for name, part in parts_of(master.read_bytes()).items() if name.endswith(".xml")}
    assert any(MARK in part for part in parts.values())
    formulas = [formula for part in parts.values() for formula in re.findall(r"<f[ >].*?</f>", part, re.DOTALL)]
    assert [formula for formula in formulas if MARK in formula or "1+1" in formula] == []
    begun = {text for text in expected(typed).values() if str(text).startswith(tuple("=+-@"))}
    cells = [(sheet.title, cell.coordinate) for sheet in openpyxl.load_workbook(master) for cell in _cells(sheet) if cell.value in begun]
    assert len(cells) > len(begun)
    assert {content.type for content in office.read(master, cells)} == {"TEXT"}


def _cells(sheet: Worksheet) -> Iterator[Cell]:
    return (cell for row in sheet.iter_rows() for cell in row)


def test_a_master_saved_by_another_program_is_still_the_same_master(master: Path, full: Path, office: Office, tmp_path: Path) -> None:
    """Somebody opens it and presses Save. The next merge must still give the same bytes."""
    saved = office.recalculate(master, tmp_path / "master.xlsx")
    assert saved.read_bytes() != master.read_bytes()
    cedg("merge", next(full.glob("*.xlsx")), "--plan", PLAN, "--into", saved)
    assert saved.read_bytes() == master.read_bytes()


@pytest.mark.parametrize("agency", [CHILDREN, POLICE, YOUTH])
def test_a_copy_saved_as_opendocument_in_between_reads_the_same(
    agency: str, full: Path, copies: dict[str, Copy], typed: dict[str, Any], office: Office, tmp_path: Path
) -> None:
    """Some agencies have only LibreOffice and save .ods first; that must not change what is read."""
    name = copies[agency].path.name
    path = office.via_ods(full / name, tmp_path / name)
    cedg("merge", path, "--plan", PLAN, "--into", tmp_path / "master.xlsx")
    assert differences(_without_tabs(expected({agency: typed[agency]})), _without_tabs(master_values(tmp_path / "master.xlsx"))) == {}
    assert places(path) == places(full / name)


def _without_tabs(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """LibreOffice 7.4 itself drops tabs when it opens an .ods; they cannot be recovered."""
    return {place: value.replace("\t", "") if isinstance(value, str) else value for place, value in values.items()}


def test_a_careful_officer_gets_no_findings(careful: Path) -> None:
    """Findings about how a program saves files would teach people to ignore findings."""
    assert places(careful) == []
    assert Counter(file["status"] for file in cedg_json("check", careful, "--plan", PLAN)["files"]) == {"clean": 12}


def places(returns: Path) -> list[tuple[str, ...]]:
    """File, sheet, cell and code of every error and warning about a return, or a folder of them."""
    found = cedg_json("check", returns, "--plan", PLAN)["findings"]
    return sorted((item["file"], item["sheet"], item["cell"], item["code"]) for item in found if item["severity"] != "info")


def test_nothing_to_report_is_read_as_a_nil_return(office: Office, copies: dict[str, Copy], tmp_path: Path) -> None:
    """A nil return is a return, and needs nothing more."""
    copy, cover = copies[POLICE], {"cover/completed_by": "An Officer", "cover/completed_on": date(2020, 1, 9)}
    path = office.fill(copy.path, tmp_path / "nil.xlsx", copy.inputs({**cover, "cover/status": "Final", "cover/nil_return": "Yes"}))
    assert places(path) == []
    cedg("merge", path, "--plan", PLAN, "--into", tmp_path / "master.xlsx")
    rows = cedg_json("data", tmp_path / "master.xlsx", "--table", "returns")
    assert [(row["status"], row["nil_return"]) for row in rows if row["agency"] == POLICE] == [("nil", "Yes")]
    assert {row["status"] for row in rows if row["agency"] != POLICE} == {"not_received"}


def test_the_form_survives_being_saved_by_another_program(careful: Path, copies: dict[str, Copy]) -> None:
    """The form must still guide the colleague who opens the copy next. Only structure protection is known to be lost."""
    for copy in copies.values():
        before, after = form_features(copy.path), form_features(careful / copy.path.name)
        assert list(after) == list(before)
        assert {tab: (before[tab] - after[tab], after[tab] - before[tab]) for tab in before if before[tab] != after[tab]} == {}


def form_features(workbook: Path) -> dict[str, Counter[Any]]:
    """What a workbook has to guide and protect its user: its names, and for each tab what every cell has."""
    book = openpyxl.load_workbook(workbook)
    names = Counter((name, item.attr_text) for name, item in book.defined_names.items())
    return {"names": names, **{sheet.title: Counter(_tab_features(sheet)) for sheet in book}}


def _tab_features(sheet: Worksheet) -> Iterator[tuple[Any, ...]]:
    guard = sheet.protection
    if guard.sheet:
        yield "protected", guard.algorithmName, guard.hashValue, guard.formatColumns, guard.selectLockedCells
    yield "printed", sheet.print_title_rows, sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage
    for validation in sheet.data_validations.dataValidation:
        for cell in _covered(validation.sqref):
            yield "validation", cell, validation.type, validation.formula1, validation.formula2 or "0", validation.error, validation.prompt
    for area in sheet.conditional_formatting:
        for number, rule in enumerate(sorted(area.rules, key=lambda rule: rule.priority)):
            # LibreOffice writes TRUE as 1.
            formula = rule.formula[0].replace("TRUE", "1").replace("FALSE", "0")
            colour = (rule.dxf.fill.bgColor if rule.dxf.fill else rule.dxf.font.color).rgb[2:]
            yield from (("format", cell, number, formula, colour) for cell in _covered(area.sqref))
    for cell in _cells(sheet):
        if not cell.protection.locked:
            yield "input", cell.coordinate


def _covered(ranges: MultiCellRange) -> Iterator[tuple[int, int]]:
    return (cell for area in ranges.ranges for cell in area.cells)


def test_the_form_has_these_features_to_begin_with(copies: dict[str, Copy]) -> None:
    """Without this, an empty form would pass the test above."""
    kinds = Counter(item[0] for found in form_features(copies[POLICE].path).values() for item in found)
    inputs = len(copies[POLICE].cells)
    assert kinds["validation"] == kinds["input"] == inputs
    assert kinds["format"] > inputs
    assert kinds["protected"] == len(openpyxl.load_workbook(copies[POLICE].path).sheetnames)


# What a person does by hand

MISTAKES = (
    ("action/1.7/rating", "text", "Purple", "UNKNOWN_RATING"),
    ("action/1.7/date_commenced", "text", "next week", "UNREADABLE_DATE"),
    ("action/3.4/target_date", "text", "30/02/2020", "UNREADABLE_DATE"),
    ("action/4.1/evidence", "formula", "=NA()", "ERROR_VALUE"),
    ("kpi/K4.14/value", "text", "about seven", "NOT_A_NUMBER"),
    ("kpi/K4.15/value", "number", -1, "NEGATIVE"),
    ("kpi/K4.16/value", "formula", "=2+3", "FORMULA_USED"),
    ("narrative/2/impact", "text", long_text("A text that goes on and on") + ".", "TEXT_TOO_LONG"),
    ("cover/status", "text", "Nearly", "UNKNOWN_CHOICE"),
    ("cover/completed_by", "clear", None, "COVER_MISSING"),
)
"""What is put into a cell of a careful copy, and the finding it must give there."""


def test_a_mistake_is_reported_at_its_own_cell(careful: Path, copies: dict[str, Copy], office: Office, tmp_path: Path) -> None:
    """A finding at the wrong address sends the officer to a cell that is right."""
    copy = copies[POLICE]
    inputs = [Input(*copy.at(key), type_, value) for key, type_, value, _ in MISTAKES]
    path = office.fill(careful / copy.path.name, tmp_path / copy.path.name, inputs)
    assert places(path) == sorted((path.name, *copy.at(key), code) for key, _, _, code in MISTAKES)


@pytest.mark.parametrize(("words", "found"), [("3/12/2019", "2019-12-03"), ("3 December 2019", "2019-12-03"), ("43802", "2019-12-03")])
def test_a_date_typed_at_the_keyboard_is_a_date(
    words: str, found: str, office: Office, copies: dict[str, Copy], tmp_path: Path
) -> None:  # fmt: skip
    """Typed, not set by a program: the cell's format turns it into a date, so there is no warning."""
    copy, key = copies[POLICE], "action/1.7/date_commenced"
    path = office.type(copy.path, tmp_path / copy.path.name, *copy.at(key), words)
    cedg("merge", path, "--plan", PLAN, "--into", tmp_path / "master.xlsx")
    assert master_values(tmp_path / "master.xlsx")[POLICE, key] == found
    assert [place for place in places(path) if place[1:3] == copy.at(key)] == []


def test_a_formula_typed_into_a_text_cell_is_text(office: Office, copies: dict[str, Copy], tmp_path: Path) -> None:
    """Text cells have the format Text, so that "=30 people came" is not an error and 2.10 keeps its zero."""
    copy, key = copies[POLICE], "action/1.7/evidence"
    path = office.type(copy.path, tmp_path / copy.path.name, *copy.at(key), "=30+12")
    (content,) = office.read(path, [copy.at(key)])
    assert (content.type, content.text) == ("TEXT", "=30+12")


def test_the_plans_own_text_cannot_be_overwritten(office: Office, copies: dict[str, Copy], tmp_path: Path) -> None:
    """Sheet protection works in LibreOffice too: a locked cell keeps its text, an empty one stays empty."""
    copy = copies[POLICE]
    for number, (sheet, cell) in enumerate([("Cover", "A2"), ("Objective 1", "A1"), ("Objective 1", "L40"), ("Reference", "A4")]):
        path = office.type(copy.path, tmp_path / f"{number}.xlsx", sheet, cell, "Changed")
        assert openpyxl.load_workbook(path)[sheet][cell].value == openpyxl.load_workbook(copy.path)[sheet][cell].value


# Printing


@pytest.fixture(scope="module")
def pdftotext() -> str:
    """The program that extracts the text of a PDF: what a cell cuts off is not in it."""
    return shutil.which("pdftotext") or skip_or_fail("pdftotext is not installed: it comes with poppler-utils")


def printed(pdftotext: str, office: Office, workbook: Path) -> dict[str, str]:
    """The text of each tab's pages, as they are printed; a page names its tab in the footer."""
    pdf = office.to_pdf(workbook, workbook.with_suffix(".pdf"))
    text = subprocess.run([pdftotext, "-raw", pdf, "-"], capture_output=True, check=True, encoding="utf-8").stdout
    titles = openpyxl.load_workbook(workbook, read_only=True).sheetnames
    tabs = dict.fromkeys(titles, "")
    for page in text.split("\f"):
        for title in titles:
            tabs[title] += page if re.search(rf"{re.escape(title)}, page \d+ of \d+", page) else ""
    return tabs


LONG_WINDED = "action/2.4/evidence"


@pytest.fixture(scope="module")
def long_winded(office: Office, copies: dict[str, Copy], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with as much evidence for one action as a cell takes."""
    copy = copies[CHILDREN]
    values = {LONG_WINDED: long_text("Evidence"), "action/2.4/rating": "Green"}
    return office.fill(copy.path, tmp_path_factory.mktemp("long") / copy.path.name, copy.inputs(values))


def test_a_printed_copy_has_every_word_of_the_form(pdftotext: str, office: Office, copies: dict[str, Copy]) -> None:
    """Many officers print their copy before they fill it in; a title that is cut off cannot be answered."""
    copy = copies[CHILDREN]
    pages = {tab: squeezed(text) for tab, text in printed(pdftotext, office, copy.path).items()}
    # Formulas have a type of their own.
    texts = [(sheet.title, cell.value) for sheet in openpyxl.load_workbook(copy.path) for cell in _cells(sheet) if cell.data_type == "s"]
    assert [(tab, text) for tab, text in texts if squeezed(text) not in pages[tab]] == []
    assert len(texts) > len(copy.cells)


def squeezed(text: str) -> str:
    """Without spaces and line breaks, which depend on the width of the column."""
    return "".join(text.split())


def test_long_evidence_is_printed_to_the_last_word(pdftotext: str, office: Office, long_winded: Path) -> None:
    """The row must grow with what is typed: what is cut off on paper is not read at the meeting."""
    assert words_missing(long_text("Evidence"), printed(pdftotext, office, long_winded)["Objective 2"]) == []


def words_missing(text: str, page: str) -> list[str]:
    """The words of a text that a page does not have."""
    return [word for word in text.split() if word not in set(page.split())]


def test_a_printed_master_has_every_title_and_all_the_evidence(
    pdftotext: str, office: Office, long_winded: Path, plan: Plan, tmp_path: Path
) -> None:
    """The meeting reads it on paper. Evidence too long for one row continues in the next."""
    cedg("merge", long_winded, "--plan", PLAN, "--into", tmp_path / "master.xlsx")
    pages = printed(pdftotext, office, tmp_path / "master.xlsx")
    titles = [(f"Objective {action.objective}", action.title) for action in plan.actions]
    assert [title for tab, title in titles if squeezed(title) not in squeezed(pages[tab])] == []
    assert words_missing(long_text("Evidence"), pages["Objective 2"]) == []


def test_every_row_is_as_tall_as_its_text(office: Office, copies: dict[str, Copy], master: Path) -> None:
    """
    Excel shows rows as tall as the file says, and fits them to their text only once someone types in them.

    LibreOffice measures the text, with a font that has Arial's widths; a row may be taller than that, never lower.
    """
    font = subprocess.run(["fc-match", "Arial"], capture_output=True, check=True, encoding="utf-8").stdout
    if not any(name in font for name in ("Liberation Sans", "Arial", "Arimo")):
        skip_or_fail(
            f"no font has the measures of Arial, so LibreOffice cannot tell (it would use {font.strip()}): install fonts-liberation"
        )
    for workbook in (copies[CHILDREN].path, copies[YOUTH].path, master):
        assert too_low(office, workbook) == []


def too_low(office: Office, workbook: Path) -> list[tuple[str, int, float, float]]:
    """Tab, row, height in points and the height its text needs, of every row that would cut its text off."""
    book, low = openpyxl.load_workbook(workbook), []
    for tab, needed in office.heights(workbook).items():
        # Data sheets are not for reading; Returns lists names, and no name has 2,000 characters.
        if not tab.startswith(("Data", "Store", "Returns")):
            heights = [(row, book[tab].row_dimensions[row].height or NORMAL_POINTS, need) for row, need in enumerate(needed, 1)]
            low += [(tab, *found) for found in heights if found[1] < found[2] - 0.5]
    return low


NORMAL_POINTS = 15.0
"""The height of a row for which the file gives none."""


# The test tools themselves


def test_a_job_that_fails_says_why(office: Office, copies: dict[str, Copy]) -> None:
    """A test that could not read its workbook must not look like one whose workbook is blank."""
    with pytest.raises(OfficeError, match="There is no cell Nowhere!A1"):
        office.read(copies[POLICE].path, [("Nowhere", "A1")])


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_program_tests_are_skipped_but_fail_in_ci(ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI everything is installed; a test skipped there would never run at all."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(outcome, match="LibreOffice is not installed"), running_office():
        pass
