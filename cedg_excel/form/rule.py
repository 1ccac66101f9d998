"""What a rule is, and how it becomes a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cedg_excel.findings import Finding, Place, Severity, shortened
from cedg_excel.form.conditions import NO_CONDITION, Condition
from cedg_excel.form.fields import FieldKind
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Period, Plan
from cedg_excel.plan.period_words import long_date
from cedg_excel.text import readable

WHOLE_FILE = Place()


MOST_SHOWN = 4_000
"""How many characters of what was typed are kept in a finding; a cell of the master cannot hold as much as a file can."""


Group = Literal["file", "form", "values", "privacy", "consistency"]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule. In `message` and `fix`, names in braces are filled in from the finding: {value}, {label}, {rating} (an address) ...

    `holds_back`: the value is kept out of the master. `rejects_file`: the whole file is refused. `condition` is checked on the
    fields that `fields_by_table` names; when that is empty, on all fields of these `kinds` in every table. The sheet checks it
    as well where the field is of one of the `kinds`.
    `to_do`: nothing is wrong yet, but something is left to do.
    """

    code: str
    severity: Severity
    group: Group
    message: str
    fix: str = ""
    holds_back: bool = False
    rejects_file: bool = False
    fields_by_table: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kinds: tuple[FieldKind, ...] = ()
    condition: Condition = NO_CONDITION
    to_do: bool = False

    @property
    def in_sheet(self) -> bool:
        """Whether the copy itself checks it, while people type."""
        return bool(self.condition.broken_formula)

    def checked_fields(self, table: str, fields: Mapping[str, FieldKind]) -> list[str]:
        """The names of those fields of a table that it is checked on. `fields` has the kind of each field by name."""
        if self.fields_by_table:
            return [name for name in dict(self.fields_by_table).get(table, ()) if name in fields]
        return [name for name, kind in fields.items() if kind in self.kinds]

    def finding(self, file: str, place: Place = WHOLE_FILE, *, key: str | None = None, value: str | None = None, **words: str) -> Finding:
        """The finding of this rule at a place. Personal data is removed from what was typed."""
        value = None if value is None else masked(readable(value))[:MOST_SHOWN]
        other = masked(readable(words.get("other", "")))
        placeholders = _Placeholders(words, value="" if value is None else shortened(value), other=other)
        return Finding(
            self.code, self.severity, file, place, self.message.format_map(placeholders), self.fix.format_map(placeholders),
            key, value, self.holds_back,
        )  # fmt: skip


def sentence_constants(plan: Plan, period: Period) -> dict[str, str]:
    """The placeholders of messages whose values are the same throughout a copy."""
    return {
        "period_end": long_date(period.end),
        "plan_start": long_date(plan.about.start),
        "plan_end": long_date(plan.about.end),
        "text_limit": f"{plan.about.text_limit:,}",
    }


class _Placeholders(dict[str, str]):
    """Shows the name of an unknown placeholder instead of failing: a finding must never be lost because of its own message."""

    def __missing__(self, key: str) -> str:
        return key.replace("_", " ")
