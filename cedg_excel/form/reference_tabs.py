"""The tabs of a copy with nothing to fill in: the lists and the guidance, and the plan's versions."""

from __future__ import annotations

from datetime import date

from cedg_excel.form.fields import LISTS
from cedg_excel.form.model import Cell, Sheet, Value, notice_cells
from cedg_excel.plan.model import Plan, Version
from cedg_excel.ratings import RATING_BY_WORD
from cedg_excel.tab_names import REFERENCE, VERSIONS

LIST_ROW = 4
"""The row of the first choice of each list; the lists are side by side."""


def reference_tab(plan: Plan, notice: str) -> Sheet:
    """The lists behind the dropdowns, and the guidance."""
    lines = [
        Cell(1, 1, "Reference", "title"),
        Cell(2, 1, "The lists behind the dropdowns, and what is expected with each rating.", "lead"),
    ]
    for column, choices in enumerate(LISTS, 1):
        lines.append(Cell(LIST_ROW - 1, column, choices.heading, "head"))
        for row, word in enumerate(choices.words, LIST_ROW):
            lines.append(Cell(row, column, word, f"brag.{word}" if word in RATING_BY_WORD else "locked"))
    guidance_row = LIST_ROW + max(len(choices.words) for choices in LISTS) + 1
    lines.append(Cell(guidance_row, 1, "Guidance", "heading"))
    lines += [Cell(row, 1, line, "line") for row, line in enumerate(guidance(plan), guidance_row + 1)]
    return Sheet(REFERENCE, (*lines, *notice_cells(notice, 4)), (), (24.0, 24.0, 24.0, 60.0))


def guidance(plan: Plan) -> tuple[str, ...]:
    """What goes with each rating, and what must never be written in a copy."""
    return (
        "Blue: give the date it was achieved, and say under Evidence what shows it.",
        "Red: nothing more is needed. If it helps, say under Evidence what is holding the work up.",
        "Amber: say under Remedial action what is being done, by whom and by when.",
        "Green: the target date, if there is one, should not have passed.",
        "Dates: day, month and four-figure year, such as 14/01/2020.",
        f"Text: up to {plan.about.text_limit:,} characters in a cell. Alt+Enter starts a new line.",
        "Percentages: type how many, and out of how many. The percentage is calculated for you.",
        "Never write a child's name, initials, date of birth, address, or NHS number anywhere in this workbook.",
        "The sheets are protected so that nothing is changed by accident. If a cell does not accept your answer, ask the coordinator.",
        # Last, so that what stands above it is where earlier copies have it.
        "No figure: leave it blank, and choose why under Why no figure. Type 0 only if the number is 0.",
    )


VERSION_COLUMNS = ("Date", "Version", "Author", "Change", "Date to the group")


def versions_tab(plan: Plan, notice: str) -> Sheet:
    """The plan's version control."""
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
    return Sheet(VERSIONS, (*lines, *notice_cells(notice, 4)), (), (16.0, 12.0, 26.0, 60.0, 20.0), 3)


def version_row(version: Version) -> tuple[Value, ...]:
    """One entry of the version control, in the order of VERSION_COLUMNS."""
    return tuple(getattr(version, name) or None for name in ("date", "number", "author", "change", "date_to_group"))
