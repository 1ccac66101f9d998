"""A round folder: where the plan, the copies, the returns and the master of one group are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cedg_excel.copy_names import copy_file
from cedg_excel.errors import CannotRead, CannotWrite, NoPlan, PlanError
from cedg_excel.files import replace_file
from cedg_excel.master.history import is_generation
from cedg_excel.plan.at_period import absence_text
from cedg_excel.plan.model import Period, Plan
from cedg_excel.plan.versions import PlanVersions
from cedg_excel.planfiles.plan_file import PLAN_FILE_NAMES, load_plan, plan_in
from cedg_excel.planfiles.toml_file import plan_toml
from cedg_excel.returns.file_names import is_package_folder, is_system_file
from cedg_excel.round.control_workbook import put_control
from cedg_excel.round.passwords import PASSWORDS_FILE
from cedg_excel.shipped import shipped_plans
from cedg_excel.text import nearest

BLANK_PLAN = "blank"
"""Given instead of the name of a plan: an empty plan workbook to fill in."""
OUTBOX, RETURNS, FEEDBACK, PLANS, MASTER = "outbox", "returns", "feedback", "plans", "master.xlsx"


@dataclass(frozen=True, slots=True)
class RoundFolder:
    """
    A folder and its plan. Paths are relative to where the command was started, so that messages stay short.

    `root` need not hold the plan: with --plan it is just the folder the command was started in.
    """

    root: Path
    plan: Plan

    @property
    def has_own_plan(self) -> bool:
        return plan_in(self.root) is not None

    @property
    def master(self) -> Path:
        return self.root / MASTER

    @property
    def own_master(self) -> Path | None:
        """The master that copies are filled in from when none is named; None before the first merge."""
        return self.master if self.has_own_plan and self.master.is_file() else None

    @property
    def returns_folder(self) -> Path:
        return self.root / RETURNS

    @property
    def feedback_folder(self) -> Path:
        return self.root / FEEDBACK

    @property
    def passwords_file(self) -> Path:
        return self.root / PASSWORDS_FILE

    @property
    def outbox(self) -> Path:
        return self.root / OUTBOX

    @property
    def plans_folder(self) -> Path:
        return self.root / PLANS

    def plan_versions(self) -> PlanVersions:
        """The versions of the plan that copies were made from, without the present one. Raises PlanError for a file that is damaged."""
        files = sorted(self.plans_folder.glob("*.toml")) if self.has_own_plan else []
        return PlanVersions().merged_with({file.stem: load_plan(file) for file in files})

    def keep_plan(self) -> PlanVersions:
        """Write the present plan into the folder of versions, unless it is there. Returns all of them. Raises CannotWrite, PlanError."""
        known = self.plan_versions()
        versions = known.with_plan(self.plan)
        for name in versions.by_name.keys() - known.by_name.keys() if self.has_own_plan else ():
            replace_file(self.plans_folder / f"{name}.toml", plan_toml(versions.by_name[name]).encode("utf-8"))
        return versions

    def copies_folder(self, period: Period) -> Path:
        """Where the copies of a period are written: `outbox/2019-20-Q3`."""
        return self.outbox / period.id

    def copy_path(self, agency_id: str, period: Period) -> Path:
        """`outbox/2019-20-Q3/rdash_2019-20-Q3.xlsx`."""
        return self.copies_folder(period) / copy_file(agency_id, period.id)

    def select_period(self, period_id: str | None = None) -> Period:
        """
        The period with this id; without one, the latest under outbox/, or else the plan's first.

        Raises PlanError for an id the plan does not have.
        """
        if period_id is None:
            started = [period for period in self.plan.periods if self.copies_folder(period).is_dir()]
            return started[-1] if started else self.plan.periods[0]
        if period_id not in self.plan.period_by_id:
            raise PlanError(f"The plan has no period '{period_id}'.{nearest(period_id, self.plan.period_by_id)} "
                            f"It runs from {self.plan.periods[0].id} to {self.plan.periods[-1].id}.")  # fmt: skip
        return self.plan.period_by_id[period_id]

    def select_agencies(self, agency_ids: Sequence[str]) -> list[str]:
        """These ids; without any, every agency's. Raises PlanError for an id the plan does not have."""
        for agency_id in agency_ids:
            if agency_id not in self.plan.agency_by_id:
                raise PlanError(f"The plan has no agency '{agency_id}'.{nearest(agency_id, self.plan.agency_by_id)}")
        return list(agency_ids) or [agency.id for agency in self.plan.agencies]

    def select_asked(self, agency_ids: Sequence[str], period: Period) -> list[str]:
        """These ids; without any, those of every agency that is asked in the period. Raises PlanError for one that is not."""
        for agency in map(self.plan.agency_by_id.__getitem__, self.select_agencies(agency_ids) if agency_ids else ()):
            if reason := absence_text(self.plan, agency, period.id):
                raise PlanError(f"{agency.name} is not asked for {period.name}: it {reason}. Leave it out, name another period with "
                                "--period, or change its from or until in the plan; nothing was written.")  # fmt: skip
        return list(agency_ids) or [agency.id for agency in self.plan.at(period.id).agencies]


