"""
The sheet and the coordinator never disagree: a copy shows about each row what the check finds in it later.

LibreOffice calculates the formulas of random copies; each row must show exactly the sentence that checking the same file gives.
CEDG_EXAMPLES sets the number of returns.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from cedg_excel.checking import schemas as schema
from cedg_excel.checking.check import check
from cedg_excel.copies.formula_results import formula_results
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel_facts import column_letter
from cedg_excel.findings import Finding
from cedg_excel.form import formulas
from cedg_excel.form.fields import FIELDS, Field, field_kinds, split_key
from cedg_excel.form.formulas import TO_DO, live_rules
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout
from cedg_excel.form.rule import Rule
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.value_rules import LIVE_CODE, VALUE_RULES
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan
from cedg_excel.returns.read import read_return
from cedg_excel.tab_names import CHECK_TAB, COVER
from tests.conftest import COVER as COMPLETE
from tests.conftest import PERIOD, SENT
from tests.helpers.office import Input, Office

pytestmark = pytest.mark.office

AGENCY = "north"
START, END, PLAN_START, PLAN_END = date(2019, 10, 1), date(2019, 12, 31), date(2019, 7, 18), date(2022, 9, 30)
AGREED = (None, None, PLAN_START, END - timedelta(1), END, END + timedelta(1))
"""Target dates settled in the plan, used in turn; None where the agency gives one."""
LIMIT = 100
ACTIONS, KPIS = 24, 16
"""On each of three tabs."""
EXAMPLES = int(os.environ.get("CEDG_EXAMPLES", "32"))


@cache
def wide() -> Plan:
    """A plan with many rows of every kind for one agency, and short texts."""
    agencies = [AGENCY]
    units = [("count", "sum"), ("percent", "ratio"), ("days", "single"), ("words", "single")]
    actions = [
        {"ref": f"{o}.{n}", "title": f"Action {n}", "agencies": agencies}
        | ({"target_date": day} if (day := AGREED[n % len(AGREED)]) else {})
        | ({"date_commenced": PLAN_START} if n % 5 == 0 else {})
        for o in (1, 2, 3)
        for n in range(1, ACTIONS + 1)
    ]
    kpis = [
        {"ref": f"K{o}.{n}", "measure": f"Measure {n}", "unit": unit, "combine": combine, "agencies": agencies}
        for o in (1, 2, 3)
        for n in range(1, KPIS + 1)
        for unit, combine in [units[n % len(units)]]
    ]
    about = {"id": "wide", "title": "A wide plan", "start": PLAN_START, "end": PLAN_END, "version": "1", "text_limit": LIMIT}
    return plan_from({
        "plan": about, "agency": [{"id": AGENCY, "name": "North"}],
        "objective": [{"number": n, "title": f"Objective of {n}"} for n in (1, 2, 3)], "action": actions, "kpi": kpis,
        "period": [{"id": PERIOD, "start": START, "end": END}],
    })  # fmt: skip


def layout() -> Layout:
    return layout_for(wide(), AGENCY, PERIOD)


# What is typed


@dataclass(frozen=True)
class Formula:
    """A formula in an input cell."""

    text: str


@dataclass(frozen=True)
class ErrorValue:
    """An error value in an input cell, as pasting leaves one."""

    text: str


BLANKS = (None, None, None, "", " ", "   ", "\n", "\u00a0", " \u00a0\n ")
"""
Without zero-width and typographic spaces, and without tabs in a rating: the reader treats them as blanks, but Excel has no function that
removes them, and one for each would make the formulas too long.
"""
SINGLE_DAYS = (
    START, END, PLAN_START, PLAN_END, date(2000, 1, 1), date(2049, 12, 31), date(2099, 12, 31), date(1905, 7, 11), date(2019, 2, 28),
)  # fmt: skip
DAYS = tuple(day + timedelta(n) for day in SINGLE_DAYS for n in (-1, 0, 1))
SENSIBLE_DAYS = (PLAN_START, START, date(2019, 11, 5), END, PLAN_END)
ODD_DATES = (
    "12/03/2020", "31/12/2019", "1 January 2020", "2019-12-31", "31/02/2020", "1/2/20", "soon", "12 Nov", "t.b.c.", "43831",
    0, 1, 59, 60, 61, 2019, 36525, 36526, 43830, 43831, 44834, 73050, 73051, 100000, 2958465, 43830.5, 36525.999, 73050.25, 0.5,
    datetime(2019, 12, 31, 12, 0), datetime(2019, 12, 31, 23, 59, 59), " 31/12/2019 ", "Blue",
)  # fmt: skip
WORDS = ("Blue", "Red", "Amber", "Green")
ODD_RATINGS = (
    "blue", "AMBER", " Green", "Red ", "gReEn", "Amber\n", "\u00a0Blue", "Blue\u00a0\u00a0", "Purple", "B*", "?reen", "*", "~*", "Amb er",
    "Amber/Green", "B", "Blue.", "Not started", '"Red"', "=Red", 'say "Blue"', "Gr\u00a0een", 1, 0, 3.5, "0", "Evidence only",
)  # fmt: skip
NUMBERS = (0, 1, 4, 5, 12, 40, 1013, 2.5, 0.25)
ODD_NUMBERS = (
    -1, -0.5, -36526, 12.5, 0.001, 36525, 36525.5, 36526, 36526.5, 43831, 54787.5, 54788, 54788.5, 54789, 999_999_999, 1e15, 1e300, 1e-9,
    "7", "0", " 12 ", "1,200", "12 people", "n/a", "N/A ", "tbc", "Not\u00a0held", "-", "\u2013", "nil", "Nil\n", "?", "*", "n?a", "50%",
    "31 out of 36", "31/36", "86 per cent", "5 of 6 or so", "-3", "1e3", "2.5", "9" * 400, "#N/A", "TRUE", "1/2",
)  # fmt: skip
TEXTS = (
    "child AB was seen", "Child A.", "support for YP J.D.\n", "child CE team", "a girl X", "deploy A unit", "Jade (14) was seen",
    "(aged 9)", "sessions (12)", "pupil (Year 9)", "pupils (Year 9)", "J\u2019s mother", "the children's mum", "(15 yo)", "(aged 10-17)",
    "child\u00a0KL,", "Seen", "x" * LIMIT, "Two\nlines", "=1+1", "-", "0", "'quoted'", 'He said "done".', "#N/A", "Well done 🎉",
)  # fmt: skip
ODD_TEXTS = ("x" * (LIMIT + 1), "é" * LIMIT, "é" * (LIMIT + 1), " " * (LIMIT + 1), "x" + " " * LIMIT, "\n" * (LIMIT + 1), 7, 12.5, 0)
# An emoji at the limit is left out: Excel's LEN counts it as two, as the reader does, but LibreOffice 7.4 counts it as one.
ODD = {
    "rating": ODD_RATINGS, "date": ODD_DATES, "number": ODD_NUMBERS, "text": ODD_TEXTS,
    "choice": ("yes", "YES ", "\u00a0Yes", "draft", "FINAL", "Nearly", "F*", "?inal", "Y", 1, "Draft\n", "Final\u00a0",
               "no", "None", "Final version", "Not collected yet", "NOT COLLECTED", "n/a", "too few  to give"),
}  # fmt: skip
LIKELY: Mapping[str, tuple[Any, ...]] = {"rating": WORDS, "date": SENSIBLE_DAYS, "number": NUMBERS, "text": TEXTS}
STRANGE = (
    ErrorValue("#N/A"), ErrorValue("#REF!"), ErrorValue("#VALUE!"), ErrorValue("#DIV/0!"), Formula("=NA()"), Formula("=1/0"),
    Formula('="Blue"'), Formula("=2+3"), Formula("=-1"), Formula("=43830"), Formula('=REPT("x",101)'), True, False,
)  # fmt: skip
"""
What a cell may contain after pasting. Without =DATE(2019,12,31): it gives a number cell the format of a date, so that the reader does not
take it for a number, and no formula can see a format.
"""


def careful(item: Field) -> st.SearchStrategy[Any]:
    """A value that is valid in its cell, though it may not go with the cells next to it."""
    likely = LIKELY.get(item.kind) or (item.choices or ())
    return st.sampled_from([*likely, *likely, *[None] * (1 if item.kind == "rating" else len(likely))])


def careless(item: Field, strange: bool) -> st.SearchStrategy[Any]:
    """Any value that a cell may contain."""
    likely = st.sampled_from(LIKELY.get(item.kind) or (item.choices or ()))
    days = st.sampled_from(DAYS) if item.kind == "date" else likely
    numbers = st.one_of(st.integers(-10, 60_000), st.integers(-40, 4_000).map(lambda n: n / 16)) if item.kind == "number" else likely
    texts = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12)
    odd = st.one_of(st.sampled_from(ODD[item.kind]), texts, *([st.sampled_from(STRANGE)] if strange else []))
    return st.one_of(st.sampled_from(BLANKS), likely, likely, days, numbers, odd)


class Drawn(dict[str, Any]):
    """Values by key. A failure lists only the rows that are wrong."""

    def __repr__(self) -> str:
        return f"a return of {len(self)} cells"


@st.composite
def returns(draw: st.DrawFn, strange: bool) -> Drawn:
    """A whole return, by key. A nil return is rare, since it excuses the rest."""
    values = Drawn()
    for sheet in layout().sheets:
        for row in sheet.checked_rows():
            well = draw(st.booleans())
            for cell in row.cells:
                if item := cell.field:
                    values[item.key] = draw(careful(item) if well or draw(st.booleans()) else careless(item, strange))
    if not draw(st.sampled_from([False, False, True])):
        values["cover/nil_return"] = None
    elif draw(st.booleans()):
        values |= {key: draw(st.sampled_from(BLANKS)) for key in values if not key.startswith("cover/")}
    return values


# What the sheet shows and what the check finds


def filled_in(values: Mapping[str, Any]) -> Workbook:
    """A copy with these values in it, by key, and no results of formulas."""
    book = build_template(wide(), AGENCY, PERIOD, values={key: value for key, value in values.items() if not is_strange(value)})
    for sheet, place, item in layout().fields():
        value, cell = values.get(item.key), book[sheet.title].cell(place.row, place.column)
        if isinstance(value, ErrorValue):
            cell.value, cell.data_type = value.text, "e"
        elif isinstance(value, Formula):
            cell.value = value.text
        elif isinstance(value, bool):
            cell.value = value
    return book


def is_strange(value: Any) -> bool:
    return isinstance(value, ErrorValue | Formula | bool)


@dataclass
class Row:
    """A row of a copy: where it is, what was typed, what the sheet shows and what the check finds."""

    sheet: str
    number: int
    typed: dict[str, Any]
    shown_in_sheet: str
    found: str
    code: str = ""

    def __str__(self) -> str:
        return (
            f"{self.sheet}, row {self.number}: {self.typed}\n  the sheet shows: {self.shown_in_sheet!r}\n  the check finds: {self.found!r}"
        )


def by_libreoffice(values: Mapping[str, Any], office: Office, folder: Path) -> Path:
    """A copy with these values, calculated and saved by LibreOffice."""
    new_copy = folder / "new.xlsx"
    new_copy.write_bytes(to_bytes(filled_in(values), SENT))
    return office.recalculate(new_copy, folder / "calculated.xlsx")


def rows_of(path: Path, values: Mapping[str, Any]) -> list[Row]:
    """Every row of a calculated copy, with what the sheet shows and what the check finds."""
    book = openpyxl.load_workbook(path, data_only=True)
    found = check_results(path)
    rows = []
    for sheet in layout().sheets:
        for row in sheet.checked_rows():
            typed = {c.field.name: values.get(c.field.key) for c in row.cells if c.field}
            shown_in_sheet = book[sheet.title].cell(row.number, sheet.check_column).value or ""
            sentence, code = found.get((sheet.title, row.number), ("", ""))
            rows.append(Row(sheet.title, row.number, typed, str(shown_in_sheet), sentence, code))
    return rows


def check_results(path: Path) -> dict[tuple[str, int], tuple[str, str]]:
    """What the check finds in a file, as its rows should show it: the first cause in each, by tab and row, and its rule."""
    (item,) = check([read_return(path, wide())], wide())
    live_rules = [finding for finding in item.findings if finding.key and rule_shown(finding).in_sheet]
    first: dict[tuple[str, int], tuple[str, str]] = {}
    for finding in sorted(live_rules, key=cause):
        first.setdefault((finding.place.sheet, finding.place.row), (sentence_of(finding), rule_shown(finding).code))
    return first


def rule_shown(finding: Finding) -> Rule:
    return BY_CODE[LIVE_CODE.get(finding.code, finding.code)]


def cause(finding: Finding) -> tuple[int, int]:
    """The rule's place in the table of rules, and the cell's place among those that the rule names."""
    rule = rule_shown(finding)
    table, _, name = split_key(finding.key or "")
    return VALUE_RULES.index(rule), rule.checked_fields(table, field_kinds(table)).index(name)


def sentence_of(finding: Finding) -> str:
    rule = rule_shown(finding)
    words = f"{finding.message} {finding.fix}" if rule.code == finding.code else f"{rule.message} {rule.fix}"
    return f"{TO_DO if rule.to_do else ''}{finding.place.cell}: {words}".rstrip()


def disagreements(rows: list[Row]) -> str:
    wrong = [str(row) for row in rows if row.shown_in_sheet != row.found]
    return "\n".join([f"{len(wrong)} of {len(rows)} rows", *wrong]) if wrong else ""


def differing_results(path: Path, values: Mapping[str, Any]) -> list[tuple[str, str, Any, Any]]:
    """Where the result of a formula differs from the one that the program stored: tab, cell, calculated, stored."""
    book = openpyxl.load_workbook(path, data_only=True)
    expected = formula_results(layout(), values)
    found = []
    for sheet in layout().sheets:
        for cell in sheet.cells():
            if cell.formula:
                calculated = book[sheet.title].cell(cell.row, cell.column)
                mine = expected[sheet.title].get((cell.row, cell.column), "no result was stored")
                if (calculated.value if calculated.value is not None else "") != mine:
                    found.append((sheet.title, calculated.coordinate, calculated.value, mine))
    return found


# They agree

COMPARED: Counter[str] = Counter()
"""How many rows were compared, by the rule that they break; "" for a row that breaks none."""


@pytest.mark.parametrize("strange", [False, True], ids=["typed", "pasted"])
def test_every_row_shows_what_the_check_finds(strange: bool, office: Office, tmp_path: Path) -> None:
    """The same rule, the same cell, the same words; and the result stored for each formula is the calculated one."""

    @settings(
        max_examples=EXAMPLES // 2, derandomize=True, phases=[Phase.generate], deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(returns(strange))
    def agree(values: Drawn) -> None:
        path = by_libreoffice(values, office, tmp_path)
        rows = rows_of(path, values)
        assert disagreements(rows) == ""
        if not strange:
            assert differing_results(path, values) == []
        COMPARED.update(row.code for row in rows)

    COMPARED.clear()
    agree()
    assert COMPARED.total() >= 1_000
    assert len(COMPARED) > 20


def fixed(number: int) -> dict[str, Any]:
    """Two returns that break every rule that a sheet can show, each in its own row."""
    values: dict[str, Any] = {
        "action/1.1/rating": "Red", "action/1.1/evidence": ErrorValue("#N/A"),
        "action/1.2/rating": "B*",
        "action/1.6/rating": "Red", "action/1.6/target_date": "soon",
        "action/3.6/rating": "Red", "action/3.6/target_date": "31/12/2020",
        "action/1.7/rating": None,
        "action/1.12/rating": "Blue", "action/1.12/evidence": "Seen", "action/1.12/date_achieved": END + timedelta(1),
        "action/1.13/rating": "Red", "action/1.13/target_date": PLAN_END + timedelta(1),
        "action/1.18/rating": "Red", "action/1.18/date_commenced": PLAN_END + timedelta(1),
        "action/1.19/rating": "Blue", "action/1.19/evidence": "Seen", "action/1.19/date_achieved": START,
        "action/1.19/date_commenced": START + timedelta(1),
        "action/1.24/rating": "Blue", "action/1.24/evidence": "Seen",
        "action/2.1/rating": "Green", "action/2.1/date_achieved": END,
        "action/2.6/rating": "Amber", "action/2.6/remedial_action": " ",
        "action/2.3/rating": "Green",
        "action/2.7/rating": "Blue", "action/2.7/date_achieved": END, "action/2.7/evidence": "\n",
        "action/2.12/rating": "Red", "action/2.12/date_commenced": PLAN_START - timedelta(1),
        "action/2.18/rating": "Red", "action/2.18/evidence": "Support for child AB was agreed",
        "kpi/K1.3/value": "x" * (LIMIT + 1),
        "kpi/K1.4/value": "12 people",
        "kpi/K2.4/value": "nil",
        "kpi/K2.8/value": 4, "kpi/K2.8/reason": "not collected",
        "kpi/K2.1/numerator": "86 per cent", "kpi/K2.5/numerator": "31 out of 36",
        "kpi/K2.12/reason": "Not collected yet",
        "kpi/K1.8/value": -1,
        "kpi/K1.12/value": 2.5,
        "kpi/K1.1/numerator": 5, "kpi/K1.1/denominator": 4,
        "kpi/K1.5/numerator": 5,
        "kpi/K1.16/value": 43831,
        "cover/completed_by": " ", "cover/status": "draft", "cover/nil_return": "Maybe",
    }  # fmt: skip
    return values if number == 1 else {"kpi/K1.4/value": 0, "cover/nil_return": "yes"}


@pytest.fixture(scope="module")
def broken(office: Office, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], Path]]:
    """The two returns, calculated."""
    return [(fixed(n), by_libreoffice(fixed(n), office, tmp_path_factory.mktemp("fixed"))) for n in (1, 2)]


IN_SHEET = {rule.code for rule in VALUE_RULES if rule.in_sheet}


def test_every_rule_of_the_sheet_is_compared(broken: list[tuple[dict[str, Any], Path]]) -> None:
    """Random returns might miss one."""
    rows = [row for values, path in broken for row in rows_of(path, values)]
    assert disagreements(rows) == ""
    assert {row.code for row in rows} == IN_SHEET | {""}


# The comparison notices differences


@contextmanager
def changed_condition(code: str, **other: Any) -> Iterator[None]:
    """Give a rule another condition, or another form of it, inside a with block."""
    rule = BY_CODE[code]
    before = rule.condition
    # All modules share the same rule object, so it is changed in place.
    object.__setattr__(rule, "condition", replace(before, **other))
    clear_caches()
    try:
        yield
    finally:
        object.__setattr__(rule, "condition", before)
        clear_caches()


def clear_caches() -> None:
    """Everything that depends on the rules is built again."""
    layout_for.cache_clear()
    formulas._formulas.cache_clear()
    schema.schema_for.cache_clear()


def never_broken(frame: Any, name: str) -> Any:
    return frame[f"{name}.blank"] | True


@pytest.mark.parametrize("code", sorted(IN_SHEET))
def test_a_rule_missing_from_the_check_is_noticed(code: str, broken: list[tuple[dict[str, Any], Path]]) -> None:
    with changed_condition(code, check=never_broken):
        rows = [row for values, path in broken for row in rows_of(path, values)]
    assert [row for row in rows if row.shown_in_sheet != row.found]


@pytest.mark.parametrize("code", ["ERROR_VALUE", "RATING_MISSING", "AMBER_NEEDS_REMEDIAL", "GREEN_PAST_TARGET", "NOT_WHOLE", "DRAFT"])
def test_a_rule_missing_from_the_sheet_is_noticed(code: str, office: Office, tmp_path: Path) -> None:
    values = fixed(1)
    with changed_condition(code, broken_formula="FALSE"):
        path = by_libreoffice(values, office, tmp_path)
    assert [row for row in rows_of(path, values) if row.shown_in_sheet != row.found]


def test_a_sentence_that_differs_is_noticed(broken: list[tuple[dict[str, Any], Path]]) -> None:
    """The wording is compared too, not only the rule."""
    values, path = broken[0]
    rule = BY_CODE["NOT_WHOLE"]
    message = rule.message
    object.__setattr__(rule, "message", message.replace("not a whole", "no whole"))
    try:
        rows = rows_of(path, values)
    finally:
        object.__setattr__(rule, "message", message)
    assert [row.code for row in rows if row.shown_in_sheet != row.found] == ["NOT_WHOLE"]


# What only one of them can report

ONLY_IN_CHECK = {
    "UNREADABLE_VALUE": "Excel shows such a value in some way of its own, or repairs the file",
    "FORMULA_EXTERNAL": "Excel 2010 has no function that shows a cell's formula",
    "FORMULA_NO_VALUE": "where formulas are calculated, each has a result",
    "FORMULA_USED": "Excel 2010 has no function that shows a cell's formula",
    "DATE_AS_TEXT": "shown in the sheet as UNREADABLE_DATE",
    "DATE_AS_NUMBER": "a cell's format is not seen by formulas: to them a date is a number",
    "NUMBER_AS_TEXT": "shown in the sheet as NOT_A_NUMBER",
    "RATIO_TYPED": "shown in the sheet as RATIO_IN_ONE_CELL",
    "REASON_READ": "nothing to correct: the sheet also accepts such a word",
    "PICTURE_IN_CELL": "older versions show an error value, and newer ones show the picture",
    **dict.fromkeys(("STRUCK_OUT", "STRUCK_PART"), "a formula cannot see the font of a cell"),
    **dict.fromkeys(
        ("SHOWN_OTHERWISE", "RATIO_AS_PERCENTAGE", "SHOWN_WITH_WORDS", "DATE_PARTLY_SHOWN", "FORMAT_NOT_FOLLOWED"),
        "a formula cannot see the format of a cell",
    ),
    **dict.fromkeys(("LINK_LEFT_OUT", "LINK_KEPT"), "a formula cannot see the link of a cell"),
    **dict.fromkeys(
        (rule.code for rule in VALUE_RULES if rule.group == "privacy" and not rule.in_sheet), "a formula cannot search a text for a pattern"
    ),
    "TEXT_BEYOND_EXCEL": "longer than anything that Excel can hold",
    "RATING_RETYPED": "nothing to correct: the sheet also accepts a rating in upper or lower case",
}
"""The rules on values that the sheet does not show, and why."""


def test_a_rule_is_in_both_places_or_has_a_reason() -> None:
    """A rule added only to the check fails here, until it has a formula or a reason."""
    assert {rule.code for rule in VALUE_RULES if not rule.in_sheet} == set(ONLY_IN_CHECK)
    assert set(LIVE_CODE) <= set(ONLY_IN_CHECK)
    assert set(LIVE_CODE.values()) <= IN_SHEET
    # Every field of a rule is in some row of a copy; otherwise it would be checked here and never in the sheet.
    asked = {(rule.code, name) for sheet in layout().sheets for row in sheet.checked_rows() for rule, name in live_rules(row)}
    for rule in VALUE_RULES:
        if rule.in_sheet:
            fields = {
                (rule.code, name)
                for table in FIELDS
                for name in rule.checked_fields(table, field_kinds(table))
                if field_kinds(table)[name] in rule.kinds
            }
            assert fields - asked == set(), rule.code


# What the formulas are made of

FUNCTIONS_OF_EXCEL_2010 = {
    "AND", "CHAR", "CHOOSE", "CLEAN", "COUNT", "COUNTIF", "EXACT", "FIND", "HYPERLINK", "IF", "IFERROR", "INDEX", "INT", "ISERROR",
    "ISLOGICAL", "ISNUMBER", "LEFT", "LEN", "MATCH", "NOT", "OR", "ROW", "SUBSTITUTE", "SUM", "SUMPRODUCT", "TRIM", "UPPER",
}  # fmt: skip
"""The functions that our formulas may use. Excel 2010, LibreOffice and Excel for the web have them all, and none is volatile."""

_LITERAL = re.compile('"(?:[^"]|"")*"')


def test_formulas_work_in_excel_2010(plan: Plan) -> None:
    """Its limits: 8,192 characters, 255 in a literal, 64 levels; and a volatile function would ask to save a copy that was only opened."""
    for whole in (plan, wide()):
        for agency in whole.agencies:
            for formula in formulas_of(layout_for(whole, agency.id, PERIOD)):
                bare = _LITERAL.sub('""', formula)
                assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= FUNCTIONS_OF_EXCEL_2010
                assert len(formula) < 8192
                assert max((len(text) - 2 for text in _LITERAL.findall(formula)), default=0) <= 255
                assert depth(bare) < 64


def formulas_of(new_copy: Layout) -> set[str]:
    """Of cells and of conditional formats."""
    cells = [cell for sheet in new_copy.sheets for cell in sheet.cells()]
    return {text for cell in cells for text in (cell.formula, cell.warning_formula) if text}


def depth(formula: str) -> int:
    """The greatest number of brackets open at once."""
    opened = deepest = 0
    for character in formula:
        opened += {"(": 1, ")": -1}.get(character, 0)
        deepest = max(deepest, opened)
    assert opened == 0, formula
    return deepest


# The Check tab


def shown(path: Path, sheet: str, cell: str) -> Any:
    return openpyxl.load_workbook(path, data_only=True)[sheet][cell].value


def listed(path: Path) -> list[tuple[str, str, str]]:
    """The lines of the Check tab: tab, cell and sentence."""
    rows = list(openpyxl.load_workbook(path, data_only=True)[CHECK_TAB].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[3] == "Go there")
    listed_lines = [row for row in rows[head + 1 :] if row[0]]
    assert [row[2] for row in listed_lines] == list(range(1, len(listed_lines) + 1))
    return [(str(row[0]), str(row[3]).removeprefix("Go to "), str(row[4])) for row in listed_lines]


def test_a_new_copy_shows_what_to_do_first(office: Office, tmp_path: Path) -> None:
    path = by_libreoffice({}, office, tmp_path)
    assert listed(path) == []
    assert shown(path, CHECK_TAB, "A4") == "Next: rate your actions on Objective 1."
    assert shown(path, COVER, "A5") == f"0 of {3 * ACTIONS} actions rated, 0 things to fix."


WRONG = {
    "action/2.3/rating": "Purple", "action/2.4/rating": "Amber", "action/2.5/rating": "Green", "kpi/K2.1/value": 2.5,
    "kpi/K2.3/value": "12 people", "kpi/K2.2/numerator": 5, "narrative/2/impact": "x" * 2001, "cover/status": "Nearly",
}  # fmt: skip
RIGHT = {
    "action/2.3/rating": "Red", "action/2.4/remedial_action": "A new lead", "action/2.5/rating": "Red", "kpi/K2.1/value": 2,
    "kpi/K2.3/value": 3.5, "kpi/K2.2/denominator": 6, "narrative/2/impact": "x" * 2000, **COMPLETE,
}  # fmt: skip
NAMED = {
    ("Cover", "B24"): "UNKNOWN_CHOICE", ("Objective 2", "H8"): "UNKNOWN_RATING", ("Objective 2", "H9"): "AMBER_NEEDS_REMEDIAL",
    ("Objective 2", "H10"): "GREEN_PAST_TARGET", ("Objective 2", "C13"): "NOT_WHOLE", ("Objective 2", "C14"): "RATIO_HALF",
    ("Objective 2", "C15"): "NOT_A_NUMBER", ("Objective 2", "G20"): "TEXT_TOO_LONG",
}  # fmt: skip


def test_mistakes_are_listed_until_they_are_corrected(office: Office, small: Plan, tmp_path: Path) -> None:
    """Typed in LibreOffice, which recalculates at once; the coordinator's check gives the same findings in the same words."""
    new_copy = tmp_path / "new.xlsx"
    new_copy.write_bytes(to_bytes(build_template(small, "north", PERIOD), SENT))
    wrong = office.fill(new_copy, tmp_path / f"north_{PERIOD}.xlsx", inputs(small, WRONG))
    listed_lines = listed(wrong)
    (item,) = check([read_return(wrong, small)], small)
    by_place = {finding.place: finding for finding in item.findings if finding.key and not rule_shown(finding).to_do}
    assert {(place.sheet, place.cell): finding.code for place, finding in by_place.items()} == NAMED
    assert {line[:2]: line[2] for line in listed_lines} == {
        (p.sheet, str(p.cell)): f"{p.cell}: {f.message} {f.fix}" for p, f in by_place.items()
    }
    assert shown(wrong, CHECK_TAB, "A4") == "Next: put right what is listed below for Cover."
    assert shown(wrong, COVER, "A5") == "3 of 3 actions rated, 8 things to fix."
    right = office.fill(wrong, tmp_path / "right.xlsx", inputs(small, RIGHT))
    assert listed(right) == []
    assert shown(right, COVER, "A5") == "Ready to send."
    assert shown(right, CHECK_TAB, "A4") == "Nothing is left to do. Send it back."
    (item,) = check([read_return(right, small)], small)
    assert {finding.code for finding in item.findings} == {"LATE"}, "saved when this test ran"


def inputs(plan: Plan, values: Mapping[str, Any]) -> list[Input]:
    """These values, by key, as they are put into the copy of north."""
    fields = layout_for(plan, "north", PERIOD).fields()
    where = {item.key: (sheet.title, f"{column_letter(cell.column)}{cell.row}") for sheet, cell, item in fields}
    kinds = {str: "text", date: "date", int: "number", float: "number"}
    return [Input(*where[key], kinds[type(value)], value) for key, value in values.items()]
