"""The commands about the plan itself: `cedg plan ...`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cedg_excel.cli.options import Format, FormatOption
from cedg_excel.cli.output import print_json, print_lines
from cedg_excel.errors import CannotWrite

if TYPE_CHECKING:
    from cedg_excel.plan.model import Plan

app = typer.Typer(help="The plan itself: start one, check it, turn it into a workbook or TOML, compare two versions.", no_args_is_help=True)

PlanArgument = Annotated[str, typer.Argument(help="The plan: a file, a round folder, or the name of one that comes with the program.")]


@app.command()
def new(out: Annotated[Path, typer.Argument(help="The new workbook, such as plan.xlsx.")]) -> None:
    """Write an empty plan workbook to fill in. A file that already exists is not overwritten."""
    from cedg_excel.files import replace_file
    from cedg_excel.planfiles.write_workbook import new_plan_bytes

    _require_suffix(out, ".xlsx")
    if out.exists():
        raise CannotWrite(f"{out} already exists. Name another file; nothing was changed.")
    replace_file(out, new_plan_bytes())
    print(f"Wrote {out}. Open it and fill in the pale yellow cells; the Check column says what is missing.")
    print(f"Next: cedg plan check {out}")


@app.command(short_help="Summarise a plan, or list every mistake in it.")
def check(
    plan: PlanArgument,
    format: FormatOption = Format.table,
) -> None:
    """Summarise a plan and list what is worth a second look; or list every mistake in it (exit status 2)."""
    from cedg_excel.planfiles.advice import advice_on, summary_of
    from cedg_excel.planfiles.plan_file import load_plan, remarks_on
    from cedg_excel.round.folder import find_plan

    path = find_plan(plan)
    loaded = load_plan(path)
    advice = [*remarks_on(path), *advice_on(loaded)]
    if format is Format.json:
        print_json({"plan": loaded.about.id, "version": loaded.about.version, "worth_a_look": advice})
        return
    print_lines(summary_of(loaded))
    print_lines(f"  {sentence}" for sentence in advice)
    worth_a_look = f" {len(advice)} {'thing is' if len(advice) == 1 else 'things are'} worth a second look." if advice else ""
    print(f"The plan can be used.{worth_a_look}")


@app.command("to-excel")
def to_excel(plan: PlanArgument, out: Annotated[Path, typer.Argument(help="The workbook to write.")]) -> None:
    """Write a plan as a workbook with dropdowns. Another plan at OUT is replaced."""
    from cedg_excel.planfiles.write_workbook import plan_bytes

    _require_suffix(out, ".xlsx")
    _convert(plan, out, plan_bytes)


@app.command("to-toml", short_help="Write a plan as TOML.")
def to_toml(plan: PlanArgument, out: Annotated[Path, typer.Argument(help="The TOML file to write.")]) -> None:
    """Write a plan as TOML, for those who keep it under version control. Another plan at OUT is replaced."""
    from cedg_excel.planfiles.toml_file import plan_toml

    _require_suffix(out, ".toml")
    _convert(plan, out, lambda loaded: plan_toml(loaded).encode("utf-8"))


@app.command(short_help="List what has changed from one plan to another.")
def diff(
    old: Annotated[str, typer.Argument(help="The plan as it was.")],
    new: Annotated[str, typer.Argument(help="The plan as it is.")],
    format: FormatOption = Format.table,
) -> None:
    """List what has changed from one plan to another: added, ended, renamed, moved, re-dated."""
    from cedg_excel.plan.diff import plan_diff
    from cedg_excel.planfiles.plan_file import load_plan
    from cedg_excel.round.folder import find_plan

    changes = plan_diff(load_plan(find_plan(old)), load_plan(find_plan(new)))
    if format is Format.json:
        print_json({"changes": [change.as_dict() for change in changes]})
        return
    print_lines(change.as_line() for change in changes)
    print(f"{len(changes)} {'change' if len(changes) == 1 else 'changes'}." if changes else "The two plans are the same.")


def _convert(plan: str, out: Path, to_bytes: Callable[[Plan], bytes]) -> None:
    from cedg_excel.files import replace_file
    from cedg_excel.planfiles.plan_file import load_plan
    from cedg_excel.round.folder import find_plan

    source = find_plan(plan)
    if source.resolve() == out.resolve():
        raise CannotWrite(f"{out} is the plan itself. Name another file; nothing was changed.")
    content, replaces = to_bytes(load_plan(source)), out.exists()
    if replaces:
        _require_plan(out)
    replace_file(out, content)
    print(f"Wrote {out}{', replacing the plan that was there' if replaces else ''}.")


def _require_plan(out: Path) -> None:
    """Only a plan may be replaced: not a master, a return, or a plan with mistakes that somebody is still correcting."""
    from cedg_excel.planfiles.plan_file import is_plan

    if not is_plan(out):
        raise CannotWrite(f"{out} already exists and is not a plan that could be replaced. Name another file; nothing was changed.")


def _require_suffix(out: Path, suffix: str) -> None:
    if out.suffix.lower() != suffix:
        raise CannotWrite(f"The file to write must end in {suffix}, and {out} does not. Name another file; nothing was changed.")
    if out.is_dir():
        raise CannotWrite(f"{out} is a folder. Name a file in it; nothing was changed.")
