"""plates: merge three exposures taken through color filters into one color picture."""

from __future__ import annotations

from imgconv.core.color_spaces import white_of
from imgconv.core.errors import FileError, UsageError
from imgconv.core.image import Image
from imgconv.core.option_types import Path
from imgconv.core.options import option
from imgconv.engine.endpoints import Sink
from imgconv.engine.step import Step
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.engine.run_options import Run
    from imgconv.steps.registration.compose import Composition

COLORS = {"r": "red", "g": "green", "b": "blue"}
MIN_SIDE = 64  # pixels of a plate's smaller side
ASPECT_RATIOS = (0.5, 2.0)  # a plate's height over its width, least and most
MAX_TINT = 0.05  # of full scale: how far the channels of a tinted gray scan may differ from one another
SIZE_TOLERANCE = 0.2  # how far the sizes of three files may differ


@register_sink("plates", "Color composition: align three gray plates (Prokudin-Gorsky), merge them into RGB")
class Plates(Sink):
    """Color composition: align three exposures of one scene, taken through a blue, a green and a red filter.

    In: a gray scan (or a gray scan stored as RGB). Out: RGB, the depth is kept. The image is one scan of the three
    plates, one above the other; or it is one plate, and the other two are files:
    `open blue.png plates --green green.png --red red.png`. Dark frames and white margins are found and cut off.

    Plates are aligned by the normalized cross-correlation of their edges, coarse to fine over an image pyramid, to a
    tenth of a pixel. Shifts may be up to 5 percent of the scan's height. Shifted plates are resampled by Lanczos with
    three lobes, rotated ones by cubic convolution; the reference plate is not resampled. The picture is cropped to
    what all plates show, so its size is known only after the alignment. Steps after this one get the color picture.

    white: each plate is multiplied so that its 99th percentile is that of the brightest plate. gray-world: the same
    for the means. The factor is at most 4, and no value exceeds full scale.

    `--offsets` prints one line of JSON for each image. For each plate: `top`, the row of the scan at which its third
    begins; `offset`, how many pixels further right and down than in the reference its picture lies (counted from the
    top of its third); `linear`, the matrix that a point of the reference is multiplied by before the offset is added;
    `rotation` in degrees, clockwise; `match`, the correlation; `frame` as left, top, width, height; `gain`, its factor
    in the balance. For the picture: `crop` as left, top, width, height. Errors: an image that is not such a scan,
    plates that show nothing in common.
    """

    role = "sink"
    gives_image = True
    example = "imgconv open sample_images/plates.png plates save color.png"

    order: str = option(
        "bgr", "colors of a scan's plates, from the top", choices=("bgr", "brg", "gbr", "grb", "rbg", "rgb")
    )
    red: str = option(
        "", "the file of the red plate, if it is not in the scan; {stem} and the like as in save", Path()
    )
    green: str = option("", "the file of the green plate, likewise", Path())
    blue: str = option("", "the file of the blue plate, likewise", Path())
    reference: str = option(
        "green", "the plate that the others are aligned to", choices=("red", "green", "blue")
    )
    align: str = option(
        "shift",
        "the motion of the others: a shift, a shift with a small rotation, or affine",
        choices=("shift", "rotate", "affine"),
    )
    balance: str = option("white", "white balance", choices=("none", "gray-world", "white"))
    keep_borders: bool = option(False, "keep the whole reference plate instead of cropping")
    offsets: bool = option(False, "print the alignment as JSON")
    stderr: bool = option(False, "print it on stderr: for `save -`, which writes the picture to stdout")

    @property
    def files(self) -> dict[str, str]:
        """Paths of the plates that are files of their own, by color."""
        return {color: path for color in COLORS.values() if (path := self.values()[color])}

    def check(self) -> None:
        if len(self.files) not in (0, 2):
            raise UsageError(
                "plates: give two of --red, --green and --blue (the opened image is the third), or none for one scan"
            )
        if self.files and self.order != "bgr":
            raise UsageError(
                "plates: --order is for one scan; with files, --red, --green and --blue name the colors"
            )
        if self.stderr and not self.offsets:
            raise UsageError("plates: --stderr is for --offsets; give both")

    def infer(self, spec: Spec) -> Spec:
        """RGB of the size of a plate; the picture is cropped to what all plates show, so it will be smaller."""
        if white_of(spec.space) != 1 or spec.colors not in (1, 3) or spec.alpha:
            raise UsageError(
                f"plates: the image must be a gray scan, not {spec.channels} channels ({spec.space}); "
                f"put `gray` before it"
            )
        height = spec.height if self.files else spec.height // 3
        if min(height, spec.width) < MIN_SIDE:
            raise UsageError(
                f"plates: plates of {height} x {spec.width} (rows x columns) are too small to align; "
                f"each side must be at least {MIN_SIDE}"
            )
        if not ASPECT_RATIOS[0] <= height / spec.width <= ASPECT_RATIOS[1]:
            raise UsageError(
                f"plates: an image of {spec.height} x {spec.width} (rows x columns) is not "
                f"{'a plate' if self.files else 'three plates one above the other'}; turn it with `rotate 90`, "
                f"or cut it with `crop`"
            )
        space = "linear" if spec.space == "linear" else "rgb"
        return spec.replace(height=height, channels=3, space=space, dtype=spec.working)

    def take(self, work: LazyImage, last: bool) -> None:
        if last and not self.offsets:
            raise UsageError("plates: the color picture is not used; put `save PATH` after it")
        spec = self.infer(work.spec)
        image = work.evaluate()
        composition = self.compose(image, work)
        pixels = composition.render(spec.dtype, self.balance, spec.white)
        spec = spec.replace(height=pixels.height, width=pixels.width)
        picture = Image.of_pixels(pixels, spec, _without_gray_profile(image.meta), image.path)
        picture.format = image.format
        work.become(picture)
        facts = composition.facts()
        work.history.add(PlatesReport(self, spec, facts))
        if self.offsets:
            self.print_json({"path": image.path, **facts})

    def compose(self, image: Image, work: LazyImage) -> Composition:
        """Find the plates in the scan or in the files, and align them."""
        from imgconv.steps.registration.compose import Composition, plates_of_files, plates_of_scan

        samples = _gray_samples(image)
        if not self.files:
            plates = plates_of_scan(samples, [COLORS[letter] for letter in self.order])
        else:
            by_color = {color: _read_plate(path, image, work) for color, path in self.files.items()}
            (own,) = set(COLORS.values()) - set(by_color)
            by_color[own] = samples
            plates = plates_of_files({color: by_color[color] for color in COLORS.values()})
        composition = Composition(plates, self.reference, self.align)
        if self.keep_borders:
            composition.keep_borders()
        return composition

    def print_json(self, facts: dict[str, object]) -> None:
        """Print a line of JSON on stdout, or on stderr where that is asked for."""
        import json
        import sys

        from imgconv.core.messages import emit

        text = json.dumps(facts, ensure_ascii=False) + "\n"
        if not self.stderr:
            emit(text)
        elif sys.stderr is not None:
            sys.stderr.write(text)


