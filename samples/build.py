"""
Write every sample in this folder: `python samples/build.py`.

The same bytes come out each time. `python samples/build.py DIR` writes the files to another folder, for comparison, without the
lists of findings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

os.environ["OPENPYXL_LXML"] = "False"  # openpyxl reads this when it is imported; with lxml it writes the same content as different bytes
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from making.answers import Answer, read_answers  # noqa: E402  after the setting above
from making.copies import Copy  # noqa: E402
from making.defect import KPI, Defect  # noqa: E402
from making.files import FILE_DEFECTS, lock_file  # noqa: E402
from making.forms import FORM_DEFECTS  # noqa: E402
from making.objects import OBJECT_DEFECTS  # noqa: E402
from making.values import VALUE_DEFECTS  # noqa: E402
from making.zips import packed, parts_of  # noqa: E402

from cedg_excel.checking.check import check  # noqa: E402
from cedg_excel.copies.formula_results import formula_results  # noqa: E402
from cedg_excel.copies.template import build_template  # noqa: E402
from cedg_excel.excel.save import to_bytes  # noqa: E402
from cedg_excel.findings import Finding  # noqa: E402
from cedg_excel.form.layout import layout_for  # noqa: E402
from cedg_excel.form.model import Value  # noqa: E402
from cedg_excel.form.rules import BY_CODE  # noqa: E402
from cedg_excel.master.merge import merge  # noqa: E402
from cedg_excel.plan.model import Plan  # noqa: E402
from cedg_excel.returns.read import read_returns  # noqa: E402
from cedg_excel.round.demo import sample_plan  # noqa: E402

PERIOD = "2019-20-Q3"
DEFECTS = (*FILE_DEFECTS, *FORM_DEFECTS, *OBJECT_DEFECTS, *VALUE_DEFECTS)
LOCK_FILE = "~$lock-file"
SAME_TIME = "two-of-the-same-time"
SAME_TIME_ANSWERS: tuple[Mapping[str, Value], ...] = ({}, {KPI: 14})
"""The answers that differ between two copies saved in the same minute."""


def main() -> None:
    """Write the returns, the defects, the guide, and the findings of the defects."""
    plan = sample_plan()
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]), sample_files(plan))
    else:
        write(HERE, sample_files(plan))
        write(HERE / "defects", findings_files(plan, HERE / "defects"))


def write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def sample_files(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Every sample by name, and the guide to them."""
    answers = {(answer.agency, answer.period): answer for answer in read_answers(HERE / "invented.toml")}
    yield from return_files(plan, answers.values())
    yield from defect_files(plan, answers)
    yield "README.md", readme().encode()


def filled_copy(plan: Plan, answer: Answer) -> Copy:
    """The copy with these answers typed in. Raises ValueError for a key that the copy does not have."""
    layout = layout_for(plan, answer.agency, answer.period)
    unknown = set(answer.values) - {item.key for _, _, item in layout.fields()}
    if unknown:
        raise ValueError(f"the copy of {answer.agency} for {answer.period} has no {', '.join(sorted(unknown))}")
    return Copy(build_template(plan, answer.agency, answer.period, values=answer.values), layout)


def return_files(plan: Plan, answers: Iterable[Answer]) -> Iterator[tuple[str, bytes]]:
    """The returns of each agency and period, by name."""
    for answer in answers:
        name = f"{answer.period}/{answer.agency}_{answer.period}.xlsx"
        copy = filled_copy(plan, answer)
        yield name, to_bytes(copy.workbook, answer.sent, formula_results(copy.layout, answer.values))


def defect_files(plan: Plan, answers: Mapping[tuple[str, str], Answer]) -> Iterator[tuple[str, bytes]]:
    """The defects, by name."""
    for defect in DEFECTS:
        yield f"defects/{defect.name}.xlsx", defect_file(plan, answers[defect.agency, PERIOD], defect)
    yield f"defects/{LOCK_FILE}.xlsx", lock_file("Sample Officer H")
    for number, changed in enumerate(SAME_TIME_ANSWERS, 1):
        defect = Defect(SAME_TIME, "CANNOT_ORDER", "", changed)
        yield f"defects/{SAME_TIME}/copy-{number}.xlsx", defect_file(plan, answers[defect.agency, PERIOD], defect)


