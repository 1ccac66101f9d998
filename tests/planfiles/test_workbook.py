"""The plan as a workbook: nothing is lost in writing and reading it, and every mistake is reported at its cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.errors import PlanError, TooBig
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.planfiles.read_workbook import read_plan_book
from cedg_excel.planfiles.sheets import ACTIONS, BY_TABLE, HEADING_ROW, KPIS, PLAN_HEADING_ROW, PLAN_ITEMS, SHEETS
from cedg_excel.planfiles.toml_file import load_toml, plan_toml
from cedg_excel.planfiles.write_workbook import new_plan_bytes, plan_bytes
from tests.helpers.inspection import faults, leaks
from tests.helpers.office import Input, Office
from tests.helpers.random_plans import AWKWARD, plans
from tests.helpers.zips import parts_of

Change = Callable[[Workbook], None]


def via_excel(plan: Plan, folder: Path) -> Plan:
    path = folder / "plan.xlsx"
    path.write_bytes(plan_bytes(plan))
    return load_plan(path)


# Writing and reading


@settings(max_examples=40, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_any_plan_goes_to_toml_and_excel_and_back_unchanged(plan: Plan, tmp_path: Path) -> None:
    toml = tmp_path / "plan.toml"
    toml.write_text(plan_toml(plan), encoding="utf-8", newline="\n")
    assert load_toml(toml) == plan
    assert via_excel(plan, tmp_path) == plan


def test_a_date_before_1900_stays_a_date(small: Plan, tmp_path: Path) -> None:
    data = small.model_dump(by_alias=True)
    for day in (date(1893, 7, 2), "1893-07-02"):
        data["version"] = [{"date": date(2019, 7, 18), "number": "1", "date_to_group": day}]
        plan = plan_from({key: list(value) if isinstance(value, tuple) else value for key, value in data.items()})
        assert via_excel(plan, tmp_path).versions[0].date_to_group == plan.versions[0].date_to_group == date(1893, 7, 2)


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_come_back_unchanged(small: Plan, tmp_path: Path, text: str) -> None:
    data = small.model_dump(by_alias=True)
    data["plan"]["purpose"] = data["kpi"][0]["target"] = text
    data["action"][0]["detail"] = [text, "and more"]
    plan = plan_from({key: list(value) if isinstance(value, tuple) else value for key, value in data.items()})
    toml = tmp_path / "plan.toml"
    toml.write_text(plan_toml(plan), encoding="utf-8", newline="\n")
    assert load_toml(toml) == via_excel(plan, tmp_path) == plan


def test_real_plan_goes_to_excel_and_back_unchanged(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plan_bytes(plan))
    read = read_plan_book(path)
    assert (read.plan, read.remarks) == (plan, ())


def test_same_plan_gives_the_same_bytes(plan: Plan, small: Plan) -> None:
    assert plan_bytes(plan) == plan_bytes(plan) != plan_bytes(small)
    assert new_plan_bytes() == new_plan_bytes()


def test_order_of_an_actions_agencies_has_no_meaning(small: Plan, tmp_path: Path) -> None:
    text = plan_toml(small).replace('agencies = ["north", "south"]', 'agencies = ["south", "north"]')
    path = tmp_path / "plan.toml"
    path.write_text(text, "utf-8")
    assert text != plan_toml(small)
    assert load_plan(path) == small


@pytest.mark.parametrize("purpose", ["x" * 32_768, "🎉" * 16_384])
def test_text_too_long_for_a_cell_is_refused(small: Plan, purpose: str) -> None:
    with pytest.raises(TooBig, match=r"^A text under Purpose has more than 32,767 characters, the most that a cell holds\. Shorten it"):
        plan_bytes(small.model_copy(update={"about": small.about.model_copy(update={"purpose": purpose})}))


@pytest.mark.parametrize("number", [10**16, -(10**15), 1 / 3])
def test_number_with_more_digits_than_excel_keeps_is_refused(small: Plan, number: float) -> None:
    kpi = small.kpis[0].model_copy(update={"target": number})
    with pytest.raises(TooBig, match="Write it as text, in quotes"):
        plan_bytes(small.model_copy(update={"kpis": (kpi,)}))


# The workbook itself


@pytest.mark.parametrize("which", ["real", "small", "new"])
def test_excel_has_nothing_to_repair_and_nothing_is_hidden(which: str, plan: Plan, small: Plan) -> None:
    content = new_plan_bytes() if which == "new" else plan_bytes(plan if which == "real" else small)
    assert (faults(content), leaks(content)) == ([], [])


def test_tabs_prompts_and_dropdowns(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plan_bytes(plan))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Plan", "Agencies", "Objectives", "Actions", "KPIs", "Periods", "Versions", "Waivers", "Lists"]
    assert not any(sheet.protection.sheet for sheet in book)
    for sheet in SHEETS:
        tab = book[sheet.title]
        rules = tab.data_validations.dataValidation
        assert all(rule.prompt and rule.promptTitle for rule in rules), sheet.title
        # Every column has a prompt, also in the empty rows for more entries.
        first = HEADING_ROW + len(getattr(plan, {"agency": "agencies"}.get(sheet.table, f"{sheet.table}s"))) + 1
        for column, item in enumerate(sheet.columns, 1):
            cell = tab.cell(first + 2, column)
            if item:
                assert [rule for rule in rules if cell.coordinate in rule.sqref], (sheet.title, item.heading)
            else:
                assert str(cell.value).startswith("=IF(")
        lists = {rule.formula1 for rule in rules if rule.type == "list"}
        assert lists <= set(book.defined_names), sheet.title
        assert tab.freeze_panes
    assert book["Actions"]["A6"].number_format == "@"


def test_formulas_have_stored_results(plan: Plan, tmp_path: Path) -> None:
    for name, content in (("plan.xlsx", plan_bytes(plan)), ("new.xlsx", new_plan_bytes())):
        (tmp_path / name).write_bytes(content)
        formulas, values = (openpyxl.load_workbook(tmp_path / name, data_only=values) for values in (False, True))
        for tab in formulas:
            for row in tab.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        assert values[tab.title][cell.coordinate].data_type in ("str", "s", "n"), cell.coordinate
        sheets = b"".join(part for part_name, part in parts_of(content).items() if part_name.startswith("xl/worksheets/sheet"))
        assert sheets.count(b"</f><v>") == sheets.count(b"</f>") > 0


# Reading a workbook that people have changed


@pytest.fixture
def changed(small: Plan, tmp_path: Path) -> Callable[[Change], Path]:
    """The small plan's workbook after a change, as a file."""

    def make(change: Change) -> Path:
        path = tmp_path / "plan.xlsx"
        path.write_bytes(plan_bytes(small))
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        return path

    return make


