"""A whole round of the real plan, played on the shipped samples with the same steps as the commands."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cedg_excel.checking.check import Checked, check
from cedg_excel.copies.issue import write_copies
from cedg_excel.copy_names import copy_file
from cedg_excel.errors import CannotRead
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge
from cedg_excel.master.read_workbook import read_master
from cedg_excel.plan.model import Period
from cedg_excel.returns.read import read_returns
from cedg_excel.round.folder import Round, init_round
from cedg_excel.round.outcomes import cells_sentence
from cedg_excel.shipped import shipped

PLAN = "rotherham-2019-2022"
SHOWN = 3


def play(folder: Path) -> Iterator[str]:
    """Play the round in `folder`, saying each step. Raises CannotRead when the samples are not there."""
    here = init_round(folder, PLAN)
    periods = [period for period in here.plan.periods if (shipped("samples") / period.id).is_dir()]
    if not periods:
        raise CannotRead("The sample returns are missing from this installation. Install the program again.")
    yield f"{here.plan.about.title}: the plan is real, every answer in these returns is invented."
    for period in periods:
        yield ""
        yield from _quarter(here, period)
    yield ""
    yield f"Open {here.master} to see what the leads see."
    yield f"Open {_example(here, periods[-1])} to see what an agency fills in."


def _example(here: Round, period: Period) -> Path:
    return here.outbox(period) / copy_file(here.plan.agencies[0].id, period.id)


def _quarter(here: Round, period: Period) -> Iterator[str]:
    master = here.master if here.master.is_file() else None
    number, filled = write_copies(here.plan, period, here.agencies([]), here.outbox(period), master)
    already = f", {filled} of them filled in with what was last reported" if filled else ""
    yield f"{period.name}: {number} copies for the agencies in {here.outbox(period)}{already}"
    inbox = here.returns / period.id
    shutil.copytree(shipped("samples") / period.id, inbox)
    paths = sorted(inbox.glob("*.xlsx"))
    yield f"  {len(paths)} returns arrive in {inbox}"
    checked = check(read_returns(paths, here.plan), here.plan)
    yield from _told(checked)
    merged = merge(checked, here.plan, read_master(here.master, here.plan.about.id))
    cells = count_cells(checked, merged)
    write_master(merged, here.master)
    yield f"  {cells_sentence(cells)}"


def _told(checked: list[Checked]) -> Iterator[str]:
    counts = Counter(finding.severity.value for item in checked for finding in item.findings)
    clean = sum(item.status == "clean" for item in checked)
    said = " and ".join(f"{counts[word]} {word}{'' if counts[word] == 1 else 's'}" for word in ("error", "warning"))
    yield f"  checked: {clean} clean; {said} in the others, such as"
    worst = sorted((finding for item in checked for finding in item.findings), key=lambda finding: finding.order)
    for finding in worst[:SHOWN]:
        yield f"    {finding.as_line()}"
