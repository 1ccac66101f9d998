"""A chart of the ratings: a stacked bar for each objective, labelled with ratings and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from cedg_excel.ratings import NOT_RATED, NOT_RATED_FILL, WORST_FIRST

WIDTH, BAR_HEIGHT, BAR_GAP, MARGIN, LABEL_WIDTH, FONT_SIZE = 1600, 64, 26, 20, 230, 28
"""In pixels."""

TEXT_COLOUR = "0B0C0C"
_COLOURS = {rating.word: (rating.fill, rating.ink) for rating in WORST_FIRST} | {NOT_RATED: (NOT_RATED_FILL, TEXT_COLOUR)}
_LETTERS = {rating.word: rating.letter for rating in WORST_FIRST} | {NOT_RATED: "N"}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Bars = Sequence[tuple[str, Mapping[str, int]]]
"""The name of each bar, and how many actions have each rating."""


def chart_size(bars: Bars) -> tuple[int, int]:
    """How wide and tall the chart is, in pixels."""
    return WIDTH, MARGIN * 2 + (BAR_HEIGHT + BAR_GAP) * len(bars) + BAR_HEIGHT


def draw_chart(bars: Bars) -> bytes:
    """The chart as a PNG, the same bytes for the same numbers: the font is Pillow's own, not the machine's."""
    longest = max((sum(counts.values()) for _, counts in bars), default=0) or 1
    pixels_per_action = (WIDTH - LABEL_WIDTH - 2 * MARGIN) / longest
    image = Image.new("RGB", chart_size(bars), "white")
    canvas = ImageDraw.Draw(image)
    font = ImageFont.load_default(FONT_SIZE)
    for number, (name, counts) in enumerate(bars):
        top = MARGIN + number * (BAR_HEIGHT + BAR_GAP)
        canvas.text((MARGIN, top + BAR_HEIGHT / 2), name, f"#{TEXT_COLOUR}", font, anchor="lm")
        _draw_bar(canvas, font, MARGIN + LABEL_WIDTH, top, pixels_per_action, counts)
    _draw_legend(canvas, font, MARGIN + len(bars) * (BAR_HEIGHT + BAR_GAP) + BAR_HEIGHT / 2)
    out = BytesIO()
    image.save(out, "PNG", dpi=(240, 240))
    return out.getvalue()


def _draw_bar(
    canvas: ImageDraw.ImageDraw, font: Font, left: float, top: float, pixels_per_action: float, counts: Mapping[str, int]
) -> None:
    """One bar, worst rating first. Each part is labelled with the rating and the number, or with its letter where there is no space."""
    for word, (fill, ink) in _COLOURS.items():
        if not (number := counts.get(word, 0)):
            continue
        right = left + number * pixels_per_action
        # A white gap between the parts, for readers who cannot tell the colours apart.
        canvas.rectangle((left, top, right - 3, top + BAR_HEIGHT), f"#{fill}")
        for text in (f"{word} {number}", f"{_LETTERS[word]} {number}", str(number)):
            if canvas.textlength(text, font) + 8 <= right - left:
                canvas.text(((left + right - 3) / 2, top + BAR_HEIGHT / 2), text, f"#{ink}", font, anchor="mm")
                break
        left = right


def _draw_legend(canvas: ImageDraw.ImageDraw, font: Font, middle: float) -> None:
    left: float = MARGIN + LABEL_WIDTH
    for word, (fill, _) in _COLOURS.items():
        canvas.rectangle((left, middle - 12, left + 24, middle + 12), f"#{fill}")
        text = f"{word} ({_LETTERS[word]})"
        canvas.text((left + 34, middle), text, f"#{TEXT_COLOUR}", font, anchor="lm")
        left += 34 + canvas.textlength(text, font) + 40
