"""Draw docs/images/architecture.svg from the imports of the package: its sub-packages in layers, and what imports what."""

from __future__ import annotations

import ast
import html
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cedg_excel"
PICTURE = ROOT / "docs" / "images" / "architecture.svg"

WIDTH, BOX, GAP, EDGE, LINE = 1000, 70, 34, 16, 13
"""In pixels: the picture, a box's height, the room between rows, the margin, and the height of a line of text."""

COLUMNS = {"cli": 0, "closing": 0, "buttons": 2, "planfiles": 2, "excel": 2}
"""The column of a box, of three; the middle one unless named. Its row comes from the imports."""

SMALL = "small modules"

Graph = dict[str, set[str]]
Box = tuple[float, float, float]
"""Left edge, top edge and width."""


def picture() -> str:
    """The picture as SVG."""
    layers = _layers()
    imports = _reduced(_imports({name: name for names in layers[:-1] for name in names} | dict.fromkeys(layers[-1], SMALL)))
    boxes = {name: _place(name, row) for name, row in _rows(imports).items()}
    height = max(top for _, top, _ in boxes.values()) + BOX + EDGE
    parts = [_arrow(boxes[name], boxes[target]) for name in sorted(imports) for target in sorted(imports[name])]
    parts += [_box(name, boxes[name], _describe(name, layers[-1])) for name in sorted(boxes)]
    return "\n".join((_HEAD.format(width=WIDTH, height=height), *parts, "</svg>\n"))


def _layers() -> list[list[str]]:
    """The layers of the import contract, the highest first, without `__main__`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (contract,) = (contract for contract in settings["contracts"] if contract["type"] == "layers")
    layers = [[name.strip() for name in layer.replace(":", "|").split("|")] for layer in contract["layers"]]
    return [layer for layer in layers if layer != ["__main__"]]


def _imports(box_of: Mapping[str, str]) -> Graph:
    """Which box imports which, by the modules in them."""
    found: Graph = {box: set() for box in box_of.values()}
    for path in sorted(PACKAGE.rglob("*.py")):
        first = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if first in box_of:
            found[box_of[first]] |= {box_of[target] for target in _targets(path) if target in box_of} - {box_of[first]}
    return found


def _targets(path: Path) -> Iterator[str]:
    """The first part below the package of everything a module imports from it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE.name:
            yield from [node.module.split(".")[1]] if "." in node.module else [name.name for name in node.names]


def _reduced(graph: Graph) -> Graph:
    """Without the arrows that a longer path of arrows implies."""

    def reach(start: str) -> set[str]:
        return {start}.union(*(reach(target) for target in graph[start]))

    return {
        name: {target for target in targets if not any(target in reach(other) for other in targets - {target})}
        for name, targets in graph.items()
    }  # fmt: skip


def _rows(graph: Graph) -> dict[str, int]:
    """The row of each box, below everything that imports it."""
    rows = dict.fromkeys(graph, 0)
    for _ in graph:
        for name, targets in graph.items():
            rows |= {target: max(rows[target], rows[name] + 1) for target in targets}
    return rows


def _place(name: str, row: int) -> Box:
    top = EDGE + row * (BOX + GAP)
    if name == SMALL:
        return (EDGE, top, WIDTH - 2 * EDGE)
    width = (WIDTH - 2 * EDGE - 2 * GAP) / 3
    return (EDGE + COLUMNS.get(name, 1) * (width + GAP), top, width)


def _describe(name: str, small: list[str]) -> str:
    if name == SMALL:
        return f"For everybody: {', '.join(sorted(small))}."
    path = PACKAGE / name / "__init__.py"
    text = ast.get_docstring(ast.parse((path if path.exists() else PACKAGE / f"{name}.py").read_text("utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="Arial, Liberation Sans, sans-serif">
<title>The sub-packages of cedg_excel in layers, with an arrow from each to those it imports</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">\
<path d="M0 0 L10 5 L0 10 z" fill="#505A5F"/></marker></defs>
<rect width="{width}" height="{height}" fill="#FFFFFF"/>"""


def _box(name: str, box: Box, words: str) -> str:
    left, top, width = box
    lines = wrap(words, int(width / 5.6))
    text = "".join(
        f'<text x="{left + 10:.0f}" y="{top + 33 + number * LINE:.0f}" font-size="11" fill="#0B0C0C">{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{BOX}" rx="4" fill="#E8EDF3" stroke="#1F3A5F"/>'
        f'<text x="{left + 10:.0f}" y="{top + 18:.0f}" font-size="14" font-weight="bold" fill="#1F3A5F">{name}</text>{text}'
    )


def _arrow(start: Box, end: Box) -> str:
    """From the lower edge of a box to the nearest place on the upper edge of another."""
    x1, y1 = start[0] + start[2] / 2, start[1] + BOX
    x2, y2 = min(max(x1, end[0] + GAP), end[0] + end[2] - GAP), end[1]
    return f'<path d="M{x1:.0f} {y1:.0f} L{x2:.0f} {y2:.0f}" stroke="#505A5F" stroke-width="1.5" marker-end="url(#tip)"/>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
