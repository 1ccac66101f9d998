"""Is it ours, unaltered, right? Every finding about a batch of returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cedg_excel.findings import Finding, Severity
from cedg_excel.form import day
from cedg_excel.lines import finding_of
from cedg_excel.plan import Period, Plan
from cedg_excel.returns import Return
from cedg_excel.rules import BY_CODE
from cedg_excel.schema import failures

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
        found[id(failure.line.returned)].append(finding_of(failure, plan))
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
