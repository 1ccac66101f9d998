"""
The contracts that keep the packages apart are enforced: a copy of the program with an offending import breaks each of them.

A contract can be written so that nothing breaks it, for instance one that lists its modules when a new one is added.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import table_rows
from tests.helpers.places import ROOT

CONTRACTS = [
    contract["name"] for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
]
LAYERS, LIBRARIES = "The flow runs one way", "The plan, the form and the small modules know no spreadsheet library"

OFFENCES = """
    | Module            | What it imports                | The contracts it breaks                             |
    | master/offence    | pandera                        | Only checking/ imports pandera                      |
    | cli/offence       | pandera                        | Only checking/ imports pandera                      |
    | round/offence     | docx                           | Only closing/ imports docx and draws pictures       |
    | master/offence    | PIL                            | Only closing/ imports docx and draws pictures       |
    | cli/offence       | xlwings                        | Only buttons imports xlwings                        |
    | round/offence     | xlwings                        | Only buttons imports xlwings                        |
    | round/offence     | typer                          | Only cli/ imports typer and rich                    |
    | round/offence     | rich                           | Only cli/ imports typer and rich                    |
    | buttons           | rich.table                     | Only cli/ imports typer and rich                    |
    | form/offence      | openpyxl                       | LIBRARIES                                           |
    | plan/offence      | python_calamine                | LIBRARIES, Only excel/ imports calamine             |
    | master/offence    | python_calamine                | Only excel/ imports calamine                        |
    | copies/offence    | python_calamine                | Only excel/ imports calamine                        |
    | shipped           | openpyxl                       | LIBRARIES                                           |
    | form/offence      | cedg_excel.excel.save          | LIBRARIES                                           |
    | excel/offence     | cedg_excel.form.model          | LAYERS, excel/ knows neither the form nor the plan  |
    | excel/offence     | cedg_excel.plan.model          | excel/ knows neither the form nor the plan          |
    | shipped           | cedg_excel.plan.diff           | LAYERS                                              |
    | plan/offence      | cedg_excel.form.model          | LAYERS                                              |
    | form/offence      | cedg_excel.returns.model       | LAYERS                                              |
    | returns/offence   | cedg_excel.checking.check      | LAYERS                                              |
    | checking/offence  | cedg_excel.planfiles.plan_file | LAYERS                                              |
    | planfiles/offence | cedg_excel.master.merge        | LAYERS                                              |
    | master/offence    | cedg_excel.closing.report      | LAYERS                                              |
    | copies/offence    | cedg_excel.closing.report      | LAYERS                                              |
    | closing/offence   | cedg_excel.copies.template     | LAYERS                                              |
    | closing/offence   | cedg_excel.round.folder        | LAYERS                                              |
    | round/offence     | cedg_excel.cli.app             | LAYERS                                              |
    | cli/offence       | cedg_excel.buttons             | LAYERS                                              |
    | offence           | nothing                        | LAYERS                                              |
"""


@pytest.fixture(scope="module")
def unchanged_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unchanged copy of the program."""
    return _copy(tmp_path_factory.mktemp("unchanged_copy"))


@pytest.fixture(scope="module")
def broken_contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The report on each broken contract, with a line for each offence. All are in one copy: lint-imports takes a second."""
    folder = _copy(tmp_path_factory.mktemp("broken_contracts"))
    for module, imported, _ in table_rows(OFFENCES):
        path = folder / "cedg_excel" / f"{module}.py"
        line = "" if imported == "nothing" else f"import {imported}\n"
        path.write_text((path.read_text("utf-8") if path.exists() else "") + line, "utf-8")
    ended, output = _linted(folder)
    assert ended == 1, output
    _, *sections = re.split(rf"^({'|'.join(map(re.escape, CONTRACTS))})\n-+$", output, flags=re.MULTILINE)
    return {name: re.sub("^- +", "- ", section, flags=re.MULTILINE) for name, section in zip(sections[::2], sections[1::2], strict=True)}


def _copy(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "cedg_excel", folder / "cedg_excel", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _linted(folder: Path) -> tuple[int, str]:
    """The exit status of lint-imports in a folder, and what it prints; without its cache, and without breaking lines."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    completed = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**os.environ, "COLUMNS": "300"}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return completed.returncode, completed.stdout + completed.stderr


def test_the_program_breaks_no_contract(unchanged_copy: Path) -> None:
    ended, output = _linted(unchanged_copy)
    assert (ended, [line for line in output.splitlines() if "BROKEN" in line]) == (0, [])
    assert f"{len(CONTRACTS)} kept, 0 broken" in output


@pytest.mark.parametrize(("module", "imported", "contracts"), table_rows(OFFENCES))
def test_an_offence_breaks_its_contracts_and_no_others(
    broken_contracts: dict[str, str], module: str, imported: str, contracts: str
) -> None:
    line = f"- cedg_excel.{module.replace('/', '.')}"
    line += "\n" if imported == "nothing" else f" -> {imported if imported.startswith('cedg_excel') else imported.split('.')[0]} ("
    assert [contract for contract in CONTRACTS if line in broken_contracts.get(contract, "")] == _named(contracts)


def test_every_contract_has_an_offence() -> None:
    assert {name for *_, contracts in table_rows(OFFENCES) for name in _named(contracts)} == set(CONTRACTS)


def _named(contracts: str) -> list[str]:
    """The contracts in a row of the table. One of them has a comma in its name, so it has a short name there."""
    return [{"LAYERS": LAYERS, "LIBRARIES": LIBRARIES}.get(name, name) for name in contracts.split(", ")]


def test_only_the_commands_may_print(unchanged_copy: Path, tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    packages = [path.parent for path in (folder / "cedg_excel").rglob("__init__.py")]
    for package in packages:
        (package / "offence.py").write_text('"""A module that prints."""\n\nprint("a")\n', "utf-8")
    assert _printing(unchanged_copy) == set()
    assert _printing(folder) == {f"{package.name}/offence.py" for package in packages} - {"cli/offence.py"}


def _printing(folder: Path) -> set[str]:
    """The modules of a copy that ruff finds printing, with the folder each is in."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "T20", "--output-format", "json", "cedg_excel"]
    found = json.loads(subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)
    return {"/".join(Path(each["filename"]).parts[-2:]) for each in found}
