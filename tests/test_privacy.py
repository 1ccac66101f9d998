"""What might identify a child: found in any cell, held back or asked about, and shown nowhere."""

from __future__ import annotations

import re
import time
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.comments import Comment

from cedg_excel.child_cues import describes_one_child
from cedg_excel.personal_data import KINDS, mask_personal_data, masked
from cedg_excel.plan.model import Plan
from cedg_excel.shipped import shipped_plans
from tests.conftest import RATED, SENT, Cedg, Fill, checked, table_rows
from tests.helpers.places import SMALL
from tests.helpers.zips import parts_of

TEXTS = """
    | What is typed                                | What is shown                                  | Code          |
    | report on 943 476 5919                       | report on [NHS number]                         | NHS_NUMBER    |
    | 9434765919                                   | [NHS number]                                   | NHS_NUMBER    |
    | 943-476-5919 and 943–476–5919                | [NHS number] and [NHS number]                  | NHS_NUMBER    |
    | ９４３４７６５９１９                         | [NHS number]                                   | NHS_NUMBER    |
    | 943 476 5918                                 | 943 476 5918                                   |               |
    | Reached 1,234,567,890 people                 | Reached 1,234,567,890 people                   |               |
    | 94347659190                                  | 94347659190                                    |               |
    | NI AB 12 34 56 C                             | NI [National Insurance number]                 | NI_NUMBER     |
    | ab123456c                                    | [National Insurance number]                    | NI_NUMBER     |
    | GB 12 34 56 C                                | GB 12 34 56 C                                  |               |
    | a child born 12/3/2008                       | a child born [date of birth]                   | DATE_OF_BIRTH |
    | DOB: 3rd March 2008                          | DOB: [date of birth]                           | DATE_OF_BIRTH |
    | D.O.B. 2008-03-12                            | D.O.B. [date of birth]                         | DATE_OF_BIRTH |
    | 12.03.08 (date of birth)                     | [date of birth] (date of birth)                | DATE_OF_BIRTH |
    | born March 2007                              | born [date of birth]                           | DATE_OF_BIRTH |
    | DOB unknown; seen 12/03/2020                 | DOB unknown; seen 12/03/2020                   |               |
    | newborn clinic opened 12/03/2020             | newborn clinic opened 12/03/2020               |               |
    | JD, b. 03/02/2008, was seen                  | JD, b. [date of birth], was seen               | DATE_OF_BIRTH |
    | JD (b 3 Feb 2008)                            | JD (b [date of birth])                         | DATE_OF_BIRTH |
    | a girl aged 14 (03.02.2008)                  | a girl aged 14 ([date of birth])               | DATE_OF_BIRTH |
    | 14 years old, 03/02/2008                     | 14 years old, [date of birth]                  | DATE_OF_BIRTH |
    | 03/02/2008 (aged 9)                          | [date of birth] (aged 9)                       | DATE_OF_BIRTH |
    | DOB 3 Feb 2008                               | DOB [date of birth]                            | DATE_OF_BIRTH |
    | plan b 03/02/2020, Appendix B 3/2/2020       | plan b 03/02/2020, Appendix B 3/2/2020         |               |
    | pupils aged 10-17, 12/03/2020                | pupils aged 10-17, 12/03/2020                  |               |
    | opened on 12/03/2020                         | opened on 12/03/2020                           |               |
    | write to desk@example.org                    | write to [e-mail address]                      | EMAIL_ADDRESS |
    | ring 01632 960 001                           | ring [phone number]                            | PHONE_NUMBER  |
    | ring (0114) 496 0123 or +44 7700 900 123     | ring [phone number] or [phone number]          | PHONE_NUMBER  |
    | 01632960001/2                                | [phone number]/2                               | PHONE_NUMBER  |
    | call 101, 999 or 116 111                     | call 101, 999 or 116 111                       |               |
    | 0 12 13 14 15 16 17                          | 0 12 13 14 15 16 17                            |               |
    | from 01-02-2020 10 until 11                  | from 01-02-2020 10 until 11                    |               |
    | patrols in S60 1AE                           | patrols in [postcode]                          | POSTCODE      |
    | patrols in s60 1ae                           | patrols in [postcode]                          | POSTCODE      |
    | the Q3 2ND meeting, KS1 2nd, E1 2nd          | the Q3 2ND meeting, KS1 2nd, E1 2nd            |               |
    | 2019-20 Q3: 120 of 340, K1.10, 2.10          | 2019-20 Q3: 120 of 340, K1.10, 2.10            |               |
"""


