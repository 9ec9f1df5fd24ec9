"""Makes `downloads` (as img2dataset's output format `parquet`) and `vectors` (as clip-retrieval's inference) with pyarrow, NumPy and Pillow.

Run in this folder: python make.py. Pictures are of one colour and come from nowhere else.
"""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

here = Path(__file__).parent


def picture(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 12), colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


downloads = {
    "url": ["https://example.org/red.jpg", "https://example.org/gone.jpg", "https://example.org/blue.jpg"],
    "key": ["000000000", "000000001", "000000002"],
    "status": ["success", "failed_to_download", "success"],
    "error_message": [None, "HTTP Error 404: Not Found", None],
    "caption": ["a red field", "never seen", "a blue field"],
    "width": pa.array([16, None, 16], pa.int32()),
    "height": pa.array([12, None, 12], pa.int32()),
    "original_width": pa.array([640, None, 800], pa.int32()),
    "sha256": ["0" * 64, None, "1" * 64],
    "jpg": pa.array([picture("red"), None, picture("blue")], pa.binary()),
}
pq.write_table(pa.table(downloads), here / "downloads" / "00000.parquet", compression="snappy")

rng = np.random.default_rng(7)
vectors = rng.standard_normal((2, 3)).astype(np.float16)
np.save(here / "vectors" / "img_emb" / "img_emb_0.npy", vectors)
pq.write_table(
    pa.table({"image_path": ["red.png", "green.png"], "caption": ["a red one", None]}),
    here / "vectors" / "metadata" / "metadata_0.parquet",
)
np.save(here / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
