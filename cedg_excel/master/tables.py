"""The master's tables that other programs rely on: their names, and their columns in order."""

from __future__ import annotations

from cedg_excel.form.fields import FIELDS

SOURCE = ("source_file", "source_sha256", "source_sheet", "source_row")


def _with_fields(table: str, *columns: str) -> tuple[str, ...]:
    """
    Columns in the order other programs know, and after them those of any other fields of the form's table.

    Raises ValueError where a column that has to be there is neither a field nor the program's own.
    """
    of_fields = [field.column for field in FIELDS[table]]
    own = {"period", "agency", "objective", "ref", "status", "late", "file", "sha256", "modified", *SOURCE}
    if unknown := [name for name in columns if name not in of_fields and name not in own]:
        raise ValueError(f"The table of {table} must have the column {unknown[0]}, but form/fields.py has no such field.")
    if clash := own & set(of_fields):
        raise ValueError(f"The field {min(clash)} of {table} has the name of a column of the master's own. Give it another with `data`.")
    return (*columns, *(name for name in of_fields if name not in columns))


COLUMNS: dict[str, tuple[str, ...]] = {
    "actions": _with_fields(
        "actions", "period", "agency", "objective", "ref", "date_commenced", "target_date", "date_achieved", "evidence", "rating",
        "remedial_action", *SOURCE,
    ),
    "kpis": _with_fields("kpis", "period", "agency", "objective", "ref", "value", "numerator", "denominator", "comment", *SOURCE),
    "narrative": _with_fields("narrative", "period", "agency", "objective", "achievements", "impact", "next_steps", *SOURCE),
    "returns": _with_fields(
        "cover", "period", "agency", "status", "late", "file", "sha256", "modified", "completed_by", "role", "completed_on",
        "declared", "nil_return",
    ),
    "findings": (
        "period", "agency", "code", "severity", "file", "sheet", "cell", "key", "value", "message", "fix", "held_back",
    ),
    "changes": ("period", "agency", "key", "old", "new", "old_sha256", "new_sha256"),
    "group": ("period", "ref", "rating", "note"),
}  # fmt: skip

ANSWERS = {"actions": "actions", "kpis": "kpis", "narrative": "narrative", "cover": "returns"}
"""Which table of the master takes the answers of each table of the form."""

if untaken := set(FIELDS) - set(ANSWERS):
    raise ValueError(f"No table of the master takes the fields of {', '.join(sorted(untaken))}: their answers would be lost.")
