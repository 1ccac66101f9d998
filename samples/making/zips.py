"""Changes to a file that openpyxl cannot make: in the zip and its XML."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from cedg_excel.excel.save import ZIP_TIME

Parts = dict[str, bytes]
"""The parts of the zip, by name and in order."""


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Parts, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as a zip that is the same on every system."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        for name, part in parts.items():
            target.writestr(zip_info(name, compression), part)
    return out.getvalue()


def zip_info(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, ZIP_TIME)
    info.compress_type = compression
    info.create_system = 3  # else the bytes would differ on Windows
    info.external_attr = 0o600 << 16
    return info


def replaced(part: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a text that appears exactly once. Raises ValueError otherwise: a sample without its defect must not be written."""
    if part.count(old) != 1:
        raise ValueError(f"{old!r} appears {part.count(old)} times, not once")
    return part.replace(old, new)


def set_cell(parts: Parts, part: str, address: str, content: str, kind: str = "") -> None:
    """Put XML such as `<v>#N/A</v>` into one cell, keeping its style; `kind` is its type, such as `e` for an error."""
    pattern = re.compile(rf'<c r="{address}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)'.encode(), re.DOTALL)
    kind = f' t="{kind}"' if kind else ""
    new = rf'<c r="{address}"\g<1>{kind}>{content}</c>'.encode()
    parts[part], times = pattern.subn(new, parts[part])
    if times != 1:
        raise ValueError(f"{part} has no cell {address}")


def add_content_type(parts: Parts, name: str, kind: str) -> None:
    types = "[Content_Types].xml"
    parts[types] = replaced(parts[types], b"</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'.encode())


def relate(parts: Parts, part: str, relation: str, kind: str, target: str) -> None:
    """Add a relation from one part to another."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    schema = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts.setdefault(rels, f'<Relationships xmlns="{schema}"></Relationships>'.encode())
    new = f'<Relationship Id="{relation}" Type="{kind}" Target="{target}"/></Relationships>'
    parts[rels] = replaced(parts[rels], b"</Relationships>", new.encode())
