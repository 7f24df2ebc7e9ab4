"""Checks what `sam build` made for AWS: the right machine code, within Lambda's limits, nothing unused."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

LAMBDA_LIMIT_BYTES = 250 * 1024 * 1024
AARCH64 = 183
LAYERS = ("VendorLayer", "UndertowLayer")
UNWANTED = ("pip", "setuptools", "wheel", "inquirer", "blessed", "yaml", "pytest", "moto")


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def machine_of(library: Path) -> int:
    """The `e_machine` field of an ELF header."""
    header = library.read_bytes()[:20]
    if header[:4] != b"\x7fELF":
        raise ValueError(f"{library} is no ELF file")
    return int(struct.unpack_from("<H", header, 18)[0])


def problems(build: Path) -> list[str]:
    found: list[str] = []
    functions = [path for path in build.iterdir() if (path / "handler.py").exists()]
    if not functions:
        found.append(f"{build} holds no function")
    layers = sum(size_of(build / layer) for layer in LAYERS)
    totals = {function.name: layers + size_of(function) for function in functions}
    found.extend(
        f"{name} with its layers is {total:,} bytes unpacked, Lambda takes {LAMBDA_LIMIT_BYTES:,}"
        for name, total in totals.items()
        if total > LAMBDA_LIMIT_BYTES
    )
    for library in (build / "VendorLayer").rglob("*.so"):
        if machine_of(library) != AARCH64:
            found.append(f"{library.relative_to(build)} is not for arm64")
        if ".cpython-" in library.name and ".cpython-313-" not in library.name:
            found.append(f"{library.relative_to(build)} is not for python3.13")
    present = {path.name for path in (build / "VendorLayer" / "python").iterdir()}
    found.extend(f"the vendor layer holds {name}, which nothing imports" for name in UNWANTED if name in present)
    return found


def main(build: Path) -> int:
    for folder in sorted(path for path in build.iterdir() if path.is_dir()):
        if folder.name in LAYERS or (folder / "handler.py").exists():
            print(f"  {folder.name:22} {size_of(folder) / 1024 / 1024:8.2f} MB unpacked")
    found = problems(build)
    for problem in found:
        print(f"  wrong: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
