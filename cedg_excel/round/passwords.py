"""The passwords of a round: each agency's own, in a file of the round folder that is never sent or copied anywhere."""

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
_HEAD = """\
# The passwords of the agencies' encrypted copies and returns.
# Tell each agency its own by telephone or in person, never in the e-mail that carries the copy. Send this file to nobody.
[passwords]
"""


def read_passwords(path: Path, plan: Plan) -> dict[str, str]:
    """Each agency's password by its id; nothing when there is no such file. Raises CannotRead when it has a mistake."""
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CannotRead(f"{path.name} cannot be read: {error}. Mend that line, or delete the file.") from error
    found = data.get("passwords")
    if not isinstance(found, dict) or not all(isinstance(word, str) and word for word in found.values()):
        raise CannotRead(f'{path.name} must have a heading [passwords] and lines such as rdash = "a password".')
    for name in found:
        if name not in plan.agency_by_id:
            raise CannotRead(f"{path.name} names '{name}', which is not an agency of this plan.{nearest(name, plan.agency_by_id)}")
    return found


def all_passwords(given: Iterable[str], path: Path, plan: Plan) -> Passwords:
    """What to open returns with: the passwords given for this run, and those of the round."""
    return Passwords(tuple(given), read_passwords(path, plan))


def passwords_for(agencies: Iterable[str], given: str | None, path: Path, plan: Plan) -> tuple[dict[str, str], int]:
    """
    The password to encrypt each agency's copy with, and how many of them are new.

    The one given is for all of them; without it each has its own of the round, made and kept in its file when it has none.
    """
    if given:
        return dict.fromkeys(agencies, given), 0
    known = read_passwords(path, plan)
    new = {agency: new_password() for agency in agencies if agency not in known}
    if new:
        old = path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n" if path.is_file() else _HEAD
        replace_file(path, (old + "".join(f'{agency} = "{word}"\n' for agency, word in _quoted(new))).encode())
        path.chmod(0o600)
    return {agency: {**known, **new}[agency] for agency in agencies}, len(new)


def _quoted(passwords: dict[str, str]) -> list[tuple[str, str]]:
    """An id may hold a dot, which would make a table of it if it stood without quotes."""
    return [(f'"{agency}"' if "." in agency else agency, word) for agency, word in passwords.items()]
