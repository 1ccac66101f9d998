"""The plan: what the real one contains, and how each mistake is reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cedg_excel.errors import PlanError
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.ratings import RATINGS, as_rating, overall_rating
from tests.helpers.places import SMALL

TEXT = SMALL.read_text(encoding="utf-8")

Load = Callable[[str], Plan]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """A plan from the text of its TOML."""

    def loaded(text: str) -> Plan:
        path = tmp_path / "plan.toml"
        path.write_text(text, encoding="utf-8")
        return load_plan(path)

    return loaded


def mistakes(load: Load, text: str) -> list[str]:
    """The mistakes reported in a plan, one line each, without the line that counts them."""
    with pytest.raises(PlanError) as refusal:
        load(text)
    head, *lines = str(refusal.value).split("\n")
    assert re.fullmatch(r"The plan plan\.toml has (1 mistake|\d+ mistakes):", head), head
    assert "1 mistake:" in head or f" {len(lines)} mistakes:" in head
    return [line.removeprefix("  ") for line in lines]


# The real plan


def test_real_plan_matches_its_source(plan: Plan) -> None:
    numbers = [objective.number for objective in plan.objectives]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert [len(plan.actions_of(number)) for number in numbers] == [7, 5, 5, 4, 3, 2]
    assert [len(plan.kpis_of(number)) for number in numbers] == [5, 5, 5, 18, 4, 2]
    assert (len(plan.actions), len(plan.kpis), len(plan.agencies)) == (26, 39, 12)


def test_real_plan_runs_for_twelve_quarters(plan: Plan) -> None:
    assert [period.id for period in plan.periods] == [
        "2019-20-Q3", "2019-20-Q4", "2020-21-Q1", "2020-21-Q2",
        "2020-21-Q3", "2020-21-Q4", "2021-22-Q1", "2021-22-Q2",
        "2021-22-Q3", "2021-22-Q4", "2022-23-Q1", "2022-23-Q2",
    ]  # fmt: skip
    for before, after in zip(plan.periods, plan.periods[1:], strict=False):
        assert (after.start - before.end).days == 1, after.id


def test_plan_year_runs_from_the_third_quarter_to_the_second(plan: Plan) -> None:
    for period in plan.periods:
        assert [other.id[-2:] for other in plan.year_of(period)] == ["Q3", "Q4", "Q1", "Q2"], period.id
    assert len({plan.year_of(period) for period in plan.periods}) == 3


def test_every_action_of_the_real_plan_is_rated_by_someone(plan: Plan) -> None:
    assert [action.ref for action in plan.actions if not action.agencies] == []


@pytest.mark.parametrize(
    ("frequency", "asked"),
    [("quarterly", ["Q3", "Q4", "Q1", "Q2"]), ("half-yearly", ["Q4", "Q2"]), ("yearly", ["Q2"])],
)
def test_kpi_is_asked_for_as_often_as_it_is_measured(plan: Plan, frequency: str, asked: list[str]) -> None:
    kpi = plan.kpis[0].model_copy(update={"frequency": frequency})
    assert [period.id[-2:] for period in plan.periods[:4] if plan.is_due(kpi, period)] == asked


# Mistakes

AGENCY_TWICE = '[[agency]]\nid = "North"\nname = "Another"\n\n[[objective]]'
VERSION_LINE = 'version = "1"'
SOUTH, CAMPAIGN = 'name = "South Agency"', 'title = "Run a campaign"'
EVERY_ENTRY_OF_OBJECTIVE_2 = ["[[action]] 2.1", "[[action]] 2.3", "[[action]] 2.4", "[[action]] 2.5"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # Keys
        ('title = "Review training"', 'titel = "Review training"',
         ["[[action]] 2.3: 'title' is missing.", "[[action]] 2.3: unknown key 'titel'. Did you mean 'title'?"]),
        ('agencies = ["south"]', 'agency = ["south"]', ["[[action]] 2.1: unknown key 'agency'. Did you mean 'agencies'?"]),
        ("[[objective]]", "[[objectives]]",
         ["[[objective]] is missing.", "the plan: unknown key 'objectives'. Did you mean 'objective'?"]),
        ("[plan]", "[plam]", ["[plan] is missing.", "the plan: unknown key 'plam'. Did you mean 'plan'?"]),
        ("[plan]", "[[plan]]", ["[plan]: must be a table of keys, each on its own line."]),
        (VERSION_LINE, VERSION_LINE + '\n[plan.brag]\nblu = "Done."', ["[plan]: unknown key 'brag.blu'. Did you mean 'blue'?"]),
        (VERSION_LINE, VERSION_LINE + "\nbrag = 3", ["[plan]: brag = 3 must be a table of keys, each on its own line."]),
        # Required keys
        ('id = "small"\n', "", ["[plan]: 'id' is missing."]),
        ('ref = "2.3"\n', "", ["[[action]] number 2: 'ref' is missing."]),
        ("number = 2\n", "", ["[[objective]] number 1: 'number' is missing."]),
        ('name = "South Agency"', "", ["[[agency]] south: 'name' is missing."]),
        ('name = "South Agency"', 'name = " "', ['[[agency]] south: name = " " must not be empty.']),
        # Ids and refs
        ('id = "small"', 'id = "a b"',
         ['[plan]: id = "a b" must be letters, digits, dots and hyphens, starting with a letter or digit, 63 characters at most.']),
        ('id = "small"', "id = true", ["[plan]: id = true must be text in quotes."]),
        (VERSION_LINE, "version = 1.10", ["[plan]: version = 1.1 must be in quotes; without them 2.10 would be read as 2.1."]),
        (VERSION_LINE, 'version = "1 | 2"', ['[plan]: version = "1 | 2" must be one line without bars (|).']),
        ('ref = "2.3"', "ref = 2.3", ["[[action]] 2.3: ref = 2.3 must be in quotes; without them 2.10 would be read as 2.1."]),
        ('ref = "2.3"', 'ref = "2-3"',
         ['[[action]] 2-3: ref = "2-3" must be the objective\'s number, a dot and a number, such as 2.3.']),
        ('ref = "K2.1"', 'ref = "2.1"',
         ['[[kpi]] 2.1: ref = "2.1" must be K, the objective\'s number, a dot and a number, such as K2.3.']),
        ('ref = "2.3"', 'ref = "2.4"', ["[[action]]: ref '2.4' is used 2 times; each must be different."]),
        ('ref = "K2.2"', 'ref = "K2.1"', ["[[kpi]]: ref 'K2.1' is used 2 times; each must be different."]),
        ('id = "2019-20-Q4"', 'id = "2019-20-q3"', ["[[period]]: id '2019-20-Q3' is used 2 times; each must be different."]),
        ("[[objective]]", AGENCY_TWICE, ["[[agency]]: id 'north' is used 2 times; each must be different."]),
        ('ref = "2.3"', 'ref = "7.3"', ["[[action]] 7.3: there is no objective 7."]),
        ('ref = "K2.4"', 'ref = "K12.4"', ["[[kpi]] K12.4: there is no objective 12."]),
        # Agencies
        ('agencies = ["south"]', 'agencies = ["suoth"]', ["[[action]] 2.1: agencies: unknown agency 'suoth'. Did you mean 'south'?"]),
        ('agencies = ["south"]', 'agencies = ["police"]', ["[[action]] 2.1: agencies: unknown agency 'police'."]),
        ('agencies = ["south"]', 'agencies = "south"', ['[[action]] 2.1: agencies = "south" must be a list in square brackets.']),
        ('agencies = ["south"]', "agencies = [true]", ["[[action]] 2.1: agencies = true must be text in quotes."]),
        ('agencies = ["south"]', 'agencies = ["south", "south"]',
         ["[[action]] 2.1: agencies: 'south' appears 2 times; once is enough."]),
        ('contributors = ["north"]', 'contributors = "everyone"',
         ['[[action]] 2.1: contributors must be "all", or agency ids in square brackets.']),
        ('contributors = ["north"]', "contributors = [true]",
         ['[[action]] 2.1: contributors must be "all", or agency ids in square brackets.']),
        ('contributors = ["north"]', 'contributors = ["nroth"]',
         ["[[action]] 2.1: contributors: unknown agency 'nroth'. Did you mean 'north'?"]),
        ('contributors = ["north"]', 'contributors = ["south"]',
         ["[[action]] 2.1: 'south' is in agencies and in contributors; keep one."]),
        # Dates
        ("start = 2019-07-18", 'start = "18/07/2019"', ['[plan]: start = "18/07/2019" must be a date, such as 2019-10-01.']),
        ("start = 2019-07-18", "start = 2019", ["[plan]: start = 2019 must be a date, such as 2019-10-01."]),
        ("start = 2019-07-18", "start = 0", ["[plan]: start = 0 must be a date, such as 2019-10-01."]),
        ("start = 2019-07-18", "start = 10:00:00", ["[plan]: start must be a date, such as 2019-10-01."]),
        ("start = 2019-07-18", "start = 2019-07-18T10:00:00",
         ["[plan]: start = 2019-07-18 10:00:00 must be a date, such as 2019-10-01."]),
        ("start = 2019-07-18", "start = 2023-07-18", ["[plan]: end is before start."]),
        ("end = 2019-12-31", "end = 2018-12-31", ["[[period]] 2019-20-Q3: end is before start."]),
        ("due = 2020-01-20", 'due = "soon"', ['[[period]] 2019-20-Q3: due = "soon" must be a date, such as 2019-10-01.']),
        # Kinds of values
        ("number = 2", 'number = "two"', ['[[objective]] two: number = "two" must be a whole number.']),
        ("number = 2", "number = 2.5", ["[[objective]] 2.5: number = 2.5 must be a whole number."]),
        ("number = 2", "number = 100", ["[[objective]] 100: number = 100 must be 99 or less."]),
        (VERSION_LINE, VERSION_LINE + "\ntext_limit = 50", ["[plan]: text_limit = 50 must be 100 or more."]),
        ("target_date = 2019-11-30", 'business_plan = "perhaps"',
         ['[[action]] 2.5: business_plan = "perhaps" must be true or false.']),
        ("target_date = 2019-11-30", 'detail = "One line"', ['[[action]] 2.5: detail = "One line" must be a list in square brackets.']),
        ('unit = "words"', 'unit = "word"',
         ["[[kpi]] K2.4: unit = \"word\" must be 'count', 'percent', 'days' or 'words'. Did you mean 'words'?"]),
        ('status = "being explored"', "baseline = 2020-01-01", ["[[kpi]] K2.4: baseline must be a number or text."]),
        ('unit = "percent"', 'unit = "count"', ['[[kpi]] K2.2: unit = "percent" and combine = "ratio" go together.']),
        # Versions and waivers
        ("[[objective]]", '[[version]]\nnumber = "1"\n\n[[objective]]', ["[[version]] 1: 'date' is missing."]),
        ("[[objective]]", '[[version]]\ndate = 2019-07-18\nnumber = "1"\ndate_to_group = true\n\n[[objective]]',
         ["[[version]] 1: date_to_group must be a date or text."]),
        ("[[objective]]",
         '[[waiver]]\nrule = "X"\nagency = "nroth"\nperiod = "2019-20-Q5"\nreason = "-"\nwho = "-"\nuntil = 2020-01-01\n\n[[objective]]',
         ["[[waiver]] X: agency: unknown agency 'nroth'. Did you mean 'north'?",
          "[[waiver]] X: unknown period '2019-20-Q5'. Did you mean '2019-20-Q4'?"]),
        # Joining, leaving, ending
        (SOUTH, SOUTH + '\nfrom = "2019-20-Q5"', ["[[agency]] south: from: unknown period '2019-20-Q5'. Did you mean '2019-20-Q4'?"]),
        (SOUTH, SOUTH + '\nuntil = "Q4"', ["[[agency]] south: until: unknown period 'Q4'."]),
        (SOUTH, SOUTH + "\nuntil = 2019", ["[[agency]] south: until: unknown period '2019'."]),
        (SOUTH, SOUTH + '\nfrm = "2019-20-Q4"', ["[[agency]] south: unknown key 'frm'. Did you mean 'from'?"]),
        (SOUTH, SOUTH + '\nfrom = "2019-20-Q4"\nuntil = "2019-20-Q3"',
         ["[[agency]] south: until is before from: 2019-20-Q3 is an earlier period than 2019-20-Q4. "
          "Change one of them, or leave it blank."]),
        (SOUTH, SOUTH + '\nuntil = "2019-20-Q3"',
         ["[[action]] 2.1: 2.1 goes on, but none of its accountable agencies is active in 2019-20-Q4. "
          "Make an agency accountable that is active then, or end the action before with until."]),
        (CAMPAIGN, CAMPAIGN + '\nbecame = "2.5"', ["[[action]] 2.4: 2.4 became 2.5, but goes on. Name its last period under until."]),
        (CAMPAIGN, CAMPAIGN + '\nuntil = "2019-20-Q3"\nbecame = "2.4"',
         ["[[action]] 2.4: 2.4 became itself. Name the action that continues it, or leave became blank."]),
        (CAMPAIGN, CAMPAIGN + '\nuntil = "2019-20-Q3"\nbecame = "2.55"',
         ["[[action]] 2.4: became: unknown action '2.55'. Did you mean '2.5'?"]),
        (CAMPAIGN, CAMPAIGN + "\nuntil = 2019.5",
         ["[[action]] 2.4: until = 2019.5 must be in quotes; without them 2.10 would be read as 2.1."]),
        (CAMPAIGN, CAMPAIGN + '\nuntil = "2019-20-Q4"\nbecame = "2.5"',
         ["[[action]] 2.4: 2.5 cannot continue 2.4, because it ends no later. Name an action that goes on after 2019-20-Q4."]),
        # A mistake that many entries share is reported for each of them
        ("number = 2", "number = 3",
         [f"{entry}: there is no objective 2." for entry in (*EVERY_ENTRY_OF_OBJECTIVE_2, *(f"[[kpi]] K2.{n}" for n in range(1, 5)))]),
    ],
)  # fmt: skip
def test_mistake(load: Load, old: str, new: str, expected: list[str]) -> None:
    assert old in TEXT
    assert mistakes(load, TEXT.replace(old, new, 1)) == expected


def test_all_mistakes_are_reported_at_once(load: Load) -> None:
    text = TEXT.replace("number = 2", "number = 0").replace('unit = "days"', 'unit = "acres"').replace('name = "South Agency"\n', "")
    assert mistakes(load, text) == [
        "[[agency]] south: 'name' is missing.",
        "[[objective]] 0: number = 0 must be 1 or more.",
        "[[kpi]] K2.3: unit = \"acres\" must be 'count', 'percent', 'days' or 'words'.",
    ]


def test_everything_that_an_empty_plan_needs_is_reported(load: Load) -> None:
    assert mistakes(load, "") == ["[plan] is missing.", "[[agency]] is missing.", "[[objective]] is missing.", "[[period]] is missing."]


def test_lists_are_written_as_tables(load: Load) -> None:
    """`agency = []` counts as missing; for anything else the message shows how tables are written."""
    lines = mistakes(load, 'agency = []\nobjective = 3\nperiod = ["Q3"]\n')
    assert lines == [
        "[plan] is missing.",
        "[[agency]] is missing.",
        "objective must be written as [[objective]], once for each objective.",
        "[[period]] number 1: must be a table of keys, each on its own line.",
    ]


JARGON = re.compile(r"[Ii]nput|valid (?:string|tuple|dict)|instance|pattern|\[type=|pydantic|literal")


def test_messages_contain_no_library_jargon(load: Load) -> None:
    """Every key of every table with every kind of value that might be put there by mistake: a sentence, and no jargon."""
    lines = TEXT.splitlines(keepends=True)
    keys = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    refused: set[int] = set()
    for number in keys:
        for value in ("true", "7", "2.5", '""', '"x y"', "[]", "[1, [2]]", "{ a = 1 }", "2020-01-01", "10:00:00", "nan"):
            written = [*lines]
            written[number] = f"{lines[number].split(' = ')[0]} = {value}\n"
            try:
                load("".join(written))
            except PlanError as refusal:
                assert not JARGON.search(str(refusal)), refusal
                refused.add(number)
    assert refused == set(keys), "every key takes some value for a mistake"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[plan\nid = 1", "The plan plan.toml is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 6). "
         "Correct that line and try again."),
        (b"[plan]\nstart = 2019-02-31", "The plan plan.toml is not valid TOML: Invalid date or datetime (at line 2, column 9). "
         "Correct that line and try again."),
        (b"[plan]\n[plan]", "The plan plan.toml is not valid TOML: Cannot declare ('plan',) twice (at line 2, column 6). "
         "Correct that line and try again."),
        ("[plan]\ntitle = 'Ünser'".encode("latin-1"), "The plan plan.toml is not a text file in UTF-8. Save it as TOML in UTF-8."),
        ("[plan]".encode("utf-16"), "The plan plan.toml is not a text file in UTF-8. Save it as TOML in UTF-8."),
        (b"PK\x03\x04\x14\x00\xff\xfe", "The plan plan.toml is not a text file in UTF-8. Save it as TOML in UTF-8."),
    ],
)  # fmt: skip
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    with pytest.raises(PlanError) as refusal:
        load_plan(path)
    assert str(refusal.value) == expected


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_absurd_plans_are_refused_too(load: Load, text: str) -> None:
    with pytest.raises(PlanError, match="is not valid TOML"):
        load(text)


def test_a_missing_plan_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as refusal:
        load_plan(tmp_path / "none.toml")
    assert str(refusal.value) == f"The plan {tmp_path / 'none.toml'} cannot be read (No such file or directory). Check the path."
    with pytest.raises(PlanError, match=r"cannot be read \(.+\)\. Check the path\.$"):
        load_plan(tmp_path)


def test_a_byte_order_mark_from_notepad_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(TEXT, encoding="utf-8-sig")
    assert load_plan(path).about.id == "small"


def test_optional_keys_may_be_left_out(small: Plan) -> None:
    """What the source of a plan does not say is never invented."""
    action = small.action_by_ref["2.3"]
    assert (action.leads, action.evidence, action.target_date, action.contributors) == ("", "", None, ())
    assert small.about.text_limit == 2000
    assert [small.about.brag.of(rating.word) for rating in RATINGS] == [rating.meaning for rating in RATINGS]


# The overall rating


@pytest.mark.parametrize(
    ("given", "overall"),
    [
        ("Red   Amber Green Blue", "Red"),
        ("Amber Green Blue", "Amber"),
        ("Green Blue", "Green"),
        ("Blue  Blue", "Blue"),
        ("Blue", "Blue"),
        ("Green", "Green"),
        ("Blue  -", "Not rated"),
        ("Green -", "Green"),
        ("-     Amber", "Amber"),
        ("-     -", "Not rated"),
        ("-", "Not rated"),
        ("", "Not rated"),
    ],
)
def test_overall_rating(given: str, overall: str) -> None:
    """The worst rating of all agencies; Blue only when all rate Blue. A dash is an accountable agency that gave no rating."""
    words = [None if word == "-" else word for word in given.split()]
    assert overall_rating(words) == overall
    assert overall_rating(reversed(words)) == overall


@pytest.mark.parametrize(
    ("typed", "read"), [("Blue", "Blue"), ("blue", "Blue"), ("AMBER", "Amber"), ("B", None), ("Blue ", None), ("", None), ("Purple", None)]
)
def test_rating_is_read_in_upper_and_lower_case(typed: str, read: str | None) -> None:
    assert as_rating(typed) == read
