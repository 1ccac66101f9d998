"""A whole round of the real plan on the sample returns that come with the program, with the same steps as the commands."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cedg_excel.checking.check import Checked, check
from cedg_excel.copies.issue import write_copies
from cedg_excel.errors import CannotRead
from cedg_excel.master.accounting import count_cells
from cedg_excel.master.master_file import write_master
from cedg_excel.master.merge import merge
from cedg_excel.master.read_workbook import read_master
from cedg_excel.plan.model import Period, Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.read import read_returns
from cedg_excel.round.folder import RoundFolder, init_round_of
from cedg_excel.round.outcomes import cells_sentence, count_of
from cedg_excel.shipped import shipped, shipped_plans

DEMO_PLAN = "rotherham-2019-2022"
SAMPLE_NOTICE = "Sample data. No figure, date or statement of an agency is real."
EXAMPLE_FINDINGS = 3


def sample_plan() -> Plan:
    """The real plan, with the notice that everything made from invented answers must have."""
    plan = load_plan(shipped_plans()[DEMO_PLAN])
    return plan.model_copy(update={"about": plan.about.model_copy(update={"notice": SAMPLE_NOTICE})})


def run_demo(root: Path) -> Iterator[str]:
    """Run the round in a new round folder, with a line for each step. Raises CannotRead when the samples are missing."""
    round_folder = init_round_of(root, sample_plan())
    periods = [period for period in round_folder.plan.periods if _samples(period).is_dir()]
    if not periods:
        raise CannotRead("The sample returns are missing from this installation. Install the program again.")
    yield f"{round_folder.plan.about.title}: the plan is real, every answer in these returns is invented."
    for period in periods:
        yield ""
        yield from _run_period(round_folder, period)
    yield ""
    yield f"Open {round_folder.master} to see what the leads see."
    yield f"Open {round_folder.copy_path(round_folder.plan.agencies[0].id, periods[-1])} to see what an agency fills in."


def _samples(period: Period) -> Path:
    return shipped("samples") / period.id


def _run_period(round_folder: RoundFolder, period: Period) -> Iterator[str]:
    plan, copies_folder, versions = round_folder.plan, round_folder.copies_folder(period), round_folder.keep_plan()
    number, prefilled = write_copies(plan, period, round_folder.select_agencies([]), copies_folder, round_folder.own_master)
    prefilled_words = f", {prefilled} of them filled in with what was last reported" if prefilled else ""
    yield f"{period.name}: {number} copies for the agencies in {copies_folder}{prefilled_words}"
    inbox = round_folder.returns_folder / period.id
    shutil.copytree(_samples(period), inbox)
    paths = sorted(inbox.glob("*.xlsx"))
    yield f"  {len(paths)} returns arrive in {inbox}"
    checked = check(read_returns(paths, plan), plan)
    yield from _findings_lines(checked)
    merged = merge(checked, plan, read_master(round_folder.master, plan.about.id), versions=versions)
    cells = count_cells(checked, merged)
    write_master(merged, round_folder.master)
    yield f"  {cells_sentence(cells)}"


def _findings_lines(checked: list[Checked]) -> Iterator[str]:
    """How many returns are clean, how many findings the others have, and the most serious of these."""
    findings = sorted((finding for item in checked for finding in item.findings), key=lambda finding: finding.order)
    counts = Counter(finding.severity.value for finding in findings)
    clean = sum(item.status == "clean" for item in checked)
    severities = " and ".join(count_of(counts[severity], severity) for severity in ("error", "warning"))
    yield f"  checked: {clean} clean; {severities} in the others, such as"
    for finding in findings[:EXAMPLE_FINDINGS]:
        yield f"    {finding.as_line()}"
