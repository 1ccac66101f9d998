"""The commands about the master: withdraw a return, reconcile it with the returns, print its tables."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

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
    PlanOption,
)
from cedg_excel.cli.output import print_json, print_lines, print_rows
from cedg_excel.cli.reconciled import reconciled_as_dict, reconciled_lines


class DataTable(StrEnum):
    """The tables of the master that other programs may rely on."""

    actions = "actions"
    kpis = "kpis"
    narrative = "narrative"
    returns = "returns"
    findings = "findings"
    changes = "changes"
    group = "group"


def withdraw(
    agency: Annotated[str, typer.Argument(help="The agency's id.")],
    period: Annotated[str, typer.Argument(help="The period's id.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take in again what was withdrawn last.")] = False,
    into: IntoOption = None,
    plan: PlanOption = None,
) -> None:
    """Take an agency's return for a period out of the master, although its file is still in returns/. The one before counts again."""
    from cedg_excel.round.folder import open_round
    from cedg_excel.round.withdrawal import run_withdraw

    round_folder = open_round(plan)
    (agency_id,), period_id = round_folder.select_agencies([agency]), round_folder.select_period(period).id
    print_lines(run_withdraw(round_folder, agency_id, period_id, into or round_folder.master, undo))


def reconcile(
    master: MasterArgument = None,
    files: FilesArgument = None,
    plan: PlanOption = None,
    password: PasswordOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Read the returns again and prove that the master equals them, cell by cell."""
    from cedg_excel.cli.progress import terminal_progress
    from cedg_excel.master.read_workbook import existing_master
    from cedg_excel.master.reconcile import reconcile as compare
    from cedg_excel.round.folder import find_returns, open_round
    from cedg_excel.round.reading import read_and_check

    round_folder = open_round(plan)
    path = existing_master(master or round_folder.master)
    paths = find_returns(files or [], round_folder.returns_folder)
    checked = read_and_check(paths, round_folder, password or [], terminal_progress())
    result = compare(path, checked, round_folder.plan)
    if format is Format.json:
        print_json(reconciled_as_dict(result))
    else:
        print_lines(reconciled_lines(result))
    raise typer.Exit(ExitStatus.FINDINGS if result.differences or result.missing else ExitStatus.CLEAN)


def data(
    master: Annotated[Path, typer.Argument(help="The master workbook.")] = Path("master.xlsx"),
    table: Annotated[DataTable, typer.Option("--table", help="Which table.")] = DataTable.actions,
    format: DataFormatOption = DataFormat.table,
) -> None:
    """Print one of the master's tables."""
    from cedg_excel.master.read_workbook import read_table

    frame = read_table(master, table.value)
    print_rows(list(frame.columns), [list(row) for row in frame.itertuples(index=False, name=None)], format)
