"""What the commands share: the options that many take, and the ways to print. Part of the command line, and so allowed to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Format(StrEnum):
    """For a person, or for another program."""

    table = "table"
    json = "json"


class DataFormat(StrEnum):
    """For a person, or for another program."""

    table = "table"
    json = "json"
    csv = "csv"


PlanOption = Annotated[
    str | None, typer.Option("--plan", help="The plan: a file, or the name of one that comes with the program. Default: this folder's.")
]
MasterArgument = Annotated[Path | None, typer.Argument(help="The master. Default: master.xlsx.")]
FormatOption = Annotated[Format, typer.Option("--format", help="json prints for other programs.")]


def print_lines(lines: Iterable[str]) -> None:
    """One after the other."""
    for line in lines:
        print(line)


def say(sentence: str) -> None:
    """On the other stream, where another program does not read it."""
    print(sentence, file=sys.stderr)


def print_json(value: Any) -> None:
    """As other programs read it; dates as text."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], format: DataFormat) -> None:
    """A table under its headings."""
    if format is DataFormat.json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif format is DataFormat.csv:
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([["" if value is None else value for value in row] for row in rows])
    else:
        _print_table(columns, rows)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text, since what an agency typed may look like rich's own markup.
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console = Console()
    console.print(table) if console.is_terminal else Console(width=200).print(table)
