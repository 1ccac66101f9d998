"""All rules, each defined once: its code, severity, message and remedy, whether it holds a value back, and its condition."""

from __future__ import annotations

from cedg_excel.findings import Severity
from cedg_excel.form.file_rules import FILE_RULES, FORM_RULES
from cedg_excel.form.rule import Rule
from cedg_excel.form.value_rules import VALUE_RULES

WARNING = Severity.WARNING

CONSISTENCY_RULES = (
    Rule("REOPENED", WARNING, "consistency", "This was Blue last time, and is {value} now.",
         "Say under Evidence why it was reopened, or choose Blue."),
    Rule("WORSENED_NO_WORD", WARNING, "consistency", "This was {other} last time and is {value} now, without an explanation.",
         "Say under Evidence or Remedial action what has happened."),
    Rule("KPI_JUMPED", WARNING, "consistency", "This was {other} last time, and is {value} now.",
         "Check the number. If it is right, explain the change under Comment."),
    Rule("KPI_MISSING", WARNING, "consistency", "A figure was given before, but none this time.",
         "Type it if you have it. If not, choose why under Why no figure."),
    Rule("EVIDENCE_SAME", WARNING, "consistency", "The rating has changed since last time, but the evidence has not.",
         "Update the evidence."),
)  # fmt: skip
"""Questions that need the previous return, which the master has and a copy does not."""

RULES = (*FILE_RULES, *FORM_RULES, *VALUE_RULES, *CONSISTENCY_RULES)
BY_CODE = {rule.code: rule for rule in RULES}
