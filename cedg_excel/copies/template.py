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
from cedg_excel.form.fields import LISTS, Field, FieldKind, form_field, split_key
from cedg_excel.form.formulas import CHECK_STYLE, TO_DO
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Cell, Layout, Sheet, Value
from cedg_excel.form.reference_tabs import LIST_ROW
from cedg_excel.form.stamp import STAMP_PROPERTIES, Stamp
from cedg_excel.form.values import DAYS
from cedg_excel.plan.model import Period, Plan
from cedg_excel.ratings import RATINGS
from cedg_excel.tab_names import PLEASE_FIX, REFERENCE, objective_number

ROOM_TO_WRITE = 44.0
"""The least height, in points, of a row with a text to fill in: three lines."""


def build_template(
    plan: Plan, agency: str, period: str, *, notice: str = "", values: Mapping[str, Value] | None = None,
    past: Mapping[str, Value] | None = None, problems: Mapping[str, Finding] | None = None, first: Callable[[Book], None] | None = None,
) -> Workbook:  # fmt: skip
    """
    The workbook for one agency and period, both given by id; `values` fills input cells in, by key.

    `past` fills the locked cells that show earlier periods, by slot. `problems` are marked and commented, by key; `first`
    writes a tab to stand before the Cover.
    Raises KeyError for an id the plan does not have.
    """
    layout = layout_for(plan, agency, period, notice)
    book = Book(f"{plan.about.title}: {layout.agency.name}, {layout.period.name}")
    if first:
        first(book)
    for sheet in layout.sheets:
        _write(book, sheet, layout, {**(past or {}), **(values or {})}, problems or {})
    _name_the_lists(book.workbook)
    for worksheet in book.workbook.worksheets:
        lock_sheet(worksheet, plan.about.unlock, plan.about.id)
    lock_structure(book.workbook, plan.about.unlock, plan.about.id)
    _stamp(book, layout.stamp)
    return book.workbook


def issued_at(period: Period) -> datetime:
    """The time that a period's copies bear until somebody saves them."""
    return midnight(period.start)


def template_bytes(
    plan: Plan, agency: str, period: str, *, notice: str = "", values: Mapping[str, Value] | None = None,
    past: Mapping[str, Value] | None = None, when: datetime | None = None,
) -> bytes:  # fmt: skip
    """
    The same as a file, with the results of its formulas.

    Its times are `when`, or those of all copies of the period, so that the same plan gives the same bytes.
    """
    when = when or issued_at(plan.period_by_id[period])
    results = formula_results(layout_for(plan, agency, period, notice), values or {})
    return to_bytes(build_template(plan, agency, period, notice=notice, values=values, past=past), when, results)


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
            page.at_least(cell.row, ROOM_TO_WRITE)
    page.finish()
    _validate(page.sheet, sheet, layout.plan)
    _format(page.sheet, sheet)
    page.print_on_a4(f"{layout.agency.name}, {layout.period.name}", _repeat(page, sheet))
    page.sheet.freeze_panes = "C2" if objective_number(sheet.title) is not None else None
    _select_first_input(page, sheet)


def comment_on(problem: Finding) -> str:
    """What a marked cell's comment says; `is_own_comment` knows it again."""
    return f"{PLEASE_FIX}: {problem.message} {problem.fix} [{problem.code}]"


def _repeat(page: Page, sheet: Sheet) -> str | None:
    """The rows to repeat in print."""
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


def _by_kind(sheet: Sheet) -> dict[tuple[FieldKind, str, bool], list[str]]:
    """The addresses of a sheet's input cells that share one validation: kind, list, whole numbers only."""
    groups: dict[tuple[FieldKind, str, bool], list[str]] = defaultdict(list)
    for cell, item in sheet.fields():
        groups[item.kind, _list_name(item), item.whole].append(_address(cell))
    return groups


def _list_name(item: Field) -> str:
    """The defined name of the list it is chosen from; "" for a field that is not chosen from one."""
    table, _, name = split_key(item.key)
    choices = form_field(table, name).choices
    return choices.name if choices else ""


