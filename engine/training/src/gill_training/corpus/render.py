"""Draws every picture at 128 px: once with its transparency, once on white."""

import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from .colours import dominant_colours
from .drawings import Drawing

SIZE = 128
MARGIN = 4
# Raised whenever the same drawing would be drawn differently: finished pictures of older runs are then redrawn.
RENDERER_VERSION = 1

# Vector emoji are drawn on a common grid whose margins say how large they are meant to be;
# the pictures of these sources have arbitrary margins, which are trimmed.
_TRIMMED = {"fluent-3d", "openclipart", "gcompris", "tuxpaint"}


@dataclass(frozen=True)
class Rendered:
    """What is known of a finished picture. `pixels` is the SHA-256 of its RGB values."""

    key: str
    pixels: str
    difference_hash: str
    mean: tuple[int, int, int]
    covered: float
    colours: list[str]


def render_all(drawings: list[Drawing], out: Path, workers: int, fonts: Path) -> dict[str, Rendered]:
    """Renders what is new or changed; returns what every drawable picture looks like, by id. Texts in drawings use the fonts in `fonts`."""
    memory = out / "renders.jsonl"
    known = _recall(memory)
    for source in {drawing.source for drawing in drawings}:
        (out / "images" / source).mkdir(parents=True, exist_ok=True)
        (out / "rgba" / source).mkdir(parents=True, exist_ok=True)
    results: dict[str, Rendered] = {}
    failures: list[str] = []
    todo = []
    for drawing in drawings:
        earlier = known.get(drawing.id)
        if earlier and earlier.key == drawing_key(drawing) and rgba_path(out, drawing.id).exists():
            results[drawing.id] = earlier
        else:
            todo.append(drawing)
    with ProcessPoolExecutor(workers) as pool:
        finished = pool.map(_render, todo, [out] * len(todo), [fonts] * len(todo), chunksize=32)
        for drawing, outcome in zip(todo, tqdm(finished, total=len(todo), desc="render", unit="image")):
            if isinstance(outcome, Rendered):
                results[drawing.id] = outcome
            else:
                failures.append(f"{drawing.id}: {outcome}")
    _remember(memory, results)
    (out / "render-failures.txt").write_text("\n".join(failures) + "\n", "utf-8")
    return results


def image_path(out: Path, picture_id: str) -> Path:
    return out / "images" / f"{picture_id}.png"


def rgba_path(out: Path, picture_id: str) -> Path:
    return out / "rgba" / f"{picture_id}.png"


def drawing_key(drawing: Drawing) -> str:
    """Changes whenever the picture might."""
    stamp = drawing.svg or f"{drawing.path}:{os.path.getsize(drawing.path)}"
    return hashlib.sha256(f"{RENDERER_VERSION}:{drawing.style}:{stamp}".encode()).hexdigest()[:16]


def _render(drawing: Drawing, out: Path, fonts: Path) -> Rendered | str:
    """The finished picture, or why there is none."""
    try:
        picture = place(rasterise(drawing, fonts), trim=drawing.source in _TRIMMED, photo=drawing.style == "photo")
    except Exception as problem:  # one broken file among thousands must not end the run
        return f"{type(problem).__name__}: {problem}"
    if picture is None:
        return "blank"
    on_white = Image.new("RGB", picture.size, "white")
    on_white.paste(picture, (0, 0), picture)
    pixels = np.asarray(on_white)
    covered = float((np.asarray(picture)[..., 3] > 16).mean())
    if covered < 0.01 or pixels.std() < 2:
        return "blank"
    picture.save(rgba_path(out, drawing.id), compress_level=4)
    on_white.save(image_path(out, drawing.id), compress_level=4)
    red, green, blue = (round(float(value)) for value in pixels.reshape(-1, 3).mean(0))
    return Rendered(drawing_key(drawing), hashlib.sha256(pixels.tobytes()).hexdigest(), difference_hash(on_white),
                    (red, green, blue), round(covered, 3), dominant_colours(picture))


def rasterise(drawing: Drawing, fonts: Path) -> Image.Image:
    """The picture at its own shape, at least twice the final size where it is a vector drawing."""
    if drawing.svg:
        return _from_svg(drawing.svg, fonts)
    if drawing.path.endswith((".svg", ".svgz")):
        content = Path(drawing.path).read_bytes()
        if drawing.path.endswith("z"):
            content = gzip.decompress(content)
        return _from_svg(content.decode("utf-8", "replace"), fonts)
    return Image.open(drawing.path).convert("RGBA")


