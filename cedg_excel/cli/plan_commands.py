"""The commands about the plan itself: `cedg plan ...`. Part of the command line, and so allowed to print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cedg_excel.cli.output import Format, FormatOption, print_json
from cedg_excel.errors import CannotWrite

if TYPE_CHECKING:
    from cedg_excel.plan.model import Plan

app = typer.Typer(help="The plan itself: start one, check it, turn it into a workbook or TOML, compare two versions.", no_args_is_help=True)


PlanArgument = Annotated[str, typer.Argument(help="The plan: a file, a round folder, or the name of one that comes with the program.")]


@app.command()
def new(out: Annotated[Path, typer.Argument(help="The new workbook, such as plan.xlsx.")]) -> None:
    """Write an empty plan workbook to fill in. Nothing that exists is overwritten."""
    from cedg_excel.files import replace_file
    from cedg_excel.planfiles.write_workbook import new_plan_bytes

    _must_end_in(out, ".xlsx")
    if out.exists():
        raise CannotWrite(f"{out} exists already. Name another file; nothing was changed.")
    replace_file(out, new_plan_bytes())
    print(f"Wrote {out}. Open it and fill in the pale yellow cells; the Check column says what is missing.")
    print(f"Next: cedg plan check {out}")


@app.command(short_help="Say what a plan holds, or name every mistake in it.")
def check(
    plan: PlanArgument,
    format: FormatOption = Format.table,
) -> None:
    """Say what a plan holds and what is worth a second look, or name every mistake in it (exit status 2)."""
    from cedg_excel.planfiles.advice import advice_on, summary_of
    from cedg_excel.planfiles.plan_file import load_plan, remarks_on
    from cedg_excel.round.folder import find_plan

    path = find_plan(plan)
    loaded = load_plan(path)
    said = [*remarks_on(path), *advice_on(loaded)]
    if format is Format.json:
        print_json({"plan": loaded.about.id, "version": loaded.about.version, "worth_a_look": said})
        return
    for line in summary_of(loaded):
        print(line)
    for line in said:
        print(f"  {line}")
    worth = f" {len(said)} {'thing is' if len(said) == 1 else 'things are'} worth a second look." if said else ""
    print(f"It can be used.{worth}")


@app.command("to-excel")
def to_excel(plan: PlanArgument, out: Annotated[Path, typer.Argument(help="The workbook to write.")]) -> None:
    """Write a plan as a workbook with dropdowns. What stands at OUT is replaced."""
    from cedg_excel.planfiles.write_workbook import plan_bytes

    _must_end_in(out, ".xlsx")
    _convert(plan, out, plan_bytes)


@app.command("to-toml", short_help="Write a plan as TOML.")
def to_toml(plan: PlanArgument, out: Annotated[Path, typer.Argument(help="The TOML file to write.")]) -> None:
    """Write a plan as TOML, for those who keep it under version control. What stands at OUT is replaced."""
    from cedg_excel.planfiles.toml_file import plan_toml

    _must_end_in(out, ".toml")
    _convert(plan, out, lambda loaded: plan_toml(loaded).encode("utf-8"))


@app.command(short_help="Say what has changed from one plan to another.")
def diff(
    old: Annotated[str, typer.Argument(help="The plan as it was.")],
    new: Annotated[str, typer.Argument(help="The plan as it is.")],
    format: FormatOption = Format.table,
) -> None:
    """Say what has changed from one plan to another: added, ended, renamed, moved, re-dated."""
    from cedg_excel.plan.diff import plan_diff
    from cedg_excel.planfiles.plan_file import load_plan
    from cedg_excel.round.folder import find_plan

    changes = plan_diff(load_plan(find_plan(old)), load_plan(find_plan(new)))
    if format is Format.json:
        print_json({"changes": [change.as_dict() for change in changes]})
        return
    for change in changes:
        print(change.as_line())
    print(f"{len(changes)} {'change' if len(changes) == 1 else 'changes'}." if changes else "The two plans say the same.")


def _convert(plan: str, out: Path, written: Callable[[Plan], bytes]) -> None:
    from cedg_excel.files import replace_file
    from cedg_excel.planfiles.plan_file import load_plan
    from cedg_excel.round.folder import find_plan

    source = find_plan(plan)
    if source.resolve() == out.resolve():
        raise CannotWrite(f"{out} is the plan itself. Name another file; nothing was changed.")
    content, instead = written(load_plan(source)), out.exists()
    if instead:
        _must_be_a_plan(out)
    replace_file(out, content)
    print(f"Wrote {out}{', instead of the one that was there' if instead else ''}.")


def _must_be_a_plan(out: Path) -> None:
    """What is replaced may only be another plan: not a master, a return, or a plan somebody is still mending."""
    from cedg_excel.planfiles.plan_file import is_plan

    if not is_plan(out):
        raise CannotWrite(f"{out} is there already and is not a plan that could be replaced. Name another file; nothing was changed.")


def _must_end_in(out: Path, ending: str) -> None:
    if out.suffix.lower() != ending:
        raise CannotWrite(f"{out} would not be opened as what it is. Name a file that ends in {ending}; nothing was changed.")
    if out.is_dir():
        raise CannotWrite(f"{out} is a folder. Name a file in it; nothing was changed.")
