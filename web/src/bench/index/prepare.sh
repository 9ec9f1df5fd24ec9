#!/bin/sh
# Makes a Python environment with PyTorch for the CPU, ONNX Runtime and Pillow in the folder $1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check onnxruntime==1.32.0 numpy==2.4.6 pillow==13.0.0 \
  filelock typing-extensions sympy networkx jinja2 fsspec setuptools
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps torch==2.15.0
libraries=$(ls -d "$1"/lib/python*/site-packages/torch/lib)
"$1/bin/python" "$here/../../../../engine/training/cpu_torch_stubs.py" "$libraries" "$1/stubs"
touch "$1/ready"
