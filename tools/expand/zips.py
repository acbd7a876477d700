"""Zips the binary of each function for upload, as Lambda wants it.

usage: zips.py BIN DIST FUNCTION...

BIN/<function>/bootstrap becomes DIST/<function>.zip. The same binary gives the
same bytes: no date, no owner.
"""

import pathlib
import sys
import zipfile


def pack(binary, target):
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, so that the next line is understood
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=9)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    binaries, dist = map(pathlib.Path, sys.argv[1:3])
    dist.mkdir(parents=True, exist_ok=True)
    for function in sys.argv[3:]:
        pack(binaries / function / "bootstrap", dist / f"{function}.zip")


main()
