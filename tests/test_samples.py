"""The samples: each gives its findings, merges as expected, says that it is invented, and can be built again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import msoffcrypto
import pytest
import python_calamine
from typer.testing import CliRunner, Result

from cedg_excel.checking.check import Checked
from cedg_excel.cli.app import app
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.consistency import CODES_BY_PRIORITY
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.read_workbook import read_master
from cedg_excel.round.demo import SAMPLE_NOTICE
from tests.helpers.places import SAMPLES
from tests.helpers.sample_returns import (
    BARNARDOS,
    DEFECTS,
    FIRST,
    NAMES,
    PERCENTAGES,
    PLAN,
    POLICE,
    SECOND,
    clean_answers,
    merged_answers,
    plan,
    read,
    sample,
)

GOOD = ("rmbc-early-help", "rmbc-commissioning", "rotherham-yot")
RIVALS = "two-of-the-same-time"
NOTICE = f"Notice: {SAMPLE_NOTICE}"

MAIL_AND_OTHER_FILES = (
    "NOT_A_RETURN", "NO_WORKBOOK", "SENDER", "MAIL_CUT_OFF", "MAIL_DAMAGED", "MAIL_PACKED", "MAIL_TOO_LARGE", "LINKED_ATTACHMENT",
    "ZIP_DAMAGED", "ZIP_ENCRYPTED", "NESTED_TOO_DEEP",
)  # fmt: skip
OF_THE_RECORD = ("COMBINED", "CLEARS_EARLIER", "REVERTS_EARLIER", "CLOSED_PERIOD", "TIME_DOUBTFUL")
NOT_SAMPLED = {
    "NOT_A_FILE": "a link to nothing, or a device: git cannot store one on every system",
    "UNREADABLE_FILE": "a file without permission to read, or deleted in the meantime: git cannot store one",
    "IS_MASTER": "a whole master, which changes with every change of its pages; see master/test_second_master",
    "UNREADABLE_FOLDER": "the same for a folder",
    "SYSTEM_FILE": "such a file is skipped without a word unless it is named",
    **dict.fromkeys(MAIL_AND_OTHER_FILES, "about an e-mail, a zip file or what is not a workbook; see returns/test_inbox"),
    "STRICT": "what merge --strict adds to any return that has errors",
    "TEXT_BEYOND_EXCEL": "no workbook that Excel opens has one; see test_fuzz",
    "WRONG_PASSWORD": "what --password adds to an encrypted file that it does not open; see excel/test_encryption",
    "AGENCY_NOT_ACTIVE": "needs a plan that an agency leaves; see test_joining_and_leaving",
    **dict.fromkeys(("NOT_IN_COPY", "LEFT_PLAN"), "needs a second version of the plan; see master/test_versions"),
    "EARLIER_VERSION": "needs two versions of the plan; see test_record_story",
    **dict.fromkeys(OF_THE_RECORD, "needs another return of the agency and period; see master/test_record"),
    **dict.fromkeys(CODES_BY_PRIORITY, "needs the earlier return, which is in the master and not in the file; see master/test_consistency"),
}
"""The rules that no single file can break, and why."""


def cedg(*arguments: str | Path) -> Result:
    """Run a command in this process, as `cedg` does."""
    return CliRunner().invoke(app, [*map(str, arguments), "--plan", PLAN])


# Their findings


def expected(name: str) -> str:
    return (DEFECTS / f"{name}.findings.txt").read_text(encoding="utf-8")


def codes(name: str) -> set[str]:
    return set(re.findall(r"\[([A-Z0-9_]+)\]$", expected(name), re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_a_defect_gives_exactly_its_findings(name: str) -> None:
    """
    Tab, cell, sentence and exit status, and nothing else: a wrong address is worse than none, and a second finding for
    the same cause sends people looking for a second mistake.
    """
    result = cedg("check", DEFECTS / f"{name}.xlsx")
    findings = [line.strip() for line in result.stdout.splitlines() if re.match(r"  (ERROR|WARNING|INFO) ", line)]
    assert "\n".join([*findings, f"exit status {result.exit_code}", ""]) == expected(name)


def test_every_rule_has_a_sample_or_a_reason() -> None:
    """Nobody has read the sentence of a rule that no sample shows."""
    sampled = set().union(*(codes(name) for name in (*NAMES, RIVALS)))
    assert sampled | set(NOT_SAMPLED) == set(BY_CODE)
    assert not sampled & set(NOT_SAMPLED)


def test_the_guide_names_the_rule_of_every_sample() -> None:
    """Where it names none, the copy only looks odd and is read like any other."""
    guide = (SAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+?)(?:\.xlsx|/)` \| .+ \| (?:`(\w+)`)? *\|$", guide, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted([*NAMES, RIVALS])
    assert [name for name, code in rows if not (code in codes(name) if code else not codes(name))] == []


# Their answers in the master

BLUE = {
    "action/4.3/rating": "Blue", "action/4.3/evidence": "Invented: prosecutions are complete.", "action/4.3/remedial_action": None,
}  # fmt: skip

DIFFERS: dict[str, dict[str, Any]] = {
    # What is wrong but can be read is in the master as it was typed, and is reported.
    "achieved-before-commenced": {**BLUE, "action/4.3/date_achieved": date(2019, 10, 7)},
    "achieved-but-green": {
        "action/4.3/rating": "Green", "action/4.3/date_achieved": date(2019, 12, 6), "action/4.3/remedial_action": None,
    },
    "achieved-in-the-future": {**BLUE, "action/4.3/date_achieved": date(2020, 1, 9)},
    "amber-without-remedial-action": {"action/4.3/remedial_action": None},
    "blue-without-date": BLUE,
    "blue-without-evidence": {**BLUE, "action/4.3/date_achieved": date(2019, 12, 6), "action/4.3/evidence": None},
    "commenced-after-the-plan": {"action/4.3/date_commenced": date(2029, 10, 14)},
    "commenced-before-the-plan": {"action/4.3/date_commenced": date(2018, 4, 2)},
    "cover-blank": {"cover/completed_by": None},
    "date-outside-the-plan": {"action/4.3/target_date": date(2029, 9, 30)},
    "draft": {"cover/status": "Draft"},
    "green-past-its-target": {
        "action/4.3/rating": "Green", "action/4.3/target_date": date(2019, 11, 29), "action/4.3/remedial_action": None,
    },
    "date-with-a-time": {"action/4.3/target_date": date(2020, 9, 30)},
    "evidence-with-formats": {
        "action/4.3/evidence": "75%", "action/4.3/remedial_action": "£1,234.50", "kpi/K4.9/comment": "0012345",
        "narrative/4/achievements": "3 December 2019",
    },
    "struck-through-in-part": {"action/4.3/evidence": "Invented: we closed 31 networks."},
    "bullets-of-word": {"action/4.3/evidence": "Invented:\n• one arrest\n• two warnings"},
    "child-described": {"action/4.3/evidence": "Invented: support for child AB was agreed."},
    "formula-with-a-link": {"action/4.3/evidence": "Invented: see our log. (https://www.example.org/log)"},
    "link-behind-text": {"action/4.3/evidence": "Invented: see our log. (https://www.example.org/log)"},
    "link-to-a-drive": {"action/4.3/evidence": "Invented: see our log."},
    "half-of-a-percentage": {"kpi/K2.2/denominator": None},
    "more-than-all": {"kpi/K2.2/numerator": 33, "kpi/K2.2/denominator": 31},
    "nil-with-entries": {"cover/nil_return": "Yes"},
    "number-as-text": {"kpi/K4.9/value": 1013},
    "number-below-nothing": {"kpi/K4.9/value": -3},
    "number-like-a-date": {"kpi/K4.9/value": 43891},
    "number-with-a-half": {"kpi/K4.9/value": 12.5},
    "rating-missing": {"action/4.3/rating": None},
    "e-mail-address": {"action/4.3/evidence": "Invented: figures from desk@example.org."},
    "phone-number": {"action/4.3/evidence": "Invented: figures from the desk, 01632 960 001."},
    "postcode": {"action/4.3/evidence": "Invented: two patrols a week around S99 9ZZ."},
    "text-too-long": {"action/4.3/evidence": ("Invented: and so on. " * 100).strip()},
    # What could identify a child is held back, as is what cannot be used.
    "date-of-birth": {"action/4.3/evidence": None},
    "national-insurance-number": {"action/4.3/remedial_action": None},
    "cells-merged": {"action/4.3/evidence": None},
    "nhs-number": {"action/4.3/evidence": None},
    "nhs-number-as-a-figure": {"kpi/K4.9/value": None},
    "date-not-yet-known": {"action/4.3/target_date": None},
    "date-that-does-not-exist": {"action/4.3/target_date": None},
    "picture-in-a-cell": {"action/4.3/evidence": None},
    "percent-in-a-count": {"kpi/K4.9/value": None},
    "less-than-by-format": {"kpi/K4.9/value": None},
    "struck-through-rating": {"action/4.3/rating": None},
    "nhs-number-with-hidden-characters": {"action/4.3/evidence": None},
    "date-of-birth-after-an-age": {"action/4.3/evidence": None},
    "error-value": {"kpi/K4.9/value": None},
    "evidence-of-unknown-number": {"action/4.3/evidence": None},
    "error-value-in-a-rating": {"action/4.3/rating": None},
    "formula-without-result": {"kpi/K4.9/value": None},
    "linked-figure": {"kpi/K4.9/value": None},
    "number-is-a-date": {"kpi/K4.9/value": None},
    "number-not-applicable": {"kpi/K4.9/value": None, "kpi/K4.9/reason": "Not applicable"},
    "number-unclear": {"kpi/K4.9/value": None},
    "figure-and-reason": {"kpi/K4.9/reason": "Not collected"},
    "percentage-as-text": {"kpi/K2.2/numerator": None, "kpi/K2.2/denominator": None},
    "percentage-by-format": {"kpi/K2.2/numerator": None},
    "percentage-in-words": {"kpi/K2.2/numerator": None},
    "nothing-to-report-no": {"cover/nil_return": "No"},
    "status-in-other-words": {"cover/status": None},
    "number-too-large": {"kpi/K4.9/value": None},
    "number-with-a-unit": {"kpi/K4.9/value": None},
    "two-ratings": {"action/4.3/rating": None},
    "unknown-choice": {"cover/status": None},
    "unknown-rating": {"action/4.3/rating": None},
    # What could be found in more than one way is not read.
    "column-deleted": {"action/4.*/remedial_action": None, "kpi/K4.*/comment": None},
    "cover-deleted": {"cover/*": None},
    "cover-question-retyped": {"cover/completed_by": None},
    "heading-retyped": {"action/4.*/remedial_action": None},
    "headings-cleared": {"action/4.*": None},
    "heading-row-deleted": {"action/4.*": None},
    "ref-is-a-date": {"action/4.3/*": None},
    "refs-swapped": {"action/4.1/*": None, "action/4.3/*": None},
    "row-deleted": {"action/4.3/*": None},
    "row-repeated": {"action/4.3/*": None},
    "sheet-copied-and-renamed": {"action/4.*": None, "kpi/K4.*": None, "narrative/4/*": None},
    "sheet-deleted": {"action/4.*": None, "kpi/K4.*": None, "narrative/4/*": None},
}  # fmt: skip
"""Where the master differs from that of the clean return; None for no value. From a refused file it has no values at all."""


@pytest.mark.parametrize("name", NAMES)
def test_a_defect_loses_only_the_answers_it_affects(name: str) -> None:
    """What cannot be used stays out of the master, everything else is merged, and no other return is affected."""
    agency = BARNARDOS if name in PERCENTAGES else POLICE
    result = merge([read(DEFECTS / f"{name}.xlsx"), *good_returns()], plan())
    refused = any(BY_CODE[code].rejects_file for code in codes(name)) or name.startswith("~$")
    assert merged_answers(result, agency) == ({} if refused else changed(clean_answers(agency), DIFFERS.get(name, {})))
    assert rows_of_others(result) == rows_of_good_returns()


def good_returns() -> list[Checked]:
    return [read(sample(agency)) for agency in GOOD]


def changed(answers: Mapping[str, Any], differs: Mapping[str, Any]) -> dict[str, Any]:
    lost = [pattern for pattern, value in differs.items() if value is None]
    kept = {key: value for key, value in answers.items() if not any(fnmatchcase(key, pattern) for pattern in lost)}
    return kept | {key: value for key, value in differs.items() if value is not None}


def rows_of_others(result: Merged) -> dict[str, str]:
    """The rows of the good returns in every table, as text."""
    tables = {name: rows for name, rows in result.tables.items() if "agency" in rows}
    return {name: rows[rows["agency"].isin(GOOD)].to_csv(index=False) for name, rows in tables.items()}


@cache
def rows_of_good_returns() -> dict[str, str]:
    """The same, merged on their own."""
    return rows_of_others(merge(good_returns(), plan()))


def test_two_samples_saved_at_the_same_time_are_refused_until_one_is_preferred(tmp_path: Path) -> None:
    """Only the agency knows which of them is right. Meanwhile neither counts, and no other return has to wait."""
    paths = sorted((DEFECTS / RIVALS).iterdir())
    result = cedg("merge", *paths, sample(GOOD[0]), "--into", tmp_path / "master.xlsx")
    findings = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    assert "\n".join([*findings, f"exit status {result.exit_code}", ""]) == expected(RIVALS)
    items = [*map(read, paths), *good_returns()]
    refused, preferred = merge(items, plan()), merge(items, plan(), prefer=[items[1].returned.sha256])
    assert merged_answers(refused, POLICE) == {}
    assert merged_answers(preferred, POLICE) == changed(clean_answers(POLICE), {"kpi/K4.9/value": 14})
    assert rows_of_others(refused) == rows_of_others(preferred) == rows_of_good_returns()


BAD = {"truncated": "DAMAGED", "password-protected": "ENCRYPTED", "~$lock-file": "LOCK_FILE", "text-file": "NOT_A_WORKBOOK"}


def test_four_bad_files_do_not_stop_twenty_good_ones(tmp_path: Path) -> None:
    """Each is reported with its reason, and the twenty are merged as if it were not there."""
    good = [path for period in (FIRST, SECOND) for path in sorted((SAMPLES / period).iterdir())][:20]
    inbox, master = tmp_path / "returns", tmp_path / "master.xlsx"
    inbox.mkdir()
    for path in (*good, *(DEFECTS / f"{name}.xlsx" for name in BAD)):
        shutil.copy(path, inbox)
    result = cedg("merge", inbox, "--into", master, "--format", "json")
    answer = json.loads(result.stdout)
    statuses = {row["file"].removesuffix(".xlsx"): row["status"] for row in answer["returns"]}
    assert {name: statuses.pop(name) for name in BAD} == {name: "skipped" if "~$" in name else "rejected" for name in BAD}
    assert sorted(statuses) == sorted(path.stem for path in good)
    assert set(statuses.values()) == {"accepted"}
    assert {item["file"].removesuffix(".xlsx"): item["code"] for item in answer["findings"] if item["code"] in BAD.values()} == BAD
    assert result.exit_code == 1
    assert read_master(master, PLAN).values.equals(merge([read(path) for path in good], plan()).store.values)


# Their content


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("2019-*/*.xlsx")), ids=lambda path: path.stem)
def test_a_sample_return_says_on_every_tab_that_it_is_invented(path: Path) -> None:
    """A tab that is printed or copied on its own must not look like an agency's answers, nor a name like an officer's."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert [name for name in book.sheet_names if NOTICE not in book.get_sheet_by_name(name).to_python()[0]] == []
    entries = read(path).returned.entries or {}
    texts = {key: entry.raw for key, entry in entries.items() if entry.field.kind == "text" and isinstance(entry.raw, str)}
    assert texts.pop("cover/completed_by").startswith("Sample Officer ")
    texts.pop("cover/role")
    assert [key for key, text in texts.items() if not text.startswith("Invented: ")] == []


