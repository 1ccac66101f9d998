"""The commands for the end of a plan: the closure report, and the plan that follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cedg_excel.cli.options import MasterArgument, PlanOption
from cedg_excel.cli.output import print_lines, print_written
from cedg_excel.errors import CannotWrite

if TYPE_CHECKING:
    from cedg_excel.master.period_view import PeriodView
    from cedg_excel.round.folder import RoundFolder


def closure(
    master: MasterArgument = None,
    plan: PlanOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The report. Default: closure.docx, or progress.docx.")] = None,
    interim: Annotated[bool, typer.Option("--interim", help="A progress report, for the period that the master shows.")] = False,
) -> None:
    """Write the closure report of a plan, or a progress report, as a Word document to edit."""
    from cedg_excel.closing.report import counts_in_words, report_of
    from cedg_excel.closing.word_report import report_bytes
    from cedg_excel.files import new_file
    from cedg_excel.round.folder import open_round

    round_folder = open_round(plan)
    path = out or round_folder.root / ("progress.docx" if interim else "closure.docx")
    if path.suffix.lower() != ".docx":
        raise CannotWrite(f"The report must be a file that ends in .docx, and {path.name} is not. "
                          "Name another file with --out; nothing was changed.")  # fmt: skip
    report = report_of(_final_view(round_folder, master, as_shown=interim), interim)
    print_written(path, new_file(path, report_bytes(report)))
    print(f"{report.title}, position at the end of {report.period.name}. {counts_in_words(report.counts)}.")
    if report.notice:
        print(report.notice)
    last_period = round_folder.plan.periods[-1]
    if not interim and report.period != last_period:
        print(f"The plan continues to {last_period.name}. For a progress report, use --interim.")
    print_lines(f"  {gap}" for gap in report.to_write)
    print("Read the whole report before you send it out: it must not identify a child.")


def rollover(
    master: MasterArgument = None,
    plan: PlanOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The next plan, .xlsx or .toml. Default: next-plan.xlsx.")] = None,
) -> None:
    """Write the next plan: unfinished actions carried over, the latest figures as baselines, new periods."""
    from cedg_excel.closing.rollover import next_plan, to_review
    from cedg_excel.files import new_file
    from cedg_excel.planfiles.plan_file import plan_file
    from cedg_excel.round.folder import open_round

    round_folder = open_round(plan)
    view = _final_view(round_folder, master)
    following = next_plan(round_folder.plan, view.merged)
    path = out or round_folder.root / "next-plan.xlsx"
    print_written(path, new_file(path, plan_file(following, path)))
    carried, periods = len(following.actions), following.periods
    print(f"{following.about.title}: {carried} of {len(round_folder.plan.actions)} actions carried over, {len(periods)} periods, "
          f"{periods[0].name} to {periods[-1].name}.")  # fmt: skip
    print_lines(f"  {sentence}" for sentence in to_review(view))
    print(f"Targets, target dates, meetings and next steps are blank, for the group to agree. Then: cedg init NEW --plan {path}")


def _final_view(round_folder: RoundFolder, master: Path | None, as_shown: bool = False) -> PeriodView:
    """The last period with a return that counts; or, `as_shown`, the period that the master's pages show."""
    from cedg_excel.master.period_view import last_view
    from cedg_excel.master.read_workbook import existing_master, read_master, shown_period

    path = existing_master(master or round_folder.master)
    store = read_master(path, round_folder.plan.about.id)
    return last_view(round_folder.plan, store, shown_period(path) if as_shown else None)