def _validate(target: Worksheet, sheet: Sheet, plan: Plan) -> None:
    fields = {(item.kind, _list_name(item), item.whole): item for _, item in sheet.fields()}
    for group, addresses in _by_kind(sheet).items():
        validation = _validation(fields[group], group[1], plan)
        validation.errorStyle, validation.showErrorMessage, validation.showInputMessage = "stop", True, True
        validation.allowBlank = True
        for address in addresses:
            validation.add(address)
        target.add_data_validation(validation)


def _validation(item: Field, names: str, plan: Plan) -> DataValidation:
    """What a cell takes, what it says when it is entered, and what it says to a wrong entry."""
    if item.choices:
        words = _or(item.choices)
        return DataValidation(
            type="list", formula1=names, promptTitle=item.name.replace("_", " ").capitalize(), prompt=_prompt(item),
            errorTitle="Choose from the list", error=f"This cell takes {words}. Choose from the list, or press Escape.",
        )  # fmt: skip
    if item.kind == "date":
        return DataValidation(
            type="date", operator="between", formula1=str(serial(DAYS[0])), formula2=str(serial(DAYS[1])),
            promptTitle="Date", prompt="Day, month and four-figure year, such as 14/01/2020.",
            errorTitle="This is not a date",
            error="Type the day, the month and the four-figure year, such as 14/01/2020, or press Escape.",
        )  # fmt: skip
    if item.kind == "number":
        what = "a whole number" if item.whole else "a number"
        return DataValidation(
            type="whole" if item.whole else "decimal", operator="between", formula1="0", formula2="999999999",
            promptTitle="Number", prompt=f"Type {what}, 0 or more. Leave it blank if you do not have it.",
            errorTitle="This is not a number",
            error=f"Type {what}, 0 or more, without words or signs, or press Escape. Put remarks under Comment.",
        )  # fmt: skip
    limit = plan.about.text_limit
    return DataValidation(
        type="textLength", operator="lessThanOrEqual", formula1=str(limit),
        promptTitle="Text", prompt="Alt+Enter starts a new line. Please do not name or describe a child.",
        errorTitle="This is too long", error=f"This cell takes up to {limit:,} characters. Shorten it, or press Escape.",
    )  # fmt: skip


def _prompt(item: Field) -> str:
    if item.kind == "rating":
        return "Choose Blue (done), Red (not started), Amber (off target, with remedial action) or Green (on target)."
    return f"Choose {_or(item.choices or ())}."


def _or(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _format(target: Worksheet, sheet: Sheet) -> None:
    """Colour the ratings, and mark what breaks a rule; pasting gets past the validation."""
    wrong: dict[str, list[str]] = defaultdict(list)
    for cell, _ in sheet.fields():
        if formula := cell.warning_formula:
            wrong[formula].append(_address(cell))
    for formula, addresses in wrong.items():
        target.conditional_formatting.add(" ".join(addresses), Rule(type="expression", dxf=BAD, formula=[formula], stopIfTrue=True))
    checks = [_address(cell) for cell in sheet.cells() if cell.style == CHECK_STYLE]
    if checks:
        # What is merely left to do is no alarm.
        quiet, formula = DifferentialStyle(font=Font(color=GREY)), f'LEFT({checks[0]},{len(TO_DO)})="{TO_DO}"'
        target.conditional_formatting.add(" ".join(checks), Rule(type="expression", dxf=quiet, formula=[formula]))
    rated = [_address(cell) for cell, item in sheet.fields() if item.kind == "rating"]
    for rating in RATINGS if rated else ():
        look = differential(rating.ink, rating.fill)
        formula = f'TRIM({rated[0]})="{rating.word}"'
        target.conditional_formatting.add(" ".join(rated), Rule(type="expression", dxf=look, formula=[formula]))


def _name_the_lists(workbook: Workbook) -> None:
    for column, choices in enumerate(LISTS, 1):
        letter = get_column_letter(column)
        cells = f"{REFERENCE}!${letter}${LIST_ROW}:${letter}${LIST_ROW + len(choices.words) - 1}"
        workbook.defined_names[choices.name] = DefinedName(choices.name, attr_text=cells)


def _stamp(book: Book, stamp: Stamp) -> None:
    for name, part in STAMP_PROPERTIES.items():
        book.property(name, getattr(stamp, part))
