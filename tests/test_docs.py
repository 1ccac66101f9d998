"""These tests fail when the documentation is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from cedg_excel.cli.app import app
from cedg_excel.form.rules import RULES
from tests.helpers.places import ROOT

COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "made_by", "how"),
    [
        ("findings.md", "import build; print(build.page(), end='')", "docs/build.py"),
        ("fields.md", "import build; print(build.fields_page(), end='')", "docs/build.py"),
        ("images/architecture.svg", "import draw; print(draw.picture(), end='')", "docs/draw.py"),
    ],
)
def test_generated_pages_are_up_to_date(tmp_path: Path, page: str, made_by: str, how: str) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'docs')!r}); {made_by}"
    generated = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=tmp_path).stdout
    assert (ROOT / "docs" / page).read_text("utf-8") == generated, f"run python {how}"


def test_every_rule_has_a_section() -> None:
    page = (ROOT / "docs" / "findings.md").read_text("utf-8")
    assert [rule.code for rule in RULES if f"### {rule.code}\n" not in page] == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/decisions.md", "docs/performance.md", "CONTRIBUTING.md"])
def test_the_files_and_names_that_a_page_for_engineers_mentions_exist(page: str) -> None:
    words = re.findall(r"`([^`\n]+)`", (ROOT / page).read_text("utf-8"))
    paths = [word for word in words if re.fullmatch(r"[\w./-]+(\.(py|toml|md|svg)|/)", word) and not word.startswith((".venv", "/"))]
    places = (ROOT, ROOT / "cedg_excel")
    assert [path for path in paths if not any((place / path).exists() for place in places)] == []
    code = "\n".join(path.read_text("utf-8") for folder in ("cedg_excel", "tests") for path in (ROOT / folder).rglob("*.py"))
    names = [word for word in words if re.fullmatch(r"[A-Za-z]+(_[A-Za-z]+)+|[A-Z][a-z]+[A-Z]\w+", word) and not word.startswith("test_")]
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_has_help_and_a_section(name: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    section = text.split(f"## cedg {name}\n")[1].split("\n## ")[0]
    command = COMMANDS[name]
    assert command.help
    for parameter in command.params:
        long = [option for option in parameter.opts if option.startswith("--")]
        assert getattr(parameter, "help", None) or parameter.name == "help", parameter.name
        assert all(option in section for option in long), f"{long} is not in the section of {name}"


def test_links_have_a_target() -> None:
    pages = [page for folder in ("", "docs", "macros", "workbook", "samples") for page in sorted((ROOT / folder).glob("*.md"))]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            if not target.startswith("http") and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_readme_names_the_two_commands_and_its_finding_is_real() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "    python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/cedg demo my-round\n" in readme
    assert '    python3 -m venv .venv && .venv/bin/pip install ".[test]" && .venv/bin/pytest -n auto --dist loadfile\n' in readme
    line = next(line for line in readme.splitlines() if "[BLUE_NEEDS_ACHIEVED]" in line).strip()
    sample = (ROOT / "samples" / "defects" / "blue-without-date.findings.txt").read_text("utf-8")
    assert re.sub(r"^\S+  ", "", line) in sample


def test_version_is_the_same_everywhere() -> None:
    import cedg_excel

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == cedg_excel.__version__
    assert f"## {project['version']}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_committed_workbooks_match_their_source(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "workbook" / "build.py"), str(tmp_path)], check=True)
    stale = [path.name for path in tmp_path.iterdir() if path.read_bytes() != (ROOT / "workbook" / path.name).read_bytes()]
    assert (stale, len(list(tmp_path.iterdir()))) == ([], 3), "run python workbook/build.py"


@pytest.mark.parametrize("first", ["", "import cedg_excel.master.workbook", "import cedg_excel.checking.check", "cedg_excel.read_master"])
def test_public_names_are_functions_whatever_was_imported_before(first: str) -> None:
    wrong = "[name for name in cedg_excel.__all__ if type(getattr(cedg_excel, name)).__name__ != 'function']"
    code = f"import cedg_excel\n{first}\nprint({wrong})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=ROOT)
    assert done.stdout == "[]\n"


def test_counts_of_the_plan_are_correct() -> None:
    plan = tomllib.loads((ROOT / "workbook" / "rotherham-2019-2022.toml").read_text("utf-8"))
    text = (ROOT / "workbook" / "README.md").read_text("utf-8")
    for word, table in (("objectives", "objective"), ("actions", "action"), ("agencies", "agency"), ("quarters", "period")):
        assert re.search(rf"\| {word} \| {len(plan[table])}\b", text), word
    assert re.search(rf"key performance indicators \(KPIs\) \| {len(plan['kpi'])}\b", text)
