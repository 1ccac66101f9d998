"""The rules as pandera schemas: one frame per kind of table for all returns at once, and one lazy pass over it."""

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
    for table, rows in rows_of_returns(returns).items():
        if rows:
            yield from _failures(table, rows, plan)


def _failures(table: str, rows: list[ReturnRow], plan: Plan) -> Iterator[Failure]:
    first_broken: dict[tuple[int, str], int] = {}
    try:
        frame = frame_of(table, rows, plan)
        schema_for(table, _codes_found(frame)).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases[["check", "index"]].drop_duplicates()
        if cases["index"].isna().any():
            raise  # a check that could not run is a fault in the program, and must not count as passed
        for check, frame_row in cases.itertuples(index=False):
            _, rank, field = str(check).split(" ")
            cell = (int(frame_row), field)
            first_broken[cell] = min(int(rank), first_broken.get(cell, int(rank)))
    for (index, field), number in sorted(first_broken.items()):
        # A date that the plan has set is locked in the copy, so no agency could correct it.
        if field in rows[index].entries:
            yield Failure(VALUE_RULES[number], field, rows[index])


def _codes_found(frame: pd.DataFrame) -> frozenset[str]:
    """The codes of the rules that reading found broken anywhere in the frame."""
    return frozenset(code for name in frame.columns if name.endswith(".read") for code in frame[name].unique() if code)


@lru_cache(maxsize=64)
def schema_for(table: str, codes_found: frozenset[str]) -> pa.DataFrameSchema:
    """
    The schema of one table: a named check for each rule and each field that it is checked on.

    Of the rules that reading decides, which are most of them, only those in `codes_found`: no cell can break the others.
    """
    columns = {}
    for name, kind in field_kinds(table).items():
        columns[name] = pa.Column(float if kind in ("date", "number") else object, nullable=True)
        columns[f"{name}.read"] = pa.Column(object)
        columns[f"{name}.held"] = pa.Column(bool)
    return pa.DataFrameSchema(columns, checks=list(_checks(table, codes_found)))


def _checks(table: str, codes_found: frozenset[str]) -> Iterator[pa.Check]:
    for number, rule in enumerate(VALUE_RULES):
        if rule.condition.reading_code and rule.condition.reading_code not in codes_found:
            continue
        for field in rule.checked_fields(table, field_kinds(table)):
            # The name identifies the rule and the field: pandera returns the names of the checks that failed.
            yield pa.Check(partial(rule.condition.check, name=field), name=f"{rule.code} {number} {field}", ignore_na=False)