def open_round(plan: str | None, root: Path | None = None) -> RoundFolder:
    """
    This folder (or `root`) as a round folder, with the given plan or else its own.

    Raises NoPlan when there is neither, PlanError when the plan has a mistake.
    """
    root = root or Path()
    if plan is not None:
        return RoundFolder(root, load_plan(find_plan(plan)))
    if own_plan := plan_in(root):
        return RoundFolder(root, load_plan(own_plan))
    raise NoPlan(f"This is not a round folder: it has no {' or '.join(PLAN_FILE_NAMES)}. "
                 "Go to a round folder, create one with 'cedg init', or name a plan with --plan.")  # fmt: skip


def find_plan(plan: str) -> Path:
    """The file of a plan, given as a file, a round folder, or the name of a plan that comes with the program. Raises NoPlan."""
    path, shipped = Path(plan), shipped_plans()
    if path.is_file():
        return path
    if path.is_dir() and (own_plan := plan_in(path)):
        return own_plan
    if plan in shipped:
        return shipped[plan]
    raise NoPlan(f"There is no plan file {plan}, and no plan of that name comes with the program.{nearest(plan, shipped)}")


def init_round(root: Path, plan: str) -> RoundFolder:
    """Create a round folder with a copy of the plan and the control workbook. Raises CannotWrite when it already is one."""
    plan_file = find_plan(plan)
    loaded = load_plan(plan_file)
    _create_folder(root, plan_file.suffix.lower(), plan_file.read_bytes())
    return RoundFolder(root, loaded)


def init_round_of(root: Path, plan: Plan) -> RoundFolder:
    """Create a round folder with this plan as its `plan.toml`, and the control workbook. Raises CannotWrite when it already is one."""
    _create_folder(root, ".toml", plan_toml(plan).encode("utf-8"))
    return RoundFolder(root, plan)


def init_blank_round(root: Path) -> Path:
    """
    Create a round folder with an empty plan workbook to fill in. Returns the path of that workbook.

    Raises CannotWrite when it already is a round folder.
    """
    from cedg_excel.planfiles.write_workbook import new_plan_bytes

    return _create_folder(root, ".xlsx", new_plan_bytes())


def _create_folder(root: Path, suffix: str, plan_content: bytes) -> Path:
    """Returns the path of the plan in it."""
    for name in PLAN_FILE_NAMES:
        if (root / name).exists():
            raise CannotWrite(f"{root} is already a round folder: it has a {name}. Nothing was changed.")
    plan_path = root / next((name for name in PLAN_FILE_NAMES if name.endswith(suffix)), PLAN_FILE_NAMES[0])
    replace_file(plan_path, plan_content)
    for name in (OUTBOX, RETURNS, FEEDBACK):
        (root / name).mkdir(exist_ok=True)
    put_control(root)
    return plan_path


def find_returns(paths: Iterable[Path], default_folder: Path) -> list[Path]:
    """
    These files, and every file inside the folders among them; without any paths, every file in `default_folder`.

    Files and folders that belong to the system are left out, and so are earlier masters in `history/`. A folder that cannot be read
    is listed itself, as is a link to a folder, which is not followed: it may lead back here. Raises CannotRead when there are no files.
    """
    paths = list(paths)
    for path in paths:
        if not os.path.lexists(path):
            raise CannotRead(f"There is no file or folder {path}. Check the name.")
    if not paths and not default_folder.is_dir():
        raise CannotRead(f"There is no folder {default_folder}. Create it and put the returned copies into it, or name the files.")
    files = [file for path in paths or [default_folder] for file in (_files_inside(path) if path.is_dir() else [path])]
    if not files:
        raise CannotRead(
            f"There are no files in {paths[0] if paths else default_folder}. Put the returned copies there and run this again."
        )
    return files


def _files_inside(folder: Path) -> list[Path]:
    found: list[Path] = []
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        own = [name for name in folders if not is_system_file(name)]
        folders[:] = [name for name in own if not is_package_folder(name) and not (Path(parent) / name).is_symlink()]
        names = [*files, *(name for name in own if name not in folders)]
        found += [Path(parent) / name for name in names if not is_system_file(name)]
    found = [path for path in found if not is_generation(path)]
    return sorted([*found, *(Path(error.filename) for error in unreadable)])