def at(table: str, key: str, entry: int = 1) -> str:
    """The address of an entry's cell, entries counted from 1: `at("action", "ref", 2) == "A7"`."""
    return f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[BY_TABLE[table].column(key) - 1]}{HEADING_ROW + entry}"


def on_plan(key: str) -> str:
    return f"B{PLAN_HEADING_ROW + 1 + [item.key for item in PLAN_ITEMS].index(key)}"


def put(sheet: str, cell: str, value: Any) -> Change:
    def change(book: Workbook) -> None:
        book[sheet][cell] = value

    return change


def tab(book: Workbook, title: str) -> Worksheet:
    return book[title]  # type: ignore[no-any-return]


def mistakes(path: Path) -> list[str]:
    with pytest.raises(PlanError) as refused:
        load_plan(path)
    return [line.removeprefix("  ") for line in str(refused.value).split("\n")[1:]]


def insert_rows(book: Workbook) -> None:
    tab(book, "Actions").insert_rows(HEADING_ROW + 2, 2)


def sort_rows(book: Workbook) -> None:
    sheet = tab(book, "KPIs")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADING_ROW + 1, max_row=HEADING_ROW + 4)]
    for number, row in enumerate(reversed(rows), HEADING_ROW + 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value


def notes_column(book: Workbook) -> None:
    sheet = tab(book, "Actions")
    sheet.insert_cols(2)
    sheet.cell(HEADING_ROW, 2).value = "My notes"
    sheet.cell(HEADING_ROW + 1, 2).value = "Ask Pat"


def move_column(book: Workbook) -> None:
    sheet = tab(book, "Objectives")
    for row in range(HEADING_ROW, HEADING_ROW + 3):
        sheet.cell(row, 9).value, sheet.cell(row, 2).value = sheet.cell(row, 2).value, None


def rename_tab(book: Workbook) -> None:
    tab(book, "Actions").title = "Actions 2020"


def other_case(book: Workbook) -> None:
    tab(book, "Actions").title = "ACTIONS "


def agency_by_name(book: Workbook) -> None:
    tab(book, "Actions").cell(HEADING_ROW, len(ACTIONS.columns) + 1).value = "North Agency"


def clean(_: Workbook) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "remarks"),
    [
        (clean, []),
        (put("Agencies", at("agency", "id"), " north "), []),
        (put("Agencies", at("agency", "name"), "North Agency  "), []),
        (put("Plan", on_plan("start"), "18/07/2019"), []),
        (put("Plan", on_plan("start"), "18 July 2019"), []),
        (put("Plan", on_plan("start"), 43664), []),
        (put("Plan", on_plan("start"), datetime(2019, 7, 18)), []),
        (put("Actions", at("action", "target_date", 4), " 30.11.2019"), []),
        (put("KPIs", at("kpi", "unit"), "COUNT "), []),
        (put("Actions", at("action", "continues"), "No"), []),
        (put("Actions", at("action", "continues"), False), []),
        (put("Objectives", at("objective", "number"), "2"), []),
        (put("Objectives", at("objective", "purpose"), '="To "&"test."'), []),
        (put("Versions", "H30", "a note next to the list"), []),
        (insert_rows, []),
        (move_column, []),
        (agency_by_name, []),
        (other_case, []),
        (notes_column, ["Actions!B5: the column 'My notes' is not part of the plan, and was not read."]),
        (rename_tab, ["The tab Actions 2020 was read as Actions."]),
        (lambda book: book.create_sheet("Scratch"), ["The tab Scratch is not part of the plan, and was not read."]),
    ],
)  # fmt: skip
def test_ordinary_changes_are_read_correctly(
    changed: Callable[[Change], Path], small: Plan, change: Change, remarks: list[str], office: Office, tmp_path: Path
) -> None:
    path = changed(change)
    if load_formulas(path).startswith("="):
        path = office.recalculate(path, tmp_path / "calculated.xlsx")
    read = read_plan_book(path)
    assert (read.plan, list(read.remarks)) == (small, remarks)


