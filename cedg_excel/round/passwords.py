"""The passwords of a round: one for each agency, in a file of the round folder that is never sent or copied anywhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from cedg_excel.errors import CannotRead
from cedg_excel.excel.encryption import Passwords, new_password
from cedg_excel.files import replace_file
from cedg_excel.plan.model import Plan
from cedg_excel.text import nearest

PASSWORDS_FILE = "passwords.toml"
_FILE_HEADER = """\
# The passwords of the agencies' encrypted copies and returns.
# Give each agency its own by telephone or in person, never in the e-mail with the copy. Do not send this file to anyone.
[passwords]
"""


def read_passwords(path: Path, plan: Plan) -> dict[str, str]:
    """Each agency's password by its id; empty when there is no such file. Raises CannotRead when the file has a mistake."""
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CannotRead(f"{path.name} cannot be read: {error}. Correct that line, or delete the file.") from error
    passwords = data.get("passwords")
    if not isinstance(passwords, dict) or not all(isinstance(password, str) and password for password in passwords.values()):
        raise CannotRead(f'{path.name} must have a heading [passwords] and lines such as rdash = "a password".')
    for agency_id in passwords:
        if agency_id not in plan.agency_by_id:
            suggestion = nearest(agency_id, plan.agency_by_id)
            raise CannotRead(f"{path.name} names '{agency_id}', which is not an agency of this plan.{suggestion}")
    return passwords


def passwords_to_open(given: Iterable[str], path: Path, plan: Plan) -> Passwords:
    """What returns can be opened with: the passwords given for this run, and those in the round's file. Raises CannotRead."""
    return Passwords(tuple(given), read_passwords(path, plan))


def passwords_to_encrypt(agency_ids: Iterable[str], given: str | None, path: Path, plan: Plan) -> tuple[dict[str, str], int]:
    """
    The password for each agency's copy, by id, and how many of them are new.

    The one `given` is for all of them. Without it each agency has its own from the round's file; an agency without one
    gets a new one, which is added to the file. Raises CannotRead, CannotWrite.
    """
    if given:
        return dict.fromkeys(agency_ids, given), 0
    known = read_passwords(path, plan)
    new = {agency_id: new_password() for agency_id in agency_ids if agency_id not in known}
    if new:
        _add_to_file(path, new)
    return {agency_id: {**known, **new}[agency_id] for agency_id in agency_ids}, len(new)


def _add_to_file(path: Path, passwords: dict[str, str]) -> None:
    content = path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n" if path.is_file() else _FILE_HEADER
    replace_file(path, (content + "".join(_toml_line(agency_id, password) for agency_id, password in passwords.items())).encode())
    path.chmod(0o600)


def _toml_line(agency_id: str, password: str) -> str:
    """TOML would read an id with a dot as a table unless it is in quotes."""
    key = f'"{agency_id}"' if "." in agency_id else agency_id
    return f'{key} = "{password}"\n'
