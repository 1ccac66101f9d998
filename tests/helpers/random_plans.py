"""Random plans, with every kind of text and number that writing to a file and reading it again might change."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from cedg_excel.errors import PlanError
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.text import is_blank

AWKWARD = (
    "2.10", "007", "1e5", "TRUE", "#N/A", "=1+1", '=HYPERLINK("https://example.org","x")', "+44", "-", "@home", "'quoted",
    'He said "done" and \\ "nearly"', 'ends in quotes"""', "two\nlines", 'two\n"lines"', 'three """\n\\quotes\\"""',
    "first\n\n\nfourth", "a\ttab", "a\rreturn", "_x0041_", "_x000D_",
    "Well done 🎉 👩‍👩‍👧", "Zoë, Łódź, عربى, 日本", "& < > &amp;", "12/03/2020", "2020-03-12", "# not a comment", "[plan]", "x" * 3000,
    "\x0bvertical\x7f", "a\u2028b\x85c", "{braces}", "1,234", "50%",
)  # fmt: skip
"""Texts that programs are known to change."""

letters = st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff")
texts = (st.sampled_from(AWKWARD) | st.text(letters, max_size=30)).filter(lambda text: not is_blank(text.strip()))
maybe = st.just("") | texts
days = st.dates(date(1890, 1, 1), date(2199, 12, 31))
figures = st.none() | texts | st.integers(-(10**14), 10**14) | st.floats(-1e6, 1e6).map(lambda number: round(number, 4))
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,8}", fullmatch=True)
marks = st.sets(st.integers(0, 5))


def _unique(strategy: st.SearchStrategy[str], least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(strategy, min_size=least, max_size=6, unique_by=str.casefold)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan that loads: any texts, numbers, dates and marks, in any order."""
    agencies, periods = draw(_unique(ids)), draw(_unique(ids))
    numbers = draw(st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True))
    start, end = sorted((draw(days), draw(days)))
    some = st.lists(st.sampled_from(agencies), max_size=6, unique=True)
    data: dict[str, Any] = {
        "plan": {
            "id": draw(ids), "title": draw(texts), "group": draw(maybe), "partnership": draw(maybe), "start": start, "end": end,
            "version": draw(texts.filter(lambda text: "|" not in text and "\n" not in text)), "purpose": draw(maybe),
            "governance": draw(maybe), "next_steps": draw(maybe), "text_limit": draw(st.integers(100, 30000)), "unlock": draw(maybe),
            "notice": draw(maybe)[:100], "brag": {"blue": draw(maybe), "red": draw(maybe)},
        },
        "agency": [
            {"id": name, "name": draw(texts), "part_of": draw(maybe), "contact": draw(maybe), "email": draw(maybe)} for name in agencies
        ],
        "objective": [{"number": n, "title": draw(texts), "lead": draw(maybe), "purpose": draw(maybe)} for n in numbers],
        "action": [_action(draw, ref, some) for ref in _refs(draw, numbers, "")],
        "kpi": [_kpi(draw, ref, some) for ref in _refs(draw, numbers, "K")],
        "period": [_period(draw, name) for name in periods],
        "version": draw(st.lists(st.fixed_dictionaries(
            {"date": days, "number": texts}, optional={"author": maybe, "change": maybe, "date_to_group": maybe | days}), max_size=3)),
        "waiver": draw(st.lists(st.fixed_dictionaries(
            {"rule": texts, "agency": st.sampled_from(agencies), "reason": texts, "who": texts, "until": days},
            optional={"key": maybe, "period": st.sampled_from(periods)}), max_size=2)),
    }  # fmt: skip
    return _joining_and_leaving(draw, data, periods)


def _joining_and_leaving(draw: st.DrawFn, data: dict[str, Any], periods: list[str]) -> Plan:
    """The plan with agencies that join and leave and actions that end, as far as that leaves everything to somebody."""
    some_period = st.just("") | st.sampled_from(periods)
    spans = [{"from": draw(some_period), "until": draw(some_period)} for _ in data["agency"]]
    ends = [{"until": draw(some_period)} for _ in data["action"]]
    refs = [action["ref"] for action in data["action"]]
    ends = [{**end, "became": draw(st.just("") | st.sampled_from(refs))} if end["until"] else end for end in ends]
    changed = {
        **data,
        "agency": [{**agency, **span} for agency, span in zip(data["agency"], spans, strict=True)],
        "action": [{**action, **end} for action, end in zip(data["action"], ends, strict=True)],
    }
    try:
        return plan_from(changed)
    except PlanError:
        return plan_from(data)


def _refs(draw: st.DrawFn, numbers: list[int], letter: str) -> list[str]:
    second = st.from_regex(r"[0-9]{1,3}[a-z]?", fullmatch=True)
    refs = draw(st.lists(st.tuples(st.sampled_from(numbers), second), max_size=5, unique_by=lambda ref: (ref[0], ref[1].casefold())))
    return [f"{letter}{number}.{rest}" for number, rest in refs]


def _action(draw: st.DrawFn, ref: str, some: st.SearchStrategy[list[str]]) -> dict[str, Any]:
    agencies = draw(some)
    contributors = draw(st.just("all") | some.map(lambda names: [name for name in names if name not in agencies]))
    dates = {key: day for key in ("date_commenced", "target_date") if (day := draw(st.none() | days))}
    return {
        "ref": ref, "title": draw(texts), "detail": draw(st.lists(maybe, max_size=3)), "leads": draw(maybe), "agencies": agencies,
        "contributors": contributors, "evidence": draw(maybe), "business_plan": draw(st.booleans()), "continues": draw(st.booleans()),
        **dates,
    }  # fmt: skip


def _kpi(draw: st.DrawFn, ref: str, some: st.SearchStrategy[list[str]]) -> dict[str, Any]:
    unit = draw(st.sampled_from(("count", "percent", "days", "words")))
    return {
        "ref": ref, "measure": draw(texts), "unit": unit, "good": draw(st.sampled_from(("up", "down", ""))), "agencies": draw(some),
        "combine": "ratio" if unit == "percent" else draw(st.sampled_from(("sum", "single"))),
        "over_time": draw(st.sampled_from(("sum", "latest", "none"))),
        "frequency": draw(st.sampled_from(("quarterly", "half-yearly", "yearly"))),
        "numerator": draw(maybe), "denominator": draw(maybe), "baseline": draw(figures), "target": draw(figures),
        "status": draw(st.sampled_from(("live", "in development", "being explored"))),
    }  # fmt: skip


def _period(draw: st.DrawFn, name: str) -> dict[str, Any]:
    start, end = sorted((draw(days), draw(days)))
    due = {"due": day} if (day := draw(st.none() | days)) else {}
    return {"id": name, "label": draw(maybe), "year": draw(maybe), "start": start, "end": end, "meeting": draw(maybe), **due}
