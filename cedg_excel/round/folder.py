"""A round folder: where the plan, the copies, the returns and the master of one group are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cedg_excel.errors import CannotRead, CannotWrite, NoPlan, PlanError
from cedg_excel.files import replace_file
from cedg_excel.plan.model import Period, Plan
from cedg_excel.planfiles.plan_file import PLAN_FILE_NAMES, load_plan, plan_in
from cedg_excel.round.control_workbook import put_control
from cedg_excel.round.passwords import PASSWORDS_FILE
from cedg_excel.shipped import shipped_plans
from cedg_excel.text import nearest

BLANK = "blank"
"""The name of the plan that is still to be written."""
OUTBOX, RETURNS, FEEDBACK, MASTER = "outbox", "returns", "feedback", "master.xlsx"


@dataclass(frozen=True, slots=True)
class Round:
    """A folder and its plan. Paths are relative to where the command was started, so that messages stay short."""

    root: Path
    plan: Plan

    @property
    def master(self) -> Path:
        return self.root / MASTER

    @property
    def feedback(self) -> Path:
        return self.root / FEEDBACK

    @property
    def is_folder(self) -> bool:
        """Whether the folder is a round's own, and not just where a command was started with --plan."""
        return plan_in(self.root) is not None

    @property
    def returns(self) -> Path:
        return self.root / RETURNS

    @property
    def passwords(self) -> Path:
        return self.root / PASSWORDS_FILE

    @property
    def copies(self) -> Path:
        return self.root / OUTBOX

    def outbox(self, period: Period) -> Path:
        """Where the copies of a period are put: `outbox/2019-20-Q3`."""
        return self.copies / period.id

    def period(self, named: str | None = None) -> Period:
        """
        The period that was named, else the latest under outbox/, else the plan's first.

        Raises PlanError for a name the plan does not have.
        """
        if named is None:
            started = [p for p in self.plan.periods if self.outbox(p).is_dir()]
            return started[-1] if started else self.plan.periods[0]
        if named not in self.plan.period_by_id:
            raise PlanError(f"The plan has no period '{named}'.{nearest(named, self.plan.period_by_id)} "
                            f"It runs from {self.plan.periods[0].id} to {self.plan.periods[-1].id}.")  # fmt: skip
        return self.plan.period_by_id[named]

    def agencies(self, named: Sequence[str]) -> list[str]:
        """The ids that were named, else every agency's. Raises PlanError for an id the plan does not have."""
        for name in named:
            if name not in self.plan.agency_by_id:
                raise PlanError(f"The plan has no agency '{name}'.{nearest(name, self.plan.agency_by_id)}")
        return list(named) or [agency.id for agency in self.plan.agencies]


def open_round(plan: str | None, root: Path | None = None) -> Round:
    """
    The round of this folder, with the plan that was named or else the folder's own.

    Raises NoPlan when there is neither, PlanError when the plan has a mistake.
    """
    root = root or Path()
    if plan is not None:
        return Round(root, load_plan(find_plan(plan)))
    if own := plan_in(root):
        return Round(root, load_plan(own))
    raise NoPlan(f"This is not a round folder: it has no {' or '.join(PLAN_FILE_NAMES)}. "
                 "Go to one, make one with 'cedg init', or name a plan with --plan.")  # fmt: skip


def find_plan(named: str) -> Path:
    """A plan's file by its path, or by name when it travels with the program. Raises NoPlan."""
    path, known = Path(named), shipped_plans()
    if path.is_file():
        return path
    if path.is_dir() and (own := plan_in(path)):
        return own
    if named in known:
        return known[named]
    raise NoPlan(f"There is no plan file {named}, and no plan of that name comes with the program.{nearest(named, known)}")


def init_round(root: Path, plan: str) -> Round:
    """A new round folder with a copy of the plan and the control workbook. Raises CannotWrite when there is one already."""
    source = find_plan(plan)
    loaded = load_plan(source)
    _start(root, source.suffix.lower(), source.read_bytes())
    return Round(root, loaded)


def init_blank(root: Path) -> Path:
    """A new round folder with a plan that is still to be filled in: its path. Raises CannotWrite when there is a plan already."""
    from cedg_excel.planfiles.write_workbook import new_plan_bytes

    return _start(root, ".xlsx", new_plan_bytes())


def _start(root: Path, kind: str, content: bytes) -> Path:
    """The folder with the plan's file in it, whose path is returned."""
    if any((root / name).exists() for name in PLAN_FILE_NAMES):
        have = next(name for name in PLAN_FILE_NAMES if (root / name).exists())
        raise CannotWrite(f"{root} is a round folder already: it has a {have}. Nothing was changed.")
    path = root / next((name for name in PLAN_FILE_NAMES if name.endswith(kind)), PLAN_FILE_NAMES[0])
    replace_file(path, content)
    for name in (OUTBOX, RETURNS, FEEDBACK):
        (root / name).mkdir(exist_ok=True)
    put_control(root)
    return path


def files_in(given: Iterable[Path], default: Path) -> list[Path]:
    """
    The files given, with everything inside the folders among them; without any, everything in `default`.

    Files whose names begin with a dot are the system's own and are left out. Raises CannotRead when nothing is there.
    """
    given = list(given)
    for path in given:
        if not os.path.lexists(path):
            raise CannotRead(f"There is no file or folder {path}. Check the name.")
    if not given and not default.is_dir():
        raise CannotRead(f"There is no folder {default}. Put the returned copies into one of that name, or name the files.")
    files = [file for path in given or [default] for file in (_inside(path) if path.is_dir() else [path])]
    if not files:
        raise CannotRead(f"There are no files in {given[0] if given else default}. Put the returned copies there and run this again.")
    return files


def _inside(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*")
        if not path.is_dir() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )  # fmt: skip
