"""Prefills an agency's next copy: with its own answers as they were last accepted, but never a rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cedg_excel.form.as_issued import ISSUED
from cedg_excel.form.fields import FIELDS, field_names
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Value
from cedg_excel.master.figures_as_text import agency_figure
from cedg_excel.master.store import records
from cedg_excel.plan.model import Plan

CARRIED_FIELDS = tuple(field.name for field in FIELDS["actions"] if field.carried)


@dataclass(frozen=True, slots=True)
class Prefill:
    """`values` go into input cells, by key; `past` into locked cells, by slot."""

    values: Mapping[str, Value] = field(default_factory=dict)
    past: Mapping[str, Value] = field(default_factory=dict)

    @property
    def locked(self) -> Mapping[str, Value]:
        """The content of every locked cell, by slot: `past`, and `values` once more on the tab that shows what was filled in."""
        return {**self.past, **{f"{ISSUED}{key}": value for key, value in self.values.items()}}


def prefill(plan: Plan, agency: str, period: str, actions: pd.DataFrame, kpis: pd.DataFrame) -> Prefill:
    """
    The content of one agency's copy for a period, from the master's tables of actions and KPIs.

    An action is filled from the latest earlier period with an accepted return that answers anything about any action; a KPI
    shows each earlier quarter of the year.
    """
    order = [item.id for item in plan.periods]
    earlier = set(order[: order.index(period)])
    slots = {cell.slot for sheet in layout_for(plan, agency, period).sheets for cell in sheet.cells() if cell.slot}
    keys = {item.key for _, _, item in layout_for(plan, agency, period).fields()}
    values: dict[str, Value] = {}
    past: dict[str, Value] = {}
    rows = _rows_of_agency(actions, agency, earlier)
    # Nothing to report does not change what was reported before.
    periods_with_answers = {row.period for row in rows if any(getattr(row, name) is not None for name in field_names("actions"))}
    for row in sorted((row for row in rows if row.period in periods_with_answers), key=lambda row: order.index(row.period)):
        # Later periods overwrite earlier ones, and so do blanks: what was cleared stays cleared.
        values |= {f"action/{row.ref}/{name}": getattr(row, name) for name in CARRIED_FIELDS}
        past[f"action/{row.ref}/last_time"] = row.rating
    for row in _rows_of_agency(kpis, agency, earlier):
        past[f"kpi/{row.ref}/past/{row.period}"] = agency_figure(row)
    return Prefill(
        {key: value for key, value in values.items() if key in keys and value is not None},
        {slot: value for slot, value in past.items() if slot in slots and value is not None},
    )


def _rows_of_agency(rows: pd.DataFrame, agency: str, periods: set[str]) -> list[Any]:
    return list(records(rows[(rows["agency"] == agency) & rows["period"].isin(sorted(periods))]))
