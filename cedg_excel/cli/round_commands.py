"""The commands of a round: write the copies, check and merge the returns, see who has sent one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cedg_excel.cli.exit_status import ExitStatus
from cedg_excel.cli.options import (
    DataFormat,
    DataFormatOption,
    FilesArgument,
    Format,
    FormatOption,
    IntoOption,
    MasterArgument,
    PasswordOption,
    PeriodOption,
    PlanOption,
)
from cedg_excel.cli.output import edits_as_dict, merge_as_dict, outcomes_as_dict, print_json, print_lines, print_outcomes, print_rows

if TYPE_CHECKING:
    from cedg_excel.round.outcomes import Outcomes
    from cedg_excel.round.restore import RestoreResult


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
    """Write each agency's locked copy for a period, filled in with what it last reported, except the ratings."""
    from cedg_excel.cli.progress import terminal_progress
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.options import TemplateOptions
    from cedg_excel.round.steps import run_template

    options = TemplateOptions(period, agency or (), out, master, encrypt, password)
    print_lines(run_template(open_round(plan), options, terminal_progress()).sentences)


def check(
    files: FilesArgument = None,
    plan: PlanOption = None,
    feedback: Annotated[Path | None, typer.Option("--feedback", help="Where to write copies to send back. Default: feedback/.")] = None,
    password: PasswordOption = None,
    format: FormatOption = Format.table,
) -> None:
    """List what is wrong with returned copies: file, tab, cell, what to do. Writes copies to send back."""
    from cedg_excel.cli.progress import terminal_progress
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.options import CheckOptions
    from cedg_excel.round.steps import run_check

    result = run_check(open_round(plan), CheckOptions(files or (), feedback, password or ()), terminal_progress())
    if format is Format.json:
        print_json(outcomes_as_dict(result.outcomes, "files"))
    else:
        print_outcomes(result.outcomes)
        print_lines(result.sentences)
    raise typer.Exit(_exit_status(result.outcomes))


def merge(
    files: FilesArgument = None,
    plan: PlanOption = None,
    into: IntoOption = None,
    period: Annotated[
        str | None, typer.Option("--period", help="The period that the master's pages show. Default: the latest with a return.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Hold back the whole return when it has errors.")] = False,
    prefer: Annotated[
        list[Path] | None, typer.Option("--prefer", help="Of several returns of an agency for a period, the one to use.")
    ] = None,
    combine: Annotated[
        tuple[Path, Path] | None, typer.Option("--combine", help="Two returns of an agency for a period that are parts of one.")
    ] = None,
    password: PasswordOption = None,
    release: Annotated[
        Path | None, typer.Option("--release", help="Also write this workbook for wider reading: only totals and overall ratings.")
    ] = None,
    narrative: Annotated[bool, typer.Option("--narrative", help="With --release: include the text of each objective.")] = False,
    group_from: Annotated[
        Path | None, typer.Option("--group-from", help="A second master that people edited: take the group's own entries from it.")
    ] = None,
    restore: Annotated[
        Path | None, typer.Option("--restore", help="Read no returns: bring back this earlier master, a file in history/.")
    ] = None,
    format: FormatOption = Format.table,
) -> None:
    """Read, check and merge every return into the master workbook."""
    from cedg_excel.cli.progress import terminal_progress
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.options import MergeOptions
    from cedg_excel.round.restore import run_restore
    from cedg_excel.round.steps import run_merge

    options = MergeOptions(
        files=files or (), master=into, period=period, strict=strict, prefer=prefer or (), combine=combine or (), passwords=password or (),
        release=release, narrative=narrative, group_from=group_from,
    )  # fmt: skip
    if restore:
        _print_restored(run_restore(open_round(plan), restore, options), format)
        return
    result = run_merge(open_round(plan), options, terminal_progress())
    if format is Format.json:
        print_json(merge_as_dict(result))
    else:
        print_outcomes(result.outcomes)
        print_lines(result.sentences)
    raise typer.Exit(_exit_status(result.outcomes))


def _print_restored(result: RestoreResult, format: Format) -> None:
    if format is Format.json:
        edits = edits_as_dict(result.edits, result.edited_copy)
        print_json({"master": str(result.master), "restored_from": str(result.earlier), "changed": result.changed, "edits": edits})
    else:
        print_lines(result.sentences)


def _exit_status(outcomes: Outcomes) -> ExitStatus:
    return ExitStatus.FINDINGS if outcomes.count("error") else ExitStatus.CLEAN


def status(
    master: MasterArgument = None,
    plan: PlanOption = None,
    period: PeriodOption = None,
    chase: Annotated[
        Path | None, typer.Option("--chase", help="Folder to write reminders to: a CSV for a mail merge, and a text for each agency.")
    ] = None,
    format: FormatOption = Format.table,
) -> None:
    """Show which agencies have sent a return, which were late, and which have sent none."""
    from cedg_excel.files import replace_file
    from cedg_excel.master.return_status import SILENT
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.status import reminders, round_status

    round_folder = open_round(plan)
    chosen = round_folder.select_period(period)
    rows = round_status(round_folder, chosen, master or round_folder.master)
    if chase:
        for name, text in reminders(round_folder.plan, chosen, rows).items():
            replace_file(chase / name, text.encode("utf-8"))
    if format is Format.json:
        print_json(rows)
        return
    print(f"{chosen.name}, due {chosen.due:%d/%m/%Y}" if chosen.due else chosen.name)
    print_rows(list(rows[0]), [list(row.values()) for row in rows], DataFormat.table)
    silent = sum(row["status"] in SILENT for row in rows)
    print(f"{len(rows) - silent} of {len(rows)} agencies have sent something; {silent} {'has' if silent == 1 else 'have'} not.")
    if chase:
        print(f"Wrote the reminders to {chase}.")


def map_(
    workbook: Annotated[Path, typer.Argument(help="A copy, as sent out or returned.")],
    format: DataFormatOption = DataFormat.table,
) -> None:
    """List every input cell of a copy, with its key."""
    from cedg_excel.copies.input_map import map_workbook

    cells = map_workbook(workbook)
    print_rows(["key", "sheet", "cell", "kind", "label", "required", "choices"], [list(cell.values()) for cell in cells], format)
