"""What people did to a master outside the group's own cells, since this program wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cedg_excel.excel.gate import Refused, open_file
from cedg_excel.excel.origin import is_as_written
from cedg_excel.excel_facts import Address
from cedg_excel.findings import Place, shortened
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.contents import FORMULA, Contents
from cedg_excel.master.group_cells import own_addresses
from cedg_excel.master.row_alignment import Alignment, Cells, align
from cedg_excel.master.sheet_objects import SheetObject
from cedg_excel.personal_data import masked
from cedg_excel.text import shown

EditKind = Literal[
    "not_compared", "sheet_added", "sheet_deleted", "added", "changed", "deleted", "comment", "object", "shifted",
]  # fmt: skip

_SENTENCES: dict[EditKind, str] = {
    "not_compared": "It could not be compared with what this program wrote: {after}",
    "sheet_added": 'The sheet "{sheet}" was added ({after}).',
    "sheet_deleted": 'The sheet "{sheet}" was deleted.',
    "added": '{where}: "{after}" was added.',
    "changed": '{where}: "{before}" was changed to "{after}".',
    "deleted": '{where}: "{before}" was deleted.',
    "comment": '{where}: a note was added: "{after}".',
    "object": "{where}: {after} was added.",
    "shifted": "{sheet}: {lines}{content}.",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One thing that somebody did to a master. Texts have personal data masked; `before` and `after` are None where there is nothing.

    `lines` says which rows or columns were inserted or deleted, where that is what happened.
    """

    kind: EditKind
    place: Place
    after: str | None = None
    before: str | None = None
    lines: str = ""

    @property
    def sentence(self) -> str:
        """`Summary!H3: "Ask Jane" was added.`"""
        sheet, cell = self.place.sheet, self.place.cell
        content = f' ("{shortened(text)}")' if (text := self.after or self.before) else ""
        words = {"sheet": sheet, "where": f"{sheet}!{cell}" if cell else sheet, "lines": self.lines, "content": content}
        return _SENTENCES[self.kind].format(**words, after=shortened(self.after or ""), before=shortened(self.before or ""))

    def as_dict(self) -> dict[str, str | None]:
        """The edit for other programs; blanks are None."""
        return {
            "kind": self.kind, "sheet": self.place.sheet or None, "cell": self.place.cell, "after": self.after, "before": self.before,
            "sentence": self.sentence,
        }  # fmt: skip


def was_saved_elsewhere(data: bytes) -> bool:
    """Whether another program has saved this master. Takes a millisecond; comparing it takes as long as writing it."""
    return not is_as_written(data)


def edits_of(path: Path, written: Iterable[Contents]) -> tuple[Edit, ...]:
    """
    Everything that people did to the master at this path, by tab, compared with what this program wrote.

    Where that may be one of several, it is the one with the fewest edits. What office programs change when they only open and save a
    file is not among them, nor what the group's own cells contain.
    """
    fewest: tuple[Edit, ...] | None = None
    try:
        edited = Contents(open_file(path))
        for contents in written:
            found = tuple(_edits(edited, contents))
            if fewest is None or len(found) < len(fewest):
                fewest = found
            if not fewest:
                break
    except Refused as refusal:
        finding = BY_CODE[refusal.code].finding(path.name, Place(), **refusal.words)
        return (Edit("not_compared", Place(), finding.message),)
    return fewest or ()


def _edits(edited: Contents, written: Contents) -> Iterator[Edit]:
    for title in written.titles:
        if title not in edited.titles:
            yield Edit("sheet_deleted", Place(masked(title)))
    for title in edited.titles:
        if title in written.titles:
            yield from _edits_of_sheet(title, edited, written)
        else:
            number = len(edited.values.get(title, ()))
            yield Edit("sheet_added", Place(masked(title)), "1 cell" if number == 1 else f"{number:,} cells")


def _edits_of_sheet(title: str, edited: Contents, written: Contents) -> Iterator[Edit]:
    yield from _edited_cells(title, edited, _aligned(title, edited, written), written)
    for address, text in sorted(edited.details[title].comments.items()):
        if address not in written.details[title].comments:
            yield Edit("comment", Place(title, *address), masked(text))
    yield from _added_objects(title, edited.objects(title), written.objects(title))


def _aligned(title: str, edited: Contents, written: Contents) -> Alignment:
    """How a sheet differs from what this program wrote, except in the group's own cells."""
    return align(_cells_but_own(title, edited), _cells_but_own(title, written))


def _cells_but_own(title: str, book: Contents) -> Cells:
    own = own_addresses(title, book.values.get(title, {}))
    return {address: value for address, value in book.cells(title).items() if address not in own}


def _edited_cells(title: str, edited: Contents, found: Alignment, written: Contents) -> Iterator[Edit]:
    for shift in found.shifts:
        content = masked(shift.text(FORMULA)) or None
        now, was = (content, None) if shift.inserted else (None, content)
        yield Edit("shifted", Place(title), now, was, shift.words)
    for change in found.changes:
        now, was = _text(title, change.address, edited, change.after), _text(title, change.old_address, written, change.before)
        # A program that does not calculate keeps the values of formulas alone, or the formulas without values.
        if change.before == FORMULA and change.after in (None, written.values[title].get(change.old_address)):
            continue
        kind: EditKind = "added" if was is None else "deleted" if now is None else "changed"
        yield Edit(kind, Place(title, *change.address), now, was)


def _text(title: str, address: Address, book: Contents, value: Any) -> str | None:
    """A value as it is shown in a sentence: with its formula where it has one, and masked."""
    if value == FORMULA:
        value = f"={book.details[title].formula(address) or ''}"
    elif value is not None:
        value = book.values[title].get(address)
    text = shown(value)
    return text and masked(text)


def _added_objects(title: str, now: Sequence[SheetObject], was: Sequence[SheetObject]) -> Iterator[Edit]:
    """The objects beyond those that this program put there. Programs move their own a little, so those are told by their number."""
    expected = Counter(item.what for item in was)
    at_their_place = {(item.what, item.address) for item in was}
    for item in sorted(now, key=lambda item: (item.what, item.address) not in at_their_place):
        if expected[item.what] > 0:
            expected[item.what] -= 1
            continue
        text = f'{item.what} ("{shortened(masked(item.text))}")' if item.text else item.what
        yield Edit("object", Place(title, *(item.address or (0, 0))), text)
