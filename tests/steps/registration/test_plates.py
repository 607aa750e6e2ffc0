"""plates: synthetic scans with known offsets, and what `plates` measures in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

import imgconv
from imgconv.core.errors import FileError
from imgconv.steps.registration.compose import Composition, plates_of_scan
from imgconv.steps.registration.plate import Motion, Rectangle
from imgconv.steps.registration.warp import warp
from tests.support.command import ROOT, SAMPLES, process, run

PHOTOS = ("astronaut.png", "coffee.jpg", "chelsea.png")
NAMES = {"r": "red", "g": "green", "b": "blue"}
FULL = {"u1": 255, "u2": 65535}
TOLERANCE = 0.25  # pixels
# peak memory of the process itself, in kB; `ru_maxrss` would start from that of the parent, the tests
PEAK = "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')], file=sys.stderr)"

# ---- scans ------------------------------------------------------------------------------------------------------


def photograph(name: str) -> np.ndarray:
    return imgconv.open(str(SAMPLES / name)).array() / 255.0


def shifted(a: np.ndarray, x: float, y: float) -> np.ndarray:
    """Move right and down by x and y pixels, exactly, by the Fourier shift theorem on the mirrored picture."""
    mirrored = np.block([[a, a[:, ::-1]], [a[::-1], a[::-1, ::-1]]])
    cycles = np.fft.rfftfreq(mirrored.shape[1]) * x + np.fft.fftfreq(mirrored.shape[0])[:, None] * y
    moved = np.fft.irfft2(np.fft.rfft2(mirrored) * np.exp(-2j * np.pi * cycles), mirrored.shape)
    return np.clip(moved[: a.shape[0], : a.shape[1]], 0, 1)


def damaged(plate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add scratches and dust."""
    height, width = plate.shape
    for _ in range(rng.integers(1, 4)):
        length, slope, column = (
            int(rng.integers(20, height // 2)),
            rng.uniform(-0.2, 0.2),
            rng.integers(0, width),
        )
        y = rng.integers(0, height - length) + np.arange(length)
        plate[y, np.clip(column + slope * np.arange(length), 0, width - 1).astype(int)] = rng.choice(
            [0.02, 0.98]
        )
    for _ in range(30):
        y, x = rng.integers(2, height - 3), rng.integers(2, width - 3)
        plate[y - 1 : y + 2, x - 1 : x + 2] = rng.choice([0.02, 0.98])
    return plate


def framed(picture: np.ndarray, dark: int, white: int, x: int, y: int) -> np.ndarray:
    """Put a picture in a dark frame, off center by x and y pixels in a white margin."""
    plate = np.full([side + 2 * (dark + white + 2) for side in picture.shape], 0.96)
    inner = np.pad(picture, dark, constant_values=0.03)
    plate[white + 2 + y :, white + 2 + x :][: inner.shape[0], : inner.shape[1]] = inner
    return plate


class Scan:
    """A scan of a photo's three channels, each shifted, brighter or darker, framed, scratched, and noisy.

    Shifts between two plates reach 5 percent of the scan's height, brightness factors 0.5 to 2.
    """

    def __init__(self, name: str, seed: int, dtype: str = "u1", order: str = "bgr") -> None:
        rng = np.random.default_rng([7, seed])
        photo = photograph(name)
        margin = int(photo.shape[0] * 0.15 / 2.3) + 4
        self.size = (photo.shape[1] - 2 * margin, photo.shape[0] - 2 * margin)
        max_shift = 0.05 * 3 * self.size[1] / 2
        dark, white = (int(self.size[1] * rng.uniform(*span)) + 1 for span in ((0.015, 0.04), (0.005, 0.03)))
        self.positions: dict[str, np.ndarray] = {}
        parts: list[np.ndarray] = []
        for letter in order:
            shift, decentering = rng.uniform(-max_shift, max_shift, 2), rng.integers(-2, 3, 2)
            picture = shifted(photo[..., "rgb".index(letter)], *shift)[margin:-margin, margin:-margin]
            picture = np.clip(picture ** rng.uniform(0.8, 1.25) * 2 ** rng.uniform(-1, 1), 0, 1)
            plate = damaged(framed(picture, dark, white, *decentering), rng)
            top = sum(map(len, parts))
            self.positions[NAMES[letter]] = shift + decentering + [0, top]
            gap = rng.integers(0, self.size[1] // 50)  # so that plates do not begin at thirds
            parts += [plate, np.full((gap, plate.shape[1]), 0.96)]
        scan = np.concatenate(parts)
        scan += rng.normal(0, rng.uniform(0.005, 0.03), scan.shape)
        self.samples = np.rint(np.clip(scan, 0, 1) * FULL[dtype]).astype(dtype)
        self.order = order

    def offsets(self, reference: str) -> dict[str, np.ndarray]:
        """The true offset (x, y) of each plate from the reference, in pixels."""
        tops = {
            NAMES[letter]: round(len(self.samples) * third / 3) for third, letter in enumerate(self.order)
        }
        own = {color: position - [0, tops[color]] for color, position in self.positions.items()}
        return {color: offset - own[reference] for color, offset in own.items()}

    def saved(self, path) -> str:
        imgconv.open(self.samples).save(str(path))
        return str(path)


def plates_json(capsys, path: str, *words: str) -> dict:
    """What `plates --offsets` prints."""
    done = run(capsys, "open", path, "plates", "--offsets", *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def errors(facts: dict, scan: Scan) -> dict[str, float]:
    """The error of each plate's offset, in pixels."""
    true = scan.offsets(facts["reference"])
    return {
        color: float(abs(np.array(plate["offset"]) - true[color]).max())
        for color, plate in facts["plates"].items()
    }


# ---- offsets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_offsets(seed, capsys, tmp_path) -> None:
    scan = Scan(PHOTOS[seed % 3], seed, "u2" if seed % 2 else "u1")
    facts = plates_json(capsys, scan.saved(tmp_path / "scan.png"))
    assert max(errors(facts, scan).values()) < TOLERANCE
    for plate in facts["plates"].values():  # no border is left, and little of the picture is lost
        _, _, width, height = plate["frame"]
        assert 0.9 < width / scan.size[0] <= 1 and 0.9 < height / scan.size[1] <= 1


@pytest.mark.slow
def test_offsets_of_thirty_scans(capsys, tmp_path) -> None:
    worst = {}
    for seed in range(100, 130):
        scan = Scan(PHOTOS[seed % 3], seed, "u2" if seed % 2 else "u1")
        worst[seed] = max(errors(plates_json(capsys, scan.saved(tmp_path / "scan.png")), scan).values())
    with capsys.disabled():
        print(f"\n30 scans: worst {max(worst.values()):.3f}, mean {np.mean(list(worst.values())):.3f} pixels")
    assert {seed: error for seed, error in worst.items() if error >= TOLERANCE} == {}


@pytest.mark.parametrize(("order", "reference"), [("rgb", "green"), ("gbr", "blue"), ("bgr", "red")])
def test_order_and_reference(order, reference, capsys, tmp_path) -> None:
    scan = Scan("astronaut.png", 3, order=order)
    facts = plates_json(capsys, scan.saved(tmp_path / "scan.png"), "--order", order, "--reference", reference)
    assert facts["reference"] == reference and list(facts["plates"]) == [NAMES[letter] for letter in order]
    assert facts["plates"][reference]["offset"] == [0, 0] and facts["plates"][reference]["match"] == 1
    assert max(errors(facts, scan).values()) < TOLERANCE


def test_float_and_tinted_scans(capsys, tmp_path) -> None:
    """Offsets are as exact for floats from 0 to 1, and for a gray scan stored as tinted RGB."""
    scan = Scan("chelsea.png", 2)
    gray = scan.samples / np.float32(255)
    np.save(tmp_path / "gray.npy", gray)
    assert max(errors(plates_json(capsys, str(tmp_path / "gray.npy")), scan).values()) < TOLERANCE
    tinted = np.rint(gray[:, :, None] * [250, 235, 200]).astype(np.uint8)
    imgconv.open(tinted).save(str(tmp_path / "tinted.png"))
    assert max(errors(plates_json(capsys, str(tmp_path / "tinted.png")), scan).values()) < TOLERANCE


# ---- waves: plates of any size, exactly rotated and sheared ------------------------------------------------------


def waves(size: int, channel: int, motion: Motion, seed: int, longest: float) -> np.ndarray:
    """A texture of plane waves, warped exactly by a motion; size x size, 0 to 1. Each channel has its own weights."""
    rng = np.random.default_rng(seed)
    length = np.exp(rng.uniform(np.log(5), np.log(longest), 160))
    angle = rng.uniform(0, np.pi, 160)
    wave = np.linalg.inv(motion.linear).T @ (2 * np.pi / length * [np.cos(angle), np.sin(angle)])
    phase = rng.uniform(0, 2 * np.pi, 160) - motion.shift @ wave
    weight = (np.sqrt(length) * rng.uniform(0.5, 1.5, 160) * rng.uniform(0.75, 1.25, (3, 160)))[channel]
    across = np.exp(1j * np.outer(np.arange(size), wave[0])).astype(np.complex64)
    down = (np.exp(1j * (np.outer(np.arange(size), wave[1]) + phase)) * weight).astype(np.complex64)
    sums = down.real @ across.real.T - down.imag @ across.imag.T
    return 0.5 + 0.42 * np.tanh(sums * (1.7 / np.sqrt((weight**2).sum())))


def wave_scan(size: int, motions: list[Motion], dtype: str, longest: float) -> tuple[np.ndarray, int]:
    """A scan of three such plates, and the width of the border around each picture in pixels."""
    dark, white = size // 40, size // 80
    border = dark + white
    plates = []
    for channel, (motion, gain) in enumerate(zip(motions, (1, 0.6, 0.8), strict=True)):
        picture = waves(size - 2 * border, channel, motion, 5, longest).astype(np.float32) * np.float32(gain)
        plates.append(np.pad(np.pad(picture, dark, constant_values=0.03), white, constant_values=0.96))
    scan = np.concatenate(plates)
    scan += np.random.default_rng(6).standard_normal(scan.shape, np.float32) * np.float32(0.01)
    return np.rint(np.clip(scan, 0, 1) * FULL[dtype]).astype(dtype), border


def rotation(degrees: float, scale: float = 1.0, shear: float = 0.0) -> np.ndarray:
    """A linear map, 2 x 2: rotation, scale, and shear added to it."""
    a = np.radians(degrees)
    return scale * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) + [[0, shear], [0, 0]]


@pytest.mark.parametrize(
    ("model", "first", "last"),
    [
        ("shift", rotation(0), rotation(0)),
        ("rotate", rotation(0.4), rotation(-1)),
        ("affine", rotation(0.3, 1.004, 0.002), rotation(-0.5, 0.996, -0.003)),
    ],
)
def test_models(model, first, last) -> None:
    """The corners of each plate are mapped to their true positions."""
    size = 400
    motions = [
        Motion(np.array([12.4, -8.6]), first),
        Motion(np.zeros(2)),
        Motion(np.array([-6.7, 17.3]), last),
    ]
    scan, border = wave_scan(size, motions, "u1", 160)
    composition = Composition(plates_of_scan(scan, ["blue", "green", "red"]), "green", model)
    corners = np.array([[x, y] for x in (0, size - 2 * border) for y in (0, size - 2 * border)])
    for color, motion in zip(("blue", "green", "red"), motions, strict=True):
        plate = composition.plates[color]
        inside = corners + border + [0, composition.plates["green"].third_start]
        mapped = composition.motions[color].apply(inside) - border - [0, plate.third_start]
        assert abs(mapped - motion.apply(corners)).max() < TOLERANCE
    degrees = composition.facts()["plates"]["red"]["rotation"]
    assert abs(degrees - np.degrees(np.arctan2(last[1, 0], last[0, 0]))) < 0.02


def test_the_smallest_scans() -> None:
    """A scan of about 400 rows in all."""
    motions = [Motion(np.array(shift)) for shift in ([3.4, -2.6], [0.0, 0.0], [-1.75, 5.25])]
    scan, _ = wave_scan(134, motions, "u1", 60)
    facts = Composition(plates_of_scan(scan, ["blue", "green", "red"]), "green", "shift").facts()
    for plate, motion in zip(facts["plates"].values(), motions, strict=True):
        assert abs(np.array(plate["offset"]) - motion.shift).max() < TOLERANCE


def test_a_rotated_plate_is_straightened() -> None:
    """Channels correlate better when the plates' rotation is corrected."""
    motions = [
        Motion(np.array([5.5, -3.5]), rotation(0.6)),
        Motion(np.zeros(2)),
        Motion(np.array([-4.25, 6.5]), rotation(-0.6)),
    ]
    scan, _ = wave_scan(400, motions, "u1", 160)
    decorrelation = {}
    for model in ("shift", "rotate"):
        composition = Composition(plates_of_scan(scan, ["blue", "green", "red"]), "green", model)
        picture = np.asarray(composition.render("f4", "white", 255.0)).reshape(-1, 3).T
        decorrelation[model] = 1 - np.corrcoef(picture)[1, [0, 2]].min()
    assert decorrelation["rotate"] < 0.6 * decorrelation["shift"]


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the peak memory of a process")
def test_a_large_scan(tmp_path, capsys) -> None:
    """9000 x 3000 pixels of 16 bits, in a separate process."""
    shifts = [np.array([93.3, -120.7]), np.zeros(2), np.array([-41.25, 77.4])]
    scan, _ = wave_scan(3000, [Motion(shift) for shift in shifts], "u2", 1200)
    imgconv.open(scan).save(str(tmp_path / "scan.tif"))
    words = ["open", str(tmp_path / "scan.tif"), "plates", "--offsets", "save", str(tmp_path / "color.tif")]
    code = f"from imgconv.cli.main import guarded; import sys; code = guarded({words}, False); {PEAK}; sys.exit(code)"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stderr
    plates = json.loads(done.stdout)["plates"].values()
    for plate, shift in zip(plates, shifts, strict=True):
        assert abs(np.array(plate["offset"]) - shift).max() < TOLERANCE
    memory = int(done.stderr) / 1024
    with capsys.disabled():
        print(f"\n9000 x 3000, 16 bits: {seconds:.1f} s, {memory:.0f} MB")
    assert memory < 1000


# ---- the picture ------------------------------------------------------------------------------------------------


def test_the_picture_is_the_photo(tmp_path, capsys) -> None:
    """The plates of the sample give the astronaut photo again, except for the brightness of each color."""
    path, out = str(SAMPLES / "plates.png"), str(tmp_path / "color.png")
    facts = plates_json(capsys, path, "--balance", "none", "save", out)
    picture = imgconv.open(out).array().astype(float)
    full = photograph("astronaut.png")[:400, 40:456]
    left, top, width, height = facts["crop"]
    assert picture.shape == (height, width, 3)
    wanted = full.reshape(200, 2, 208, 2, 3).mean(axis=(1, 3)) * [0.95, 0.7, 0.8] * 255
    x, y = left - 17, top - 15  # the margin and the frame of a plate
    wanted = wanted[y : y + height, x : x + width]
    error = abs(picture - wanted)
    assert np.median(error) < 1.5 and error.mean() < 3
    assert abs(picture[..., 1] - np.rint(wanted[..., 1])).max() <= 1  # the reference is not resampled


def test_depth_is_kept(tmp_path) -> None:
    scan = Scan("astronaut.png", 3, "u2")
    path = scan.saved(tmp_path / "scan.png")
    done = process("open", path, "plates", "info", "save", str(tmp_path / "color.png"))
    facts = json.loads(done.stdout)
    assert facts["space"] == "rgb" and facts["channels"] == 3 and facts["white"] == 65535
    picture = imgconv.open(str(tmp_path / "color.png")).array()
    assert picture.dtype == np.uint16 and len(np.unique(picture)) > 10_000
    assert done.stderr == b""  # nothing was clipped


def test_balance() -> None:
    scan = Scan("astronaut.png", 0)
    picture = {}
    for balance in ("none", "gray-world", "white"):
        composition = Composition(plates_of_scan(scan.samples, ["blue", "green", "red"]), "green", "shift")
        picture[balance] = np.asarray(composition.render("f4", balance, 255.0)).reshape(-1, 3).copy()
        assert picture[balance].min() >= 0 and picture[balance].max() <= 255
        assert (balance == "none") == (set(composition.gains.values()) == {1.0})
    means, bright = picture["gray-world"].mean(axis=0), np.percentile(picture["white"], 99, axis=0)
    assert np.ptp(means) < 0.02 * means.max() and np.ptp(bright) < 0.02 * bright.max()
    assert np.ptp(picture["none"].mean(axis=0)) > 0.1 * means.max()


def test_borders_are_kept_on_request(tmp_path, capsys) -> None:
    path, out = str(SAMPLES / "plates.png"), str(tmp_path / "color.png")
    facts = plates_json(capsys, path, "--keep-borders", "save", out)
    assert facts["crop"][2:] == [242, 231]
    assert imgconv.open(out).array().shape == (231, 242, 3)


def test_a_chain_goes_on(tmp_path, capsys) -> None:
    """Steps before and after `plates` work as usual; `explain` tells the offsets."""
    sideways = str(tmp_path / "sideways.png")
    imgconv.open(str(SAMPLES / "plates.png")).rotate("90").save(sideways)
    out = str(tmp_path / "out.png")
    words = f"-q open {sideways} rotate -90 plates gaussian --sigma 1 crop 3,3,100,90 explain save {out}"
    done = run(capsys, words)
    assert done.code == 0 and "offset from green: blue -2.5" in done.out
    assert imgconv.open(out).array().shape == (90, 100, 3)


def test_three_files(tmp_path, capsys) -> None:
    scan = imgconv.open(str(SAMPLES / "plates.png")).array()
    for third, color in enumerate(("blue", "green", "red")):
        imgconv.open(scan[231 * third : 231 * (third + 1)]).save(str(tmp_path / f"night-{color}.png"))
    deep = scan[231:462].astype(np.uint16) * 257
    imgconv.open(deep).save(str(tmp_path / "deep-green.png"))
    wanted = plates_json(capsys, str(SAMPLES / "plates.png"))["plates"]
    for first, *rest in (("blue", "green", "red"), ("red", "blue", "green")):
        words = [
            word
            for color in rest
            for word in (f"--{color}", f"{tmp_path}/{{stem}}".replace("{stem}", f"night-{color}.png"))
        ]
        facts = plates_json(capsys, str(tmp_path / f"night-{first}.png"), *words)["plates"]
        for color, plate in wanted.items():
            assert abs(np.array(facts[color]["offset"]) - plate["offset"]).max() < 0.05
    words = ["--green", f"{tmp_path}/deep-green.png", "--red", f"{tmp_path}/night-red.png"]
    facts = plates_json(capsys, str(tmp_path / "night-blue.png"), *words)["plates"]
    assert abs(facts["green"]["gain"] - wanted["green"]["gain"]) < 0.02


# ---- what is printed, and errors ---------------------------------------------------------------------------------


def test_offsets_are_one_line_per_image(tmp_path) -> None:
    first, second = (str(tmp_path / name) for name in ("a.png", "b.png"))
    for path in (first, second):
        imgconv.open(str(SAMPLES / "plates.png")).save(path)
    done = process("open", first, second, "plates", "--offsets", "save", str(tmp_path / "{stem}-color.png"))
    assert done.returncode == 0 and [json.loads(line)["path"] for line in done.stdout.splitlines()] == [
        first,
        second,
    ]


def test_offsets_on_stderr_with_the_picture_on_stdout() -> None:
    words = ["open", "sample_images/plates.png", "plates", "--offsets", "--stderr", "save", "-"]
    done = process(*words)
    assert done.stdout.startswith(b"\x89PNG") and json.loads(done.stderr)["reference"] == "green"


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((300, 300), "three plates one above the other"),
        ((900, 100), "three plates one above the other"),
        ((180, 60), "too small"),
        ((690, 240, 4), "put `gray` before it"),
        ((690, 240, 2), "put `gray` before it"),
    ],
)
def test_sizes_that_are_not_a_scan(shape, says, capsys, tmp_path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(shape, np.uint8))
    done = run(capsys, "open", str(tmp_path / "a.npy"), "plates", "save", str(tmp_path / "out.png"))
    assert done.code == 2 and says in done.err and len(done.lines) == 1
    assert not (tmp_path / "out.png").exists()


def noise(shape, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


@pytest.mark.parametrize(
    ("pixels", "says"),
    [
        (np.full((690, 240), 7, np.uint8), "is blank"),
        (noise((690, 240)), "nothing in common"),
        (noise((690, 240, 3)), "a color picture"),
        (np.full((690, 240), np.nan, np.float32), "NaN or infinite"),
    ],
)
def test_pictures_that_are_not_a_scan(pixels, says, capsys, tmp_path) -> None:
    np.save(tmp_path / "a.npy", pixels)
    done = run(capsys, "open", str(tmp_path / "a.npy"), "plates", "save", str(tmp_path / "out.png"))
    assert done.code == 1 and says in done.err and len(done.lines) == 1
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("plates", "the color picture is not used"),
        ("plates --red x.png save out.png", "give two of --red, --green and --blue"),
        ("plates --red x.png --green y.png --order rgb save out.png", "--order is for one scan"),
        ("plates --stderr save out.png", "give both"),
        ("plates --order bbb save out.png", "bgr"),
        ("plates --align turn save out.png", "shift, rotate, affine"),
    ],
)
def test_words_that_cannot_work(words, says, capsys) -> None:
    done = run(capsys, f"open {SAMPLES / 'plates.png'} {words}")
    assert done.code == 2 and says in done.err and len(done.lines) == 1


