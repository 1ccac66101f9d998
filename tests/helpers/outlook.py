"""Writes e-mails as Outlook saves them (.msg): a compound file in which each property is a stream. Only for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Union

Tree = Mapping[str, Union[bytes, "Tree"]]
"""A storage: its streams and storages by name."""

SECTOR, MINI_SECTOR, MINI_LIMIT = 512, 64, 4096
FREE, END, FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def compound_file(root: Tree) -> bytes:
    """A compound file, version 3, as [MS-CFB] describes it."""
    return _Writer().file(root)


class _Writer:
    def __init__(self) -> None:
        self.sectors: list[bytes] = []
        self.fat: list[int] = []
        self.mini = b""
        self.mini_fat: list[int] = []
        self.entries: list[list[object]] = []

    def file(self, root: Tree) -> bytes:
        self._add("Root Entry", 5)
        self._add_children(0, root)
        mini_size, mini_start = len(self.mini), self._chain(self.mini)
        self.entries[0][5:] = [mini_start, mini_size]
        mini_fat_start = self._chain(struct.pack(f"<{len(self.mini_fat)}I", *self.mini_fat), b"\xff")
        directory_start = self._chain(b"".join(map(_entry, self.entries)))
        fat_sectors = -(-(len(self.fat) + 1) // (SECTOR // 4 - 1))
        first_fat = len(self.sectors)
        self.fat += [FAT] * fat_sectors
        self.fat += [FREE] * (fat_sectors * SECTOR // 4 - len(self.fat))
        header = struct.pack(
            "<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, directory_start, 0,
            MINI_LIMIT, mini_fat_start, -(-len(self.mini_fat) * 4 // SECTOR), END, 0, first_fat,
        )  # fmt: skip
        header += struct.pack(f"<{fat_sectors - 1}I", *range(first_fat + 1, first_fat + fat_sectors))
        return header.ljust(SECTOR, b"\xff") + b"".join(self.sectors) + struct.pack(f"<{len(self.fat)}I", *self.fat)

    def _add(self, name: str, kind: int, start: int = END, size: int = 0) -> int:
        self.entries.append([name, kind, NONE, NONE, NONE, start, size])
        return len(self.entries) - 1

    def _add_children(self, parent: int, tree: Tree) -> None:
        """Each child hangs on the right of the one before: a lopsided tree, but a valid one."""
        previous = None
        for name, content in sorted(tree.items(), key=lambda item: (len(item[0]), item[0].upper())):
            is_stream = isinstance(content, bytes)
            number = self._add(name, 2, *self._stream(content)) if isinstance(content, bytes) else self._add(name, 1)
            if previous is None:
                self.entries[parent][4] = number
            else:
                self.entries[previous][3] = number
            previous = number
            if not is_stream:
                assert not isinstance(content, bytes)
                self._add_children(number, content)

    def _stream(self, data: bytes) -> tuple[int, int]:
        if len(data) >= MINI_LIMIT:
            return self._chain(data), len(data)
        if not data:
            return END, 0
        start, count = len(self.mini_fat), -(-len(data) // MINI_SECTOR)
        self.mini += data.ljust(count * MINI_SECTOR, b"\0")
        self.mini_fat += [*range(start + 1, start + count), END]
        return start, len(data)

    def _chain(self, data: bytes, fill: bytes = b"\0") -> int:
        """The number of the first of the sectors that hold this data."""
        if not data:
            return END
        start, count = len(self.sectors), -(-len(data) // SECTOR)
        self.sectors += [data[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, fill) for n in range(count)]
        self.fat += [*range(start + 1, start + count), END]
        return start


def _entry(entry: Sequence[object]) -> bytes:
    name, kind, left, right, child, start, size = entry
    encoded = str(name).encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16xI8x8xIQ", encoded, len(encoded), kind, 1, left, right, child, 0, start, size)


def outlook_message(*attachments: Tree, sender: str = "", subject: str = "Q3 return", embedded: bool = False) -> Tree:
    """A message with these attachments."""
    texts = {"001A": "IPM.Note", "0037": subject, "1000": "Please find attached.", "0C1F": sender, "5D01": sender}
    return {
        **{f"__substg1.0_{number}001F": text.encode("utf-16-le") for number, text in texts.items() if text},
        **{f"__attach_version1.0_#{number:08X}": attachment for number, attachment in enumerate(attachments)},
        "__properties_version1.0": bytes(24 if embedded else 32),
        **({} if embedded else {"__nameid_version1.0": {"__substg1.0_00020102": b""}}),
    }


def outlook_attachment(name: str, content: bytes | Tree, method: int = 0, content_id: str = "", hidden: bool = False) -> Tree:
    """An attachment: a file, or a message."""
    is_file = isinstance(content, bytes)
    numbers = {0x3705: method or (1 if is_file else 5), **({0x7FFE: 1} if hidden else {})}
    return {
        "__properties_version1.0": bytes(8) + b"".join(struct.pack("<HHII4x", 3, number, 6, value) for number, value in numbers.items()),
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        **({"__substg1.0_3712001F": content_id.encode("utf-16-le")} if content_id else {}),
        **({"__substg1.0_37010102" if is_file else "__substg1.0_3701000D": content} if content else {}),
    }


def msg(*attachments: Tree, sender: str = "", subject: str = "Q3 return") -> bytes:
    """A saved message."""
    return compound_file(outlook_message(*attachments, sender=sender, subject=subject))
