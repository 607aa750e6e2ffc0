"""Digests of what the chains of `chains.txt` give: written down before a change, compared after it.

    python tests/support/digests.py write FILE
    python tests/support/digests.py compare FILE

Each chain runs in a process and a directory of its own; its digest is the sha256 of the exit code, of stdout and of
every file written (names and bytes). What stands on stderr is left out. The code that runs is that of the checkout
around this script, or with `--installed` what the interpreter has. Nothing of imgconv or of the tests is imported.
A line of `chains.txt` is the words of a command as in a shell, after `NAME=VALUE` for the environment, `<FILE` for
stdin, and one of the marks below. Inputs lie in `in/` and `sample_images/`; `out/` is there for outputs.

    setup:   makes an input; these run first, in order
    text:    prints text whose words may change: told apart, and no difference of bits
    fails:   must exit with an error: only the exit code counts, and which files are left
    python:  Python code instead of a command
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
CHAINS = Path(__file__).with_name("chains.txt")
MARKS = ("setup:", "text:", "fails:", "python:")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
SECONDS = 300  # for one chain
VERSIONS = """
import platform
from importlib.metadata import PackageNotFoundError, version
from llvmlite.binding import get_host_cpu_name
print("code for", get_host_cpu_name(), end="; ")
print("python", platform.python_version(), end="")
for name in ("numba", "llvmlite", "numpy", "pillow", "isal", "tifffile", "imagecodecs"):
    try:
        print(",", name, version(name), end="")
    except PackageNotFoundError:
        print(",", name, "absent", end="")
print()
"""

Parts = dict[str, str]  # "exit", "stdout" and so on, each with its value or digest


class Chain(NamedTuple):
    """One line of the list, taken apart."""

    text: str
    mark: str
    settings: dict[str, str]
    stdin: str
    words: list[str]


class Place(NamedTuple):
    """Where chains run, and by what."""

    path: Path
    python: str
    environment: dict[str, str]
    renamed: dict[str, str]


# ---- chains ------------------------------------------------------------------------------------------------


def chains(options: argparse.Namespace) -> list[Chain]:
    """The list, or the part of it that is asked for; what makes inputs is always there."""
    lines = [line.strip() for line in CHAINS.read_text().splitlines()]
    found = [parsed(line) for line in lines if line and not line.startswith("#")]
    again = [text for text, count in Counter(chain.text for chain in found).items() if count > 1]
    if again:
        raise SystemExit(f"{CHAINS.name}: lines that are there twice: {again}")
    wanted = [chain for chain in found if options.only in chain.text and chain.mark != "setup:"]
    return [chain for chain in found if chain.mark == "setup:"] + wanted[:: options.every]


def parsed(line: str) -> Chain:
    """A line's mark, settings, stdin and words."""
    words = shlex.split(line)
    mark = words.pop(0) if words[0] in MARKS else ""
    settings, stdin = {}, os.devnull
    while words[0].startswith("<") or re.match(r"[A-Z_]+=", words[0]):
        word = words.pop(0)
        if word.startswith("<"):
            stdin = word[1:]
        else:
            name, _, settings[name] = word.partition("=")
    return Chain(line, mark, settings, stdin, words)


def command(chain: Chain, place: Place, room: Path) -> subprocess.CompletedProcess[bytes]:
    """The chain in a process of its own."""
    start = ["-c"] if chain.mark == "python:" else ["-m", "imgconv"]
    words = [place.renamed.get(word, word) for word in chain.words]
    with open(room / chain.stdin, "rb") as stdin:
        return subprocess.run(
            [place.python, *start, *words],
            cwd=room,
            env=place.environment | chain.settings,
            stdin=stdin,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )


def run(chain: Chain, place: Place) -> Parts:
    """What the chain gives, each part by itself."""
    with tempfile.TemporaryDirectory(dir=place.path) as name:
        room = Path(name)
        for folder in ("in", "sample_images"):
            (room / folder).symlink_to(place.path / folder)
        for folder in ("out", "docs/pictures"):
            (room / folder).mkdir(parents=True)
        done = command(chain, place, room)
        complain(chain, done)
        parts = {"exit": str(done.returncode)}
        if chain.mark != "fails:":
            parts["stdout"] = digest(done.stdout)
        if chain.mark == "text:":
            parts["numbers"] = digest(b" ".join(NUMBER.findall(done.stdout)))
        return parts | files(room)


