"""Downloads the pinned packages with the ordinary package clients, and unpacks them."""

import shutil
import subprocess
import tarfile
from pathlib import Path

from tqdm import tqdm

from .sources import Package


def fetch(packages: list[Package], cache: Path) -> None:
    """Makes `cache/unpacked/<folder>` exist for every package; what is there already is kept."""
    for package in tqdm(packages, desc="fetch", unit="package"):
        target = unpacked(package, cache)
        if target.exists():
            continue
        archive = _download(package, cache / package.channel)
        # Unpacked aside and renamed: an interrupted run leaves no half package behind.
        partial = target.with_name(target.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        if package.channel == "npm":
            with tarfile.open(archive) as tar:
                tar.extractall(partial, filter="data")
        else:
            subprocess.run(["dpkg-deb", "-x", archive, partial], check=True)
        partial.rename(target)


def unpacked(package: Package, cache: Path) -> Path:
    return cache / "unpacked" / package.folder


def contents(package: Package, cache: Path) -> Path:
    """The folder of a package's own files: npm archives hold them all in one folder."""
    root = unpacked(package, cache)
    if package.channel == "npm":
        (root,) = [child for child in root.iterdir() if child.is_dir()]
    return root


def _download(package: Package, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if package.channel == "npm":
        archive = folder / f"{package.folder}-{package.version}.tgz"
        if not archive.exists():
            _run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], folder)
        return archive
    found = sorted(folder.glob(f"{package.name}_*.deb"))
    if not found:
        try:
            _run(["apt-get", "download", f"{package.name}={package.version}"], folder)
        except subprocess.CalledProcessError:
            # Another release of the distribution has another version; the pictures rarely differ.
            _run(["apt-get", "download", package.name], folder)
        found = sorted(folder.glob(f"{package.name}_*.deb"))
    return found[-1]


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
