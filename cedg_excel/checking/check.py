"""Checks a batch of returns: the findings of reading, the rules about answers, waivers and lateness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cedg_excel.checking.frames import finding_of
from cedg_excel.checking.schemas import failures
from cedg_excel.findings import Finding, Severity
from cedg_excel.form.rules import BY_CODE
from cedg_excel.garbage_collection import infrequent_gc
from cedg_excel.plan.model import Period, Plan
from cedg_excel.plan.period_words import long_date
from cedg_excel.returns.model import Return

CheckStatus = Literal["clean", "findings", "rejected", "skipped"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A return and all its findings, errors first."""

    returned: Return
    findings: tuple[Finding, ...]

    @property
    def status(self) -> CheckStatus:
        """`clean` means no error and no warning; a clean return may have findings for information."""
        if self.returned.skipped:
            return "skipped"
        if self.returned.rejected:
            return "rejected"
        return "findings" if any(item.severity != Severity.INFO for item in self.findings) else "clean"

    @property
    def has_errors(self) -> bool:
        return any(item.severity == Severity.ERROR for item in self.findings)


def check(returns: Iterable[Return], plan: Plan, earlier: Sequence[Plan] = ()) -> list[Checked]:
    """
    Every return with its findings, in the order given. One pass of each schema covers all returns of a version of the plan.

    `earlier` are the versions that the returns were read with: each is judged by its own. Waivers and due dates are the present plan's.
    """
    with infrequent_gc():
        returns = list(returns)
        rule_findings: dict[int, list[Finding]] = defaultdict(list)
        for number, version in enumerate((plan, *earlier)):
            read_by_it = [item for item in returns if item.entries is not None and item.version == number]
            for failure in failures(read_by_it, version) if read_by_it else ():
                rule_findings[id(failure.row.returned)].append(finding_of(failure, version))
        return [Checked(item, _in_order((*item.findings, *rule_findings[id(item)], *_late(item, plan)), item, plan)) for item in returns]


def _in_order(findings: Iterable[Finding], item: Return, plan: Plan) -> tuple[Finding, ...]:
    """The findings in order. Those that the group has waived become information."""
    stamp = item.stamp
    waived = (waive(finding, stamp.agency, stamp.period, plan) if stamp else finding for finding in findings)
    return tuple(sorted(waived, key=lambda finding: finding.order))


def waive(finding: Finding, agency: str, period_id: str, plan: Plan) -> Finding:
    """
    The finding itself; or, where the plan waives it for this agency, key and period, the same as information, with the reason.

    A value that is held back stays held back: a waiver does not make a value usable.
    """
    period = plan.period_by_id.get(period_id)
    for waiver in plan.waivers:
        is_named = (waiver.rule, waiver.agency) == (finding.code, agency)
        is_covered = waiver.key in ("", finding.key) and waiver.period in ("", period_id)
        if is_named and is_covered and period and period.end <= waiver.until:
            fix = f"Waived by {waiver.who} until {long_date(waiver.until)}: {waiver.reason.rstrip('.')}."
            return replace(finding, severity=Severity.INFO, fix=fix)
    return finding


def was_waived(code: str, severity: str) -> bool:
    """Whether a finding is information only because the plan waives it."""
    rule = BY_CODE.get(code)
    return rule is not None and severity == Severity.INFO != rule.severity


def is_late(modified: datetime | None, period: Period) -> bool:
    """Whether a return was last saved after the day it was due."""
    return modified is not None and period.due is not None and modified.date() > period.due


def _late(item: Return, plan: Plan) -> list[Finding]:
    period = plan.period_by_id.get(item.stamp.period) if item.stamp else None
    if period is None or period.due is None or item.modified is None or not is_late(item.modified, period):
        return []
    return [BY_CODE["LATE"].finding(item.file, value=long_date(item.modified.date()), due=long_date(period.due))]