@pytest.mark.parametrize(("typed", "shown", "code"), table_rows(TEXTS))
def test_what_counts_as_personal_data(typed: str, shown: str, code: str) -> None:
    assert mask_personal_data(typed) == (shown, (code,) if code else ())


HIDDEN = "\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\u2066", "\u200f", "\u180e"


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_what_cannot_be_seen_hides_nothing(hidden: str) -> None:
    """One normalisation before every search; the rest of the text stays as it was typed."""
    for typed, shown, code in table_rows(TEXTS):
        found = mask_personal_data(hidden.join(typed))
        assert (found[0].replace(hidden, ""), found[1]) == (shown.replace(hidden, ""), (code,) if code else ())


def test_the_text_around_personal_data_stays_as_it_was_typed() -> None:
    assert mask_personal_data("“９４３\u200b 476\u2011５919” – naïve\u00ad") == ("“[NHS number]” – naïve\u00ad", ("NHS_NUMBER",))


CUES = """
    | Text                                          | About one child |
    | support for child AB was agreed               | yes             |
    | Child A.                                      | yes             |
    | YP J.D. has moved                             | yes             |
    | the girl KL's placement                       | yes             |
    | Jade (14) was seen                            | yes             |
    | James (aged 14)                               | yes             |
    | a boy (15 years old)                          | yes             |
    | a pupil (Year 9)                              | yes             |
    | J’s mother has called                         | yes             |
    | the child's father                            | yes             |
    | twelve sessions (12)                          |                 |
    | pupils (Year 9)                               |                 |
    | young people (aged 10-17)                     |                 |
    | child CE team, child IT system                |                 |
    | the child I met                               |                 |
    | the council's grant, children's mothers       |                 |
    | Objective (2), three (3), section 47 (4)      |                 |
    | deploy A unit                                 |                 |
"""


@pytest.mark.parametrize(("text", "about_one"), table_rows(CUES))
def test_signs_that_a_text_describes_one_child(text: str, about_one: str) -> None:
    assert describes_one_child(text) == bool(about_one)


def test_neither_the_plans_nor_the_samples_raise_a_false_alarm() -> None:
    """Their texts, each as it stands in its file and on one line."""
    samples = Path(__file__).parents[1] / "samples" / "invented.toml"
    texts = [text for path in (*shipped_plans().values(), samples, SMALL) for text in words_in(tomllib.loads(path.read_text("utf-8")))]
    assert len(texts) > 500
    assert [
        text for text in texts for form in (text, " ".join(text.split())) if describes_one_child(form) or mask_personal_data(form)[1]
    ] == []


def words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from words_in(item)


@given(st.text(st.sampled_from("0123456789 -./()+@ABCZabcz.born DOB"), max_size=60))
def test_masking_again_changes_nothing(text: str) -> None:
    """A masked text stays the same when it is masked again: no personal data is hidden behind another."""
    once = masked(text)
    assert all(kind.name not in text for kind in KINDS) and masked(once) == once


WORDS = st.sampled_from([
    "943 476 5919", "943", "476", "5919", "AB 12 34 56 C", "AB", "12", "born", "BORN", "d.o.b.", "D O B", "date of birth", "BİRTH day",
    "b/d", "12/03/2008", "Jan 05", "2008", "٣", "a@b.uk", "@", "S60 1AE", "s60", "1ae", "0114 496 0000", "+44", "01709", "1", "of", "bob",
    "b.", "b:", "aged", "9", "yo", "year old", " ", "-", "(", ".",
])  # fmt: skip


