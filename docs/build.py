"""
Write docs/findings.md from the table of rules and docs/fields.md from the tables of fields: `python docs/build.py`.

The example of each finding is the first that a file in samples/defects gives; a test fails when a page is stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cedg_excel.form.fields import FIELDS, FormField, make_key  # noqa: E402  the checkout's own, not an installed one
from cedg_excel.form.rule import Rule  # noqa: E402
from cedg_excel.form.rules import RULES  # noqa: E402

PAGE = ROOT / "docs" / "findings.md"
FIELDS_PAGE = ROOT / "docs" / "fields.md"
GROUPS = {
    "file": ("The file", "Any of these that is an error rejects the whole file; the other files in the batch are read as usual."),
    "form": ("The form", "What was done to the form itself. Rows are found by their ref and columns by their heading."),
    "values": ("The answers", "In the order of causes: of the rules that a cell breaks, only the first is reported."),
    "privacy": (
        "What could identify a child",
        "Every cell is searched for these. No finding shows them, and errors are also removed from what is kept or sent back.",
    ),
    "consistency": (
        "Compared with the previous return",
        "Questions from `cedg merge`, which knows the previous return: at most five for each return.",
    ),
}
HEAD = """\
# Findings

Everything `cedg check` can report about a returned copy, generated from the table of rules by `python docs/build.py`.

**error** must be put right and sets the exit status to 1; **warning** is worth a look; **info** is for information.
*Held back* means that the value stays out of the master until it is put right; every other value is merged, and the
finding reported. *In the sheet* means that the copy itself says so while the agency types, in the same words.
Words in braces are filled in from the place.
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = [HEAD]
    for group, (title, lead) in GROUPS.items():
        parts.append(f"\n## {title}\n\n{lead}\n")
        parts += [entry(rule) for rule in RULES if rule.group == group]
    return "".join(parts)


def entry(rule: Rule) -> str:
    """One rule: code, severity, what it says, what to do, and where a sample shows it."""
    marks = [rule.severity.value, *(["held back"] if rule.holds_back else []), *(["in the sheet"] if rule.in_sheet else [])]
    lines = [f"\n### {rule.code}\n", f"*{', '.join(marks)}*\n", f"> {rule.message} {rule.fix}".rstrip() + "\n"]
    if example := examples().get(rule.code):
        lines.append(f"For example {example}.\n")
    return "\n".join(lines)


def examples() -> dict[str, str]:
    """Where each code is first found among the samples: `H8 of Objective 4 in amber-without-action.xlsx`."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "samples" / "defects").glob("*.findings.txt")):
        for line in path.read_text("utf-8").splitlines():
            match = re.fullmatch(r"[A-Z]+ +(\S+\.xlsx)  (?:(?:([^!]+)!([A-Z]+\d+)|(\S[^\[]{0,30}?))  )?.*\[([A-Z_]+)\]", line)
            if match:
                file, sheet, cell, _, code = match.groups()
                where = f"{cell} of {sheet} in " if cell else ""
                found.setdefault(code, f"{where}`samples/defects/{file}`")
    return found


FIELDS_HEAD = """\
# The fields of a copy

What an agency fills in, made from the tables of fields by `python docs/build.py`. The key names a field everywhere outside the
workbook: in `cedg map`, in findings and in the table of changes. *Column* is its column in `cedg data`.
"""
TABLES = {
    "actions": ("Actions", "REF"),
    "kpis": ("KPIs", "REF"),
    "narrative": ("In the agency's own words, for each objective", "OBJECTIVE"),
    "cover": ("Cover", ""),
}
WHO = {"actions": ("accountable agencies", "contributors too"), "kpis": ("agencies asked for the KPI",) * 2}


def fields_page() -> str:
    """The page of fields, as Markdown."""
    parts = [FIELDS_HEAD]
    for table, (title, ref) in TABLES.items():
        parts.append(f"\n## {title}\n\n| key | heading | kind | column | who fills it in | more |\n|---|---|---|---|---|---|\n")
        parts += [field_line(table, ref, field) for field in FIELDS[table]]
    return "".join(parts)


def field_line(table: str, ref: str, field: FormField) -> str:
    """One field as a line of its table."""
    who = WHO.get(table, ("every agency",) * 2)[field.contributors]
    more = [
        f"one of {', '.join(field.choices.words)}" if field.choices else "",
        "required" if field.required else "",
        "may be settled in the plan, and is then locked" if field.from_plan else "",
        "carried over to the next copy" if field.carried else "",
        "a whole number" if field.whole else "",
    ]
    cells = (f"`{make_key(table, ref, field.name)}`", field.heading or "the period's own", field.kind, f"`{field.column}`", who)
    return f"| {' | '.join(cells)} | {'; '.join(part for part in more if part)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    FIELDS_PAGE.write_text(fields_page(), encoding="utf-8", newline="\n")
