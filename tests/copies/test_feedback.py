"""The copy to send back: what is marked in it, what is not carried over, and that it can be corrected and returned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from cedg_excel.checking.check import Checked, check
from cedg_excel.cli.app import app
from cedg_excel.copies.feedback import Feedback, feedback_on
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel.styles import BAD_INK
from cedg_excel.excel_facts import column_letter
from cedg_excel.findings import Finding, Severity
from cedg_excel.form.layout import layout_for
from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan
from cedg_excel.returns.read import read_return
from cedg_excel.tab_names import PLEASE_FIX
from tests.conftest import PERIOD, RATED, SENT, Fill, checked
from tests.helpers.inspection import faults, leaks
from tests.helpers.office import Input, Office
from tests.helpers.places import SMALL
from tests.helpers.sample_returns import BARNARDOS, DEFECTS, NAMES, PERCENTAGES, POLICE, clean_answers, merged_answers, plan, read, sample


@cache
def sent_back(name: str) -> Feedback | None:
    """The copy to send back for a defect."""
    return feedback_on(read(DEFECTS / f"{name}.xlsx"), plan())


def cell_findings(item: Checked) -> list[Finding]:
    """The findings on cells that are worth sending back."""
    return [finding for finding in item.findings if finding.key and finding.severity != Severity.INFO]


MARKED = [name for name in NAMES if cell_findings(read(DEFECTS / f"{name}.xlsx"))]
FORM_ONLY = [name for name in NAMES if name not in MARKED and sent_back(name)]


def agency_of(name: str) -> str:
    return BARNARDOS if name in PERCENTAGES else POLICE


def open_book(data: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(data))


def sent_back_book(name: str) -> Workbook:
    feedback = sent_back(name)
    assert feedback
    return open_book(feedback.workbook)


@cache
def template(agency: str) -> Workbook:
    return open_book(to_bytes(build_template(plan(), agency, PERIOD), SENT))


def input_places(agency: str, of_plan: Plan | None = None) -> dict[str, tuple[str, str]]:
    """Tab and address of each input cell of a copy, by key."""
    fields = layout_for(of_plan or plan(), agency, PERIOD).fields()
    return {item.key: (sheet.title, f"{column_letter(cell.column)}{cell.row}") for sheet, cell, item in fields}


def check_returned(data: bytes, folder: Path, agency: str, of_plan: Plan | None = None) -> Checked:
    """Read and check a copy that is returned under its own name."""
    path = folder / f"{agency}_{PERIOD}.xlsx"
    path.write_bytes(data)
    of_plan = of_plan or plan()
    return check([read_return(path, of_plan)], of_plan)[0]


# What is marked in it


@pytest.mark.parametrize("name", MARKED)
def test_only_cells_with_findings_are_marked(name: str) -> None:
    """A red border, and a comment with the finding, because not everyone can see colours."""
    places = input_places(agency_of(name))
    found = {places[str(finding.key)]: finding for finding in cell_findings(read(DEFECTS / f"{name}.xlsx"))}
    book = sent_back_book(name)
    cells = {(sheet.title, cell.coordinate): cell for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {at for at, cell in cells.items() if is_marked(cell)} == set(found)
    comments = {at: cell.comment.text for at, cell in cells.items() if cell.comment}
    assert comments == {at: f"{PLEASE_FIX}: {f.message} {f.fix} [{f.code}]" for at, f in found.items()}


def is_marked(cell: Any) -> bool:
    return bool(cell.border.left.style == "medium" and cell.border.left.color.rgb.endswith(BAD_INK))


@pytest.mark.parametrize("name", [*MARKED, *FORM_ONLY])
def test_everything_else_is_as_in_a_new_copy(name: str) -> None:
    """Dropdowns, checks of dates and numbers, names, locks and links; and nothing is hidden, whatever the returned file hid."""
    feedback = sent_back(name)
    assert feedback
    book, fresh = open_book(feedback.workbook), template(agency_of(name))
    assert book.sheetnames == [PLEASE_FIX, *fresh.sheetnames]
    assert validations(book) == validations(fresh)
    assert {n: d.attr_text for n, d in book.defined_names.items()} == {n: d.attr_text for n, d in fresh.defined_names.items()}
    assert unlocked_cells(book) == unlocked_cells(fresh)
    assert formats(book) == formats(fresh)
    assert (leaks(feedback.workbook), faults(feedback.workbook)) == ([], [])
    inputs = set(input_places(agency_of(name)).values())
    assert {at: value for at, value in values_of(book).items() if at not in inputs} == values_of(fresh)


def validations(book: Workbook) -> list[tuple[Any, ...]]:
    rules = [(sheet.title, rule) for sheet in book for rule in sheet.data_validations.dataValidation]
    return [(title, str(r.sqref), r.type, r.operator, r.formula1, r.formula2, r.errorStyle, r.prompt, r.error) for title, r in rules]


def formats(book: Workbook) -> list[tuple[str, str, Any]]:
    found = [(sheet.title, item) for sheet in book for item in sheet.conditional_formatting]
    return [(title, str(item.sqref), [rule.formula for rule in item.rules]) for title, item in found]


def unlocked_cells(book: Workbook) -> set[tuple[str, str]]:
    """The cells that are not locked, on tabs that are protected."""
    cells = [(sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row if sheet.protection.sheet]
    return {(title, cell.coordinate) for title, cell in cells if not cell.protection.locked}


def values_of(book: Workbook) -> dict[tuple[str, str], Any]:
    """Every value on the tabs of the form."""
    cells = [(sheet.title, cell) for sheet in book if sheet.title != PLEASE_FIX for row in sheet.iter_rows() for cell in row]
    return {(title, cell.coordinate): cell.value for title, cell in cells if cell.value is not None}


# The first tab

HEADINGS = {"Please put these right": "error", "Worth a look: change them only if they are wrong": "warning"}


def listed(book: Workbook) -> list[tuple[str, str, str, str, str]]:
    """The lines of the first tab: severity, tab, cell, what is wrong, what to do."""
    severity, lines, sheet = "", [], book.worksheets[0]
    for row in sheet.iter_rows(min_row=4):
        texts = [str(cell.value or "") for cell in row]
        severity = HEADINGS.get(texts[0], severity)
        if texts[0].isdecimal():
            lines.append((severity, texts[1], texts[2], texts[5], texts[6]))
            assert int(texts[0]) == len(lines)
    return lines


@pytest.mark.parametrize("name", [*MARKED, *FORM_ONLY])
def test_the_first_tab_lists_errors_before_warnings(name: str) -> None:
    places, item = input_places(agency_of(name)), read(DEFECTS / f"{name}.xlsx")
    expected = []
    for finding in item.findings:
        if finding.severity != Severity.INFO:
            tab, cell = places[finding.key] if finding.key else (finding.place.sheet, "")
            expected.append((finding.severity.value, tab, cell, finding.message, finding.fix))
    lines = listed(sent_back_book(name))
    assert sorted(lines) == sorted(expected)
    assert [line[0] for line in lines] == sorted(line[0] for line in lines), "errors first"


@pytest.mark.parametrize("name", MARKED)
def test_each_line_links_to_its_cell(name: str) -> None:
    """And only to cells of this copy: a finding about the form names only the tab."""
    book = sent_back_book(name)
    sheet = book.worksheets[0]
    links = {cell.hyperlink.location: cell.value for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"'{tab}'!{cell}": cell for _, tab, cell, _, _ in listed(book) if cell}
    for location in links:
        tab, _, cell = str(location).rpartition("!")
        assert is_marked(book[tab.strip("'")][cell])


# Returned unchanged, and returned corrected

BECOMES = {
    "formula": {}, "date-as-a-bare-number": {},
    "linked-figure": {"kpi/K4.9/value": "NOT_A_NUMBER"}, "formula-without-result": {"kpi/K4.9/value": "NOT_A_NUMBER"},
    "error-value": {"kpi/K4.9/value": "NOT_A_NUMBER"}, "error-value-in-a-rating": {"action/4.3/rating": "UNKNOWN_RATING"},
    "date-of-birth": {}, "national-insurance-number": {}, "nhs-number": {}, "nhs-number-as-a-figure": {"kpi/K4.9/value": "NOT_A_NUMBER"},
    "date-of-birth-after-an-age": {}, "nhs-number-with-hidden-characters": {}, "date-shown-in-part": {}, "format-of-fractions": {},
    "words-by-format": {}, "formula-with-a-link": {}, "link-to-a-drive": {}, "picture-in-a-cell": {}, "struck-through-in-part": {},
    "less-than-by-format": {"kpi/K4.9/value": "NOT_A_NUMBER"}, "percent-in-a-count": {"kpi/K4.9/value": "NOT_A_NUMBER"},
    "struck-through-rating": {"action/4.3/rating": "RATING_MISSING"},
    "evidence-of-unknown-number": {}, "number-too-large": {"kpi/K4.9/value": "NOT_A_NUMBER"},
    "percentage-by-format": {"kpi/K2.2/numerator": "RATIO_IN_ONE_CELL"},
}  # fmt: skip
"""
The samples whose copy has other findings than the file it was made from. A formula is replaced by its result, or by its text if it has
none; a date that had lost its format has it again; an error value becomes the text that it showed. Personal data, what was struck through,
links and objects have been removed. The cell has the form's own format: a
figure that was shown as something else is what was shown, as text.
"""


@pytest.mark.parametrize("name", MARKED)
def test_a_copy_returned_unchanged_has_the_same_findings(name: str, tmp_path: Path) -> None:
    """At the addresses of the form; its own marks and its first tab are not findings."""
    feedback = sent_back(name)
    assert feedback
    again = check_returned(feedback.workbook, tmp_path, agency_of(name))
    expected = {finding.key: finding.code for finding in cell_findings(read(DEFECTS / f"{name}.xlsx"))}
    assert {finding.key: finding.code for finding in again.findings} == BECOMES.get(name, expected)
    places = input_places(agency_of(name))
    assert all((finding.place.sheet, finding.place.cell) == places[str(finding.key)] for finding in again.findings)


@pytest.mark.parametrize("name", [*MARKED, *FORM_ONLY])
def test_a_corrected_copy_is_clean_and_merges(name: str, tmp_path: Path) -> None:
    """The right answers are those of the sample that the defect was made from."""
    agency = agency_of(name)
    book = sent_back_book(name)
    answers, places = read(sample(agency)).returned.entries or {}, input_places(agency)
    for key, (tab, cell) in places.items():
        raw = answers[key].raw
        book[tab][cell].value = raw
        if isinstance(raw, str):
            book[tab][cell].data_type = "s"
    again = check_returned(to_bytes(book, SENT), tmp_path, agency)
    assert (again.status, again.findings) == ("clean", ())
    assert merged_answers(merge([again], plan()), agency) == clean_answers(agency)


WITH_OFFICE = ("unknown-rating", "blue-without-date", "nil-with-entries")


@pytest.mark.office
@pytest.mark.parametrize("name", WITH_OFFICE)
def test_a_copy_corrected_in_libreoffice_is_clean(name: str, office: Office, tmp_path: Path) -> None:
    """Only the marked cells are filled in, and those that their messages ask for."""
    feedback, agency = sent_back(name), agency_of(name)
    assert feedback
    sent = tmp_path / "sent.xlsx"
    sent.write_bytes(feedback.workbook)
    answers = read(sample(agency)).returned.entries or {}
    cells = []
    for key, (tab, cell) in input_places(agency).items():
        raw = answers[key].raw
        if key.startswith("action/4.3/") or key == "cover/nil_return":
            kind = "clear" if raw is None else "text" if isinstance(raw, str) else "date"
            cells.append(Input(tab, cell, kind, raw))
    again = check_returned(office.fill(sent, tmp_path / "filled.xlsx", cells).read_bytes(), tmp_path, agency)
    assert {finding.code for finding in again.findings} == {"LATE"}, "saved when this test ran"
    assert merged_answers(merge([again], plan()), agency) == clean_answers(agency)


# Typed values are kept

TYPED = {
    "action/2.3/evidence": "=1+1", "action/2.4/evidence": "First line\nsecond line\n\nfourth, with a\ttab",
    "action/2.5/evidence": "y" * 2000, "action/2.3/remedial_action": "Well done 🎉 to 👩‍👩‍👧 _x0041_ <b>&amp;</b>",
    "action/2.4/remedial_action": '=HYPERLINK("https://example.org","here")', "kpi/K2.1/comment": "'+44, @home, -none",
    "kpi/K2.4/value": "00123", "narrative/2/impact": "  two spaces before and after  ", "kpi/K2.3/value": "12 days",
    "action/2.3/target_date": "30/02/2020", "action/2.3/rating": "Purple", "action/2.4/rating": "Red",
}  # fmt: skip


def test_typed_values_are_in_the_copy_unchanged(fill: Fill, small: Plan, tmp_path: Path) -> None:
    """Text is data: nothing becomes a formula, and no space or line break is lost."""
    (item,) = checked(small, fill({**RATED, **TYPED}))
    feedback = feedback_on(item, small)
    assert feedback
    again = check_returned(feedback.workbook, tmp_path, "north", small)
    before, after = ({k: e.raw for k, e in (i.returned.entries or {}).items()} for i in (item, again))
    assert after == before
    assert {key: after[key] for key in TYPED} == TYPED
    assert [(f.key, f.code) for f in again.findings] == [(f.key, f.code) for f in item.findings]
    assert faults(feedback.workbook) == []


@pytest.mark.parametrize(("added", "codes"), [("", []), (" We do not agree.", ["COMMENT"])])
def test_a_comment_is_reported_when_the_agency_has_added_to_it(
    added: str, codes: list[str], fill: Fill, small: Plan, tmp_path: Path
) -> None:  # fmt: skip
    (item,) = checked(small, fill({**RATED, "action/2.3/rating": "Purple"}))
    feedback = feedback_on(item, small)
    assert feedback
    book = open_book(feedback.workbook)
    cell = book["Objective 2"]["H8"]
    assert cell.comment
    cell.value, cell.comment = "Red", Comment(cell.comment.text + added, "North Agency")
    again = check_returned(to_bytes(book, SENT), tmp_path, "north", small)
    assert [finding.code for finding in again.findings] == codes


def test_hidden_and_added_content_is_not_carried_over(fill: Fill, small: Plan) -> None:
    """The copy is sent by e-mail, and nobody looks for hidden content in it."""
    path = fill({**RATED, "action/2.3/rating": "Purple"})
    book = openpyxl.load_workbook(path)
    secret = book.create_sheet("Secret")
    secret["A1"], secret.sheet_state = "confidential", "veryHidden"
    book["Cover"]["H40"] = "confidential"
    book["Objective 2"]["B8"].comment = Comment("confidential", "somebody")
    book["Objective 2"].row_dimensions[9].hidden = True
    book.properties.creator = "confidential"
    path.write_bytes(to_bytes(book, SENT))
    (item,) = checked(small, path)
    feedback = feedback_on(item, small)
    assert feedback
    assert leaks(feedback.workbook) == []
    sent = open_book(feedback.workbook)
    assert sent.sheetnames == [PLEASE_FIX, *template_of(small).sheetnames]
    assert "confidential" not in {str(value) for value in values_of(sent).values()}
    assert [cell.coordinate for sheet in sent for row in sheet.iter_rows() for cell in row if cell.comment] == ["H8"]


def template_of(small: Plan) -> Workbook:
    return build_template(small, "north", PERIOD)


# The command


def run(*arguments: object) -> tuple[int, str]:
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout


WRONG: Mapping[str, Any] = {**RATED, "action/2.3/rating": "Purple", "action/2.4/date_commenced": "14/10/2019"}

MESSAGE = """\
Subject: A small plan, Q3 2019-20: your return

