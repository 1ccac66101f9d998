"""The commands. Only the command line prints or exits; what each does is imported when it runs, so that help comes at once."""

from __future__ import annotations

import atexit
import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cedg_excel.cli import closing_commands as cli_end
from cedg_excel.cli import plan_commands as cli_plan
from cedg_excel.cli.output import (
    DataFormat,
    Format,
    FormatOption,
    MasterArgument,
    PlanOption,
    print_json,
    print_lines,
    print_rows,
    say,
)
from cedg_excel.errors import CannotRead, CannotWrite, CedgError, Stopped
from cedg_excel.garbage_collection import infrequent_gc
from cedg_excel.master.master_file import previous_master

if TYPE_CHECKING:
    from cedg_excel.round.outcomes import Outcomes

DEFAULT_PLAN = "rotherham-2019-2022"
FINDINGS, REFUSED, STOPPED = 1, 2, 130
"""Exit statuses: findings of severity error; the program could not run; Ctrl-C, as every shell counts it."""


class _Commands(TyperGroup):
    """The commands, with Ctrl-C turned into a sentence before the library ends the program over it in its own way."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Stopped("Stopped. Each file is as it was before, or finished; run the same command again to do the rest.") from None


app = typer.Typer(
    cls=_Commands,
    help="Locked Excel copies of a delivery plan for each agency, and one checked master workbook back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(cli_plan.app, name="plan", short_help="Start a plan, check it, convert it, compare two versions.")


class DataTable(StrEnum):
    """The tables of the master that other programs may rely on."""

    actions = "actions"
    kpis = "kpis"
    narrative = "narrative"
    returns = "returns"
    findings = "findings"
    changes = "changes"
    group = "group"


PeriodOption = Annotated[
    str | None, typer.Option("--period", help="The period's id, such as 2019-20-Q3. Default: the latest under outbox/.")
]
PasswordOption = Annotated[
    list[str] | None,
    typer.Option("--password", help="Opens encrypted returns; may be repeated. Also read: passwords.toml."),
]
FilesArgument = Annotated[list[Path] | None, typer.Argument(help="Returned files, or folders of them. Default: returns/.")]


def main() -> None:
    """Run a command; what it refuses to do is one sentence on stderr and exit status 2."""
    # At its end Python searches everything once more, which takes a quarter of a second with pandas loaded, to free what ends anyway.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        with infrequent_gc():
            app()
    except CedgError as refusal:
        say(str(refusal))
        sys.exit(STOPPED if isinstance(refusal, Stopped) else REFUSED)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        # Where the system fails that no command expects: a name too long, a disk that is full or gone.
        about = f" {error.filename}" if error.filename else ""
        say(f"The system refused{about}: {error.strerror or error}. Check the name, the room and the rights; then run this again.")
        sys.exit(REFUSED)


@app.command(short_help="Start a round folder: the plan, places for files, buttons.")
def init(
    folder: Annotated[Path, typer.Argument(help="The new round folder.")],
    plan: Annotated[
        str, typer.Option("--plan", help="A plan's file, the name of one that comes with the program, or blank for an empty workbook.")
    ] = DEFAULT_PLAN,
) -> None:
    """Make a round folder: the plan, places for copies and returns, and the control workbook with its buttons."""
    from cedg_excel.round.folder import BLANK, init_blank, init_round

    if plan == BLANK:
        path = init_blank(folder)
        print(f"{folder} is ready, with an empty plan: {path}. Open it and fill in the pale yellow cells.")
        print(f"Next: cd {folder} && cedg plan check {path.name}")
        print("Then: cedg template")
        return
    made = init_round(folder, plan)
    print(f"{folder} is ready, with the plan '{made.plan.about.title}'.")
    print(f"Next: cd {folder} && cedg template")
    print("Or by buttons, in Excel: cedg excel-setup, and then open control.xlsm.")


@app.command(short_help="Write each agency's locked copy for a period.")
def template(
    plan: PlanOption = None,
    period: PeriodOption = None,
    agency: Annotated[list[str] | None, typer.Option("--agency", help="Only this agency; may be repeated. Default: all.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The folder to write to. Default: outbox/<period>.")] = None,
    master: Annotated[
        Path | None, typer.Option("--from", help="The master to fill the copies in from. Default: the folder's own, if there is one.")
    ] = None,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="Encrypt each copy with its agency's password in passwords.toml.")] = False,
    password: Annotated[str | None, typer.Option("--password", help="With --encrypt: one password for all the copies.")] = None,
) -> None:
    """Write each agency's locked copy for a period, filled in with what it last reported, but for the ratings."""
    from cedg_excel.cli.progress import progress
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.steps import run_template

    print_lines(run_template(open_round(plan), period, agency or [], out, master, encrypt, password, progress()).sentences)