@given(st.lists(WORDS, max_size=8).map("".join) | st.lists(WORDS, max_size=8).map(" ".join))
def test_the_quick_check_before_the_search_misses_nothing(text: str) -> None:
    """A text without the characters that personal data always has is not searched; a full search gives the same result."""
    clean, codes = text, []
    for kind in KINDS:
        spans = [match.span("value") for match in kind.pattern.finditer(clean) if kind.is_valid(match["value"])]
        for start, end in reversed(spans):
            clean = f"{clean[:start]}[{kind.name}]{clean[end:]}"
        codes += [kind.code] if spans else []
    assert mask_personal_data(text) == (clean, tuple(dict.fromkeys(codes)))


LONG = ["0 " * 16_000, "1" * 32_000, "born " * 6_000 + "1", "a" * 32_000 + "@1", "1.1.1." * 5_000, "jan " * 8_000 + "1"]


@pytest.mark.parametrize("text", LONG)
def test_no_text_takes_long(text: str) -> None:
    """Texts as long as a cell accepts; a pattern that tries every way of reading them would take hours."""
    start = time.process_time()
    mask_personal_data(text)
    assert time.process_time() - start < 5, "usually a tenth of a second"


PLACES = """
    | Key                           | What is typed                       | Code          | Cell      |
    | action/2.3/evidence           | seen 943 476 5919                   | NHS_NUMBER    | held back |
    | action/2.3/remedial_action    | AB 12 34 56 C                       | NI_NUMBER     | held back |
    | narrative/2/impact            | born 12/03/2008                     | DATE_OF_BIRTH | held back |
    | kpi/K2.4/comment              | 943 476 5919                        | NHS_NUMBER    | held back |
    | cover/role                    | DOB 12/03/2008                      | DATE_OF_BIRTH | held back |
    | action/2.3/target_date        | 943 476 5919                        | NHS_NUMBER    | held back |
    | action/2.3/rating             | 943 476 5919                        | NHS_NUMBER    | held back |
    | kpi/K2.4/value                | 9434765919                          | NHS_NUMBER    | held back |
    | action/2.3/evidence           | desk@example.org                    | EMAIL_ADDRESS | kept      |
    | action/2.3/evidence           | 01632 960 001                       | PHONE_NUMBER  | kept      |
    | action/2.3/evidence           | S60 1AE                             | POSTCODE      | kept      |
"""


@pytest.mark.parametrize(("key", "text", "code", "outcome"), table_rows(PLACES))
def test_every_cell_is_searched(fill: Fill, small: Plan, key: str, text: str, code: str, outcome: str) -> None:
    typed: Any = int(text) if text.isdecimal() else text
    (item,) = checked(small, fill({**RATED, key: typed}))
    (finding,) = [finding for finding in item.findings if finding.key == key]
    assert finding.code == code and finding.held_back == (outcome == "held back")
    assert text not in f"{finding}{finding.as_line()}{finding.as_dict()}"
    entry = (item.returned.entries or {})[key]
    assert entry.value == (None if outcome == "held back" else text)
    assert outcome == "kept" or text not in str(entry.raw)


SECRETS = ("943 476 5919", "9434765919", "AB 12 34 56 C", "12/03/2008")