Dear colleague,

Thank you for your return for Q3 2019-20 (North Agency). We found 1 thing to put right and 1 thing worth a look.

The attached copy contains what you typed. Its first tab, Please fix, lists each place with a link to it.
Please change what is marked, save the copy and send it back.

The return was due on 20/01/2020.

With thanks
"""


def test_check_writes_a_copy_and_an_e_mail_for_each_agency_with_findings(fill: Fill, tmp_path: Path) -> None:
    paths = [fill(WRONG), fill({"action/2.3/rating": "Red"}, agency="south")]
    folder = tmp_path / "sent back"
    status, out = run("check", *paths, "--plan", SMALL, "--feedback", folder)
    assert status == 1
    assert f"to send back to {folder}." in out
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{agency}_{PERIOD}.{ending}" for agency in ("north", "south") for ending in ("txt", "xlsx")]
    assert (folder / f"north_{PERIOD}.txt").read_bytes().decode("utf-8") == MESSAGE


def test_check_writes_and_deletes_copies_in_a_round_folder(fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that is no longer needed could be sent by mistake."""
    round_folder = tmp_path / "round"
    run("init", round_folder, "--plan", SMALL)
    monkeypatch.chdir(round_folder)
    arrived = round_folder / "returns" / "answer.xlsx"
    fill(WRONG).rename(arrived)
    (round_folder / "feedback" / "notes.txt").write_text("mine")
    assert "Wrote 1 copy to send back to feedback." in run("check")[1]
    names = {f"north_{PERIOD}.xlsx", f"north_{PERIOD}.txt", "notes.txt"}
    assert {path.name for path in (round_folder / "feedback").iterdir()} == names
    before = (round_folder / "feedback" / f"north_{PERIOD}.xlsx").read_bytes()
    run("check")
    assert (round_folder / "feedback" / f"north_{PERIOD}.xlsx").read_bytes() == before, "the same return, the same bytes"
    fill(RATED).rename(arrived)
    assert run("check")[0] == 0
    assert {path.name for path in (round_folder / "feedback").iterdir()} == {"notes.txt"}


def test_nothing_is_sent_back_without_errors_and_warnings(fill: Fill, small: Plan) -> None:
    """A clean return, one with findings for information only, and one that could not be read."""
    (item,) = checked(small, fill({**RATED, "action/2.3/rating": "RED"}))
    assert ([finding.code for finding in item.findings], feedback_on(item, small)) == (["RATING_RETYPED"], None)
    assert sent_back("not-ours") is sent_back("truncated") is None
