"""The same return as many programs write it: read alike, cell for cell and without a finding, or refused with a true sentence."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cedg_excel.excel.plain_workbook import without_dimension
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_return
from tests.helpers.dialects import LEGAL, PACKED, REFUSED, in_book, rewritten
from tests.helpers.mutations import with_shared_strings
from tests.helpers.places import SAMPLES
from tests.helpers.zips import parts_of

NAME = "rmbc-childrens-services_2019-20-Q3.xlsx"
SENTENCES = {
    "DAMAGED": "damaged or incomplete", "UNSAFE": "office programs never write", "HAS_MACROS": "contains macros",
    "UNUSUAL": "stored in an unusual way", "NOT_A_WORKBOOK": "not an Excel workbook",
}  # fmt: skip
"""What is said of each refused dialect, which has to be true of it."""

Read = Callable[[bytes], Return]


@pytest.fixture(scope="module")
def original() -> bytes:
    """A return without mistakes, its texts in shared strings."""
    return with_shared_strings((SAMPLES / "2019-20-Q3" / NAME).read_bytes())


@pytest.fixture
def read(plan: Plan, tmp_path: Path) -> Read:
    def returned(data: bytes) -> Return:
        (tmp_path / NAME).write_bytes(data)
        return read_return(tmp_path / NAME, plan)

    return returned


@pytest.fixture(scope="module")
def base(original: bytes, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Return:
    path = tmp_path_factory.mktemp("base") / NAME
    path.write_bytes(original)
    returned = read_return(path, plan)
    assert returned.findings == () and sum(not entry.blank for entry in (returned.entries or {}).values()) > 80
    return returned


def assert_alike(returned: Return, base: Return) -> None:
    """Every cell at the same address with the same value, and nothing found."""
    assert [(finding.code, finding.where, finding.message) for finding in returned.findings] == []
    assert returned.stamp == base.stamp
    assert {key: (entry.place, entry.value) for key, entry in (returned.entries or {}).items()} == {
        key: (entry.place, entry.value) for key, entry in (base.entries or {}).items()
    }


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_dialect_is_read_alike(read: Read, original: bytes, base: Return, name: str) -> None:
    assert_alike(read(rewritten(original, LEGAL[name])), base)


@pytest.mark.parametrize("name", PACKED)
def test_a_legal_zip_is_read_alike(read: Read, original: bytes, base: Return, name: str) -> None:
    assert_alike(read(rewritten(original, (), PACKED[name])), base)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_true_sentence(read: Read, original: bytes, name: str) -> None:
    code, step, pack = REFUSED[name]
    item = read(rewritten(original, (step,), pack))
    assert [finding.code for finding in item.findings] == [code]
    assert SENTENCES[code] in item.findings[0].message


@pytest.mark.parametrize("name", [name for name in LEGAL if "dimension" in name])
def test_the_dimension_is_dropped_before_calamine_sees_it(original: bytes, name: str) -> None:
    """It would be read again otherwise, which takes twice as long."""
    sheets = {part: data for part, data in parts_of(rewritten(original, LEGAL[name])).items() if "worksheets/sheet" in part}
    assert sheets and not any(b"dimension" in without_dimension(data) for data in sheets.values())


def test_a_tab_without_a_part_costs_no_answer(read: Read, original: bytes, base: Return) -> None:
    """Excel leaves such macro sheets in a workbook that is saved without macros."""
    tab = b'<sheet name="Macro1" sheetId="99" state="veryHidden" r:id=""/></sheets>'
    item = read(rewritten(original, (in_book(rb"</sheets>", tab),)))
    assert [(finding.code, finding.where) for finding in item.findings] == [("ADDIN_SHEET", "Macro1")]
    assert {key: entry.value for key, entry in (item.entries or {}).items()} == {k: e.value for k, e in (base.entries or {}).items()}


def test_when_it_was_saved_is_read_wherever_it_is_stored(read: Read, original: bytes, base: Return) -> None:
    for name in ("core properties as .psmdcp", "core properties at the root", "core properties indented", "modified in another zone"):
        assert read(rewritten(original, LEGAL[name])).modified == base.modified, name


@pytest.mark.skipif(not shutil.which("ssconvert"), reason="needs Gnumeric (ssconvert)")
def test_gnumeric_saves_a_return_that_reads_alike(read: Read, original: bytes, base: Return, tmp_path: Path) -> None:
    """It drops sheet protection and dropdowns that are lists on other tabs, which is information and no more."""
    before, after = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    before.write_bytes(original)
    subprocess.run(["ssconvert", "--export-type=Gnumeric_Excel:xlsx2", before, after], check=True, capture_output=True)
    item = read(after.read_bytes())
    assert {finding.code for finding in item.findings} <= {"DROPDOWN_GONE", "PROTECTION_REMOVED"}
    assert {key: entry.value for key, entry in (item.entries or {}).items()} == {
        key: entry.value for key, entry in (base.entries or {}).items()
    }
