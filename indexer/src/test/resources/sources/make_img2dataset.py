"""Makes `img2dataset`: what img2dataset 1.47 itself writes, in its output formats `files` and `webdataset`, of two pictures and an address that is gone.

Run in this folder, with img2dataset installed: python make_img2dataset.py. Pictures are of one colour and are served by this script.
"""

import io
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from img2dataset import download
from PIL import Image

here = Path(__file__).parent / "img2dataset"
colours = {"/red.jpg": "red", "/blue.png": "blue"}


class Pictures(BaseHTTPRequestHandler):
    def do_GET(self):
        colour = colours.get(self.path)
        self.send_response(200 if colour else 404)
        self.end_headers()
        if colour:
            buffer = io.BytesIO()
            Image.new("RGB", (64, 48), colour).save(buffer, "PNG" if self.path.endswith("png") else "JPEG")
            self.wfile.write(buffer.getvalue())


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 8765), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = [
        {"url": f"http://127.0.0.1:8765/{name}", "caption": caption, "licence": "CC0-1.0"}
        for name, caption in (("red.jpg", "a red field"), ("gone.jpg", "never seen"), ("blue.png", "a blue field"))
    ]
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir()
    (here / "list.json").write_text(json.dumps(rows))
    for output_format in ("files", "webdataset"):
        download(
            url_list=str(here / "list.json"),
            input_format="json",
            url_col="url",
            caption_col="caption",
            save_additional_columns=["licence"],
            output_format=output_format,
            output_folder=str(here / output_format),
            image_size=32,
            processes_count=1,
            thread_count=1,
            retries=0,
            enable_wandb=False,
        )
        shutil.rmtree(here / output_format / "_tmp", ignore_errors=True)
    (here / "list.json").unlink()
