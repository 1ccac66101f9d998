"""One plan, one agency, one period: the locked workbook that the agency fills in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.copies.formula_results import formula_results
from cedg_excel.excel.page import Book, Page
from cedg_excel.excel.protection import lock_sheet, lock_structure
from cedg_excel.excel.save import midnight, to_bytes
from cedg_excel.excel.styles import BAD, FLAGGED, GREY, differential
from cedg_excel.excel_facts import serial
from cedg_excel.findings import Finding
from cedg_excel.form.child_condition import CUE_NAMES
from cedg_excel.form.fields import LISTS, Field, FieldKind, form_field, split_key
from cedg_excel.form.formulas import CHECK_STYLE, TO_DO
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Cell, Layout, Sheet, Value
from cedg_excel.form.no_figure import WORD_LISTS
from cedg_excel.form.operand import array_constant
from cedg_excel.form.reference_tabs import LIST_ROW
from cedg_excel.form.stamp import STAMP_PROPERTIES, Stamp
from cedg_excel.form.values import DAYS
from cedg_excel.plan.model import Period, Plan
from cedg_excel.plan.notice import notice_line
from cedg_excel.ratings import RATINGS
from cedg_excel.tab_names import PLEASE_FIX, REFERENCE, objective_number

MIN_TEXT_ROW_HEIGHT = 44.0
"""The minimum height, in points, of a row with a text to fill in: three lines."""


def build_template(
    plan: Plan, agency: str, period: str, *, notice: str | None = None, values: Mapping[str, Value] | None = None,
    past: Mapping[str, Value] | None = None, problems: Mapping[str, Finding] | None = None, first: Callable[[Book], None] | None = None,
) -> Workbook:  # fmt: skip
    """
    The workbook for one agency and period, both given by id; `values` fills input cells in, by key.

    `notice` is a sentence on every tab, such as a protective marking; by default the plan's own.
    `past` fills the locked cells that show earlier periods, by slot. `problems` are highlighted and get a comment, by key; `first`
    writes a tab before the Cover.
    Raises KeyError for an id that the plan does not have.
    """
    notice = plan.about.notice if notice is None else notice
    layout = layout_for(plan, agency, period, notice)
    book = Book(f"{plan.about.title}: {layout.agency.name}, {layout.period.name}", notice_line(notice))
    if first:
        first(book)
    for sheet in layout.sheets:
        _write(book, sheet, layout, {**(past or {}), **(values or {})}, problems or {})
    _define_list_names(book.workbook)
    for worksheet in book.workbook.worksheets:
        lock_sheet(worksheet, plan.about.unlock, plan.about.id, objects=True)
    lock_structure(book.workbook, plan.about.unlock, plan.about.id)
    _write_stamp_properties(book, layout.stamp)
    return book.workbook


def issued_at(period: Period) -> datetime:
    """The modification time in a period's copies until somebody saves them."""
    return midnight(period.start)


def template_bytes(
    plan: Plan, agency: str, period: str, *, notice: str | None = None, values: Mapping[str, Value] | None = None,
    past: Mapping[str, Value] | None = None, saved_at: datetime | None = None,
) -> bytes:  # fmt: skip
    """
    The same workbook as a file, with the results of its formulas.

    Its times are `saved_at`, by default `issued_at` of the period, so that the same plan gives the same bytes.
    """
    saved_at = saved_at or issued_at(plan.period_by_id[period])
    results = formula_results(layout_for(plan, agency, period), values or {}, past)
    return to_bytes(build_template(plan, agency, period, notice=notice, values=values, past=past), saved_at, results)


def _write(book: Book, sheet: Sheet, layout: Layout, values: Mapping[str, Value], problems: Mapping[str, Finding]) -> None:
    page = book.page(sheet.title, sheet.widths)
    for cell in sheet.cells():
        if formula := cell.formula:
            page.formula(cell.row, cell.column, f"={formula}", cell.style)
        else:
            problem = problems.get(cell.field.key) if cell.field else None
            value = values.get(cell.field.key if cell.field else cell.slot, cell.value)
            written = page.put(cell.row, cell.column, value, cell.style + FLAGGED if problem else cell.style)
            if problem:
                written.comment = Comment(comment_on(problem), PLEASE_FIX, height=120, width=260)
        if cell.field and cell.field.kind == "text" and sheet.tables[0].name != "cover":
            page.ensure_row_height(cell.row, MIN_TEXT_ROW_HEIGHT)
    page.finish()
    _add_validations(page.sheet, sheet, layout.plan)
    _add_conditional_formats(page.sheet, sheet)
    page.print_on_a4(f"{layout.agency.name}, {layout.period.name}", _rows_to_repeat(page, sheet))
    page.sheet.freeze_panes = "C2" if objective_number(sheet.title) is not None else None
    _select_first_input(page, sheet)


def comment_on(problem: Finding) -> str:
    """The comment on a highlighted cell. Reading recognises it by this pattern and does not report it: see `returns.form_findings`."""
    return f"{PLEASE_FIX}: {problem.message} {problem.fix} [{problem.code}]"


def _rows_to_repeat(page: Page, sheet: Sheet) -> str | None:
    """The rows to repeat on each printed page."""
    if len(sheet.tables) > 1:
        return page.break_before(sheet.tables[1].heading_row, sheet.heading_row, sheet.tables[-1].rows[-1].number)
    return f"{sheet.heading_row}:{sheet.heading_row}" if sheet.heading_row else None


def _select_first_input(page: Page, sheet: Sheet) -> None:
    """Open each tab with the cursor where the typing starts."""
    first = next((_address(cell) for cell, _ in sheet.fields()), "A1")
    for selection in page.sheet.sheet_view.selection:
        selection.activeCell = selection.sqref = first


