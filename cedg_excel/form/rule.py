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

WHOLE_FILE = Place()


MOST_SHOWN = 4_000
"""How many characters of what was typed go with a finding; a cell of the master could not hold all that a file can."""


Group = Literal["file", "form", "values", "privacy", "sense"]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule. `says` and `fix` are filled in with what is known of the place: {value}, {label}, {rating} (an address) ...

    `holds`: the value stays out of the master. `rejects`: the whole file is refused. `condition` is checked on the
    fields that `where` names for each table, in every table on all fields of the `kinds` when `where` is empty. A cell
    says it too where the field is of one of the `kinds`.
    `to_do`: nothing is wrong yet, something is left to do.
    """

    code: str
    severity: Severity
    group: Group
    says: str
    fix: str = ""
    holds: bool = False
    rejects: bool = False
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kinds: tuple[FieldKind, ...] = ()
    condition: Condition = NO_CONDITION
    to_do: bool = False

    @property
    def in_sheet(self) -> bool:
        """Whether a cell of the copy says it too, while people type."""
        return bool(self.condition.breaks)

    def on(self, table: str, fields: Mapping[str, FieldKind]) -> list[str]:
        """The fields of a table it is checked on, out of those given with their kinds."""
        if self.where:
            return [name for name in dict(self.where).get(table, ()) if name in fields]
        return [name for name, kind in fields.items() if kind in self.kinds]

    def finding(self, file: str, place: Place = WHOLE_FILE, *, key: str | None = None, value: str | None = None, **words: str) -> Finding:
        """The rule as a finding at a place. What was typed is shown without any personal data in it."""
        value = None if value is None else masked(value)[:MOST_SHOWN]
        known = _Words(words, value="" if value is None else shortened(value), other=masked(words.get("other", "")))
        return Finding(
            self.code, self.severity, file, place, self.says.format_map(known), self.fix.format_map(known),
            key, value, self.holds,
        )  # fmt: skip


def constants(plan: Plan, period: Period) -> dict[str, str]:
    """The words of a sentence that are the same in the whole of a copy."""
    return {
        "period_end": long_date(period.end),
        "plan_start": long_date(plan.about.start),
        "plan_end": long_date(plan.about.end),
        "text_limit": f"{plan.about.text_limit:,}",
    }


class _Words(dict[str, str]):
    """Leaves an unknown word visible instead of failing on it: a finding is never lost to its own sentence."""

    def __missing__(self, key: str) -> str:
        return key.replace("_", " ")
