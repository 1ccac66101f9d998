"""The rules as pandera schemas: one frame for each kind of table over all returns at once, one lazy pass over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from cedg_excel.checking.frames import Failure, ReturnRow, frame_of, rows_of_returns
from cedg_excel.form.fields import field_kinds
from cedg_excel.form.value_rules import VALUE_RULES
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return


def failures(returns: Sequence[Return], plan: Plan) -> Iterator[Failure]:
    """Every cell of these returns that breaks a rule, once, with the first rule it breaks."""
    for table, lines in rows_of_returns(returns).items():
        if lines:
            yield from _failures(table, lines, plan)


def _failures(table: str, lines: list[ReturnRow], plan: Plan) -> Iterator[Failure]:
    first: dict[tuple[int, str], int] = {}
    try:
        frame = frame_of(table, lines, plan)
        schema_for(table, _met(frame)).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases[["check", "index"]].drop_duplicates()
        if cases["index"].isna().any():
            raise  # a check that could not run at all is our mistake, and never a silent pass
        for check, index in cases.itertuples(index=False):
            _, rank, field = str(check).split(" ")
            cell = (int(index), field)
            first[cell] = min(int(rank), first.get(cell, int(rank)))
    for (line, field), number in sorted(first.items()):
        # A date that the plan has settled is locked in the copy: whatever is odd about it, no agency can mend it.
        if field in lines[line].entries:
            yield Failure(VALUE_RULES[number], field, lines[line])


def _met(frame: pd.DataFrame) -> frozenset[str]:
    """The codes of the rules that reading met anywhere in the frame."""
    return frozenset(code for name in frame.columns if name.endswith(".read") for code in frame[name].unique() if code)


@lru_cache(maxsize=64)
def schema_for(table: str, met: frozenset[str]) -> pa.DataFrameSchema:
    """
    The schema of one table: a named check for each rule and each field it is on.

    Of the rules that reading decides, which are most of them, only those that were `met`: the others cannot be broken.
    """
    columns = {}
    for name, kind in field_kinds(table).items():
        columns[name] = pa.Column(float if kind in ("date", "number") else object, nullable=True)
        columns[f"{name}.read"] = pa.Column(object)
        columns[f"{name}.held"] = pa.Column(bool)
    return pa.DataFrameSchema(columns, checks=list(_checks(table, met)))


def _checks(table: str, met: frozenset[str]) -> Iterator[pa.Check]:
    for number, rule in enumerate(VALUE_RULES):
        if rule.condition.reading_code and rule.condition.reading_code not in met:
            continue
        for field in rule.checked_fields(table, field_kinds(table)):
            # The name leads back to the rule and the cell: pandera returns the names of the checks that failed.
            yield pa.Check(partial(rule.condition.check, name=field), name=f"{rule.code} {number} {field}", ignore_na=False)