def _address(cell: Cell) -> str:
    return f"{get_column_letter(cell.column)}{cell.row}"


def _addresses_by_validation(sheet: Sheet) -> dict[tuple[FieldKind, str, bool], list[str]]:
    """The addresses of a sheet's input cells by what their validation depends on: kind, list, whole numbers only."""
    groups: dict[tuple[FieldKind, str, bool], list[str]] = defaultdict(list)
    for cell, field in sheet.fields():
        groups[field.kind, _list_name(field), field.whole].append(_address(cell))
    return groups


def _list_name(field: Field) -> str:
    """The defined name of a field's list of choices; "" where it has none."""
    table, _, name = split_key(field.key)
    choices = form_field(table, name).choices
    return choices.name if choices else ""


def _add_validations(target: Worksheet, sheet: Sheet, plan: Plan) -> None:
    fields = {(field.kind, _list_name(field), field.whole): field for _, field in sheet.fields()}
    for group, addresses in _addresses_by_validation(sheet).items():
        validation = _new_validation(fields[group], group[1], plan)
        validation.errorStyle, validation.showErrorMessage, validation.showInputMessage = "stop", True, True
        validation.allowBlank = True
        for address in addresses:
            validation.add(address)
        target.add_data_validation(validation)


def _new_validation(field: Field, list_name: str, plan: Plan) -> DataValidation:
    """The validation of a field: what the cell accepts, its prompt, and the message after a wrong entry."""
    if field.choices:
        choices = _join_with_or(field.choices)
        return DataValidation(
            type="list", formula1=list_name, promptTitle=field.name.replace("_", " ").capitalize(), prompt=_prompt(field),
            errorTitle="Choose from the list", error=f"Choose {choices} from the list, or press Escape.",
        )  # fmt: skip
    if field.kind == "date":
        return DataValidation(
            type="date", operator="between", formula1=str(serial(DAYS[0])), formula2=str(serial(DAYS[1])),
            promptTitle="Date", prompt="Day, month and four-figure year, such as 14/01/2020.",
            errorTitle="This is not a date",
            error="Type the day, the month and the four-figure year, such as 14/01/2020, or press Escape.",
        )  # fmt: skip
    if field.kind == "number":
        kind_of_number = "a whole number" if field.whole else "a number"
        return DataValidation(
            type="whole" if field.whole else "decimal", operator="between", formula1="0", formula2="999999999",
            promptTitle="Number", prompt=f"Type {kind_of_number}, 0 or more.{_IF_NONE if field.is_figure else ''}",
            errorTitle="This is not a number",
            error=f"Type {kind_of_number}, 0 or more, without words or signs, or press Escape.{_IF_NONE if field.is_figure else ''}",
        )  # fmt: skip
    limit = plan.about.text_limit
    return DataValidation(
        type="textLength", operator="lessThanOrEqual", formula1=str(limit),
        promptTitle="Text", prompt="Alt+Enter starts a new line. Please do not name or describe a child.",
        errorTitle="This is too long", error=f"This cell can hold up to {limit:,} characters. Shorten the text, or press Escape.",
    )  # fmt: skip


_IF_NONE = " If there is none, leave this blank and choose why under Why no figure."


def _prompt(field: Field) -> str:
    if field.kind == "rating":
        return "Choose Blue (done), Red (not started), Amber (off target, with remedial action) or Green (on target)."
    return f"Choose {_join_with_or(field.choices or ())}."


def _join_with_or(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def _add_conditional_formats(target: Worksheet, sheet: Sheet) -> None:
    """Colour the ratings, and highlight what breaks a rule, because pasting bypasses the validation."""
    addresses_by_formula: dict[str, list[str]] = defaultdict(list)
    for cell, _ in sheet.fields():
        if formula := cell.warning_formula:
            addresses_by_formula[formula].append(_address(cell))
    for formula, addresses in addresses_by_formula.items():
        target.conditional_formatting.add(" ".join(addresses), Rule(type="expression", dxf=BAD, formula=[formula], stopIfTrue=True))
    checks = [_address(cell) for cell in sheet.cells() if cell.style == CHECK_STYLE]
    if checks:
        # What is only left to do is shown in grey, not as an error.
        muted, formula = DifferentialStyle(font=Font(color=GREY)), f'LEFT({checks[0]},{len(TO_DO)})="{TO_DO}"'
        target.conditional_formatting.add(" ".join(checks), Rule(type="expression", dxf=muted, formula=[formula]))
    rating_cells = [_address(cell) for cell, field in sheet.fields() if field.kind == "rating"]
    for rating in RATINGS if rating_cells else ():
        style = differential(rating.ink, rating.fill)
        formula = f'TRIM({rating_cells[0]})="{rating.word}"'
        target.conditional_formatting.add(" ".join(rating_cells), Rule(type="expression", dxf=style, formula=[formula]))


def _define_list_names(workbook: Workbook) -> None:
    for column, choices in enumerate(LISTS, 1):
        letter = get_column_letter(column)
        cells = f"{REFERENCE}!${letter}${LIST_ROW}:${letter}${LIST_ROW + len(choices.words) - 1}"
        workbook.defined_names[choices.name] = DefinedName(choices.name, attr_text=cells)
    for name, texts in CUE_NAMES.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=array_constant(texts))
    for name, words in WORD_LISTS.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=f'"{words}"')


def _write_stamp_properties(book: Book, stamp: Stamp) -> None:
    for name, part in STAMP_PROPERTIES.items():
        book.add_property(name, getattr(stamp, part))