def complain(chain: Chain, done: subprocess.CompletedProcess[bytes]) -> None:
    """A line on stderr where a chain fails that should not, or does not fail that should."""
    if (done.returncode != 0) != (chain.mark == "fails:"):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        print(f"exit {done.returncode}: {chain.text}\n    {said[-1] if said else ''}", file=sys.stderr)


def files(folder: Path) -> Parts:
    """Every file in a folder, links not followed, and its digest."""
    found = [Path(top, name) for top, _, names in os.walk(folder) for name in names]
    return {str(path.relative_to(folder)): digest(path.read_bytes()) for path in sorted(found)}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def whole(parts: Parts) -> str:
    """One digest over all parts."""
    return digest("".join(f"{name} {value}\n" for name, value in parts.items()).encode())


# ---- inputs ------------------------------------------------------------------------------------------------


def picture(height: int, width: int, channels: int, top: int = 255) -> np.ndarray:
    """Slopes, flat blocks and noise from 0 to `top`, by whole numbers alone: the same on every machine."""
    y, x, c = np.ogrid[:height, :width, :channels]
    noise = (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) * 2654435761 % (1 << 32) >> 16
    slope = abs((x * 5 + y * 3 + c * 300) * 64 % 131072 - 65536)
    block = (x // 16 * 5 + y // 12 * 7 + c // 2) % 9
    values = np.where(
        block == 0, noise, np.where(block < 3, block * 26000 - 9000, slope + noise // 16 - 2048)
    )
    return np.clip(values, 0, 65535) * top // 65535


def with_alpha(height: int, width: int, colors: int, top: int = 255) -> np.ndarray:
    """The picture behind an alpha that is 0 outside, full inside and soft between."""
    y, x = np.ogrid[:height, :width]
    far = ((2 * x - width) ** 2 * 1000 // width**2 + (2 * y - height) ** 2 * 1000 // height**2)[..., None]
    alpha = np.clip((1100 - far) * top // 500, 0, top)
    return np.concatenate([picture(height, width, colors, top), alpha], axis=2)


def fractions(height: int, width: int, channels: int = 0) -> np.ndarray:
    """The same picture in float32, from -0.25 to 1.25."""
    values = picture(height, width, max(channels, 1), 65535).astype(np.float32)
    values = values * np.float32(1.5 / 65536) - np.float32(0.25)
    return values if channels else values[..., 0]


def pnm(values: np.ndarray, top: int = 255) -> bytes:
    """A binary PGM or PPM of 8 or 16 bits."""
    height, width, channels = values.shape
    kind = "P5" if channels == 1 else "P6"
    return f"{kind} {width} {height} {top}\n".encode() + samples(values, top)


def samples(values: np.ndarray, top: int) -> bytes:
    return values.astype(">u2" if top > 255 else "u1").tobytes()


def png(values: np.ndarray, color: int, bits: int = 8, extra: bytes = b"", interlaced: bool = False) -> bytes:
    """A PNG without filters; `values` are packed already where `bits` is below 8."""
    height, width = values.shape[:2]
    width = width * 8 // bits if bits < 8 else width
    lines = [values]
    if interlaced:
        passes = (
            (0, 0, 8, 8),
            (0, 4, 8, 8),
            (4, 0, 8, 4),
            (0, 2, 4, 4),
            (2, 0, 4, 2),
            (0, 1, 2, 2),
            (1, 0, 2, 1),
        )
        lines = [values[y::down, x::across] for y, x, down, across in passes]
    body = b"".join(b"\0" + samples(row, (1 << bits) - 1) for part in lines for row in part)
    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)
    body = chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND")
    return b"\x89PNG\r\n\x1a\n" + body


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def profile(space: bytes, between: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 2 without a date."""
    start, table, bodies = 132 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = struct.pack(">I4sI", start + len(bodies), b"none", 0x02400000) + kind + space + between
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + bodies


def fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def named(name: str) -> dict[bytes, bytes]:
    """The tags that every profile has."""
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name.encode() + bytes(79)
    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)
    return {b"desc": text, b"cprt": b"text\0\0\0\0none\0", b"wtpt": white}


def screen() -> bytes:
    """Wide colors with a gamma of 2.2."""
    columns = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
    tags = {
        name: b"XYZ \0\0\0\0" + fixed(*column)
        for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    }
    curve = b"curv" + struct.pack(">4xIH", 1, 563)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return profile(b"RGB ", b"XYZ ", b"mntr", named("Wide") | tags)


def press() -> bytes:
    """Four inks, by small tables of whole numbers in Lab."""
    c, m, y, k = (part.reshape(-1) for part in np.indices((5,) * 4))
    light = 255 * (15 - c - m - y).clip(2) * (5 - k) // 75
    down = np.stack([light, 128 + (m * 2 - c * 3 + y) * 8, 128 + (y * 3 - c - m) * 8], axis=1)
    light, a, b = (part.reshape(-1) * 32 for part in np.indices((9,) * 3))
    ink = 255 - light.clip(0, 255)
    up = np.stack([ink - (a - 128), ink + (a - 128), ink + (b - 128), ink // 2], axis=1)
    tags = dict.fromkeys((b"A2B0", b"A2B1"), table(4, 3, 5, down))
    tags |= dict.fromkeys((b"B2A0", b"B2A1", b"B2A2"), table(3, 4, 9, up))
    return profile(b"CMYK", b"Lab ", b"prtr", named("Press") | tags)


def table(have: int, give: int, steps: int, values: np.ndarray) -> bytes:
    """A table of 8 bits with straight curves."""
    same = bytes(range(256))
    head = b"mft1\0\0\0\0" + bytes([have, give, steps, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return head + same * have + values.clip(0, 255).astype("u1").tobytes() + same * give


def make_inputs(folder: Path) -> None:
    """Every input that imgconv is not needed for."""
    arrays = {
        "gray32": fractions(97, 131),
        "rgb32": fractions(97, 131, 3),
        "big32": fractions(500, 700),
        "five": fractions(31, 37, 5),
        "first": picture(31, 37, 3).transpose(2, 0, 1).astype("u1"),
        "float64": fractions(33, 45).astype("f8") / 3,
        "deep": with_alpha(33, 45, 3, 65535).astype("u2"),
        "counts": picture(33, 45, 1, 1000)[..., 0].astype("i4"),
        "dense": picture(31, 31, 1, 4095)[..., 0] / 4096 - 0.5,
        "wide": picture(5, 101, 1, 100)[..., 0],
        "wild": wild(),
    }
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)
    for name, data in (pictures() | texts()).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)


def wild() -> np.ndarray:
    """Floats among which some are no numbers, infinite or next to nothing."""
    values = fractions(40, 53)
    values[7, 11], values[20, 30], values[21, 5], values[30, 40] = np.nan, np.inf, -np.inf, 1e-42
    return values


def pictures() -> dict[str, bytes]:
    """PGM, PPM and PNG files of every kind, and some that are broken."""
    turned = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x112, 3, 1, 6, 0, 0)
    colors = b"".join(bytes([value * 37 % 256, value * 91 % 256, value]) for value in range(256))
    palette = chunk(b"PLTE", colors) + chunk(b"tRNS", bytes([0, 90, 255]))
    wide = chunk(b"iCCP", b"Wide\0\0" + zlib.compress(screen()))
    whole = png(picture(97, 131, 3), 2)
    return {
        "gray8.pgm": pnm(picture(131, 173, 1)),
        "rgb8.ppm": pnm(picture(131, 173, 3)),
        "gray16.pgm": pnm(picture(97, 131, 1, 65535), 65535),
        "rgb16.ppm": pnm(picture(97, 131, 3, 65535), 65535),
        "ten.pgm": pnm(picture(33, 45, 1, 1023), 1023),
        "big8.ppm": pnm(picture(500, 700, 3)),
        "big16.pgm": pnm(picture(500, 700, 1, 65535), 65535),
        "one.pgm": pnm(picture(1, 1, 1)),
        "column.pgm": pnm(picture(9, 1, 1)),
        "small.ppm": pnm(picture(2, 3, 3)),
        "flat.pgm": pnm(np.full((20, 30, 1), 77)),
        "bits.pbm": b"P4 40 33\n" + bytes(range(5, 170)),
        "letters.pgm": b"P2\n# by hand\n4 2 9\n0 1 2 3\n6 7 8 9\n",
        "ga8.png": png(with_alpha(97, 131, 1), 4),
        "rgba8.png": png(with_alpha(97, 131, 3), 6),
        "ga16.png": png(with_alpha(47, 61, 1, 65535), 4, 16),
        "rgba16.png": png(with_alpha(47, 61, 3, 65535), 6, 16),
        "biga.png": png(with_alpha(500, 700, 3), 6),
        "palette.png": png(picture(47, 61, 1), 3, extra=palette),
        "one-bit.png": png(picture(30, 5, 1), 0, 1),
        "clear.png": png(picture(47, 61, 3), 2, extra=chunk(b"tRNS", bytes(6))),
        "laced.png": png(picture(47, 61, 3), 2, interlaced=True),
        "laced16.png": png(picture(47, 61, 1, 65535), 0, 16, interlaced=True),
        "turned.png": png(picture(47, 61, 3), 2, extra=chunk(b"eXIf", turned)),
        "wide.png": png(picture(47, 61, 3), 2, extra=wide),
        "wide16.png": png(with_alpha(47, 61, 3, 65535), 6, 16, extra=wide),
        "cut.png": whole[: len(whole) // 2],
        "damaged.png": whole[:3000] + bytes(40) + whole[3040:],
        "empty.png": b"",
        "garbage.png": bytes(range(256)),
        "press.icc": press(),
    }


def texts() -> dict[str, bytes]:
    """Numbers, kernels and presets."""
    preset = 'summary = "Edges of a smoothed picture"\nsteps = "gray gaussian --sigma {sigma} sobel"\n'
    preset += '[options.sigma]\ndefault = 2\nmin = 0.1\nhelp = "smoothing, pixels"\n'
    held = {
        "row.txt": "1 2 3 4 3 2 1\n",
        "table.csv": "1,2.5,3\n-4,5e2,6\n7,8,0.1\n",
        "layers.txt": "# two channels\n1 2 3\n4 5 6\n\n7 8 9\n10 11 12\n",
        "ragged.txt": "1 2 3\n4 5\n",
        "k.txt": "0 1 0  # a cross\n1 4 1\n0 1 0\n",
        "k.csv": "1,2,1\n2,4,2\n1,2,1\n",
        "k.json": '{"kernel": [[1, 0, -1], [2, 0, -2], [1, 0, -1]], "divisor": 4}',
        "k.toml": 'summary = "A step to the right"\nkernel = [[0.25, 0.5], [0.1, 0.15]]\n',
        "few.txt": "\n".join(" ".join("1" if x * y % 7 == 6 else "0" for x in range(15)) for y in range(15)),
        "presets/mine.toml": preset,
        "presets/slope.toml": 'summary = "A slope"\nkernel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]\n',
    }
    return {name: text.encode() for name, text in held.items()}


def setup(place: Place, found: Iterable[Chain]) -> None:
    """All inputs: made here, copied from the checkout, and made by the chains marked so."""
    (place.path / "in").mkdir()
    shutil.copytree(ROOT / "sample_images", place.path / "sample_images")
    make_inputs(place.path / "in")
    for chain in found:
        if chain.mark == "setup:":
            complain(chain, command(chain, place, place.path))


def inputs(place: Place) -> dict[str, Parts]:
    """Each input as an entry of the record."""
    found = {}
    for folder in ("in", "sample_images"):
        for name, value in files(place.path / folder).items():
            found[f"input {folder}/{name}"] = {"bytes": value}
    return found


# ---- the record --------------------------------------------------------------------------------------------


def measured(options: argparse.Namespace) -> dict[str, Parts]:
    """Every chain's parts, by its line; the inputs first."""
    found = chains(options)
    with tempfile.TemporaryDirectory(prefix="digests-") as name:
        renamed = dict(pair.split("=", 1) for pair in options.rename)
        place = Place(Path(name), options.python, environment(Path(name), options.installed), renamed)
        setup(place, found)
        given = inputs(place)
        rest = [chain for chain in found if chain.mark != "setup:"]
        with ThreadPoolExecutor(options.jobs) as pool:
            parts = list(pool.map(lambda chain: run(chain, place), rest))
        if inputs(place) != given:
            raise SystemExit("a chain wrote over an input")
    return given | {chain.text: one for chain, one in zip(rest, parts, strict=True)}


def environment(place: Path, installed: bool) -> dict[str, str]:
    """Nothing of the user's settings but where compiled loops are kept."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("IMGCONV_") or name == "IMGCONV_CACHE_DIR"
    }
    kept["XDG_CONFIG_HOME"] = str(place / "config")
    if not installed:
        kept["PYTHONPATH"] = str(next(top for top in (ROOT, ROOT / "src") if (top / "imgconv").is_dir()))
    return kept


def machine(python: str) -> list[str]:
    """What bits may depend on: the CPU and the versions."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    cpu = f"{model[1] if model else platform.machine()}, {'with' if 'avx512f' in text else 'without'} avx512f"
    told = subprocess.run([python, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout
    return [f"cpu: {cpu}", *told.strip().split("; ")]


def write(path: Path, header: list[str], record: dict[str, Parts]) -> None:
    """A line a chain with its digest, and below it the beginnings of its parts' digests."""
    lines = [f"# {line}" for line in ("written by tests/support/digests.py", *header)]
    for text, parts in record.items():
        short = "  ".join(f"{name} {value[:16]}" for name, value in parts.items())
        lines += [f"{whole(parts)}  {text}", f"    {short}"]
    path.write_text("\n".join(lines) + "\n")


def read(path: Path) -> tuple[list[str], dict[str, tuple[str, Parts]]]:
    """The header, and each chain's digest with its parts' beginnings."""
    lines = path.read_text().splitlines()
    header = [line[2:] for line in lines if line.startswith("# ")][1:]
    rest = [line for line in lines if not line.startswith("# ")]
    record = {}
    for first, second in zip(rest[::2], rest[1::2], strict=True):
        value, _, text = first.partition("  ")
        record[text] = value, dict(part.rsplit(" ", 1) for part in second.strip().split("  "))
    return header, record


def compare(old: dict[str, tuple[str, Parts]], new: dict[str, Parts], part: bool) -> int:
    """Tell every line that differs, and how; 1 where bits do. `part`: not all of the record was run."""
    differ, words = 0, 0
    for text, parts in new.items():
        if text not in old:
            how = ["not in the record"]
        elif old[text][0] == whole(parts):
            continue
        else:
            how = differences(old[text][1], {name: value[:16] for name, value in parts.items()})
        worded = text.startswith("text: ") and all(line.startswith("stdout") for line in how)
        words, differ = words + worded, differ + (not worded)
        print(f"{'other words' if worded else 'DIFFERS'}: {text}", *how, sep="\n    ")
    for text in [] if part else old.keys() - new.keys():
        print(f"DIFFERS: {text}\n    in the record alone")
        differ += 1
    count = sum(not text.startswith("input ") for text in new)
    texts = sum(text.startswith("text: ") for text in new)
    print(f"{count} chains, {differ} differ; of {texts} texts {words} have other words or numbers")
    return int(differ > 0)


def differences(old: Parts, new: Parts) -> list[str]:
    """A line for each part that is not as it was."""
    found = []
    for name in dict.fromkeys([*old, *new]):
        if name == "numbers" or old.get(name) == new.get(name):
            continue
        if name not in old or name not in new:
            found.append(f"{name}: {'is new' if name in new else 'is missing'}")
        elif name == "exit":
            found.append(f"exit code: {old[name]} became {new[name]}")
        elif name == "stdout" and "numbers" in old:
            same = old["numbers"] == new.get("numbers")
            found.append("stdout: words alone" if same else "stdout: NUMBERS too")
        else:
            found.append(f"{name}: other bytes")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("action", choices=("write", "compare"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs the chains")
    parser.add_argument("--installed", action="store_true", help="run what is installed, not the checkout")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the lines that hold this text")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth of these lines")
    parser.add_argument(
        "--rename", action="append", default=[], metavar="OLD=NEW", help="run NEW for each word OLD"
    )
    parser.add_argument("--jobs", type=int, default=2, help="chains at a time")
    options = parser.parse_args()
    header = machine(options.python)
    if options.action == "write":
        record = measured(options)
        write(options.file, header, record)
        print(f"{sum(not text.startswith('input ') for text in record)} chains")
        return 0
    then, old = read(options.file)
    for was, now in zip(then, header, strict=True):
        if was != now:
            print(f"note: recorded with {was}; this is {now}")
    return compare(old, measured(options), part=bool(options.only) or options.every > 1)


if __name__ == "__main__":
    sys.exit(main())
