"""
Where every field sits in an agency's copy, cell by cell.

The template is written from a layout and a return is read against one, so writer and reader cannot disagree.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import count

from cedg_excel import ratings as brag
from cedg_excel.form.check_tab import check_tab, filled_formula, nil_formula, with_progress
from cedg_excel.form.formulas import Setting, with_checks
from cedg_excel.form.model import (
    COVER,
    NIL_CHOICES,
    REFERENCE,
    STATUS_CHOICES,
    VERSIONS,
    Cell,
    Column,
    Field,
    Layout,
    Row,
    Sheet,
    Stamp,
    Table,
    Value,
    day,
    notice_line,
    span,
)
from cedg_excel.form.objective_tab import CHECK_COLUMNS, objective_tab
from cedg_excel.plan.model import Agency, Period, Plan, Version

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


@lru_cache(maxsize=256)
def layout_for(plan: Plan, agency: str, period: str, notice: str = "") -> Layout:
    """
    The layout of one agency's copy for one period, both given by id. Raises KeyError for an id the plan has not.

    `notice` is a line printed at the top of every tab, such as a protective marking; reading ignores it.
    """
    whose, when = plan.agency_by_id[agency], plan.period_by_id[period]
    cover = _cover(plan, whose, when, notice)
    tabs = [cover, *(objective_tab(plan, objective, whose, when, notice) for objective in plan.objectives)]
    setting = Setting.of(plan, when, nil_formula(cover), filled_formula(tabs))
    tabs = [with_checks(tab, setting) for tab in tabs]
    sheets = [with_progress(tabs), *tabs[1:], check_tab(tabs, notice), _reference(plan, notice), _versions(plan, notice)]
    stamp = Stamp(plan.about.id, plan.about.version, agency, period, _fingerprint(sheets))
    return Layout(plan, whose, when, stamp, (_stamped(sheets[0], stamp), *sheets[1:]))


def _fingerprint(sheets: list[Sheet]) -> str:
    """Twelve hexadecimal digits that change when any input cell moves, comes or goes."""
    places = [f"{item.key}={sheet.title}!{cell.row},{cell.column}" for sheet in sheets for cell, item in sheet.fields()]
    return hashlib.sha256("\n".join(places).encode()).hexdigest()[:12]


def _cover(plan: Plan, agency: Agency, period: Period, notice: str) -> Sheet:
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
    for rating in brag.RATINGS:
        here = next(row)
        lines += [
            Cell(here, 1, rating.word, f"brag.{rating.word}"),
            Cell(here, 2, plan.about.brag.of(rating.word), "line"),
        ]
    next(row)
    head = next(row)
    rows = tuple(
        Row(label, (Cell(n, 1, label, "ref"), Cell(n, 2, None, _input(item), item), Cell(n, 3, help_, "help")))
        for n, (label, item, help_) in zip(row, cover_fields(), strict=False)
    )
    table = Table("cover", head, COVER_COLUMNS, rows)
    return Sheet(COVER, (*lines, *notice_line(notice, 3)), (table,), COVER_WIDTHS, check=COVER_CHECK)


def _band(row: int, text: str, columns: int) -> list[Cell]:
    """A line whose colour runs across the page; cells are never merged, since merged rows do not grow."""
    return [Cell(row, 1, text, "banner"), *(Cell(row, column, None, "banner") for column in range(2, columns + 1))]


def _when(period: Period) -> str:
    parts = [f"The period is {span(period)}."]
    if period.due:
        parts.append(f"Please send it back by {day(period.due)}.")
    if period.meeting:
        parts.append(f"It goes to the meeting of {period.meeting}.")
    return " ".join(parts)


def cover_fields() -> list[tuple[str, Field, str]]:
    """The questions of the Cover: label, field and help."""
    return [
        ("Completed by", Field("cover/completed_by", "text", "Completed by", True), "Your name."),
        ("Role", Field("cover/role", "text", "Role"), "Your job title."),
        ("Date completed", Field("cover/completed_on", "date", "Date completed", True), "For example 14/01/2020."),
        (
            "Draft or final",
            Field("cover/status", "choice", "Draft or final", True, STATUS_CHOICES),
            "Choose Final when it is ready to be used. A draft is read too, and marked as one.",
        ),
        (
            "Nothing to report",
            Field("cover/nil_return", "choice", "Nothing to report", False, NIL_CHOICES),
            "Choose Yes only if you have nothing at all to report this quarter, and leave the tabs blank.",
        ),
    ]


def _stamped(cover: Sheet, stamp: Stamp) -> Sheet:
    """The cover with the stamp under its table. It comes last, since it holds the layout's own fingerprint."""
    row = cover.tables[0].rows[-1].number + 2
    lines = (Cell(row, 1, "About this copy", "heading"), Cell(row + 1, 1, str(stamp), "stamp"))
    note = Cell(row + 2, 1, "The line above tells the coordinator's program whose copy this is. Please leave it as it is.", "line")
    return replace(cover, lines=(*cover.lines, *lines, note))


