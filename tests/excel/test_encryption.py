"""Copies and returns with a password to open."""

from __future__ import annotations

import tomllib
from io import BytesIO
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from cedg_excel.excel.encryption import decrypt, encrypt, new_password
from tests.conftest import RATED, Cedg, Fill
from tests.helpers.places import ROOT, SMALL

DECK = ROOT / "samples" / "defects" / "password-protected.xlsx"


@pytest.fixture
def round_folder(tmp_path: Path, cedg: Cedg) -> Path:
    folder = tmp_path / "round"
    cedg("init", folder, "--plan", SMALL)
    return folder


def encrypted_copy(path: Path, password: str) -> None:
    path.write_bytes(encrypt(path.read_bytes(), password))


def test_only_the_right_password_opens_a_copy() -> None:
    data = DECK.read_bytes()
    assert decrypt(data, ["wrong"]) is None
    opened = decrypt(data, ["wrong", "sample"])
    assert opened is not None and opened[0].startswith(b"PK") and opened[1] == "sample"


def test_passwords_do_not_repeat() -> None:
    assert len({new_password() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), "ENCRYPTED"), (("--password", "wrong"), "WRONG_PASSWORD"), (("--password", "wrong", "--password", "sesame"), "")],
)
def test_a_return_opens_with_a_password_given_for_this_run(fill: Fill, cedg: Cedg, arguments: tuple[str, ...], code: str) -> None:
    path = fill(RATED)
    encrypted_copy(path, "sesame")
    completed = cedg("check", path, "--plan", SMALL, "--format", "json", *arguments)
    codes = [finding["code"] for finding in completed.json()["findings"]]
    assert codes == ([code] if code else []) and completed.status == (1 if code else 0)
    assert "sesame" not in completed.out + completed.err


def test_encrypted_copies_are_read_with_the_rounds_own_passwords(round_folder: Path, cedg: Cedg) -> None:
    completed = cedg("template", "--encrypt", folder=round_folder)
    assert completed.status == 0 and "2 of the passwords are new" in completed.out
    passwords = tomllib.loads((round_folder / "passwords.toml").read_text())["passwords"]
    assert sorted(passwords) == ["north", "south"] and not any(word in completed.out for word in passwords.values())
    assert (round_folder / "passwords.toml").stat().st_mode & 0o077 == 0, "for the coordinator's eyes only"
    for agency in passwords:
        copy = round_folder / "outbox" / "2019-20-Q3" / f"{agency}_2019-20-Q3.xlsx"
        assert OOXMLFile(BytesIO(copy.read_bytes())).is_encrypted()
        copy.replace(round_folder / "returns" / f"{agency} FINAL.xlsx")
    rows = cedg("check", "--format", "json", folder=round_folder).json()["files"]
    assert {row["agency"] for row in rows} == {"north", "south"}
    again = cedg("template", "--encrypt", folder=round_folder)
    assert "new" not in again.out and tomllib.loads((round_folder / "passwords.toml").read_text())["passwords"] == passwords


def test_a_copy_sent_back_is_encrypted_like_the_return(round_folder: Path, cedg: Cedg, fill: Fill) -> None:
    path = fill({})
    encrypted_copy(path, "sesame")
    path.replace(round_folder / "returns" / path.name)
    cedg("check", "--password", "sesame", folder=round_folder)
    (back,) = (round_folder / "feedback").glob("*.xlsx")
    assert decrypt(back.read_bytes(), ["sesame"]) is not None


def test_a_merged_return_is_kept_when_its_password_is_not_given_again(round_folder: Path, cedg: Cedg, fill: Fill) -> None:
    path = fill(RATED)
    encrypted_copy(path, "sesame")
    path.replace(round_folder / "returns" / path.name)
    first = cedg("merge", "--password", "sesame", "--format", "json", folder=round_folder)
    assert [row["status"] for row in first.json()["returns"]] == ["accepted"]
    master = (round_folder / "master.xlsx").read_bytes()
    again = cedg("merge", "--format", "json", folder=round_folder)
    assert [row["status"] for row in again.json()["returns"]] == ["accepted"] and again.status == 0
    assert (round_folder / "master.xlsx").read_bytes() == master


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[passwords", "cannot be read"),
        ("north = 'x'", "must have a heading [passwords]"),
        ("[passwords]\nnorth = 7", "must have a heading [passwords]"),
        ("[passwords]\nnorht = 'x'", "Did you mean 'north'?"),
    ],
)
def test_a_mistake_in_the_passwords_file_gives_one_sentence(round_folder: Path, cedg: Cedg, text: str, says: str) -> None:
    (round_folder / "passwords.toml").write_text(text)
    (round_folder / "returns" / "x.xlsx").write_bytes(b"x")
    completed = cedg("check", folder=round_folder)
    assert completed.status == 2 and says in completed.err and "\n" not in completed.err.strip()


def test_a_password_without_encryption_is_a_mistake(round_folder: Path, cedg: Cedg) -> None:
    completed = cedg("template", "--password", "sesame", folder=round_folder)
    assert completed.status == 2 and not (round_folder / "outbox" / "2019-20-Q3").exists()


def test_a_file_with_an_absurd_number_of_hash_rounds_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is in the file, so its maker can choose any: a billion rounds would take a quarter of an hour."""
    data = DECK.read_bytes()
    assert b'spinCount="100000"' in data and decrypt(data, ["sample"]) is not None
    monkeypatch.setattr("cedg_excel.excel.encryption.MAX_SPIN", 99_999)
    assert decrypt(data, ["sample"]) is None
