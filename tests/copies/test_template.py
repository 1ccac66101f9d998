"""The copy an agency fills in: locked, with prompts, complete, and without anything from another agency."""

from __future__ import annotations

import base64
import hashlib
from io import BytesIO

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.copies.template import template_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import RATING_WORDS, RATINGS
from tests.conftest import PERIOD
from tests.helpers.inspection import faults, leaks
from tests.helpers.zips import parts_of


@pytest.fixture(scope="module")
def copies(plan: Plan) -> dict[str, bytes]:
    """Every agency's copy of the first period."""
    return {agency.id: template_bytes(plan, agency.id, PERIOD) for agency in plan.agencies}


@pytest.fixture(scope="module")
def copy(copies: dict[str, bytes]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(copies["south-yorkshire-police"]))


def test_excel_has_nothing_to_repair(copies: dict[str, bytes]) -> None:
    assert {agency: faults(data) for agency, data in copies.items() if faults(data)} == {}


def test_copies_have_no_hidden_content(copies: dict[str, bytes]) -> None:
    assert {agency: leaks(data) for agency, data in copies.items() if leaks(data)} == {}


def test_same_plan_gives_the_same_bytes(plan: Plan, copies: dict[str, bytes]) -> None:
    assert template_bytes(plan, "rdash", PERIOD) == copies["rdash"]


def test_tabs_are_in_the_order_of_use(copy: openpyxl.Workbook, plan: Plan) -> None:
    assert copy.sheetnames == ["Cover", *(f"Objective {o.number}" for o in plan.objectives), "Check", "Reference", "Versions"]
    assert copy["Cover"]["A1"].value.startswith("Click Enable Editing")


def test_only_input_cells_are_unlocked(copies: dict[str, bytes], plan: Plan) -> None:
    for agency, data in copies.items():
        book = openpyxl.load_workbook(BytesIO(data))
        layout = layout_for(plan, agency, PERIOD)
        inputs = {(sheet.title, cell.row, cell.column) for sheet, cell, _ in layout.fields()}
        free = {(s.title, c.row, c.column) for s in book for row in s.iter_rows() for c in row if not c.protection.locked}
        assert free == inputs, agency
        assert all(sheet.protection.sheet for sheet in book), agency


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_password_is_hashed_with_sha_512(copies: dict[str, bytes], part: str) -> None:
    """Calculated here from the published method: salt and password, then 100,000 rounds with a counter."""
    text = parts_of(copies["rdash"])[part].decode()
    start = "" if "sheetProtection" in text else "workbook"
    names = (f"{start}{name}" if start else name[0].lower() + name[1:] for name in ("SaltValue", "HashValue", "SpinCount"))
    salt, wanted, rounds = (text.split(f'{name}="')[1].split('"')[0] for name in names)
    digest = hashlib.sha512(base64.b64decode(salt) + "cedg".encode("utf-16-le")).digest()
    for number in range(int(rounds)):
        digest = hashlib.sha512(digest + number.to_bytes(4, "little")).digest()
    assert base64.b64encode(digest).decode() == wanted
    assert "SHA-512" in text
    assert ' password="' not in text


def test_widening_columns_and_selecting_locked_cells_are_allowed(copy: openpyxl.Workbook) -> None:
    guard = copy["Objective 4"].protection
    assert (guard.formatColumns, guard.formatRows, guard.selectLockedCells) == (False, False, False)
    assert copy.security.lockStructure


def validations(sheet: Worksheet) -> dict[str, object]:
    """The validation of each cell, by address."""
    return {
        sheet.cell(row, column).coordinate: rule
        for rule in sheet.data_validations.dataValidation
        for box in rule.sqref.ranges
        for row, column in box.cells
    }


def test_every_input_cell_is_validated_with_a_prompt_and_a_stop(copies: dict[str, bytes], plan: Plan) -> None:
    data, layout = copies["rmbc-childrens-services"], layout_for(plan, "rmbc-childrens-services", PERIOD)
    book = openpyxl.load_workbook(BytesIO(data))
    for sheet, cell, item in layout.fields():
        rule = validations(book[sheet.title]).get(book[sheet.title].cell(cell.row, cell.column).coordinate)
        assert rule is not None, item.key
        assert (rule.errorStyle or "stop", rule.showErrorMessage, rule.showInputMessage) == ("stop", True, True), item.key
        assert rule.prompt, item.key
        assert rule.error, item.key