LISTS = (
    ("brag_ratings", "BRAG ratings", brag.WORDS),
    ("return_status", "Draft or final", STATUS_CHOICES),
    ("nil_return", "Nothing to report", NIL_CHOICES),
)
"""The lists behind the dropdowns: defined name, heading, words. They stand side by side on Reference from row 4."""

LIST_ROW = 4


def _reference(plan: Plan, notice: str) -> Sheet:
    lines = [
        Cell(1, 1, "Reference", "title"),
        Cell(2, 1, "The lists behind the dropdowns, and what is expected with each rating.", "lead"),
    ]
    for column, (_, heading, words) in enumerate(LISTS, 1):
        lines.append(Cell(LIST_ROW - 1, column, heading, "head"))
        for row, word in enumerate(words, LIST_ROW):
            lines.append(Cell(row, column, word, f"brag.{word}" if word in brag.BY_WORD else "locked"))
    start = LIST_ROW + 5
    lines.append(Cell(start, 1, "Guidance", "heading"))
    lines += [Cell(here, 1, line, "line") for here, line in enumerate(guidance(plan), start + 1)]
    return Sheet(REFERENCE, (*lines, *notice_line(notice, 4)), (), (24.0, 24.0, 24.0, 60.0))


def guidance(plan: Plan) -> tuple[str, ...]:
    """What goes with each rating, and what is never written here."""
    return (
        "Blue: give the date it was achieved, and say under Evidence what shows it.",
        "Red: nothing more is needed; say under Evidence what is holding it up if that helps.",
        "Amber: say under Remedial action what is being done, by whom and by when.",
        "Green: the target date, if there is one, should not have passed.",
        "Dates: day, month and four-figure year, such as 14/01/2020.",
        f"Text: up to {plan.about.text_limit:,} characters in a cell. Alt+Enter starts a new line.",
        "Percentages: type how many, and out of how many. The program works out the percentage.",
        "Never write a child's name, initials, date of birth, address, or NHS number anywhere in this workbook.",
        "The sheets are protected so that nothing is changed by accident. If a cell will not take your answer, ask the coordinator.",
    )


VERSION_COLUMNS = ("Date", "Version", "Author", "Change", "Date to the group")


def _versions(plan: Plan, notice: str) -> Sheet:
    lines = [
        Cell(1, 1, "Versions", "title"),
        Cell(2, 1, f"This copy was made from version {plan.about.version} of the plan.", "lead"),
    ]
    for column, heading in enumerate(VERSION_COLUMNS, 1):
        lines.append(Cell(3, column, heading, "head"))
    for row, version in enumerate(plan.versions, 4):
        for column, value in enumerate(version_row(version), 1):
            style = "locked.date" if isinstance(value, date) else "locked"
            lines.append(Cell(row, column, value, style))
    return Sheet(VERSIONS, (*lines, *notice_line(notice, 4)), (), (16.0, 12.0, 26.0, 60.0, 20.0), 3)


def version_row(version: Version) -> tuple[Value, ...]:
    """One entry of the version control, in the order of VERSION_COLUMNS."""
    return tuple(getattr(version, name) or None for name in ("date", "number", "author", "change", "date_to_group"))


def _input(item: Field) -> str:
    return {"date": "input.date", "number": "input.number", "text": "input.text"}.get(item.kind, "input.choice")
