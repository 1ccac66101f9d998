"""The commands to start with: create a round folder, connect its buttons, run the demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cedg_excel.errors import CannotWrite

DEFAULT_PLAN = "rotherham-2019-2022"


def init(
    folder: Annotated[Path, typer.Argument(help="The new round folder.")],
    plan: Annotated[
        str, typer.Option("--plan", help="A plan file, the name of a plan that comes with the program, or blank for an empty workbook.")
    ] = DEFAULT_PLAN,
) -> None:
    """Create a round folder: the plan, folders for copies and returns, and the control workbook with its buttons."""
    from cedg_excel.round.folder import BLANK_PLAN, init_blank_round, init_round

    if plan == BLANK_PLAN:
        path = init_blank_round(folder)
        print(f"{folder} is ready, with an empty plan: {path}. Open it and fill in the pale yellow cells.")
        print(f"Next: cd {folder} && cedg plan check {path.name}")
        print("Then: cedg template")
        return
    round_folder = init_round(folder, plan)
    print(f"{folder} is ready, with the plan '{round_folder.plan.about.title}'.")
    print(f"Next: cd {folder} && cedg template")
    print("To use buttons in Excel instead: cedg excel-setup, and then open control.xlsm.")


def excel_setup(folder: Annotated[Path, typer.Argument(help="The round folder. Default: this one.")] = Path()) -> None:
    """Tell the control workbook of a round folder where Python is, so that its buttons work."""
    from cedg_excel.round.control_workbook import excel_system, put_control, set_python
    from cedg_excel.round.folder import open_round

    open_round(None, folder)
    system = excel_system()
    path = put_control(folder)
    set_python(path, sys.executable, system)
    print(f"{path} now knows where Python is: {sys.executable}")
    print("Next: open it in Excel, click Enable Content if a yellow bar appears, and click Create copies.")


def demo(folder: Annotated[Path, typer.Argument(help="An empty or new folder.")]) -> None:
    """Run two quarters of the real plan on the sample returns, whose answers are all invented."""
    from cedg_excel.round.demo import run_demo

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotWrite(f"{folder} is not empty. Name a new folder for the demo; nothing was changed.")
    for line in run_demo(folder):
        print(line, flush=True)