@app.command(short_help="Say what is wrong with returned copies, and where.")
def check(
    files: FilesArgument = None,
    plan: PlanOption = None,
    feedback: Annotated[Path | None, typer.Option("--feedback", help="Where to write copies to send back. Default: feedback/.")] = None,
    password: PasswordOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Say what is wrong with returned copies: file, sheet, cell, what to do. Writes copies to send back."""
    from cedg_excel.cli.progress import progress
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.steps import run_check

    ran = run_check(open_round(plan), files or [], feedback, password or [], progress())
    if format is Format.json:
        print_json(_as_dict(ran.outcomes))
    else:
        _print_outcomes(ran.outcomes)
        print_lines(ran.sentences)
    raise typer.Exit(_exit_status(ran.outcomes))


def _exit_status(outcomes: Outcomes) -> int:
    return FINDINGS if outcomes.count("error") else 0


def _as_dict(outcomes: Outcomes, files: str = "files") -> dict[str, Any]:
    return {files: [outcome.as_dict() for outcome in outcomes.each], "findings": [f.as_dict() for f in outcomes.findings]}


def _print_outcomes(outcomes: Outcomes) -> None:
    for outcome in outcomes.each:
        print(f"{outcome.returned.file}: {outcome.status.replace('_', ' ')}")
        for finding in outcome.findings:
            print(f"  {finding.severity.upper():<8} {finding.as_line()}")
    print(outcomes.summary)


@app.command()
def merge(
    files: FilesArgument = None,
    plan: PlanOption = None,
    into: Annotated[Path | None, typer.Option("--into", help="The master. Default: master.xlsx.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="The period the pages show. Default: the latest returned.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Hold back the whole return when it has errors.")] = False,
    prefer: Annotated[list[Path] | None, typer.Option("--prefer", help="The return to use of two that cannot be ordered.")] = None,
    password: PasswordOption = None,
    release: Annotated[
        Path | None, typer.Option("--release", help="Also write this workbook for wider reading: totals and overall ratings alone.")
    ] = None,
    narrative: Annotated[bool, typer.Option("--narrative", help="With --release: give the words of each objective too.")] = False,
    format: FormatOption = Format.table,
) -> None:
    """Read, check and merge every return into the master workbook."""
    from cedg_excel.cli.progress import progress
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.steps import run_merge

    here = open_round(plan)
    ran = run_merge(here, files or [], into, period, strict, prefer or [], password or [], release, narrative, progress())
    if format is Format.json:
        print_json({"master": str(ran.master), **_as_dict(ran.outcomes, "returns"), "cells": ran.cells})
    else:
        _print_outcomes(ran.outcomes)
        print_lines(ran.sentences)
    raise typer.Exit(_exit_status(ran.outcomes))


@app.command(short_help="Take an agency's return out of the master again.")
def withdraw(
    agency: Annotated[str, typer.Argument(help="The agency's id.")],
    period: Annotated[str, typer.Argument(help="The period's id.")],
    into: Annotated[Path | None, typer.Option("--into", help="The master. Default: master.xlsx.")] = None,
    plan: PlanOption = None,
) -> None:
    """Take an agency's return for a period out of the master again, though its file still lies in returns/."""
    from cedg_excel.master.master_file import master_lock, write_master
    from cedg_excel.master.merge import withdraw as take_out
    from cedg_excel.master.read_workbook import existing_master, read_master
    from cedg_excel.round.folder import open_round

    here = open_round(plan)
    (agency,), when = here.agencies([agency]), here.period(period)
    master = existing_master(into or here.master)
    with master_lock(master):
        merged = take_out(here.plan, read_master(master, here.plan.about.id), agency, when.id)
        if merged is None:
            raise CannotRead(f"{master} holds no return from {agency} for {when.id}. See who is in with cedg status.")
        write_master(merged, master)
    print(f"The return from {agency} for {when.id} is withdrawn. The master before is kept as {previous_master(master).name}.")


@app.command(short_help="Prove that the master equals the returns.")
def reconcile(
    master: MasterArgument = None,
    files: FilesArgument = None,
    plan: PlanOption = None,
    password: PasswordOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Read the returns again and prove that the master equals them, cell by cell."""
    from cedg_excel.cli.progress import progress
    from cedg_excel.master.read_workbook import existing_master
    from cedg_excel.master.reconcile import reconcile as compare
    from cedg_excel.round.folder import files_in, open_round
    from cedg_excel.round.steps import read_and_check

    here = open_round(plan)
    path = existing_master(master or here.master)
    checked = read_and_check(files_in(files or [], here.returns), here, password or [], progress())
    result = compare(path, checked, here.plan)
    if format is Format.json:
        differences = [{"sheet": d.place.sheet, "cell": d.place.cell, "master": d.master, "returns": d.returns} for d in result.differences]
        print_json({"cells": result.cells, "returns": result.returns, "missing": result.missing, "differences": differences})
    else:
        for difference in result.differences:
            print(difference.as_line())
        for name in result.missing:
            print(f"{name} stands in the master, but is not among the files given, so it could not be compared.")
        alike = "the master equals them" if not result.differences else f"{len(result.differences):,} differ"
        print(f"{result.returns:,} returns read again, {result.cells:,} cells of the master compared: {alike}.")
    raise typer.Exit(FINDINGS if result.differences or result.missing else 0)


@app.command("map")
def map_(
    workbook: Annotated[Path, typer.Argument(help="A template or a return.")],
    format: Annotated[DataFormat, typer.Option("--format", help="json and csv print for other programs.")] = DataFormat.table,
) -> None:
    """List every input cell of a copy, with its key."""
    from cedg_excel.copies.input_map import map_workbook

    cells = map_workbook(workbook)
    print_rows(["key", "sheet", "cell", "kind", "label", "required", "choices"], [list(cell.values()) for cell in cells], format)


@app.command()
def data(
    master: Annotated[Path, typer.Argument(help="The master workbook.")] = Path("master.xlsx"),
    table: Annotated[DataTable, typer.Option("--table", help="Which table.")] = DataTable.actions,
    format: Annotated[DataFormat, typer.Option("--format", help="json and csv print for other programs.")] = DataFormat.table,
) -> None:
    """Print one of the master's tables."""
    from cedg_excel.master.read_workbook import read_table

    frame = read_table(master, table.value)
    print_rows(list(frame.columns), [list(row) for row in frame.itertuples(index=False, name=None)], format)


@app.command()
def status(
    master: MasterArgument = None,
    plan: PlanOption = None,
    period: PeriodOption = None,
    chase: Annotated[Path | None, typer.Option("--chase", help="Where to write reminders: a CSV for mail merge, and a text each.")] = None,
    format: FormatOption = Format.table,
) -> None:
    """Say who has answered, who is late, and who is silent."""
    from cedg_excel.files import replace_file
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.status import reminders, round_status

    here = open_round(plan)
    when = here.period(period)
    rows = round_status(here, when, master or here.master)
    if chase:
        for name, text in reminders(here.plan, when, rows).items():
            replace_file(chase / name, text.encode("utf-8"))
    if format is Format.json:
        print_json(rows)
        return
    due = f", due {when.due:%d/%m/%Y}" if when.due else ""
    print(f"{when.name}{due}")
    print_rows(list(rows[0]), [list(row.values()) for row in rows], DataFormat.table)
    silent = sum(row["status"] == "not_received" for row in rows)
    print(f"{len(rows) - silent} of {len(rows)} agencies have sent something; {silent} {'has' if silent == 1 else 'have'} not.")
    if chase:
        print(f"Wrote the reminders to {chase}.")


@app.command("excel-setup", short_help="Tell the control workbook where Python is.")
def excel_setup(folder: Annotated[Path, typer.Argument(help="The round folder. Default: this one.")] = Path()) -> None:
    """Tell the control workbook of a round folder where Python is, so that its buttons work."""
    from cedg_excel.round.control_workbook import put_control, set_python, this_system
    from cedg_excel.round.folder import open_round

    open_round(None, folder)
    system = this_system()
    path = put_control(folder)
    set_python(path, sys.executable, system)
    print(f"{path} now knows where Python is: {sys.executable}")
    print("Next: open it in Excel, click Enable Content if a yellow bar asks, and click Create copies.")


app.command(short_help="Write the closure report in Word, or one on progress.")(cli_end.closure)
app.command(short_help="Write the plan that follows this one.")(cli_end.rollover)


@app.command(short_help="Play two quarters of the real plan on sample returns.")
def demo(folder: Annotated[Path, typer.Argument(help="An empty or new folder.")]) -> None:
    """Play two quarters of the real plan on the sample returns, whose answers are all invented."""
    from cedg_excel.round.demo import play

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotWrite(f"{folder} is not empty. Name a new folder for the demo; nothing was changed.")
    for line in play(folder):
        print(line, flush=True)
