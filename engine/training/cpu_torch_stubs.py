"""Lets the CUDA build of PyTorch import on a machine without the CUDA libraries.

PyPI's Linux wheel of torch is linked against some gigabytes of CUDA libraries, although CPU work never calls them. This script
reads which of them the wheel asks for and compiles an empty stand-in for each: every wanted symbol exists, every call answers
"no device". Development side only; nothing of it goes into a bundle.

    python cpu_torch_stubs.py <site-packages>/torch/lib <output folder>
    export LD_LIBRARY_PATH=<output folder>
"""
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

SYSTEM_LIBRARY = re.compile(r"^(libc|libm|libdl|libpthread|librt|libstdc\+\+|libgcc_s|ld-linux.*|libgomp|libutil|libz)\.so")
CUDA_SYMBOL = re.compile(r"^(__cuda|__nvJitLink|cuda|cu[A-Z]|cublas|cudnn|cufft|curand|cusparse|cusolver|p?nccl|nvrtc|nvtx|nvJitLink|nvshmem)")
CUDA_ERROR_NO_DEVICE = 100


def readelf(option: str, library: Path) -> str:
    return subprocess.run(["readelf", option, "-W", str(library)], capture_output=True, text=True, check=False).stdout


def wanted_symbols(libraries: list[Path]) -> dict[str, dict[str | None, set[str]]]:
    """Missing library -> symbol version (None: unversioned) -> symbol names."""
    present = {library.name for library in libraries}
    missing: dict[str, dict[str | None, set[str]]] = {}
    owner_of_version: dict[str, str] = {}
    versioned: dict[str, set[str]] = defaultdict(set)
    plain: set[str] = set()
    for library in libraries:
        for name in re.findall(r"NEEDED.*\[(.*?)\]", readelf("-d", library)):
            if name not in present and not SYSTEM_LIBRARY.match(name):
                missing.setdefault(name, defaultdict(set))
        owner = None
        for line in readelf("-V", library).splitlines():
            if match := re.search(r"File: (\S+)", line):
                owner = match.group(1)
            elif owner and (match := re.search(r"Name: (\S+)\s+Flags", line)):
                owner_of_version[match.group(1)] = owner
        for line in readelf("--dyn-syms", library).splitlines():
            fields = line.split()
            if len(fields) >= 8 and fields[6] == "UND":
                name, _, version = fields[7].partition("@")
                if version:
                    versioned[version.strip("@()")].add(name)
                elif CUDA_SYMBOL.match(name):
                    plain.add(name)
    for version, owner in owner_of_version.items():
        if owner in missing:
            missing[owner][version] |= versioned[version]
    if missing:  # the loader looks a plain symbol up in every loaded library, so one home is enough
        missing[sorted(missing)[0]][None] |= plain
    return missing


def compile_stand_in(name: str, versions: dict[str | None, set[str]], out: Path) -> None:
    symbols = sorted(set().union(*versions.values()) if versions else set())
    lines = [f"int stand_in_{re.sub('[^0-9a-zA-Z]', '_', name)};"]
    for symbol in symbols:
        if "String" in symbol or "ErrorName" in symbol:
            lines.append(f'const char *{symbol}(void) {{ return "no CUDA on this machine"; }}')
        else:
            lines.append(f"long {symbol}(void) {{ return {0 if symbol.startswith('__') else CUDA_ERROR_NO_DEVICE}; }}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "stand_in.c")
        source.write_text("\n".join(lines), encoding="ascii")
        command = ["gcc", "-w", "-shared", "-fPIC", "-fno-builtin", "-o", str(out / name), str(source), f"-Wl,-soname,{name}"]
        named = {version: names for version, names in versions.items() if version}
        if named:
            script = Path(folder, "versions.map")
            script.write_text("".join(f"{v} {{ global: {' '.join(n + ';' for n in sorted(ns))} }};\n" for v, ns in sorted(named.items())))
            command.append(f"-Wl,--version-script={script}")
        subprocess.run(command, check=True)


def main(argv: list[str]) -> int:
    if len(argv) != 2:
        print(__doc__)
        return 2
    libraries, out = sorted(Path(argv[0]).glob("*.so*")), Path(argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, versions in sorted(wanted_symbols(libraries).items()):
        compile_stand_in(name, versions, out)
        print(name, sum(map(len, versions.values())), "symbols")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
