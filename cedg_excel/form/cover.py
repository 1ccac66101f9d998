"""The Cover of a copy: whose it is, how to fill it in, and the few questions about the return itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from cedg_excel.form.fields import CHECK_COLUMNS, COVER_FIELDS, Column, FormField
from cedg_excel.form.model import INPUT_STYLES, Cell, Row, Sheet, Table, notice_line
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Agency, Period, Plan
from cedg_excel.plan.period_words import long_date, period_span
from cedg_excel.ratings import RATINGS
from cedg_excel.tab_names import COVER

COVER_COLUMNS = (
    Column("label", "Please complete"), Column("value", "Your answer"), Column("help", "Help"), *CHECK_COLUMNS,
)  # fmt: skip


COVER_WIDTHS = (30.0, 46.0, 64.0, 44.0, 7.0)


COVER_CHECK = 4


HOW_TO_FILL_IN = (
    "Work through the Objective tabs. Only the pale yellow cells are yours; Tab takes you to the next one.",
    "Give every action of yours a BRAG rating from the list, and the dates and evidence that go with it.",
    "Fill in the figures for this quarter in the KPI table. Leave a figure blank if you do not have it; do not type n/a.",
    "Never name or describe a child. If you paste, use Paste Special, Values: an ordinary paste damages the form.",
    "Complete the boxes below, save as an Excel workbook (.xlsx) and reply with it to the e-mail this copy came with.",
)


def cover_tab(plan: Plan, agency: Agency, period: Period, notice: str) -> Sheet:
    """The Cover, but for the stamp, which needs the layout to be finished: see `stamped`."""
    row = count(1)
    lines = [
        *_band(next(row), "Click Enable Editing in the yellow bar above, if there is one, before you start.", len(COVER_WIDTHS)),
        Cell(next(row), 1, plan.about.title, "title"),
        Cell(next(row), 1, f"{agency.name}: return for {period.name}", "subtitle"),
        Cell(next(row), 1, _when(period), "lead"),
    ]
    next(row)  # for the progress, which `with_progress` writes
    next(row)
    lines += [Cell(next(row), 1, "How to fill this in", "heading")]
    for number, line in enumerate(HOW_TO_FILL_IN, 1):
        lines.append(Cell(next(row), 1, f"{number}. {line}", "line"))
    next(row)
    lines += [Cell(next(row), 1, "BRAG key", "heading")]
    for rating in RATINGS:
        here = next(row)
        lines += [
            Cell(here, 1, rating.word, f"brag.{rating.word}"),
            Cell(here, 2, plan.about.brag.of(rating.word), "line"),
        ]
    next(row)
    head = next(row)
    rows = tuple(
        Row(item.heading, (Cell(n, 1, item.heading, "ref"), _answer(n, item), Cell(n, 3, item.help, "help")))
        for n, item in zip(row, COVER_FIELDS, strict=False)
    )
    table = Table("cover", head, COVER_COLUMNS, rows)
    return Sheet(COVER, (*lines, *notice_line(notice, 3)), (table,), COVER_WIDTHS, check=COVER_CHECK)


def _band(row: int, text: str, columns: int) -> list[Cell]:
    """A line whose colour runs across the page; cells are never merged, since merged rows do not grow."""
    return [Cell(row, 1, text, "banner"), *(Cell(row, column, None, "banner") for column in range(2, columns + 1))]


def _when(period: Period) -> str:
    parts = [f"The period is {period_span(period)}."]
    if period.due:
        parts.append(f"Please send it back by {long_date(period.due)}.")
    if period.meeting:
        parts.append(f"It goes to the meeting of {period.meeting}.")
    return " ".join(parts)


def _answer(row: int, item: FormField) -> Cell:
    return Cell(row, 2, None, INPUT_STYLES[item.kind], item.field("cover"))


def stamped(cover: Sheet, stamp: Stamp) -> Sheet:
    """The cover with the stamp under its table. It comes last, since it holds the layout's own fingerprint."""
    row = cover.tables[0].rows[-1].number + 2
    lines = (Cell(row, 1, "About this copy", "heading"), Cell(row + 1, 1, str(stamp), "stamp"))
    note = Cell(row + 2, 1, "The line above tells the coordinator's program whose copy this is. Please leave it as it is.", "line")
    return replace(cover, lines=(*cover.lines, *lines, note))
