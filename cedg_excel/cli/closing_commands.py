"""The commands for the end of a plan: the closure report and the plan that follows. Part of the command line, and so allowed to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cedg_excel.cli.output import MasterArgument, PlanOption
from cedg_excel.errors import CannotWrite

if TYPE_CHECKING:
    from cedg_excel.master.period_view import PeriodView
    from cedg_excel.round.folder import Round


def closure(
    master: MasterArgument = None,
    plan: PlanOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The report. Default: closure.docx, or progress.docx.")] = None,
    interim: Annotated[bool, typer.Option("--interim", help="A progress report, for the period the master shows.")] = False,
) -> None:
    """Write the report that closes a plan, as a Word document to edit; or one on its progress so far."""
    from cedg_excel.closing.report import counted, report_of
    from cedg_excel.closing.word_report import report_bytes
    from cedg_excel.files import new_file
    from cedg_excel.round.folder import open_round

    here = open_round(plan)
    path = out or here.root / ("progress.docx" if interim else "closure.docx")
    if path.suffix.lower() != ".docx":
        raise CannotWrite(f"A report cannot be written as {path.name}. Name a file that ends in .docx with --out; nothing was changed.")
    report = report_of(_ending(here, master, shown=interim), interim)
    _written(path, new_file(path, report_bytes(report)))
    print(f"{report.title}, position at the end of {report.period.name}. {counted(report.counts)}.")
    if report.notice:
        print(report.notice)
    if not interim and report.period != here.plan.periods[-1]:
        print(f"The plan goes on to {here.plan.periods[-1].name}. For a report on the way, use --interim.")
    for place in report.to_write:
        print(f"  {place}")
    print("Read every word of it before it goes out: it must not identify a child.")


def rollover(
    master: MasterArgument = None,
    plan: PlanOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The next plan, .xlsx or .toml. Default: next-plan.xlsx.")] = None,
) -> None:
    """Write the next plan: what is unfinished carried over, the latest figures as baselines, new periods."""
    from cedg_excel.closing.rollover import doubts, next_plan
    from cedg_excel.files import new_file
    from cedg_excel.planfiles.plan_file import plan_file
    from cedg_excel.round.folder import open_round

    here = open_round(plan)
    view = _ending(here, master)
    following = next_plan(here.plan, view.merged)
    path = out or here.root / "next-plan.xlsx"
    _written(path, new_file(path, plan_file(following, path)))
    carried, periods = len(following.actions), following.periods
    print(f"{following.about.title}: {carried} of {len(here.plan.actions)} actions carried over, {len(periods)} periods, "
          f"{periods[0].name} to {periods[-1].name}.")  # fmt: skip
    for sentence in doubts(view):
        print(f"  {sentence}")
    print("Targets, target dates, meetings and next steps are blank, for the group to agree. Then: cedg init NEW --plan " + str(path))


def _ending(here: Round, master: Path | None, shown: bool = False) -> PeriodView:
    """The last period with a return that counts; or the one that the master's pages show."""
    from cedg_excel.master.period_view import last_view
    from cedg_excel.master.read_workbook import existing_master, read_master, shown_period

    path = existing_master(master or here.master)
    store = read_master(path, here.plan.about.id)
    return last_view(here.plan, store, shown_period(path) if shown else None)


def _written(path: Path, changed: bool) -> None:
    print(f"Wrote {path}." if changed else f"{path} holds all this already; it was left as it is.")
