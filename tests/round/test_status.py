"""The status of each agency's return."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge, withdraw
from cedg_excel.master.merged import Merged
from cedg_excel.plan.model import Plan
from cedg_excel.round.folder import RoundFolder
from cedg_excel.round.status import round_status
from tests.conftest import PERIOD, RATED, SENT, Fill, checked, table_rows

STATUSES = """
    | What came from north, in the order it was saved | Status of north       |
    |                                                 | not_received          |
    | answers                                         | accepted              |
    | answers, answers                                | accepted              |
    | nothing new                                     | nil                   |
    | answers, nothing new                            | nil                   |
    | errors under --strict                           | held_back             |
    | answers, errors under --strict                  | held_back             |
    | two that differ                                 | rejected              |
    | answers, two that differ                        | accepted              |
    | nothing new, two that differ                    | nil                   |
    | answers, withdrawn                              | withdrawn             |
    | answers, withdrawn, answers                     | accepted              |
    | answers, withdrawn, two that differ             | rejected              |
"""


FILES: dict[str, list[dict[str, Any]]] = {
    "answers": [RATED],
    "nothing new": [{"cover/nil_return": "Yes"}],
    "errors under --strict": [{**RATED, "action/2.3/rating": "Purple"}],
    "two that differ": [{**RATED, "action/2.3/evidence": "Minutes"}, {**RATED, "action/2.3/evidence": "No minutes"}],
}


@pytest.mark.parametrize(("events", "status"), table_rows(STATUSES))
def test_the_return_that_counts_decides_the_status(fill: Fill, small: Plan, tmp_path: Path, events: str, status: str) -> None:
    """One agency may have sent several files, of which only one counts; the others are no reason to send a reminder."""
    merged = merge([], small)
    for number, event in enumerate(events.split(", ") if events else ()):
        merged = _after(event, merged, fill, number)
    round_folder = RoundFolder(tmp_path, small)
    write_master(merged, round_folder.master)
    assert {row["agency"]: row["status"] for row in round_status(round_folder, small.period_by_id[PERIOD], round_folder.master)} == {
        "north": status, "south": "not_received",
    }  # fmt: skip


def _after(event: str, merged: Merged, fill: Fill, number: int) -> Merged:
    """The result of one more event. Each file differs from the others, and is saved a day after the one before."""
    plan, store = merged.plan, merged.store
    if event == "withdrawn":
        without = withdraw(plan, store, "north", PERIOD)
        assert without is not None
        return without
    paths = [fill(values, sent=SENT + timedelta(days=number), name=f"{number}-{n}.xlsx") for n, values in enumerate(FILES[event])]
    return merge(checked(plan, *paths), plan, store, strict=event == "errors under --strict")