def test_dropdowns_come_from_defined_names(copy: openpyxl.Workbook) -> None:
    lists = {rule.formula1 for sheet in copy for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert lists == {"brag_ratings", "return_status", "nil_return", "why_no_figure"}
    ((title, cells),) = copy.defined_names["brag_ratings"].destinations
    assert [row[0].value for row in copy[title][cells.replace("$", "")]] == list(RATING_WORDS)


def test_ratings_are_word_and_colour(copy: openpyxl.Workbook) -> None:
    rules = [rule for formats in copy["Objective 4"].conditional_formatting for rule in formats.rules]
    fills = {rule.formula[0].split('"')[1]: rule.dxf.fill.bgColor.rgb[-6:] for rule in rules if rule.formula[0].startswith("TRIM(")}
    assert fills == {rating.word: rating.fill for rating in RATINGS}


def test_bad_values_are_marked_after_a_paste(copy: openpyxl.Workbook) -> None:
    sheet = copy["Objective 4"]
    flagged = " ".join(str(f.sqref) for f in sheet.conditional_formatting for r in f.rules if r.stopIfTrue).split()
    inputs = [c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked]
    covered = {cell.coordinate for box in flagged for row in (sheet[box] if ":" in box else ((sheet[box],),)) for cell in row}
    assert covered == set(inputs)


def test_only_own_actions_and_kpis_are_listed(copies: dict[str, bytes], plan: Plan) -> None:
    for agency, data in copies.items():
        book = openpyxl.load_workbook(BytesIO(data))
        refs = {str(row[0].value) for sheet in book if sheet.title.startswith("Objective") for row in sheet.iter_rows(max_col=1)}
        for action in plan.actions:
            assert (action.ref in refs) == (agency in action.agencies or action.contributes(agency)), (agency, action.ref)
        for kpi in plan.kpis:
            assert (kpi.ref in refs) == (agency in kpi.agencies), (agency, kpi.ref)


def test_contacts_are_in_no_copy(small: Plan) -> None:
    agencies = [agency.model_copy(update={"contact": "Pat Example", "email": "pat@example.org"}) for agency in small.agencies]
    data = template_bytes(small.model_copy(update={"agencies": tuple(agencies)}), "north", PERIOD)
    assert not [name for name, part in parts_of(data).items() if b"pat@example" in part or b"Pat Example" in part]


def test_copy_prints_on_a4_landscape(copy: openpyxl.Workbook) -> None:
    for sheet in copy:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape"), sheet.title
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, 0, True)
    assert copy["Objective 4"].print_title_rows == "$6:$6"


def test_rows_grow_while_people_type(copies: dict[str, bytes]) -> None:
    """A row with customHeight would keep its height, and cut off what is typed."""
    for name, part in parts_of(copies["rdash"]).items():
        if name.startswith("xl/worksheets/sheet"):
            assert b"customHeight" not in part, name
            assert b' ht="' in part, name


def test_stamp_is_visible_and_in_the_properties(copy: openpyxl.Workbook, plan: Plan) -> None:
    stamp = layout_for(plan, "south-yorkshire-police", PERIOD).stamp
    assert str(stamp) in {cell.value for row in copy["Cover"].iter_rows() for cell in row}
    assert {p.name: p.value for p in copy.custom_doc_props.props} == {
        "cedg.plan": stamp.plan, "cedg.version": stamp.version, "cedg.agency": stamp.agency, "cedg.period": stamp.period,
        "cedg.layout": stamp.layout,
    }  # fmt: skip


def test_text_of_a_plan_is_never_a_formula(small: Plan) -> None:
    action = small.actions[0].model_copy(update={"title": '=HYPERLINK("http://example.org")', "leads": "+44"})
    data = template_bytes(small.model_copy(update={"actions": (action,)}), "south", PERIOD)
    sheet = openpyxl.load_workbook(BytesIO(data))["Objective 2"]
    assert {sheet["B7"].data_type, sheet["D7"].data_type} == {"s"}
    assert (sheet["B7"].value, sheet["D7"].value) == ('=HYPERLINK("http://example.org")', "+44")
