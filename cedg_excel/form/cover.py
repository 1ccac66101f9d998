"""The Cover of a copy: its agency and period, how to fill it in, and a few questions about the return itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from cedg_excel.form.fields import CHECK_COLUMNS, COVER_FIELDS, Column, FormField
from cedg_excel.form.model import INPUT_STYLES, Cell, Row, Sheet, Table, notice_cells
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Agency, Period, Plan
from cedg_excel.plan.period_words import long_date, period_span
from cedg_excel.ratings import RATINGS
from cedg_excel.tab_names import COVER

COVER_COLUMNS = (
    Column("label", "Please complete"), Column("value", "Your answer"), Column("help", "Help"), *CHECK_COLUMNS,
)  # fmt: skip


COVER_WIDTHS = (30.0, 46.0, 64.0, 44.0, 7.0)


COVER_CHECK_COLUMN = 4


HOW_TO_FILL_IN = (
    "Work through the Objective tabs. Fill in only the pale yellow cells; the Tab key takes you to the next one.",
    "Give each of your actions a BRAG rating from the list, with its dates and evidence.",
    "Fill in the figures for this quarter in the KPI table. If there is no figure, choose why under Why no figure.",
    "Never name or describe a child. If you paste, use Paste Special, Values: an ordinary paste damages the form.",
    "Complete the boxes below, save this file as an Excel workbook (.xlsx), and attach it to a reply to the e-mail it came with.",
)


def cover_tab(plan: Plan, agency: Agency, period: Period, notice: str) -> Sheet:
    """The Cover without the stamp, which can only be added when the layout is complete: see `stamped`."""
    row = count(1)
    lines = [
        *_banner(next(row), "Click Enable Editing in the yellow bar above, if there is one, before you start.", len(COVER_WIDTHS)),
        Cell(next(row), 1, plan.about.title, "title"),
        Cell(next(row), 1, f"{agency.name}: return for {period.name}", "subtitle"),
        Cell(next(row), 1, _dates(period), "lead"),
    ]
    next(row)  # for the line that `with_progress` adds
    next(row)
    lines += [Cell(next(row), 1, "How to fill this in", "heading")]
    for number, line in enumerate(HOW_TO_FILL_IN, 1):
        lines.append(Cell(next(row), 1, f"{number}. {line}", "line"))
    next(row)
    lines += [Cell(next(row), 1, "BRAG key", "heading")]
    for rating in RATINGS:
        rating_row = next(row)
        lines += [
            Cell(rating_row, 1, rating.word, f"brag.{rating.word}"),
            Cell(rating_row, 2, plan.about.brag.of(rating.word), "line"),
        ]
    next(row)
    heading_row = next(row)
    rows = tuple(
        Row(item.heading, (Cell(n, 1, item.heading, "ref"), _answer_cell(n, item), Cell(n, 3, item.help, "help")))
        for n, item in zip(row, COVER_FIELDS, strict=False)
    )
    table = Table("cover", heading_row, COVER_COLUMNS, rows)
    return Sheet(COVER, (*lines, *notice_cells(notice, 3, "banner.notice")), (table,), COVER_WIDTHS, check_column=COVER_CHECK_COLUMN)


def _banner(row: int, text: str, columns: int) -> list[Cell]:
    """A line with a background across the page. Cells are never merged, because merged rows do not grow with their text."""
    return [Cell(row, 1, text, "banner"), *(Cell(row, column, None, "banner") for column in range(2, columns + 1))]


def _dates(period: Period) -> str:
    parts = [f"The period is {period_span(period)}."]
    if period.due:
        parts.append(f"Please send it back by {long_date(period.due)}.")
    if period.meeting:
        parts.append(f"It goes to the meeting of {period.meeting}.")
    return " ".join(parts)


def _answer_cell(row: int, item: FormField) -> Cell:
    return Cell(row, 2, None, INPUT_STYLES[item.kind], item.field("cover"))


def stamped(cover: Sheet, stamp: Stamp) -> Sheet:
    """The Cover with the stamp below its table. It is added last, because it contains the layout's own fingerprint."""
    row = cover.tables[0].rows[-1].number + 2
    lines = (Cell(row, 1, "About this copy", "heading"), Cell(row + 1, 1, str(stamp), "stamp"))
    note = Cell(row + 2, 1, "The coordinator's program uses the line above to identify this copy. Please leave it as it is.", "line")
    return replace(cover, lines=(*cover.lines, *lines, note))