def _from_svg(svg: str, fonts: Path) -> Image.Image:
    import resvg_py

    # Without a resolution, drawings sized in millimetres fail. With the machine's own fonts, each would draw texts differently, or none.
    png = resvg_py.svg_to_bytes(svg_string=svg, width=2 * SIZE, dpi=96, font_dirs=[str(fonts)], skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def place(picture: Image.Image, trim: bool, photo: bool) -> Image.Image | None:
    """Fits a picture into the square: photographs fill it, everything else keeps a margin."""
    if photo and _is_full_photo(picture):
        return picture.crop(_sharpest_square(picture)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    if trim:
        box = picture.getchannel("A").getbbox()
        if box is None:
            return None
        picture = picture.crop(box)
    scale = (SIZE - 2 * MARGIN) / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    # Scaled with premultiplied colours: otherwise hidden colours of transparent pixels bleed into the edges.
    scaled = picture.convert("RGBa").resize((width, height), Image.Resampling.LANCZOS).convert("RGBA")
    square = Image.new("RGBA", (SIZE, SIZE), (255, 255, 255, 0))
    square.paste(scaled, ((SIZE - width) // 2, (SIZE - height) // 2))
    return square


def _is_full_photo(picture: Image.Image) -> bool:
    """Opaque, and not an object shown whole on a plain white ground (cropping that would cut the object)."""
    pixels = np.asarray(picture)
    if pixels[..., 3].min() < 250:
        return False
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])[:, :3]
    return float((border.min(axis=1) > 235).mean()) < 0.6


def _sharpest_square(picture: Image.Image) -> tuple[int, int, int, int]:
    """The largest square with the most fine detail: photographers focus on their subject, wherever it is."""
    side, length = min(picture.size), max(picture.size)
    if side == length:
        return 0, 0, side, side
    grey = np.asarray(picture.convert("L"), np.float32)
    detail = np.abs(np.diff(grey, axis=0))[:, :-1] + np.abs(np.diff(grey, axis=1))[:-1]
    wide = picture.width > picture.height
    along = np.concatenate([[0.0], np.cumsum(detail.sum(axis=0 if wide else 1))])
    inside = along[side - 1:] - along[: len(along) - side + 1]
    # Among nearly equal squares, the one closest to the middle.
    offsets = np.arange(len(inside))
    off_centre = np.abs(offsets - (length - side) / 2) / length
    start = int(np.argmax(inside / max(float(along[-1]), 1e-6) - 0.2 * off_centre))
    return (start, 0, start + side, side) if wide else (0, start, side, start + side)


def difference_hash(picture: Image.Image) -> str:
    """256 bits that nearly equal pictures share: is each pixel of a 17 x 16 thumbnail darker than the next?"""
    grey = np.asarray(picture.convert("L").resize((17, 16), Image.Resampling.BOX), np.int16)
    return np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes().hex()


def _recall(memory: Path) -> dict[str, Rendered]:
    if not memory.exists():
        return {}
    known = {}
    for line in memory.read_text("utf-8").splitlines():
        row = json.loads(line)
        picture_id = row.pop("id")
        known[picture_id] = Rendered(**{**row, "mean": tuple(row["mean"])})
    return known


def _remember(memory: Path, results: dict[str, Rendered]) -> None:
    with open(memory, "w", encoding="utf-8") as lines:
        for picture_id, rendered in results.items():
            lines.write(json.dumps({"id": picture_id, **asdict(rendered)}) + "\n")


def distinct(drawings: Iterable[Drawing], rendered: dict[str, Rendered]) -> list[Drawing]:
    """Drops equal pictures, and nearly equal ones of one source (flags may look alike). First come, first kept."""
    kept: list[Drawing] = []
    seen: dict[str, Drawing] = {}
    near: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for drawing in drawings:
        look = rendered.get(drawing.id)
        if look is None:
            continue
        twin = seen.get(look.pixels)
        if twin is not None:
            # The same picture under another name: the name stays findable.
            if twin.caption.lower() != drawing.caption.lower() and drawing.caption.lower() not in twin.keywords:
                twin.keywords.append(drawing.caption.lower())
            continue
        alike = near.setdefault((drawing.source, look.difference_hash), [])
        if drawing.group != "flags" and any(
                max(abs(a - b) for a, b in zip(mean, look.mean)) <= 4 for mean in alike):
            continue
        alike.append(look.mean)
        seen[look.pixels] = drawing
        kept.append(drawing)
    return kept
