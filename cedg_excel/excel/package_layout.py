"""
Where the parts of a workbook are: the package's own relations are followed, whatever its parts are called.

Programs differ in the names and the case of parts, in slashes, and in relative and absolute targets. Each part that is reached gets the
name that Excel would give it, and the relations are written again with those names, so that everything else knows one layout only.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree  # the gate has refused every document type, so there are no entities to expand
from xml.sax.saxutils import quoteattr

WORKBOOK, ROOT_RELATIONS = "xl/workbook.xml", "_rels/.rels"
_USUAL_NAMES = {
    "officedocument": WORKBOOK, "core-properties": "docProps/core.xml", "custom-properties": "docProps/custom.xml",
    "sharedstrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml",
    "worksheet": "xl/worksheets/sheet{}.xml", "chartsheet": "xl/chartsheets/sheet{}.xml", "dialogsheet": "xl/dialogsheets/sheet{}.xml",
    "comments": "xl/comments{}.xml", "threadedcomment": "xl/threadedComments/threadedComment{}.xml",
    "drawing": "xl/drawings/drawing{}.xml", "vmldrawing": "xl/drawings/vmlDrawing{}.vml",
    "externallink": "xl/externalLinks/externalLink{}.xml",
    "image": "xl/media/image{}", "oleobject": "xl/embeddings/object{}", "package": "xl/embeddings/object{}",
}  # fmt: skip
"""The usual name of a part by the end of its relation's type in lower case; `{}` is a number where there may be several."""

CACHE_SIZE, MAX_CACHED_BYTES = 512, 50_000
"""The most layouts and relations parts that are cached, and the largest in bytes: a copy has a few thousand bytes of relations."""

_NOT_XML = {"image", "oleobject", "package"}
_MACROS = {"vbaproject", "xlmacrosheet", "xlintlmacrosheet"}
_NOT_READ = "customXml/"
"""Add-ins keep data of their own there, in any encoding; this program never reads it."""


class Relation(NamedTuple):
    """One relation as it is written: its id, type and target, and whether the target is outside the package."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """The end of its type, in lower case: the rest differs between strict and transitional workbooks."""
        return self.type.rpartition("/")[2].lower()


@dataclass(frozen=True, slots=True)
class PackageLayout:
    """
    The usual name of each part by its name in the zip; the relations parts written again, by usual name; and which parts are XML to read.

    `workbook` is False where no relation leads to a workbook, `macros` True where one leads to a macro.
    """

    names: Mapping[str, str]
    relations: Mapping[str, bytes]
    to_read: frozenset[str]
    workbook: bool
    macros: bool


def plain_name(name: str) -> str:
    """A part's name with slashes and without escapes: some programs write backslashes into a zip, or a slash before the name."""
    return unquote(name.replace("\\", "/")).lstrip("/")


def is_relations(name: str) -> bool:
    """Whether a part of this name holds relations."""
    return plain_name(name).lower().endswith(".rels")