def test_every_agency_has_two_sample_returns_and_most_are_clean() -> None:
    """The demo uses them: it should show a realistic round, with a few mistakes in it, a draft, a nil return and some late ones."""
    for period in (FIRST, SECOND):
        items = [read(sample(agency.id, period)) for agency in plan().agencies]
        assert len(items) == len(list((SAMPLES / period).iterdir()))
        assert sum(item.status == "clean" for item in items) == 8
        assert [finding.code for item in items for finding in item.findings].count("LATE") == 1
    declared = [read(path).returned.entries or {} for path in SAMPLES.glob("2019-*/*.xlsx")]
    assert sum(entries["cover/status"].value == "Draft" for entries in declared) == 1
    assert sum(entries["cover/nil_return"].value == "Yes" for entries in declared) == 1


@pytest.fixture(scope="module", autouse=True)
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """The samples, built again while the other tests run."""
    folder = tmp_path_factory.mktemp("samples")
    with subprocess.Popen([sys.executable, SAMPLES / "build.py", folder], stderr=subprocess.PIPE) as process:
        yield folder, process
        process.kill()


def test_the_samples_match_their_source(rebuilt: tuple[Path, subprocess.Popen[bytes]]) -> None:
    """A sample that was opened and saved, or built from an older template, would no longer test what it is named for."""
    folder, process = rebuilt
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0, errors.decode()
    built = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    committed = {path.relative_to(SAMPLES): path for path in SAMPLES.rglob("*") if path.suffix == ".xlsx"}
    assert set(built) == {*committed, Path("README.md")}
    assert [str(name) for name, path in committed.items() if not alike(path.read_bytes(), built[name].read_bytes())] == []
    assert built[Path("README.md")].read_bytes() == (SAMPLES / "README.md").read_bytes()


def alike(committed: bytes, built: bytes) -> bool:
    """
    The same bytes; or, where this system's zlib compresses differently from the one they were built with, the same parts.
    """
    return committed == built or (not compresses_alike() and parts(committed) == parts(built))


@cache
def compresses_alike() -> bool:
    out = BytesIO()
    with zipfile.ZipFile(sample(POLICE)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            target.writestr(info, source.read(info))
    return out.getvalue() == sample(POLICE).read_bytes()


def parts(data: bytes) -> Any:
    """Name, time, length and checksum of each part of a zip; of an encrypted one those within."""
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as package:
            return [(info.filename, info.date_time, info.file_size, info.CRC) for info in package.infolist()]
    if "EncryptedPackage".encode("utf-16-le") not in data:
        return data
    file = msoffcrypto.OfficeFile(BytesIO(data))
    out = BytesIO()
    file.load_key(password="sample")  # noqa: S106  the password of an invented file
    file.decrypt(out)
    return parts(out.getvalue())
