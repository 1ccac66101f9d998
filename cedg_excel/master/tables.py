"""The master's tables that other programs rely on: their names, and their columns in order."""

from __future__ import annotations

from cedg_excel.form.fields import FIELDS

SOURCE = ("source_file", "source_sha256", "source_sheet", "source_row")


DOUBT, TREND = ("doubt",), ("variation", "assurance")
"""How far a row's answers can be trusted (`in_error`, `held_back` or blank), and what the KPI's totals up to its period mean."""


def _columns(
    table: str, before: tuple[str, ...], known: tuple[str, ...], after: tuple[str, ...] = (), last: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """
    The columns of a table: `before`, the `known` fields that other programs rely on, `after`, any other fields of the form, and `last`.

    Raises ValueError where a known field is missing, or a field has the name of one of the table's own columns.
    """
    fields = [field.column for field in FIELDS[table]]
    if missing := [name for name in known if name not in fields]:
        raise ValueError(f"The master's table for {table} must have the column {missing[0]}, but form/fields.py has no such field.")
    if taken := set(fields) & {*before, *after, *last}:
        raise ValueError(
            f"The field {min(taken)} of {table} has the name of one of the master's own columns. Give it another name with `data`."
        )
    return (*before, *known, *after, *(name for name in fields if name not in known), *last)


_ROW_NAMES = ("period", "agency", "objective", "ref")
COLUMNS: dict[str, tuple[str, ...]] = {
    "actions": _columns(
        "actions", _ROW_NAMES, ("date_commenced", "target_date", "date_achieved", "evidence", "rating", "remedial_action"), SOURCE, DOUBT
    ),
    "kpis": _columns("kpis", _ROW_NAMES, ("value", "numerator", "denominator", "comment"), SOURCE, (*DOUBT, *TREND)),
    "narrative": _columns("narrative", _ROW_NAMES[:3], ("achievements", "impact", "next_steps"), SOURCE),
    "returns": _columns(
        "cover", ("period", "agency", "status", "late", "file", "sha256", "modified"),
        ("completed_by", "role", "completed_on", "declared", "nil_return"),
    ),
    "findings": (
        "period", "agency", "code", "severity", "file", "sheet", "cell", "key", "value", "message", "fix", "held_back",
    ),
    "changes": ("period", "agency", "key", "old", "new", "old_sha256", "new_sha256"),
    "group": ("period", "ref", "rating", "note"),
}  # fmt: skip

ADDED_LATER = {*DOUBT, *TREND}
"""Columns that a master made by an earlier version does not have: they are blank when it is read."""

ANSWERS = {"actions": "actions", "kpis": "kpis", "narrative": "narrative", "cover": "returns"}
"""Which table of the master takes the answers of each table of the form."""

if without_table := set(FIELDS) - set(ANSWERS):
    raise ValueError(f"No table of the master takes the fields of {', '.join(sorted(without_table))}: their answers would be lost.")
