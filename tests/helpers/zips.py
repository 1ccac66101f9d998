"""A workbook file as the parts in its zip, and the zip made from them."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

Parts = dict[str, bytes]
"""What is in the zip, by name and in order."""


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def zipped(
    parts: Mapping[str, bytes] | Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED, level: int | None = None,
) -> bytes:  # fmt: skip
    """The parts as a zip, always the same bytes; a list may name a part twice."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that appears twice is intended
        for name, part in parts.items() if isinstance(parts, Mapping) else parts:
            info = zipfile.ZipInfo(name, (2020, 1, 14, 10, 30, 0))
            info.compress_type = method
            package.writestr(info, part, compresslevel=level)
    return out.getvalue()