def load_formulas(path: Path) -> str:
    """The purpose of the first objective, which one case makes a formula: only an office program gives it a result."""
    return str(openpyxl.load_workbook(path)["Objectives"][at("objective", "purpose")].value)


def test_sorted_rows_are_the_same_plan_in_another_order(changed: Callable[[Change], Path], small: Plan) -> None:
    read = load_plan(changed(sort_rows))
    assert read.kpis == tuple(reversed(small.kpis))
    assert read.model_copy(update={"kpis": small.kpis}) == small


MARK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(ACTIONS.columns)]
"""The first column of agencies on Actions."""
SECOND_MARK = f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[len(ACTIONS.columns) + 1]}{HEADING_ROW}"

ALL_AT_ONCE: list[tuple[str, str, Any, str]] = [
    ("Plan", on_plan("end"), "soon", "End 'soon' must be a date, such as 01/10/2019."),
    ("Agencies", at("agency", "name", 2), None, "Name is missing."),
    ("Actions", SECOND_MARK, "suoth", "unknown agency 'suoth'. Did you mean 'south'?"),
    ("Actions", at("action", "ref", 1), 2.1,
     "Ref '2.1' is a number, and a number drops the zero in 2.10. Format the cell as Text and type it again."),
    ("Actions", at("action", "ref", 2), "7.3", "there is no objective 7."),
    ("Actions", at("action", "ref", 4), "2.4", "Ref '2.4' is used 2 times; each must be different."),
    ("KPIs", at("kpi", "combine", 2), "sum", "Unit percent and Across agencies ratio go together."),
    ("KPIs", at("kpi", "unit", 3), "acres", "Unit 'acres' must be 'count', 'percent', 'days' or 'words'."),
    ("Periods", at("period", "end", 1), date(2018, 12, 31), "End is before start."),
    ("Periods", at("period", "due", 2), "#REF!", "Due shows #REF! instead of a value. Type the value itself."),
]  # fmt: skip


