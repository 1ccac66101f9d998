"""How the commands print: sentences and tables for a person, JSON and CSV for another program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cedg_excel.cli.options import DataFormat

if TYPE_CHECKING:
    from cedg_excel.master.edits import Edit
    from cedg_excel.round.outcomes import MergeResult, Outcomes


def print_lines(lines: Iterable[str]) -> None:
    """Print one line after the other."""
    for line in lines:
        print(line)


def print_error(sentence: str) -> None:
    """Print to stderr, so that a program that reads stdout does not meet it."""
    print(sentence, file=sys.stderr)


def print_written(path: Path, changed: bool) -> None:
    """Say that a file was written, or was already the same."""
    print(f"Wrote {path}." if changed else f"{path} is already up to date.")


def print_outcomes(outcomes: Outcomes) -> None:
    """Each file with its status and findings, and a summary."""
    for outcome in outcomes.files:
        print(f"{outcome.returned.file}: {outcome.status.replace('_', ' ')}")
        for finding in outcome.findings:
            print(f"  {finding.severity.upper():<8} {finding.as_line()}")
    print(outcomes.summary)


def outcomes_as_dict(outcomes: Outcomes, files_key: str) -> dict[str, Any]:
    """For JSON: the files under `files_key`, and their findings."""
    return {
        files_key: [outcome.as_dict() for outcome in outcomes.files],
        "findings": [finding.as_dict() for finding in outcomes.findings],
    }


def edits_as_dict(edits: Iterable[Edit], edited_copy: Path | None) -> dict[str, Any]:
    """For JSON: what people did to a master that was replaced, and the file that has it."""
    return {"kept_as": str(edited_copy) if edited_copy else None, "changes": [edit.as_dict() for edit in edits]}


def merge_as_dict(result: MergeResult) -> dict[str, Any]:
    """For JSON: what happened to each file and to the master."""
    return {
        "master": str(result.master),
        **outcomes_as_dict(result.outcomes, "returns"),
        "cells": result.cells,
        "edits": edits_as_dict(result.edits, result.edited_copy),
        "group_conflicts": [conflict.as_dict() for conflict in result.group_entries.conflicts] if result.group_entries else [],
    }


def print_json(value: Any) -> None:
    """Print as indented JSON; dates and paths as text."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], format: DataFormat) -> None:
    """Rows under their column headings, as a table, JSON or CSV."""
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
        # As Text, since what an agency typed may look like rich's own markup.
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console = Console()
    console.print(table) if console.is_terminal else Console(width=200).print(table)
