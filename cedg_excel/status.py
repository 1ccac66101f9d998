"""Who is in, late, sent back, silent: one row for each agency of a period."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cedg_excel.errors import CannotRead
from cedg_excel.master import read_table
from cedg_excel.plan import Period
from cedg_excel.rounds import Round

_RANK = ("accepted", "nil", "held_back", "rejected", "superseded", "withdrawn", "not_received")


def standing(here: Round, period: Period, master: Path) -> list[dict[str, Any]]:
    """
    Period, agency, name, sent, status, late, file and time of last saving, for each agency in the plan's order.

    `sent` says whether a copy lies in the outbox; it is looked up, never stored.
    """
    ledger = _ledger(master)
    rows = []
    for agency in here.plan.agencies:
        own = [row for row in ledger if row["agency"] == agency.id and row["period"] == period.id]
        row = min(own, key=lambda r: _RANK.index(r["status"]), default={"status": "not_received"})
        rows.append({
            "period": period.id, "agency": agency.id, "name": agency.name,
            "sent": (here.outbox(period) / f"{agency.id}_{period.id}.xlsx").is_file(),
            "status": row["status"], "late": row.get("late"), "file": row.get("file"), "modified": row.get("modified"),
        })  # fmt: skip
    return rows


def _ledger(master: Path) -> list[dict[str, Any]]:
    """The rows of the master's ledger; none before the first merge."""
    try:
        frame = read_table(master, "returns")
    except CannotRead:
        if master.exists():
            raise
        return []
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