def relations_name(part: str) -> str:
    """`xl/_rels/workbook.xml.rels` for `xl/workbook.xml`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolved(target: str, part: str) -> str:
    """The plain name that a relation of a part leads to."""
    path = unquote(target.replace("\\", "/"))
    return path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(part), path))


def read_relations(data: bytes) -> tuple[Relation, ...]:
    """The relations in a part. Raises ElementTree.ParseError when it is broken."""
    return _cached_relations(data) if len(data) <= MAX_CACHED_BYTES else _parse_relations(data)


def _parse_relations(data: bytes) -> tuple[Relation, ...]:
    items = (item for item in ElementTree.fromstring(data).iter() if item.tag.rpartition("}")[2] == "Relationship")
    return tuple(
        Relation(item.get("Id", ""), item.get("Type", ""), item.get("Target", ""), item.get("TargetMode", "").lower() == "external")
        for item in items
    )


_cached_relations = lru_cache(maxsize=CACHE_SIZE)(_parse_relations)

RelationParts = tuple[tuple[str, bytes], ...]


def package_layout(names: tuple[str, ...], relations: RelationParts) -> PackageLayout:
    """
    The layout of a package from the names of its parts and its relations parts; the copies of a batch have few different ones.

    A part that no relation leads to keeps its name. A broken relations part counts as one without relations.
    """
    return _cached_layout(names, relations) if sum(len(part) for _, part in relations) <= MAX_CACHED_BYTES else _layout(names, relations)


def _layout(names: tuple[str, ...], relations: RelationParts) -> PackageLayout:
    return _Layout(names, dict(relations)).made()


_cached_layout = lru_cache(maxsize=CACHE_SIZE)(_layout)


class _Layout:
    """Follows the relations from the root of the package; the names of parts are compared as office programs do, ignoring case."""

    def __init__(self, names: tuple[str, ...], relations: Mapping[str, bytes]) -> None:
        self.names, self.relations = names, relations
        self.by_key = {plain_name(name).casefold(): name for name in names}
        self.usual: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.taken = set(self.by_key)

    def made(self) -> PackageLayout:
        """The layout."""
        sources = self._follow()
        for name in self.names:
            if name not in self.usual and not is_relations(name):
                self.usual[name] = self._unless_taken(plain_name(name))
        written = {}
        for source, relations in sources.items():
            written[relations_name(self.usual[source] if source else "")] = self._written(source, relations)
        return PackageLayout(
            {**self.usual, **{name: self._relations_part(name) for name in self.names if is_relations(name)}},
            {} if self._is_usual(sources) else written,
            frozenset(name for name in self.names if self._is_read(name)),
            WORKBOOK in self.usual.values() and "officedocument" in self.kinds.values(),
            not _MACROS.isdisjoint(self.kinds.values()),
        )

    def _follow(self) -> dict[str, tuple[Relation, ...]]:
        """Name every part that relations lead to, nearest to the root first. The relations of each part, by its name in the zip."""
        sources, queue = {}, deque([""])
        while queue:
            source = queue.popleft()
            sources[source] = self._relations_of(source)
            for relation in sources[source]:
                part = self._target(relation, source)
                if part and part not in self.kinds:
                    self.kinds[part] = relation.kind
                    self.usual[part] = self._usual_name(part, relation.kind)
                    queue.append(part)
        return {source: relations for source, relations in sources.items() if relations}

    def _relations_of(self, source: str) -> tuple[Relation, ...]:
        name = self.by_key.get(relations_name(plain_name(source)).casefold(), "")
        try:
            return read_relations(self.relations[name]) if name in self.relations else ()
        except ElementTree.ParseError:
            return ()

    def _target(self, relation: Relation, source: str) -> str:
        """The part that a relation leads to, by its name in the zip; "" where there is none."""
        return "" if relation.external else self.by_key.get(resolved(relation.target, plain_name(source)).casefold(), "")

    def _usual_name(self, part: str, kind: str) -> str:
        name, usual = plain_name(part), _USUAL_NAMES.get(kind, "")
        if not usual or (name.startswith(posixpath.dirname(usual) + "/") and "{}" in usual) or name == usual:
            return name
        if "{}" not in usual:
            return usual if usual not in self.usual.values() else name
        extension = posixpath.splitext(name)[1] if kind in _NOT_XML else ""
        number = 1
        while (new := usual.format(number) + extension).casefold() in self.taken:
            number += 1
        self.taken.add(new.casefold())
        return new

    def _unless_taken(self, name: str) -> str:
        """A name for a part that nothing refers to: its own, unless one that is in use has it."""
        return f"unrelated/{name}" if name in self.usual.values() else name

    def _relations_part(self, name: str) -> str:
        plain = plain_name(name)
        folder, file = posixpath.split(re.sub(r"(?i)(^|/)_rels/", r"\1", plain))
        source = self.by_key.get(posixpath.join(folder, file[: -len(".rels")]).casefold())
        return ROOT_RELATIONS if plain.casefold() == ROOT_RELATIONS else relations_name(self.usual[source]) if source else plain

    def _written(self, source: str, relations: tuple[Relation, ...]) -> bytes:
        """A relations part with the usual names. A relation that leads nowhere keeps its target."""
        items = []
        for relation in relations:
            part = self._target(relation, source)
            target = quoteattr(f"/{self.usual[part]}" if part else relation.target)
            mode = ' TargetMode="External"' if relation.external else ""
            items.append(f"<Relationship Id={quoteattr(relation.id)} Type={quoteattr(relation.type)} Target={target}{mode}/>")
        namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
        return f'<Relationships xmlns="{namespace}">{"".join(items)}</Relationships>'.encode()

    def _is_usual(self, sources: Mapping[str, tuple[Relation, ...]]) -> bool:
        """Whether every part has its usual name, and every relation gives it as it is in the zip."""
        if any(name != usual for name, usual in self.usual.items()) or any(plain_name(name) != name for name in self.names):
            return False
        if any(is_relations(name) and self._relations_part(name) != name for name in self.names):
            return False
        for source, relations in sources.items():
            for relation in relations:
                part = self._target(relation, source)
                if part and resolved(relation.target, source) != part:
                    return False
        return True

    def _is_read(self, name: str) -> bool:
        kind, extension = self.kinds.get(name, ""), posixpath.splitext(name)[1].lower()
        if kind.startswith("customxml"):
            return False
        if extension == ".rels":
            return not plain_name(name).startswith(_NOT_READ)
        is_xml = extension in (".xml", ".vml") or (kind in _USUAL_NAMES and kind not in _NOT_XML)
        return is_xml and not self.usual[name].startswith(_NOT_READ)