def defect_file(plan: Plan, answer: Answer, defect: Defect) -> bytes:
    """A clean return with one thing wrong with it."""
    if defect.content is not None:
        return defect.content
    values = {key: value for key, value in {**answer.values, **defect.answers}.items() if value is not None}
    copy = filled_copy(plan, replace(answer, values=values))
    if defect.change_copy:
        defect.change_copy(copy)
    # In a changed copy, formulas may not be where the layout expects them, so it is written without their results.
    results = None if defect.change_copy else formula_results(copy.layout, values)
    data = to_bytes(copy.workbook, defect.sent, results)
    if defect.change_parts:
        parts = parts_of(data)
        defect.change_parts(parts, copy)
        data = packed(parts)
    return defect.change_file(data) if defect.change_file else data


# The findings of the defects


def findings_files(plan: Plan, folder: Path) -> Iterator[tuple[str, bytes]]:
    """For each defect the lines that `cedg check` prints; for the two copies of the same time those of `cedg merge`."""
    for name in (*(defect.name for defect in DEFECTS), LOCK_FILE):
        (checked,) = check(read_returns([folder / f"{name}.xlsx"], plan), plan)
        yield f"{name}.findings.txt", findings_text(checked.findings).encode()
    checked = check(read_returns(sorted((folder / SAME_TIME).iterdir()), plan), plan)
    conflicts = merge(checked, plan).conflicts
    rule = BY_CODE["CANNOT_ORDER"]
    findings = [rule.finding(item.returned.file, other=conflicts[item.returned.sha256]) for item in checked]
    yield f"{SAME_TIME}.findings.txt", findings_text(findings).encode()


def findings_text(findings: Iterable[Finding]) -> str:
    """The findings as the command prints them, and the exit status."""
    findings = list(findings)
    lines = [f"{item.severity.upper():<8} {item.as_line()}" for item in findings]
    return "\n".join([*lines, f"exit status {int(any(item.severity == 'error' for item in findings))}"]) + "\n"


README = """\
# Samples

**Everything here is invented.** No figure, date, statement or officer in these files is real, and every tab of every
return says so. Only the plan behind them is real: its agencies, actions, measures and quarters, from
`workbook/rotherham-2019-2022.toml`.

- `2019-20-Q3/` and `2019-20-Q4/`: a returned copy from each of the twelve agencies for the plan's first two quarters.
  Most are clean. A few hold the mistakes people make, and in each quarter one came late; there is one draft and one
  nil return. `cedg demo` plays them.
- `defects/`: one file for each way a returned copy can be wrong, named for what is wrong with it. Next to each is
  `<name>.findings.txt`: the findings that `cedg check` must print for it, and its exit status. Each file is one of the
  clean returns with a single thing changed.

## Building them again

    python samples/build.py

This needs the `test` extra. Edit only the answers, in `invented.toml`, and the defects, in `making/`. `build.py` writes
everything else, this page too, and the same bytes come out each time. Read any changed findings before you commit them:
the tests compare the program with these files.

## The defects

Where no rule is given, the copy looks odd but is read like any other. For `{same_time}/` the findings are those of
`cedg merge`, since only a merge compares two files.

| file | what is wrong | rule |
|---|---|---|
"""


def readme() -> str:
    """The README of this folder."""
    rows = [(f"{defect.name}.xlsx", defect.description, defect.code) for defect in DEFECTS]
    rows.append((f"{SAME_TIME}/", "Two copies that were saved in the same minute and differ.", "CANNOT_ORDER"))
    rows.append((f"{LOCK_FILE}.xlsx", "The file that Excel keeps next to a workbook while it is open.", "LOCK_FILE"))
    lines = [f"| `{name}` | {what} | {f'`{code}`' if code else ''} |" for name, what, code in sorted(rows)]
    return README.format(same_time=SAME_TIME) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
