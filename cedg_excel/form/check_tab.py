"""The Check tab and the Cover's progress: everything left, live, with links, by formulas that Excel 2010 calculates too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from cedg_excel.excel_facts import column_letter
from cedg_excel.form.conditions import length, squeezed
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.model import Cell, Sheet, notice_line
from cedg_excel.tab_names import CHECK_TAB, COVER

PROGRESS_ROW = 5
"""Where the Cover shows how far the copy is."""

TAB_HEADS = {1: "Tab", 2: "Actions to rate", 3: "Rated", 4: "To fix", 6: "Counted before", 7: "Answers so far"}
BEFORE, FILLED = "F", "G"
"""The columns at the edge of the page that other formulas count with."""

LIST_HEADS = ("Tab", "Ref", "No.", "Go there", "What is wrong, and what to do")
WIDTHS = (20.0, 19.0, 9.0, 16.0, 112.0, 11.0, 11.0)
FIRST_TAB_ROW = 7


def nil_formula(cover: Sheet) -> str:
    """Whether nothing to report is ticked."""
    cell = next(cell for cell, item in cover.fields() if item.key == "cover/nil_return")
    letter = column_letter(cell.column)
    # An error value in that one cell would otherwise make an error of every row's check.
    return f'IFERROR({squeezed(f"INDEX({COVER}!${letter}:${letter},{cell.row})")}="YES",FALSE)'


def filled_formula(tabs: Sequence[Sheet]) -> str:
    """How many cells of the objective tabs are filled in, as the Check tab counts them."""
    return f"INDEX({CHECK_TAB}!${FILLED}:${FILLED},{FIRST_TAB_ROW + len(tabs)})"


def _span(sheet: Sheet, column: int, first: int, last: int) -> str:
    """A block of cells by INDEX, which cutting and pasting cells inside it cannot break."""
    whole = f"'{sheet.title}'!${column_letter(column)}:${column_letter(column)}"
    return f"INDEX({whole},{first}):INDEX({whole},{last})"


def _blocks(cells: Sequence[Cell]) -> Iterator[tuple[int, int, int]]:
    """Cells as columns of neighbours: column, first row, last row."""
    for column, own in groupby(sorted(cells, key=lambda c: (c.column, c.row)), key=lambda c: c.column):
        rows = [cell.row for cell in own]
        for _, run in groupby(enumerate(rows), key=lambda item: item[1] - item[0]):
            block = [row for _, row in run]
            yield column, block[0], block[-1]


def _given(sheet: Sheet, cells: Sequence[Cell]) -> str:
    """
    How many of these cells hold more than blanks; COUNTA would count those as well.

    1/0 is no number, so what is blank is left out by ISNUMBER, and error values have to be counted on their own.
    """
    spans = [_span(sheet, *block) for block in _blocks(cells)]
    return "+".join(f"SUMPRODUCT(ISNUMBER(1/{length(span)})+ISERROR({span}))" for span in spans) or "0"


def _ratings(sheet: Sheet) -> list[Cell]:
    return [cell for cell, item in sheet.fields() if item.kind == "rating"]


def _to_fix(sheet: Sheet) -> str:
    letter = column_letter(sheet.check + 1)
    return f"COUNT('{sheet.title}'!${letter}:${letter})"


def check_tab(tabs: Sequence[Sheet], notice: str) -> Sheet:
    """The tab that gathers what the check columns of the others say."""
    total = FIRST_TAB_ROW + len(tabs)
    lines = [
        Cell(1, 1, CHECK_TAB, "title"),
        Cell(2, 1, "What is left to do and to put right. It changes as you type. Nothing here needs filling in.", "lead"),
        Cell(3, 1, None, "subtitle", fixed=False, calculates=lambda: _progress(total, nil_formula(tabs[0]))),
        Cell(4, 1, None, "line", fixed=False, calculates=lambda: _next(tabs)),
        *(Cell(FIRST_TAB_ROW - 1, column, head, "head") for column, head in TAB_HEADS.items()),
    ]
    for row, sheet in enumerate(tabs, FIRST_TAB_ROW):
        lines += _tab_line(row, sheet)
    lines += [Cell(total, 1, "All tabs", "total")]
    lines += [
        Cell(total, column, None, "total.count", fixed=False, calculates=partial(_sum, letter, total))
        for column, letter in ((2, "B"), (3, "C"), (4, "D"), (7, FILLED))
    ]
    head = total + 2
    lines += [Cell(head, column, text, "head") for column, text in enumerate(LIST_HEADS, 1)]
    places = sum(1 for sheet in tabs for _ in sheet.checked_rows())
    for number in range(1, places + 1):
        lines += _list_line(head + number, number, tabs, total)
    return Sheet(CHECK_TAB, (*lines, *notice_line(notice, 5)), (), WIDTHS)


def _sum(letter: str, total: int) -> str:
    return f"SUM({letter}{FIRST_TAB_ROW}:{letter}{total - 1})"


def _tab_line(row: int, sheet: Sheet) -> list[Cell]:
    styles = {1: "link", 3: "count", 4: "count", 6: "small", 7: "small"}
    formulas = [
        Cell(row, column, None, style, fixed=False, calculates=partial(_tab_formula, row, column, sheet))
        for column, style in styles.items()
    ]
    return [formulas[0], Cell(row, 2, len(_ratings(sheet)), "count"), *formulas[1:]]


def _tab_formula(row: int, column: int, sheet: Sheet) -> str:
    match column:
        case 1:
            return f'HYPERLINK("#\'{sheet.title}\'!A1","{sheet.title}")'
        case 3:
            return _given(sheet, _ratings(sheet))
        case 4:
            return _to_fix(sheet)
        case 6:
            return "0" if row == FIRST_TAB_ROW else f"{BEFORE}{row - 1}+D{row - 1}"
        case _:
            return "0" if sheet.title == COVER else _given(sheet, [cell for cell, _ in sheet.fields()])


def _list_line(row: int, number: int, tabs: Sequence[Sheet], total: int) -> list[Cell]:
    """Line n of the list: the n-th thing to fix, wherever it is; blank when there are fewer."""
    return [
        Cell(
            row, column, None, "list.link" if column == 4 else "list", fixed=False,
            calculates=partial(_list_formula, row, column, number, tabs, total),
        )
        for column in range(1, len(LIST_HEADS) + 1)
    ]  # fmt: skip


def _list_formula(row: int, column: int, number: int, tabs: Sequence[Sheet], total: int) -> str:
    first, last = FIRST_TAB_ROW, total - 1
    which = f"MATCH({number - 1},${BEFORE}${first}:${BEFORE}${last},1)"
    rank = f"{number}-INDEX(${BEFORE}${first}:${BEFORE}${last},{which})"

    def pick(kind: int) -> str:
        """A column of whichever tab it is on: 0 the refs, 1 what is wrong, 2 the numbers."""
        letters = [column_letter(1 if kind == 0 else sheet.check + kind - 1) for sheet in tabs]
        return f"CHOOSE({which}," + ",".join(f"'{s.title}'!${x}:${x}" for s, x in zip(tabs, letters, strict=True)) + ")"

    there = f"MATCH({rank},{pick(2)},0)"
    shown, address = f'$C{row}=""', f'LEFT($E{row},FIND(":",$E{row})-1)'
    match column:
        case 1:
            return f'IF({shown},"",CHOOSE({which},' + ",".join(f'"{sheet.title}"' for sheet in tabs) + "))"
        case 2:
            return f'IF({shown},"",INDEX({pick(0)},{there}))'
        case 3:
            return f'IF({number}>$D${total},"",{number})'
        case 4:
            return f'IF({shown},"",HYPERLINK("#\'"&$A{row}&"\'!"&{address},"Go to "&{address}))'
        case _:
            return f'IF({shown},"",INDEX({pick(1)},{there}))'


def _progress(total: int, nil: str, sheet: str = "") -> str:
    """`11 of 14 actions rated, 2 things to fix.` or `Ready to send.`"""
    asked, rated, fix = (f"{sheet}${letter}${total}" for letter in "BCD")
    done = f"AND({rated}>={asked},{fix}=0,{_cover_to_do()}=0)"
    nothing = f"AND({nil},{fix}=0,{_cover_to_do()}=0)"
    things = f'{fix}&IF({fix}=1," thing"," things")&" to fix."'
    return f'IF(OR({done},{nothing}),"Ready to send.",{rated}&" of "&{asked}&" actions rated, "&{things})'


def _cover_to_do() -> str:
    return f'COUNTIF({COVER}!$D:$D,"{TO_DO}*")'


def _next(tabs: Sequence[Sheet]) -> str:
    """What to do first: the first tab with an action to rate, else the first with something to fix."""
    formula = f'IF({_cover_to_do()}>0,"Next: complete the boxes on the {COVER}.","Nothing is left to do. Send it back.")'
    for row, sheet in reversed(list(enumerate(tabs, FIRST_TAB_ROW))):
        formula = f'IF($D${row}>0,"Next: put right what is listed below for {sheet.title}.",{formula})'
    for row, sheet in reversed(list(enumerate(tabs, FIRST_TAB_ROW))):
        if _ratings(sheet):
            formula = f'IF($B${row}>$C${row},"Next: rate your actions on {sheet.title}.",{formula})'
    return f'IF({nil_formula(tabs[0])},"Nothing to report is ticked on the {COVER}.",{formula})'


def with_progress(tabs: Sequence[Sheet]) -> Sheet:
    """The Cover, which is the first of the tabs, with a line that says how far the copy is."""
    own = partial(_progress, FIRST_TAB_ROW + len(tabs), nil_formula(tabs[0]), f"{CHECK_TAB}!")
    return replace(tabs[0], lines=(*tabs[0].lines, Cell(PROGRESS_ROW, 1, None, "subtitle", fixed=False, calculates=own)))