def test_ten_mistakes_give_ten_findings_each_at_its_cell(changed: Callable[[Change], Path]) -> None:
    def spoil(book: Workbook) -> None:
        for sheet, cell, value, _ in ALL_AT_ONCE:
            book[sheet][cell].value = value
            if value == "#REF!":
                book[sheet][cell].data_type = "e"

    found = mistakes(changed(spoil))
    assert found == [f"{sheet}!{cell}: {words}" for sheet, cell, _, words in ALL_AT_ONCE]


def delete_tab(book: Workbook) -> None:
    del book["Versions"]


def copied_tab(book: Workbook) -> None:
    book.copy_worksheet(book["Agencies"]).title = "Agencies old"
    tab(book, "Agencies").title = "Agencies new"


def blank_heading(book: Workbook) -> None:
    tab(book, "KPIs").cell(HEADING_ROW, KPIS.column("target")).value = None


def retyped_heading(book: Workbook) -> None:
    tab(book, "KPIs").cell(HEADING_ROW, KPIS.column("target")).value = "Targets"


def no_headings(book: Workbook) -> None:
    tab(book, "Periods").delete_rows(HEADING_ROW)


def retyped_line(book: Workbook) -> None:
    tab(book, "Plan")["A15"] = "Versoin"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (delete_tab, ["The tab Versions is missing. Give the right tab that name again."]),
        (copied_tab, ["The tab Agencies is missing; Agencies new and Agencies old both look like it. Give the right tab that name again."]),
        (blank_heading, ["KPIs: the column Target is missing from row 5. Put the heading back."]),
        (retyped_heading, ["KPIs: the column Target is missing from row 5. Is it 'Targets'? Put the heading back."]),
        (no_headings, ["Periods: its headings are missing, so it could not be read. Put them back."]),
        (retyped_line, ["Plan: Version is missing.", "Plan!A15: there is no line 'Versoin' in a plan. Did you mean 'Version'?"]),
        (put("Actions", f"{MARK}6", "B"), [f"Actions!{MARK}6: 'B' is not a valid mark. Choose A or C, or leave it blank."]),
        (put("Actions", f"{MARK}6", "#N/A"),
         [f"Actions!{MARK}6: this shows #N/A instead of a mark. Type the mark itself, or leave it blank."]),
        (put("Actions", f"{MARK}5", None), [f"Actions!{MARK}5: there are marks under a blank heading. Choose the agency's id."]),
        (put("Actions", f"{MARK}5", "south"), [f"Actions!{SECOND_MARK}: 'south' is the heading of two columns. Keep one."]),
        (put("Actions", at("action", "all_contribute"), "Yes"),
         [f"Actions!{at('action', 'all_contribute')}: All others contribute already: delete Yes, or the Cs in this row."]),
        (put("Actions", at("action", "all_contribute"), "perhaps"),
         [f"Actions!{at('action', 'all_contribute')}: All others contribute 'perhaps' must be Yes or blank."]),
        (put("Actions", at("action", "continues"), "perhaps"),
         [f"Actions!{at('action', 'continues')}: Never ends 'perhaps' must be Yes or blank."]),
        (put("Actions", at("action", "title"), None), [f"Actions!{at('action', 'title')}: Action is missing."]),
        (put("Agencies", at("agency", "id", 2), "North"), ["Agencies!A7: Id 'north' is used 2 times; each must be different.",
                                                     f"Actions!{SECOND_MARK}: unknown agency 'south'. Did you mean 'North'?",
                                                     "KPIs!O5: unknown agency 'south'. Did you mean 'North'?"]),
        (put("Objectives", at("objective", "number"), 2.5), ["Objectives!A6: Number '2.5' must be a whole number."]),
        (put("Periods", at("period", "start"), "01/10/19"),
         [f"Periods!{at('period', 'start')}: Start '01/10/19' must be a date, such as 01/10/2019."]),
        (put("Periods", at("period", "id"), date(2019, 10, 1)),
         [f"Periods!{at('period', 'id')}: Id '01/10/2019' must be text. Format the cell as Text and type it again."]),
        (put("Plan", on_plan("title"), '="A "&"plan"'),
         [f"Plan!{on_plan('title')}: Title is missing: its formula has no result. Type the value itself."]),
        (put("Waivers", "A6", "RATING_MISSING"),
         ["Waivers!B6: Agency is missing.", "Waivers!E6: Reason is missing.", "Waivers!F6: Agreed by is missing.",
          "Waivers!G6: Until is missing."]),
    ],
)  # fmt: skip
def test_mistake_is_named_at_its_cell(changed: Callable[[Change], Path], change: Change, expected: list[str]) -> None:
    assert mistakes(changed(change)) == expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("plan.xlsx", b"", "The plan plan.xlsx is empty. Check that it was saved, and try again."),
        ("plan.xlsx", b"[plan]", "The plan plan.xlsx is not an Excel workbook (.xlsx). Save it as one in Excel, and try again."),
        ("plan.xlsx", b"PK\x03\x04 and no more", "The plan plan.xlsx cannot be used. This workbook is damaged"),
        ("plan.xlsm", b"", "The plan plan.xlsm is a workbook with macros. Save it as an Excel workbook (.xlsx) and use that file."),
        ("plan.ods", b"", "The plan plan.ods is an OpenDocument file. Save it as an Excel workbook (.xlsx) and use that file."),
    ],
)
def test_file_that_is_not_a_plan_gives_one_sentence(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PlanError) as refused:
        load_plan(tmp_path / name)
    assert str(refused.value).startswith(expected)
    assert "\n" not in str(refused.value)


