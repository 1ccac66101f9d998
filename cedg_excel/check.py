"""Is it ours, unaltered, right? Every finding about a batch of returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from cedg_excel.findings import Finding, Severity
from cedg_excel.form import day
from cedg_excel.plan import Period, Plan
from cedg_excel.returns import Return
from cedg_excel.rules import BY_CODE
from cedg_excel.schema import Failure, failures, filled_keys, utf16_length
from cedg_excel.values import shown

Status = Literal["clean", "findings", "rejected", "skipped"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A return and everything there is to say about it, errors first."""

    returned: Return
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """`clean` means no error and no warning; things merely worth knowing do not spoil it."""
        if self.returned.skipped:
            return "skipped"
        if self.returned.rejected:
            return "rejected"
        return "findings" if any(item.severity != Severity.INFO for item in self.findings) else "clean"

    @property
    def has_errors(self) -> bool:
        return any(item.severity == Severity.ERROR for item in self.findings)


def check(returns: Iterable[Return], plan: Plan) -> list[Checked]:
    """Every return with its findings, in the order given. One pass of each schema covers the whole batch."""
    returns = list(returns)
    found: dict[int, list[Finding]] = defaultdict(list)
    for failure in failures([item for item in returns if item.entries is not None], plan):
        found[id(failure.line.returned)].append(_finding(failure, plan))
    return [
        Checked(item, tuple(sorted((*item.findings, *found[id(item)], *_late(item, plan)), key=lambda f: f.order)))
        for item in returns
    ]


def is_late(modified: datetime | None, period: Period) -> bool:
    """Whether a return was last saved after the day it was due."""
    return modified is not None and period.due is not None and modified.date() > period.due


def _late(item: Return, plan: Plan) -> list[Finding]:
    period = plan.period_by_id.get(item.stamp.period) if item.stamp else None
    if period is None or period.due is None or item.modified is None or not is_late(item.modified, period):
        return []
    return [BY_CODE["LATE"].finding(item.file, value=day(item.modified.date()), due=day(period.due))]


def _cells_are(number: int) -> str:
    return "1 cell is" if number == 1 else f"{number} cells are"


def _finding(failure: Failure, plan: Plan) -> Finding:
    """The failure as a finding, with the words its sentence needs."""
    line = failure.line
    entry = line.entries[failure.field]
    words = {name: other.place.cell or "" for name, other in line.entries.items() if name != "value"}
    for name, other in line.entries.items():
        words[f"{name}_value"] = shown(other.value) or ""
    for name in ("date_commenced", "target_date"):
        agreed = getattr(plan.action_by_ref.get(line.ref), name, None)
        if isinstance(agreed, date) and name not in line.entries:
            words |= {f"{name}_value": shown(agreed) or "", name: "the plan"}
    period = plan.period_by_id[line.returned.stamp.period] if line.returned.stamp else plan.periods[0]
    words |= {
        "label": entry.field.label,
        "read": shown(entry.value) or "",
        "choices": " or ".join(entry.field.choices or ()),
        "length": f"{utf16_length(entry.value):,}" if isinstance(entry.value, str) else "",
        "limit": f"{plan.about.text_limit:,}",
        "filled": _cells_are(len(filled_keys(line.returned))),
        "other_half": words.get("denominator" if failure.field == "numerator" else "numerator", ""),
        "period_end": day(period.end),
        "plan_start": day(plan.about.start),
        "plan_end": day(plan.about.end),
    }
    return BY_CODE[failure.rule.code].finding(
        line.returned.file, entry.place, key=entry.field.key, value=shown(entry.raw), **words
    )
