"""The columns of the master's objective pages."""

from __future__ import annotations

from cedg_excel.form.fields import ACTION_COLUMNS, FIELDS, Column, FormField
from cedg_excel.ratings import WORST_FIRST

_WIDTHS = {"ref": 7.0, "title": 34.0, "leads": 24.0}
"""Of the columns that are wider or narrower than in a copy; dates are 12.5 characters wide."""


def _has_own_column(column: Column) -> bool:
    """Whether a column of a copy is a column of the page too. Other answers are among the texts, or the rating."""
    return column.shown == "column" if isinstance(column, FormField) else column.name != "last_time"


PAGE_COLUMNS = (
    *(Column(column.name, column.heading, _WIDTHS.get(column.name, 12.5)) for column in ACTION_COLUMNS if _has_own_column(column)),
    Column("texts", "Evidence and remedial action", 52.0),
    *(Column(rating.word, rating.letter, 4.5) for rating in WORST_FIRST),
    Column("rated", "Rated", 20.0),
    Column("group_rating", "Group rating", 11.0),
    Column("note", "Coordinator's note", 26.0),
)
_NUMBER = {column.name: number for number, column in enumerate(PAGE_COLUMNS, 1)}
LEADS, TEXTS, RATED, GROUP_RATING, NOTE = (_NUMBER[name] for name in ("leads", "texts", "rated", "group_rating", "note"))
"""Columns of the page. Unlocked are the group's own rating of an action, its note, and its agreed texts under TEXTS."""

FIRST_RATING_COLUMN = TEXTS + 1
COLUMN_OF = {item.column: _NUMBER[item.name] for item in FIELDS["actions"] if item.shown == "column"}
"""The columns of the answers that have one to themselves."""

AGREED = "Agreed"
IN_DOUBT_NOTE = "In doubt: see Findings"
