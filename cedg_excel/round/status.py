"""Which agencies have sent a return for a period, which were late, and which have sent nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cedg_excel.copy_names import copy_stem
from cedg_excel.errors import CannotRead
from cedg_excel.master.read_workbook import read_table
from cedg_excel.master.return_status import SILENT
from cedg_excel.plan.model import Agency, Period, Plan
from cedg_excel.plan.notice import notice_paragraph
from cedg_excel.plan.period_words import long_date, period_span
from cedg_excel.round.folder import RoundFolder

MOST_RECEIVED_FIRST = ("accepted", "combined", "nil", "held_back", "rejected", "superseded", "withdrawn", "not_received")
"""Of several returns from an agency, the one whose status comes first here is shown."""


def round_status(round_folder: RoundFolder, period: Period, master: Path) -> list[dict[str, Any]]:
    """
    Period, agency, name, sent, status, late, file and time of last saving, for each agency in the plan's order.

    `sent` is whether there is a copy in the outbox; it is looked up, never stored.
    """
    returns = _returns_table(master)
    rows = []
    for agency in round_folder.plan.agencies:
        own = [row for row in returns if row["agency"] == agency.id and row["period"] == period.id]
        row = min(own, key=lambda row: MOST_RECEIVED_FIRST.index(row["status"]), default={"status": "not_received"})
        rows.append({
            "period": period.id, "agency": agency.id, "name": agency.name,
            "sent": round_folder.copy_path(agency.id, period).is_file(),
            "status": row["status"], "late": row.get("late"), "file": row.get("file"), "modified": row.get("modified"),
        })  # fmt: skip
    return rows


def _returns_table(master: Path) -> list[dict[str, Any]]:
    """The rows of the master's table of returns; none before the first merge."""
    try:
        frame = read_table(master, "returns")
    except CannotRead:
        if master.exists():
            raise
        return []
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def reminders(plan: Plan, period: Period, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """
    Reminders to the agencies that have sent nothing, as texts by file name: `chase.csv` for a mail merge, and a text for each.

    Contacts come from the plan and are written nowhere else.
    """
    silent = [plan.agency_by_id[row["agency"]] for row in rows if row["status"] in SILENT]
    due = long_date(period.due) if period.due else ""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(("agency", "name", "contact", "email", "period", "due"))
    writer.writerows((agency.id, agency.name, agency.contact, agency.email, period.name, due) for agency in silent)
    texts = {copy_stem(agency.id, period.id) + ".txt": _reminder(plan, period, agency, due) for agency in silent}
    return {"chase.csv": table.getvalue(), **texts}


def _reminder(plan: Plan, period: Period, agency: Agency, due: str) -> str:
    to = f"To: {agency.email}\n" if agency.email else ""
    due_words = f", which was due by {due}" if due else ""
    return (
        f"{to}Subject: {plan.about.title}, {period.name}: your return\n\n"
        f"{notice_paragraph(plan.about.notice)}Dear {agency.contact or 'colleague'},\n\n"
        f"We have not yet received the return from {agency.name} for {period.name} ({period_span(period)}){due_words}.\n\n"
        "Please fill in the copy you were sent and send it back. If you have nothing to report this quarter, choose Yes next to "
        "Nothing to report on its Cover and send it back as it is.\n\n"
        "If you have sent it in the last few days, please ignore this. If you need another copy, just reply.\n\n"
        "With thanks\n"
    )