def test_files_that_are_not_plates(capsys, tmp_path) -> None:
    first = str(SAMPLES / "camera.png")
    for other, says in (("chelsea.png", "about the same size"), ("none.png", "no such file")):
        words = ["--red", str(SAMPLES / other), "--green", first]
        done = run(capsys, "open", first, "plates", *words, "save", str(tmp_path / "out.png"))
        assert done.code == 1 and says in done.err and len(done.lines) == 1


# ---- parts ------------------------------------------------------------------------------------------------------


def test_a_warp_by_whole_pixels_only_moves() -> None:
    a = noise((40, 50))
    area = Rectangle(3, 4, 33, 30)
    assert (warp(a, Motion(np.array([5.0, -2.0])), area) == a[2:28, 8:38]).all()
    beyond = warp(a, Motion(np.array([-10.0, 0.0])), area)
    assert (beyond[:, :7] == a[4:30, :1]).all()


def test_a_warp_by_fractions_of_a_pixel() -> None:
    """A smooth wave is shifted and rotated as asked, and strips give the same result as the whole area."""
    y, x = np.mgrid[:80, :90]
    area = Rectangle(20, 20, 70, 60)

    def wave(x, y):
        return 100 + 50 * np.sin(x / 4 + 1) * np.cos(y / 5)

    for motion in (Motion(np.array([3.37, -4.81])), Motion(np.array([2.5, 1.25]), rotation(2, 1.01, 0.01))):
        points = np.stack([x, y], axis=-1)[area.top : area.bottom, area.left : area.right].astype(float)
        positions = motion.apply(points)
        warped = warp(wave(x, y), motion, area)
        assert abs(warped - wave(positions[..., 0], positions[..., 1])).max() < 0.35
        parts = [warp(wave(x, y), motion, Rectangle(20, top, 70, top + 20)) for top in (20, 40)]
        assert abs(np.concatenate(parts) - warped).max() < 1e-3


def test_modules_stay_light() -> None:
    """The step and its options are known without NumPy, which is imported with the first pixel."""
    heavy = ("numpy", "json", "re", "typing")
    code = (
        f"import imgconv.steps.registration.plates; print(*[name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_guards_can_fail() -> None:
    scan = Scan("chelsea.png", 2)
    scan.positions["red"] = scan.positions["red"] + [0.3, 0]
    composition = Composition(plates_of_scan(scan.samples, ["blue", "green", "red"]), "green", "shift")
    assert max(errors(composition.facts(), scan).values()) > TOLERANCE
    third = len(scan.samples) // 3
    scan.samples[-third:] = scan.samples[-third:, ::-1]
    with pytest.raises(FileError):
        Composition(plates_of_scan(scan.samples, ["blue", "green", "red"]), "green", "shift")
