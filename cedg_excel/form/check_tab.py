"""The Check tab and the Cover's progress: everything still to do, live and with links. Excel 2010 can calculate its formulas too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from cedg_excel.excel_facts import column_letter
from cedg_excel.form.as_issued import unchanged_count_formula
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.model import Cell, Sheet, notice_cells
from cedg_excel.form.operand import length, upper_and_trimmed
from cedg_excel.tab_names import CHECK_TAB, COVER

PROGRESS_ROW = 5
"""The row of the Cover that shows progress."""

TAB_HEADINGS = {1: "Tab", 2: "Actions to rate", 3: "Rated", 4: "To fix", 6: "Counted before", 7: "Answers so far"}
FIXES_ABOVE, ANSWERS = "F", "G"
"""The columns that other formulas count with: the rows to fix on the tabs above, and the answers since the copy was issued."""

LIST_HEADINGS = ("Tab", "Ref", "No.", "Go there", "What is wrong, and what to do")
WIDTHS = (20.0, 19.0, 9.0, 16.0, 112.0, 11.0, 11.0)
FIRST_TAB_ROW = 7


def nil_return_formula(cover: Sheet) -> str:
    """A formula that is TRUE when Nothing to report is set to Yes."""
    cell = next(cell for cell, item in cover.fields() if item.key == "cover/nil_return")
    letter = column_letter(cell.column)
    # Without IFERROR, an error value in that one cell would turn the check of every row into an error.
    return f'IFERROR({upper_and_trimmed(f"INDEX({COVER}!${letter}:${letter},{cell.row})")}="YES",FALSE)'


def answer_count_formula(tabs: Sequence[Sheet]) -> str:
    """A formula for the number of new answers on the objective tabs, as the Check tab counts them."""
    return f"INDEX({CHECK_TAB}!${ANSWERS}:${ANSWERS},{FIRST_TAB_ROW + len(tabs)})"


def _cell_range(sheet: Sheet, column: int, first: int, last: int) -> str:
    """A range of cells written with INDEX, because cut and paste inside it cannot break that."""
    column_range = f"'{sheet.title}'!${column_letter(column)}:${column_letter(column)}"
    return f"INDEX({column_range},{first}):INDEX({column_range},{last})"


def _column_runs(cells: Sequence[Cell]) -> Iterator[tuple[int, int, int]]:
    """The cells as unbroken runs down a column: column, first row, last row."""
    for column, column_cells in groupby(sorted(cells, key=lambda c: (c.column, c.row)), key=lambda c: c.column):
        rows = [cell.row for cell in column_cells]
        for _, run in groupby(enumerate(rows), key=lambda item: item[1] - item[0]):
            run_rows = [row for _, row in run]
            yield column, run_rows[0], run_rows[-1]


def _filled_count(sheet: Sheet, cells: Sequence[Cell]) -> str:
    """
    A formula for the number of these cells that are filled in. COUNTA would also count cells that hold only spaces.

    A blank cell has length 0, and 1/0 is not a number, so ISNUMBER leaves it out. Error values have to be counted separately.
    """
    ranges = [_cell_range(sheet, *run) for run in _column_runs(cells)]
    return "+".join(f"SUMPRODUCT(ISNUMBER(1/{length(cell_range)})+ISERROR({cell_range}))" for cell_range in ranges) or "0"


def _rating_cells(sheet: Sheet) -> list[Cell]:
    return [cell for cell, item in sheet.fields() if item.kind == "rating"]


def _fix_count(sheet: Sheet) -> str:
    letter = column_letter(sheet.check_column + 1)
    return f"COUNT('{sheet.title}'!${letter}:${letter})"


def check_tab(tabs: Sequence[Sheet], notice: str, issued: Sheet | None) -> Sheet:
    """The tab that lists what the check columns of the other tabs say. `issued` is the tab that shows what was filled in."""
    total_row = FIRST_TAB_ROW + len(tabs)
    lines = [
        Cell(1, 1, CHECK_TAB, "title"),
        Cell(2, 1, "What is left to do and to put right. It changes as you type. Nothing here needs filling in.", "lead"),
        Cell(3, 1, None, "subtitle", fixed=False, build_formula=lambda: _progress_formula(total_row, nil_return_formula(tabs[0]))),
        Cell(4, 1, None, "line", fixed=False, build_formula=lambda: _next_step_formula(tabs)),
        *(Cell(FIRST_TAB_ROW - 1, column, head, "head") for column, head in TAB_HEADINGS.items()),
    ]
    for row, sheet in enumerate(tabs, FIRST_TAB_ROW):
        lines += _tab_row(row, sheet, issued)
    lines += [Cell(total_row, 1, "All tabs", "total")]
    lines += [
        Cell(total_row, column, None, "total.count", fixed=False, build_formula=partial(_sum_formula, letter, total_row))
        for column, letter in ((2, "B"), (3, "C"), (4, "D"), (7, ANSWERS))
    ]
    heading_row = total_row + 2
    lines += [Cell(heading_row, column, text, "head") for column, text in enumerate(LIST_HEADINGS, 1)]
    list_length = sum(1 for sheet in tabs for _ in sheet.checked_rows())
    for number in range(1, list_length + 1):
        lines += _list_row(heading_row + number, number, tabs, total_row)
    return Sheet(CHECK_TAB, (*lines, *notice_cells(notice, 5)), (), WIDTHS)


def _sum_formula(letter: str, total_row: int) -> str:
    return f"SUM({letter}{FIRST_TAB_ROW}:{letter}{total_row - 1})"


def _tab_row(row: int, sheet: Sheet, issued: Sheet | None) -> list[Cell]:
    styles = {1: "link", 3: "count", 4: "count", 6: "small", 7: "small"}
    formulas = [
        Cell(row, column, None, style, fixed=False, build_formula=partial(_tab_formula, row, column, sheet, issued))
        for column, style in styles.items()
    ]
    return [formulas[0], Cell(row, 2, len(_rating_cells(sheet)), "count"), *formulas[1:]]


def _tab_formula(row: int, column: int, sheet: Sheet, issued: Sheet | None) -> str:
    match column:
        case 1:
            return f'HYPERLINK("#\'{sheet.title}\'!A1","{sheet.title}")'
        case 3:
            return _filled_count(sheet, _rating_cells(sheet))
        case 4:
            return _fix_count(sheet)
        case 6:
            return "0" if row == FIRST_TAB_ROW else f"{FIXES_ABOVE}{row - 1}+D{row - 1}"
        case _:
            return "0" if sheet.title == COVER else _new_answers(sheet, issued)


def _new_answers(sheet: Sheet, issued: Sheet | None) -> str:
    filled, unchanged = _filled_count(sheet, [cell for cell, _ in sheet.fields()]), unchanged_count_formula(issued, sheet)
    return filled if unchanged == "0" else f"{filled}-{unchanged}"


def _list_row(row: int, number: int, tabs: Sequence[Sheet], total_row: int) -> list[Cell]:
    """Line n of the list: the n-th thing to fix on any tab; blank when there are fewer."""
    return [
        Cell(
            row, column, None, "list.link" if column == 4 else "list", fixed=False,
            build_formula=partial(_list_formula, row, column, number, tabs, total_row),
        )
        for column in range(1, len(LIST_HEADINGS) + 1)
    ]  # fmt: skip


def _list_formula(row: int, column: int, number: int, tabs: Sequence[Sheet], total_row: int) -> str:
    first, last = FIRST_TAB_ROW, total_row - 1
    tab_number = f"MATCH({number - 1},${FIXES_ABOVE}${first}:${FIXES_ABOVE}${last},1)"
    number_on_tab = f"{number}-INDEX(${FIXES_ABOVE}${first}:${FIXES_ABOVE}${last},{tab_number})"

    def tab_column(offset: int | None) -> str:
        """A column of the tab that the thing is on: its refs (None), or one counted from the check column."""
        letters = [column_letter(1 if offset is None else sheet.check_column + offset) for sheet in tabs]
        return f"CHOOSE({tab_number}," + ",".join(f"'{s.title}'!${x}:${x}" for s, x in zip(tabs, letters, strict=True)) + ")"

    row_on_tab = f"MATCH({number_on_tab},{tab_column(1)},0)"
    is_unused, address = f'$C{row}=""', f'LEFT($E{row},FIND(":",$E{row})-1)'
    match column:
        case 1:
            return f'IF({is_unused},"",CHOOSE({tab_number},' + ",".join(f'"{sheet.title}"' for sheet in tabs) + "))"
        case 2:
            return f'IF({is_unused},"",INDEX({tab_column(None)},{row_on_tab}))'
        case 3:
            return f'IF({number}>$D${total_row},"",{number})'
        case 4:
            return f'IF({is_unused},"",HYPERLINK("#\'"&$A{row}&"\'!"&{address},"Go to "&{address}))'
        case _:
            return f'IF({is_unused},"",INDEX({tab_column(0)},{row_on_tab}))'


def _progress_formula(total_row: int, nil: str, sheet: str = "") -> str:
    """`11 of 14 actions rated, 2 things to fix.` or `Ready to send.`"""
    to_rate, rated, to_fix = (f"{sheet}${letter}${total_row}" for letter in "BCD")
    all_done = f"AND({rated}>={to_rate},{to_fix}=0,{_cover_task_count()}=0)"
    nothing_to_report = f"AND({nil},{to_fix}=0,{_cover_task_count()}=0)"
    things = f'{to_fix}&IF({to_fix}=1," thing"," things")&" to fix."'
    return f'IF(OR({all_done},{nothing_to_report}),"Ready to send.",{rated}&" of "&{to_rate}&" actions rated, "&{things})'


def _cover_task_count() -> str:
    return f'COUNTIF({COVER}!$D:$D,"{TO_DO}*")'


def _next_step_formula(tabs: Sequence[Sheet]) -> str:
    """What to do next: the first tab with an action to rate, else the first with something to fix."""
    formula = f'IF({_cover_task_count()}>0,"Next: complete the boxes on the {COVER}.","Nothing is left to do. Send it back.")'
    for row, sheet in reversed(list(enumerate(tabs, FIRST_TAB_ROW))):
        formula = f'IF($D${row}>0,"Next: put right what is listed below for {sheet.title}.",{formula})'
    for row, sheet in reversed(list(enumerate(tabs, FIRST_TAB_ROW))):
        if _rating_cells(sheet):
            formula = f'IF($B${row}>$C${row},"Next: rate your actions on {sheet.title}.",{formula})'
    return f'IF({nil_return_formula(tabs[0])},"Nothing to report is set to Yes on the {COVER}.",{formula})'


def with_progress(tabs: Sequence[Sheet]) -> Sheet:
    """The Cover, which is the first of the tabs, with a line that shows progress."""
    build = partial(_progress_formula, FIRST_TAB_ROW + len(tabs), nil_return_formula(tabs[0]), f"{CHECK_TAB}!")
    return replace(tabs[0], lines=(*tabs[0].lines, Cell(PROGRESS_ROW, 1, None, "subtitle", fixed=False, build_formula=build)))