def test_held_back_personal_data_is_in_no_file(fill: Fill, cedg: Cedg, small: Plan, tmp_path: Path) -> None:
    """Neither the terminal, nor the master, nor the copy that is sent back, nor the next one contains it; not even as a change."""
    round_folder = tmp_path / "round"
    cedg("init", round_folder, "--plan", SMALL)
    entries = {
        **RATED, "action/2.3/evidence": f"Seen: {SECRETS[0]}", "action/2.4/remedial_action": SECRETS[2], "kpi/K2.4/value": int(SECRETS[1]),
        "narrative/2/impact": f"One victim, born {SECRETS[3]}, was heard.", "cover/role": f"Officer {SECRETS[0]}",
    }  # fmt: skip
    first = fill(entries)
    second = fill({**entries, "action/2.3/evidence": f"Seen again: {SECRETS[0]}"}, name="later.xlsx", sent=days_later(2))
    for path in (first, second):
        path.replace(round_folder / "returns" / path.name)
    results = [cedg(*command, folder=round_folder) for command in (
        ("check",), ("check", "--format", "json"), ("merge", "--release", "release.xlsx", "--narrative"),
        ("template", "--period", "2019-20-Q4"), ("data", "--table", "changes", "--format", "json"), ("status",),
    )]  # fmt: skip
    printed = "".join(run.out + run.err for run in results)
    assert "[NHS number]" in printed and "[date of birth]" in printed
    written = [path for path in round_folder.rglob("*") if path.is_file() and "returns" not in path.parts]
    assert len([path for path in written if path.suffix == ".xlsx"]) >= 4
    for where, content in [("the terminal", printed), *((str(path), unzipped(path)) for path in written)]:
        assert [secret for secret in SECRETS if secret in content] == [], where


def days_later(day: int) -> datetime:
    return SENT.replace(day=SENT.day + day)


def unzipped(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8")
    return "".join(part.decode("utf-8", "replace") for part in parts_of(path.read_bytes()).values())


def test_a_copy_sent_back_is_masked_and_clean_when_returned(fill: Fill, cedg: Cedg, small: Plan, tmp_path: Path) -> None:
    path = fill({**RATED, "action/2.3/evidence": "Seen: 943 476 5919, and more"})
    cedg("check", path, "--plan", SMALL, "--feedback", tmp_path / "back")
    (sent_back,) = (tmp_path / "back").glob("*.xlsx")
    assert "Seen: [NHS number], and more" in unzipped(sent_back)
    (again,) = checked(small, sent_back)
    assert [finding.code for finding in again.findings if finding.severity == "error"] == []


def test_changes_are_masked_even_where_the_text_is_kept(fill: Fill, cedg: Cedg, tmp_path: Path) -> None:
    one = fill({**RATED, "action/2.3/evidence": "ring 01632 960 001"}, name="one.xlsx")
    two = fill({**RATED, "action/2.3/evidence": "ring 01632 960 002"}, name="two.xlsx", sent=days_later(1))
    cedg("merge", one, two, "--plan", SMALL, "--into", tmp_path / "m.xlsx")
    (row,) = cedg("data", tmp_path / "m.xlsx", "--table", "changes", "--format", "json").json()
    assert (row["old"], row["new"]) == ("ring [phone number]", "ring [phone number]")
    (evidence,) = [r["evidence"] for r in cedg("data", tmp_path / "m.xlsx", "--format", "json").json() if r["ref"] == "2.3"]
    assert evidence == "ring 01632 960 002"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("943 476 5919 north.xlsx", "[NHS number] north.xlsx"), ("north_2019-20-Q3 (1).xlsx", "north_2019-20-Q3 (1).xlsx")],
)
def test_a_files_own_name_is_masked_too(fill: Fill, small: Plan, name: str, shown: str) -> None:
    (item,) = checked(small, fill(RATED, name=name))
    assert item.returned.file == shown


def test_stray_text_and_comments_are_masked_too(fill: Fill, small: Plan) -> None:
    path = fill(RATED)
    book = load_workbook(path)
    sheet = book["Objective 2"]
    sheet["N40"] = "seen 943 476 5919"
    sheet["A1"].comment = Comment("born 12/03/2008", "x")
    book.save(path)
    (item,) = checked(small, path)
    lines = {finding.code: finding.as_line() for finding in item.findings}
    assert "seen [NHS number]" in lines["OUTSIDE_FORM"] and "born [date of birth]" in lines["COMMENT"]
    assert not re.search("943 476|12/03/2008", str(item.findings))
