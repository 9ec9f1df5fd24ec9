"""Contact sheets: pictures with their prompts, in groups."""
from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def contact_sheet(groups: list[tuple[str, list[tuple[np.ndarray, str]]]], path: Path, title: str = "", tile: int = 96, columns: int = 14) -> None:
    """`groups`: heading and its (uint8 picture, prompt) pairs."""
    small, large = ImageFont.load_default(10), ImageFont.load_default(14)
    row_height, heading = tile + 28, 22
    rows = [(len(entries) + columns - 1) // columns for _, entries in groups]
    sheet = Image.new("RGB", (columns * (tile + 6) + 6, 24 + sum(heading + r * row_height for r in rows)), (240, 240, 240))
    pen = ImageDraw.Draw(sheet)
    pen.text((6, 4), title, fill=(110, 0, 0), font=large)
    top = 24
    for (name, entries), count in zip(groups, rows):
        pen.text((6, top + 2), name, fill=(0, 0, 110), font=large)
        top += heading
        for index, (picture, prompt) in enumerate(entries):
            left, upper = 6 + index % columns * (tile + 6), top + index // columns * row_height
            sheet.paste(Image.fromarray(picture).resize((tile, tile), Image.Resampling.LANCZOS), (left, upper))
            for line, text in enumerate(_wrapped(pen, prompt, small, tile + 4)):
                pen.text((left, upper + tile + 1 + 11 * line), text, fill=(0, 0, 0), font=small)
        top += count * row_height
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, optimize=True)


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.ImageFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:2]