def test_any_workbook_that_is_not_a_plan_is_refused_with_a_sentence(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "my shopping"
    book.save(tmp_path / "plan.xlsx")
    assert mistakes(tmp_path / "plan.xlsx") == [
        f"The tab {title} is missing. Give the right tab that name again." for title in ("Plan", *(sheet.title for sheet in SHEETS))
    ]


# A new plan


def test_new_plan_lists_what_is_left_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(new_plan_bytes())
    assert mistakes(path) == [
        *(f"Plan!{on_plan(key)}: {key.capitalize()} is missing." for key in ("id", "title", "start", "end")),
        *(f"{title}: there is nothing here yet. Fill in a row." for title in ("Agencies", "Objectives", "Periods")),
    ]  # fmt: skip


# In LibreOffice


@pytest.mark.office
def test_libreoffice_opens_and_saves_the_plan_and_nothing_changes(plan: Plan, tmp_path: Path, office: Office) -> None:
    plan_file, saved = tmp_path / "plan.xlsx", tmp_path / "saved.xlsx"
    plan_file.write_bytes(plan_bytes(plan))
    office.recalculate(plan_file, saved)
    assert load_plan(saved) == plan


@pytest.mark.office
def test_new_plan_is_filled_in_and_its_quarters_appear(tmp_path: Path, office: Office) -> None:
    """From nothing: the dates, an agency, an objective, an action and a KPI are typed; the quarters follow from the dates."""
    plan_file, filled = tmp_path / "plan.xlsx", tmp_path / "filled.xlsx"
    plan_file.write_bytes(new_plan_bytes())
    mark = MARK
    cells = [
        Input("Plan", on_plan("id"), "text", "northtown"), Input("Plan", on_plan("title"), "text", "Northtown's plan"),
        Input("Plan", on_plan("start"), "date", date(2025, 4, 14)), Input("Plan", on_plan("end"), "date", date(2027, 3, 31)),
        Input("Agencies", "A6", "text", "police"), Input("Agencies", "B6", "text", "The Police"),
        Input("Objectives", "A6", "number", 1), Input("Objectives", "B6", "text", "Protect"),
        Input("Actions", "A6", "text", "1.10"), Input("Actions", "B6", "text", "Train staff"),
        Input("Actions", f"{mark}5", "text", "police"), Input("Actions", f"{mark}6", "text", "A"),
        Input("KPIs", "N5", "text", "police"),
    ]  # fmt: skip
    office.fill(plan_file, filled, cells)
    plan = load_plan(filled)
    assert [(p.id, p.label, p.year, p.start, p.end, p.due) for p in plan.periods[:2]] == [
        ("2025-26-Q1", "Q1 2025-26", "Year 1", date(2025, 4, 1), date(2025, 6, 30), date(2025, 7, 20)),
        ("2025-26-Q2", "Q2 2025-26", "Year 1", date(2025, 7, 1), date(2025, 9, 30), date(2025, 10, 20)),
    ]
    assert [p.id for p in plan.periods[3:]] == ["2025-26-Q4", "2026-27-Q1", "2026-27-Q2", "2026-27-Q3", "2026-27-Q4"]
    assert [(a.ref, a.agencies) for a in plan.actions] == [("1.10", ("police",))]


CHECKED: list[tuple[str, str, Any, str, str]] = [
    ("Plan", on_plan("title"), None, f"C{on_plan('title')[1:]}", "Title is missing."),
    ("Plan", on_plan("end"), date(2018, 1, 1), f"C{on_plan('end')[1:]}", "End is before start."),
    ("Plan", on_plan("notice"), "x" * 101, f"C{on_plan('notice')[1:]}", "Notice is longer than 100 characters."),
    ("Agencies", "B7", None, "H7", "Name is missing."),
    ("Agencies", "A8", "west", "H8", "Name is missing."),
    ("Objectives", "A7", 2, "E6", "Number is used more than once."),
    ("Actions", "A6", "2.3", "C6", "Ref is used more than once."),
    ("Actions", "A8", "7.4", "C8", "There is no objective with that number."),
    ("Actions", "A9", "25", "C9", "Ref must look like 2.3."),
    ("Actions", "B10", "Without a ref", "C10", "Ref is missing."),
    ("KPIs", at("kpi", "unit", 2), "count", "C7", "Unit percent and Across agencies ratio go together."),
    ("KPIs", at("kpi", "status", 1), "alive", "C6", "Status is not one of the choices."),
    ("KPIs", "A8", 2.3, "C8", "Ref is a number. Format the cell as Text and type it again."),
    ("Periods", at("period", "end", 1), date(2018, 12, 31), "H6", "End is before start."),
    ("Periods", at("period", "due", 2), "soon", "H7", "Due is not a date."),
    ("Waivers", "A6", "RATING_MISSING", "H6", "Agency is missing."),
]


@pytest.mark.office
def test_check_column_says_what_the_reader_says(small: Plan, tmp_path: Path, office: Office) -> None:
    plan_file, spoilt_file = tmp_path / "plan.xlsx", tmp_path / "spoilt.xlsx"
    plan_file.write_bytes(plan_bytes(small))
    book = openpyxl.load_workbook(plan_file)
    for sheet, cell, value, _, _ in CHECKED:
        book[sheet][cell].value = value
    book["Actions"][f"{MARK}7"] = "B"
    book.save(spoilt_file)
    shown = office.read(spoilt_file, [(sheet, cell) for sheet, _, _, cell, _ in CHECKED] + [("Actions", "C7")])
    wanted = [words for *_, words in CHECKED] + ["Ref is used more than once."]
    assert [content.text for content in shown] == wanted
    refused = mistakes(spoilt_file)
    assert {line.split("!")[0] for line in refused} == {"Plan", "Agencies", "Objectives", "Actions", "KPIs", "Periods", "Waivers"}


@pytest.mark.office
@pytest.mark.parametrize("which", ["real", "bare", "new"])
def test_stored_results_are_what_the_formulas_calculate(which: str, plan: Plan, small: Plan, tmp_path: Path, office: Office) -> None:
    path = tmp_path / "plan.xlsx"
    unrated = {"agencies": (), "contributors": ("north",)}
    bare = small.model_copy(update={
        "actions": (small.actions[0].model_copy(update=unrated), *small.actions[1:]),
        "kpis": (small.kpis[0].model_copy(update={"agencies": ()}), *small.kpis[1:]),
    })  # fmt: skip
    path.write_bytes(new_plan_bytes() if which == "new" else plan_bytes(plan if which == "real" else bare))
    formulas, values = (openpyxl.load_workbook(path, data_only=values) for values in (False, True))
    places = [(tab.title, cell.coordinate) for tab in formulas for row in tab.iter_rows() for cell in row if cell.data_type == "f"]
    stored = [str(values[tab][cell].value or "") for tab, cell in places]
    assert [content.text for content in office.read(path, places)] == stored
