"""A master's content: what it stores, and the tables that are derived from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from cedg_excel.checking.check import Checked
from cedg_excel.excel.save import midnight
from cedg_excel.findings import Finding
from cedg_excel.master.return_status import ReturnStatus
from cedg_excel.master.returns_in_use import InUse
from cedg_excel.master.store import Store, records
from cedg_excel.plan.model import Plan


@dataclass(frozen=True)
class Merged:
    """
    A master's content: the store, and the tables derived from it, by the names of COLUMNS.

    `in_use` has the answers that count, by agency and period. By the SHA-256 of each file: its status; in `conflicts` the names of
    other files that it cannot be ordered with; and in `findings` what was found in merging it. `show` is the period that was
    requested for the pages; `plans` has the version of the plan that an earlier period goes by, by its id; `resolved` are
    findings (SHA-256, code, key) on one half of a return that its other half resolves.
    """

    plan: Plan
    store: Store
    tables: Mapping[str, pd.DataFrame]
    statuses: Mapping[str, ReturnStatus]
    conflicts: Mapping[str, str]
    in_use: Mapping[tuple[str, str], InUse] = field(default_factory=dict)
    show: str | None = None
    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    resolved: frozenset[tuple[str, str, str | None]] = frozenset()

    @property
    def period(self) -> str | None:
        """The period that the pages show: the requested one, else the latest with a return."""
        if self.show:
            return self.show
        returned = set(self.tables["returns"]["period"])
        return next((p.id for p in reversed(self.plan.periods) if p.id in returned), None)

    @property
    def last_change(self) -> datetime:
        """When the latest return was saved. With today's date instead, the same returns would give different files each day."""
        times = [text for text in self.store.files["modified"] if text]
        return datetime.fromisoformat(max(times)) if times else midnight(self.plan.about.start)

    def remaining(self, item: Checked) -> tuple[Finding, ...]:
        """The findings on a return that its other half does not resolve."""
        sha = item.returned.sha256
        return tuple(finding for finding in item.findings if (sha, finding.code, finding.key) not in self.resolved)

    def plan_at(self, period: str) -> Plan:
        """
        The plan of a period, by id: of the last one with a return, and later ones, the present plan; of an earlier one the newest version
        that its returns were made from.
        """
        return self.plans.get(period, self.plan)

    # Pages look up hundreds of figures, so the rows are grouped only once.

    @cached_property
    def kpi_rows(self) -> Mapping[tuple[str, str], list[Any]]:
        """The rows of the table of KPIs by ref and period."""
        rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in records(self.tables["kpis"]):
            rows[row.ref, row.period].append(row)
        return dict(rows)
