"""A plan's notice travels: it appears in everything that is made from the plan, and nothing is there without one."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from pydantic import ValidationError

from cedg_excel.copies.template import build_template
from cedg_excel.excel.page import MAX_MARGIN_TEXT, margin_text
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.diff import plan_diff
from cedg_excel.plan.model import Plan
from cedg_excel.plan.notice import MAX_NOTICE
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.planfiles.toml_file import plan_toml
from cedg_excel.planfiles.write_workbook import plan_bytes
from cedg_excel.round.demo import SAMPLE_NOTICE, sample_plan
from tests.conftest import PERIOD, RATED, SENT, Cedg, Fill, checked, plan_with, table_rows

NOTICE = "Invented sample data, R&D only."


def noticed(plan: Plan, notice: str = NOTICE) -> Plan:
    return plan_with(plan, plan={**plan.about.model_dump(), "notice": notice})


# What is made, and where the notice is

WHERE = (
    """
| what is made         | file                        | in the print header of | in a cell or line of                        |
| copy                 | {out}north_{id}.xlsx        | every sheet            | every sheet                                 |
| copy of the other    | {out}south_{id}.xlsx        | every sheet            | every sheet                                 |
| copy sent back       | {back}north_{id}.xlsx       | every sheet            | every sheet                                 |
| its e-mail           | {back}north_{id}.txt        |                        | the text                                    |
| master               | master.xlsx                 | every sheet            | every sheet, except Data and Store          |
| the same, kept       | {kept}                      | every sheet            | every sheet, except Data and Store          |
| release              | release.xlsx                | every sheet            | every sheet                                 |
| closure report       | closure.docx                | every page             | the text                                    |
| progress report      | progress.docx               | every page             | the text                                    |
| reminder             | reminders/south_{id}.txt    |                        | the text                                    |
| next plan            | next-plan.xlsx              | every sheet            | Plan                                        |
| next plan as TOML    | next-plan.toml              |                        | the text                                    |
| plan as a workbook   | plan-2.xlsx                 | every sheet            | Plan                                        |
""".replace("{out}", f"outbox/{PERIOD}/")
    .replace("{back}", "feedback/")
    .replace("{kept}", f"history/master_{PERIOD}_1-return_2020-01-14T10-30.xlsx")
    .replace("{id}", PERIOD)
)
PLAIN = {"plan.toml", "plans/1.toml", "control.xlsm", f"returns/north_{PERIOD}.xlsx", "reminders/chase.csv"}
"""The plan itself, what comes with the program, what an agency sent, and a list of addresses for a mail merge."""


@pytest.fixture
def made(cedg: Cedg, fill: Fill, small: Plan, tmp_path: Path) -> Path:
    """A round folder with everything that the program makes; `plan.toml` next to it has the notice."""
    return play(cedg, fill, noticed(small), tmp_path)


def play(cedg: Cedg, fill: Fill, plan: Plan, folder: Path) -> Path:
    (folder / "plan.toml").write_text(plan_toml(plan), "utf-8")
    round_folder = folder / "round"
    cedg("init", "round", "--plan", "plan.toml", folder=folder)
    cedg("template", folder=round_folder)
    answers = {**RATED, "action/2.3/rating": "Amber", "narrative/2/impact": "A calmer street"}
    fill(answers, plan=plan, sent=SENT).rename(round_folder / "returns" / f"north_{PERIOD}.xlsx")
    for command in (
        ("check",), ("merge", "--release", "release.xlsx", "--narrative"), ("status", "--chase", "reminders"), ("closure",),
        ("closure", "--interim"), ("rollover",), ("rollover", "--out", "next-plan.toml"), ("plan", "to-excel", "plan.toml", "plan-2.xlsx"),
    ):  # fmt: skip
        completed = cedg(*command, folder=round_folder)
        assert completed.status in (0, 1), (command, completed.err)
    return round_folder


def places(path: Path, notice: str) -> tuple[str, str]:
    """Where a file has the notice, in the words of the table: in print headers, and in cells or lines."""
    if path.suffix == ".xlsx":
        return _in_workbook(path, notice)
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        in_headers = all(notice in section.header.paragraphs[0].text for section in document.sections)
        return "every page" * in_headers, "the text" * any(paragraph.text == notice for paragraph in document.paragraphs)
    return "", "the text" * (notice in path.read_text("utf-8"))


def _in_workbook(path: Path, notice: str) -> tuple[str, str]:
    sheets = openpyxl.load_workbook(path).worksheets
    titles = [sheet.title for sheet in sheets]
    headers = [sheet.title for sheet in sheets if notice.replace("&", "&&") in (sheet.oddHeader.center.text or "")]
    # The kept versions of the plan are the plan itself, notice and all.
    sheets = [sheet for sheet in sheets if sheet.title != "Store plans"]
    cells = [sheet.title for sheet in sheets if any(notice in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)]
    pages = [title for title in titles if not title.startswith(("Data ", "Store "))]
    assert "Plan" in titles or all(notice not in str(sheet["A1"].value) for sheet in sheets), "a title or a heading is in A1"
    names = {tuple(pages): "every sheet, except Data and Store", tuple(titles): "every sheet"}
    return names.get(tuple(headers), ", ".join(headers)), names.get(tuple(cells), ", ".join(cells))


def files(round_folder: Path) -> set[str]:
    return {
        path.relative_to(round_folder).as_posix() for path in round_folder.rglob("*") if path.is_file() and not path.name.startswith(".")
    }


def test_notice_is_in_everything_that_is_made(made: Path) -> None:
    rows = table_rows(WHERE)
    assert [(name, file, *places(made / file, NOTICE)) for name, file, *_ in rows] == rows
    assert files(made) - PLAIN == {file for _, file, *_ in rows}, "say in the table where the notice is in a new kind of file"


def test_nothing_is_said_without_a_notice(cedg: Cedg, fill: Fill, small: Plan, tmp_path: Path) -> None:
    round_folder = play(cedg, fill, small, tmp_path)
    assert files(round_folder) - PLAIN == {file for _, file, *_ in table_rows(WHERE)}
    for _, file, *_ in table_rows(WHERE):
        assert places(round_folder / file, "Notice: ") == ("", ""), file
        if file.endswith(".xlsx"):
            with ZipFile(round_folder / file) as parts:
                sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
            assert all(b"<oddHeader />" in part or b"oddHeader" not in part for part in sheets), file
        if file.endswith(".docx"):
            assert docx.Document(str(round_folder / file)).sections[0].header.paragraphs[0].text == ""


def test_next_plan_keeps_the_notice_as_its_own(made: Path) -> None:
    assert load_plan(made / "next-plan.xlsx").about.notice == load_plan(made / "next-plan.toml").about.notice == NOTICE


def test_closure_and_rollover_print_the_notice(cedg: Cedg, made: Path) -> None:
    for command in ("closure", "rollover"):
        assert NOTICE in cedg(command, "--out", {"closure": "again.docx", "rollover": "again.toml"}[command], folder=made).out


def test_demo_says_that_its_data_are_invented(plan: Plan) -> None:
    """The plan that comes with the program is real, and says nothing."""
    assert (plan.about.notice, sample_plan().about.notice) == ("", SAMPLE_NOTICE)
    assert plan_with(sample_plan(), plan=plan.about) == plan_with(plan)


# A copy that comes back


def test_marking_of_a_copy_replaces_the_notice(small: Plan) -> None:
    for given, expected in ((None, f"Notice: {NOTICE}"), ("OFFICIAL", "Notice: OFFICIAL"), ("", None)):
        cover = build_template(noticed(small), "north", PERIOD, notice=given)["Cover"]
        assert (cover["C1"].value, cover.oddHeader.center.text) == (expected, expected and expected.replace("&", "&&"))


@pytest.mark.parametrize("sent_with", ["", "One notice.", NOTICE])
@pytest.mark.parametrize("read_with", ["", "Another.", NOTICE])
def test_notice_is_never_a_finding(sent_with: str, read_with: str, fill: Fill, small: Plan) -> None:
    path = fill({**RATED, "kpi/K2.1/value": 3}, plan=noticed(small, sent_with))
    (plain,) = checked(small, fill({**RATED, "kpi/K2.1/value": 3}, name="plain.xlsx"))
    (item,) = checked(noticed(small, read_with), path)
    assert [(f.code, f.place) for f in item.findings] == [(f.code, f.place) for f in plain.findings]
    assert {key: entry.raw for key, entry in (item.returned.entries or {}).items()} == {
        key: entry.raw for key, entry in (plain.returned.entries or {}).items()
    }


@pytest.mark.parametrize("read_with", ["", "Another.", NOTICE])
def test_notice_is_never_a_finding_where_rows_were_inserted_above_it(read_with: str, fill: Fill, small: Plan) -> None:
    """Openpyxl moves no validations, so the answers are blank and only text outside the form counts here."""
    path = fill({}, plan=noticed(small))
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        sheet.insert_rows(1, 2)
    book.save(path)
    (item,) = checked(noticed(small, read_with), path)
    assert "ROW_MOVED" in {f.code for f in item.findings}
    assert [f.value for f in item.findings if f.code in ("OUTSIDE_FORM", "LOCKED_CHANGED")] == []


def test_text_typed_over_the_notice_is_reported(fill: Fill, small: Plan) -> None:
    path = fill(RATED, plan=noticed(small))
    book = openpyxl.load_workbook(path)
    book["Cover"]["C1"] = "We have moved to the town hall"
    book.save(path)
    (item,) = checked(noticed(small), path)
    assert [f.value for f in item.findings if f.code == "OUTSIDE_FORM"] == ["We have moved to the town hall"]


def test_notice_leaves_the_form_as_it_is(small: Plan) -> None:
    assert layout_for(noticed(small), "north", PERIOD).stamp == layout_for(small, "north", PERIOD, NOTICE).stamp
    form, same = layout_for(small, "north", PERIOD), layout_for(noticed(small), "north", PERIOD)
    assert [sheet.form_text for sheet in form.sheets] == [sheet.form_text for sheet in same.sheets]


# The plan


@pytest.mark.parametrize("notice", [NOTICE, "", "=1+1", "&A", "“Echt” — \\n", "x" * MAX_NOTICE])
def test_notice_is_the_same_in_toml_excel_and_toml_again(notice: str, small: Plan, tmp_path: Path) -> None:
    first, book, second = tmp_path / "a.toml", tmp_path / "b.xlsx", tmp_path / "c.toml"
    first.write_text(plan_toml(noticed(small, notice)), "utf-8")
    book.write_bytes(plan_bytes(load_plan(first)))
    second.write_text(plan_toml(load_plan(book)), "utf-8")
    assert (load_plan(book).about.notice, first.read_text("utf-8")) == (notice, second.read_text("utf-8"))
    assert ("notice" in first.read_text("utf-8")) == bool(notice)


def test_notice_is_one_line_and_not_too_long(small: Plan) -> None:
    assert noticed(small, " Two\n lines ").about.notice == "Two lines"
    with pytest.raises(ValidationError, match="at most 100 characters"):
        noticed(small, "x" * (MAX_NOTICE + 1))


def test_notice_that_is_too_long_is_named_by_its_key_and_by_its_cell(cedg: Cedg, small: Plan, tmp_path: Path) -> None:
    text = plan_toml(noticed(small)).replace(NOTICE, "x" * 101)
    (tmp_path / "long.toml").write_text(text, "utf-8")
    assert "notice" in (completed := cedg("plan", "check", "long.toml")).err
    assert "must have 100 characters or fewer" in completed.err
    book = openpyxl.load_workbook(BytesIO(plan_bytes(small)))
    row = next(row for row in range(1, 40) if book["Plan"].cell(row, 1).value == "Notice")
    book["Plan"].cell(row, 2).value = "x" * 101
    book.save(tmp_path / "long.xlsx")
    assert f"Plan!B{row}: Notice" in (completed := cedg("plan", "check", "long.xlsx")).err
    assert "must have 100 characters or fewer" in completed.err


def test_change_of_the_notice_is_a_difference_between_two_plans(small: Plan) -> None:
    (change,) = plan_diff(small, noticed(small))
    assert change.as_line() == f'The plan, notice: blank is now "{NOTICE}".'


def test_header_or_footer_never_has_more_characters_than_excel_takes(small: Plan, tmp_path: Path) -> None:
    assert margin_text("A & B") == "A && B"
    assert len(margin_text("&" * 300)) <= MAX_MARGIN_TEXT
    about = {**small.about.model_dump(), "title": "&" * 300, "notice": "&" * MAX_NOTICE, "start": date(2019, 7, 18)}
    (tmp_path / "plan.xlsx").write_bytes(plan_bytes(plan_with(small, plan=about)))
    (tmp_path / "copy.xlsx").write_bytes(to_bytes(build_template(plan_with(small, plan=about), "north", PERIOD), SENT))
    for name in ("plan.xlsx", "copy.xlsx"):
        for sheet in openpyxl.load_workbook(tmp_path / name).worksheets:
            assert max(len(str(part)) for part in (sheet.oddHeader, sheet.oddFooter)) <= 255
