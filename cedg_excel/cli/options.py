"""Options and arguments that several commands take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """Text for a person, or JSON for another program."""

    table = "table"
    json = "json"


class DataFormat(StrEnum):
    """A table for a person, or JSON or CSV for another program."""

    table = "table"
    json = "json"
    csv = "csv"


PlanOption = Annotated[
    str | None, typer.Option("--plan", help="The plan: a file, or the name of one that comes with the program. Default: this folder's.")
]
PeriodOption = Annotated[
    str | None, typer.Option("--period", help="The period's id, such as 2019-20-Q3. Default: the latest under outbox/.")
]
PasswordOption = Annotated[
    list[str] | None,
    typer.Option("--password", help="Opens encrypted returns; may be repeated. Passwords in passwords.toml are tried too."),
]
IntoOption = Annotated[Path | None, typer.Option("--into", help="The master. Default: master.xlsx.")]
FilesArgument = Annotated[list[Path] | None, typer.Argument(help="Returned files, or folders of them. Default: returns/.")]
MasterArgument = Annotated[Path | None, typer.Argument(help="The master. Default: master.xlsx.")]
FormatOption = Annotated[Format, typer.Option("--format", help="json is for other programs.")]
DataFormatOption = Annotated[DataFormat, typer.Option("--format", help="json and csv are for other programs.")]