class PlatesReport(Step):
    """Internal step in an image's history: what `explain` says about merged plates."""

    name = "plates"

    step: Plates
    spec: Spec
    facts: dict[str, Any]

    def infer(self, spec: Spec) -> Spec:
        return self.spec

    def words(self) -> list[str]:
        return self.step.words()

    def explain(self, spec: Spec, run: Run) -> str:
        offsets = [
            f"{color} {plate['offset'][0]:+.2f},{plate['offset'][1]:+.2f}"
            for color, plate in self.facts["plates"].items()
            if color != self.step.reference
        ]
        return f"offset from {self.step.reference}: {'; '.join(offsets)}"


def _gray_samples(image: Image) -> Any:
    """The samples (rows x columns) of a gray image, which may be stored as RGB."""
    import numpy as np

    samples: Any = np.asarray(image.pixels)
    if image.spec.channels == 1:
        return samples[:, :, 0]
    if _tint_error(samples[::8, ::8].reshape(-1, 3).astype(np.float64)) > MAX_TINT * image.spec.full:
        raise FileError(
            "plates: this is a color picture, not a scan of gray plates; to use it anyway, put `gray` before it"
        )
    mean = samples[:, :, 0].astype(np.float32)
    for channel in (1, 2):
        mean += samples[:, :, channel]
    mean /= np.float32(3)
    return mean


def _tint_error(values: Any) -> float:
    """RMS error of red and blue predicted from green by linear regression (0 for a tint); values: n x 3."""
    import numpy as np

    values = values - values.mean(axis=0)
    green = values[:, 1]
    slopes = green @ values / max(float(green @ green), 1e-30)
    return float(np.sqrt(np.mean((values - green[:, None] * slopes) ** 2, axis=0).max()))


def _read_plate(path: str, first: Image, work: LazyImage) -> Any:
    """The samples (rows x columns) of a plate in a file of its own, scaled to the full scale of the first."""
    import numpy as np

    from imgconv.formats.filename_template import expand_template
    from imgconv.formats.options import ReadOptions
    from imgconv.formats.registry import read

    options = ReadOptions(working=work.context.run.working, max_pixels=work.context.run.max_pixels)
    path = expand_template(path, first.path, work.index)
    image = read(path, options)
    spec, own = image.spec, first.spec
    if spec.channels not in (1, 3):
        raise FileError(f"plates: '{path}' has {spec.channels} channels; a plate must be gray")
    if max(abs(spec.height / own.height - 1), abs(spec.width / own.width - 1)) > SIZE_TOLERANCE:
        raise FileError(
            f"plates: '{path}' has {spec.width} x {spec.height} pixels and '{first.path}' {own.width} x {own.height}; "
            f"plates of one picture must have about the same size"
        )
    samples = _gray_samples(image)
    return samples if spec.full == own.full else samples * np.float32(own.full / spec.full)


def _without_gray_profile(meta: Meta) -> Meta:
    """The metadata without an ICC profile for gray."""
    return meta.replace(icc=None) if meta.icc and meta.icc[16:20] == b"GRAY" else meta
