"""The usual way to embed a folder of images: a PyTorch DataLoader that decodes with Pillow, and the same encoder in ONNX Runtime.

    python dataloader.py IMAGES BUNDLE BATCH WORKERS

Prints one JSON object: images, seconds, images_per_second, cpu_ms_per_image and peak_rss_mb (of this process and its workers together).
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image, ImageOps
from torch.utils.data import DataLoader, Dataset


class Pictures(Dataset):
    """Decoded, letterboxed on white, resized and normalised, as the bundle's preprocessor_config.json says."""

    def __init__(self, folder: Path, config: dict) -> None:
        self.files = sorted(file for file in folder.rglob("*") if file.suffix in {".jpg", ".png", ".webp"})
        self.size = config["size"]["width"]
        self.mean = np.float32(config["image_mean"])
        self.deviation = np.float32(config["image_std"])

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> torch.Tensor:
        with Image.open(self.files[index]) as file:
            image = ImageOps.exif_transpose(file).convert("RGB")
        side = max(image.size)
        square = Image.new("RGB", (side, side), (255, 255, 255))
        square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
        pixels = np.asarray(square.resize((self.size, self.size), Image.Resampling.BICUBIC), np.float32) / 255
        return torch.from_numpy(((pixels - self.mean) / self.deviation).transpose(2, 0, 1).copy())


def resident_mb() -> float:
    """Of this process and its children."""
    me = str(threading.get_native_id())
    total = 0
    children = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    for process in [me, *children]:
        try:
            total += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            pass
    return total * 4096 / 1e6


def main(folder: str, bundle: str, batch: str, workers: str) -> None:
    root = Path(bundle)
    config = json.loads((root / "vision_encoder/preprocessor_config.json").read_text())
    tower, projection, head = (
        onnxruntime.InferenceSession(str(root / file), providers=["CPUExecutionProvider"])
        for file in ("vision_encoder/model.onnx", "vision_encoder/projection.onnx", "gill/retrieval_image.onnx")
    )
    pictures = Pictures(Path(folder), config)
    loader = DataLoader(pictures, batch_size=int(batch), num_workers=int(workers))
    peak = 0.0
    images = 0
    cpu = sum(os.times()[:4])
    start = time.monotonic()
    for pixels in loader:
        pooled = tower.run(["pooler_output"], {"pixel_values": pixels.numpy()})[0]
        for row in pooled:
            for model in (projection, head):
                vector = model.run(None, {model.get_inputs()[0].name: row[None]})[0]
                vector / np.linalg.norm(vector)
        images += len(pixels)
        peak = max(peak, resident_mb())
    seconds = time.monotonic() - start
    del loader  # Its workers end, and their time is counted.
    cpu = sum(os.times()[:4]) - cpu
    print(json.dumps({"images": images, "seconds": seconds, "images_per_second": images / seconds, "cpu_ms_per_image": 1000 * cpu / images, "peak_rss_mb": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
