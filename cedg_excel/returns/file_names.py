"""The names of the files in an inbox: how each is shown, and which belong to the system."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from cedg_excel.personal_data import mask_identifiers

LONGEST_NAME = 150
"""The most characters of an attachment's name that are shown."""

_SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin", "__macosx", "system volume information"}
_SYSTEM_ENDINGS = (".lnk", ".url", ".webloc")
"""Files that Windows and Macs keep in folders, and links to elsewhere. Files whose name begins with a dot are the system's as well."""


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case: `.xlsx`."""
    return PurePath(name).suffix.lower()


def is_system_file(name: str) -> bool:
    """Whether a file or folder belongs to the system: nobody put it there, and it is skipped without a word."""
    lower = name.lower()
    return lower.startswith(".") or lower in _SYSTEM_FILES or lower.endswith(_SYSTEM_ENDINGS)


def is_lock_file(name: str) -> bool:
    """Whether this is the file that Excel keeps beside a workbook while it is open."""
    return name.startswith("~$")


def is_package_folder(name: str) -> bool:
    """Whether a folder is a single document on a Mac: `return.numbers`."""
    return name.lower().endswith((".numbers", ".pages", ".key", ".rtfd", ".download"))


def shown_name(name: str) -> str:
    """A file's own name as it may be shown: without a path, control characters and what could identify a child."""
    base = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    clean = "".join(map(_shown_character, base)).strip()
    if clean in ("", ".", ".."):
        return "attachment"
    if len(clean) > LONGEST_NAME:
        ending = ending_of(clean)[:10]
        clean = f"{clean[: LONGEST_NAME - len(ending)]}…{ending}"
    return mask_identifiers(clean)


def _shown_character(character: str) -> str:
    """A character of a name. One that is not text, or that changes the order in which others are shown, is replaced."""
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    return "" if category == "Cf" else "\ufffd" if category in ("Cc", "Cs", "Zl", "Zp") else character


def own_name(shown: str) -> str:
    """The file's own name: `own_name("reply.eml/return.xlsx") == "return.xlsx"`."""
    return shown.rpartition("/")[2]


def file_names(paths: Sequence[Path]) -> list[str]:
    """How each file is shown: its bare name, or its path from the folder they share where two have the same name."""
    bare = [shown_name(path.name) for path in paths]
    times = Counter(bare)
    if len(times) == len(bare):
        return bare
    folder = _shared_folder(paths)
    return [name if times[name] == 1 else _path_name(path, folder) for path, name in zip(paths, bare, strict=True)]


def _path_name(path: Path, folder: str) -> str:
    absolute = os.path.abspath(path)  # noqa: PTH100  Path.resolve follows links, and fails where they go in circles
    relative = os.path.relpath(absolute, folder) if folder else absolute
    return "/".join(shown_name(part) for part in Path(relative).parts)


def _shared_folder(paths: Sequence[Path]) -> str:
    """The innermost folder that holds all of the files; empty when they are on several drives of Windows."""
    try:
        return os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])  # noqa: PTH100, PTH120
    except ValueError:
        return ""


def distinct_names(names: Iterable[str]) -> list[str]:
    """
    How the attachments of one e-mail or zip file are shown. Where two are alike, with the folder they are in; where that does
    not tell them apart, with a number: `return (2).xlsx`.
    """
    names = list(names)
    bare = Counter(map(shown_name, names))
    times: Counter[str] = Counter()
    distinct = []
    for full in names:
        name = shown_name(full) if bare[shown_name(full)] == 1 else _inner_path(full)
        times[name] += 1
        stem, ending = name.removesuffix(PurePath(name).suffix), PurePath(name).suffix
        distinct.append(name if times[name] == 1 else f"{stem} ({times[name]}){ending}")
    return distinct


def _inner_path(name: str) -> str:
    """A path inside a zip file as it may be shown; whatever would lead out of it is left out."""
    parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".", "..") and not part.endswith(":")]
    return "/".join(map(shown_name, parts)) or "attachment"
