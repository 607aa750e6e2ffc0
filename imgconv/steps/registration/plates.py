"""plates: three exposures through color filters, one color picture."""

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
LEAST = 64  # pixels of a plate's smaller side
SHAPES = (0.5, 2.0)  # a plate's height over its width, least and most
TINTED = 0.05  # of full scale: how far a gray scan's channels may stray from one another
ALIKE = 0.2  # how far the sizes of three files may differ


@register_sink("plates", "one color picture from three gray plates, as S. Prokudin-Gorsky took them")
class Plates(Sink):
    """Align three exposures of one scene, taken through a blue, a green and a red filter, and put them together.

    The image is one scan of the three, one above the other; or it is one of them, and the other two are files:
    `open blue.png plates --green green.png --red red.png`. Dark frames and white margins are found and cut off.
    Plates are aligned by the correlation of their edges, from small copies to full size, to a tenth of a pixel;
    shifts may be up to 5 percent of the scan's height. A plate is moved by a windowed sinc (Lanczos, three lobes)
    and stays as it is where it is the reference. The depth is kept.

    white: each plate is multiplied so that its 99th percentile is that of the brightest; gray-world: so for the
    means. At most by 4, and nothing beyond full scale. The picture goes on to the steps behind; only then is its
    size known.

    `--offsets` prints, as JSON, a line an image, for each plate: `top`, the scan's row at which its third begins;
    `offset`, how many pixels further right and down than in the reference its picture lies (counted from the
    top of its third); `linear`, the matrix that a point of the reference is multiplied by before the offset is added;
    `rotation` in degrees, clockwise; `match`, the correlation; `frame` and `crop` as left, top,
    width, height. Errors: an image that is no such scan, plates without anything in common.
    """

    role = "sink"
    gives_image = True
    example = "imgconv open sample_images/plates.png plates save color.png"

    order: str = option(
        "bgr", "colors of a scan's plates, from the top", choices=("bgr", "brg", "gbr", "grb", "rbg", "rgb")
    )
    red: str = option(
        "", "the red plate, where it is a file of its own; {stem} and the like as in save", Path()
    )
    green: str = option("", "the green plate, likewise", Path())
    blue: str = option("", "the blue plate, likewise", Path())
    reference: str = option("green", "the plate that stays", choices=("red", "green", "blue"))
    align: str = option(
        "shift",
        "how the others are moved: by a shift, with a small rotation, or affine",
        choices=("shift", "rotate", "affine"),
    )
    balance: str = option("white", "of the colors", choices=("none", "gray-world", "white"))
    keep_borders: bool = option(False, "the picture is the whole reference plate")
    offsets: bool = option(False, "print what was found, as JSON")
    stderr: bool = option(False, "print it on stderr: for `save -`, where the picture takes stdout")

    @property
    def files(self) -> dict[str, str]:
        """Colors that are files of their own."""
        return {color: path for color in COLORS.values() if (path := self.values()[color])}

    def check(self) -> None:
        if len(self.files) not in (0, 2):
            raise UsageError(
                "plates: give two of --red, --green and --blue (the opened image is the third), or none for one scan"
            )
        if self.files and self.order != "bgr":
            raise UsageError("plates: --order is for one scan; --red, --green and --blue say it for files")
        if self.stderr and not self.offsets:
            raise UsageError("plates: --stderr says where --offsets are printed; give both")

    def infer(self, spec: Spec) -> Spec:
        """RGB of the size of a plate: the picture is cut to what all plates show, so it will be smaller."""
        if white_of(spec.space) != 1 or spec.colors not in (1, 3) or spec.alpha:
            raise UsageError(
                f"plates: takes a gray scan, not {spec.channels} channels ({spec.space}); put `gray` before it"
            )
        height = spec.height if self.files else spec.height // 3
        if min(height, spec.width) < LEAST:
            raise UsageError(
                f"plates: plates of {height} x {spec.width} (rows x columns) are too small to align; "
                f"the least is {LEAST} a side"
            )
        if not SHAPES[0] <= height / spec.width <= SHAPES[1]:
            raise UsageError(
                f"plates: an image of {spec.height} x {spec.width} (rows x columns) is not "
                f"{'a plate' if self.files else 'three plates one above the other'}; turn it with `rotate 90`, "
                f"or cut it with `crop`"
            )
        space = "linear" if spec.space == "linear" else "rgb"
        return spec.replace(height=height, channels=3, space=space, dtype=spec.working)

    def take(self, work: LazyImage, last: bool) -> None:
        if last and not self.offsets:
            raise UsageError("plates: nothing is done with the color picture; put `save PATH` behind it")
        spec = self.infer(work.spec)
        image = work.evaluate()
        made = self.composition(image, work)
        pixels = made.picture(spec.dtype, self.balance, spec.white)
        spec = spec.replace(height=pixels.height, width=pixels.width)
        picture = Image.of_pixels(pixels, spec, _colored(image.meta), image.path)
        picture.format = image.format
        work.become(picture)
        facts = made.facts()
        work.history.add(Plated(self, spec, facts))
        if self.offsets:
            self.tell({"path": image.path, **facts})

    def composition(self, image: Image, work: LazyImage) -> Composition:
        from imgconv.steps.registration.compose import Composition, of_files, of_scan

        numbers = _gray(image)
        if not self.files:
            plates = of_scan(numbers, [COLORS[letter] for letter in self.order])
        else:
            pictures = {color: _other(path, image, work) for color, path in self.files.items()}
            (own,) = set(COLORS.values()) - set(pictures)
            pictures[own] = numbers
            plates = of_files({color: pictures[color] for color in COLORS.values()})
        made = Composition(plates, self.reference, self.align)
        if self.keep_borders:
            made.keep_borders()
        return made

    def tell(self, found: dict[str, object]) -> None:
        import json
        import sys

        from imgconv.core.messages import emit

        text = json.dumps(found, ensure_ascii=False) + "\n"
        if not self.stderr:
            emit(text)
        elif sys.stderr is not None:
            sys.stderr.write(text)


class Plated(Step):
    """What `explain` tells of plates that were put together."""

    name = "plates"

    step: Plates
    spec: Spec
    facts: dict[str, Any]

    def infer(self, spec: Spec) -> Spec:
        return self.spec

    def words(self) -> list[str]:
        return self.step.words()

    def explain(self, spec: Spec, run: Run) -> str:
        moved = [
            f"{color} {found['offset'][0]:+.2f},{found['offset'][1]:+.2f}"
            for color, found in self.facts["plates"].items()
            if color != self.step.reference
        ]
        return f"moved against {self.step.reference}: {'; '.join(moved)}"


def _gray(image: Image) -> Any:
    """The numbers of a gray image, also of one stored as RGB."""
    import numpy as np

    numbers: Any = np.asarray(image.pixels)
    if image.spec.channels == 1:
        return numbers[:, :, 0]
    if _strays(numbers[::8, ::8].reshape(-1, 3).astype(np.float64)) > TINTED * image.spec.full:
        raise FileError(
            "plates: this is a color picture, not a scan of gray plates; `gray` before it takes it anyway"
        )
    found = numbers[:, :, 0].astype(np.float32)
    for channel in (1, 2):
        found += numbers[:, :, channel]
    found /= np.float32(3)
    return found


def _strays(values: Any) -> float:
    """How far red and blue stray from what green tells of them (a tint is told exactly)."""
    import numpy as np

    values = values - values.mean(axis=0)
    green = values[:, 1]
    slopes = green @ values / max(float(green @ green), 1e-30)
    return float(np.sqrt(np.mean((values - green[:, None] * slopes) ** 2, axis=0).max()))


def _other(path: str, first: Image, work: LazyImage) -> Any:
    """The numbers of a plate in a file of its own, on the scale of the first."""
    import numpy as np

    from imgconv.formats.filename_template import expand_template
    from imgconv.formats.options import ReadOptions
    from imgconv.formats.registry import read

    options = ReadOptions(working=work.context.run.working, max_pixels=work.context.run.max_pixels)
    path = expand_template(path, first.path, work.index)
    image = read(path, options)
    spec, own = image.spec, first.spec
    if spec.channels not in (1, 3):
        raise FileError(f"plates: '{path}' has {spec.channels} channels; a plate is gray")
    if max(abs(spec.height / own.height - 1), abs(spec.width / own.width - 1)) > ALIKE:
        raise FileError(
            f"plates: '{path}' has {spec.width} x {spec.height} pixels and '{first.path}' {own.width} x {own.height}; "
            f"plates of one picture have about the same size"
        )
    numbers = _gray(image)
    return numbers if spec.full == own.full else numbers * np.float32(own.full / spec.full)


def _colored(meta: Meta) -> Meta:
    """Metadata without a profile for gray."""
    return meta.replace(icc=None) if meta.icc and meta.icc[16:20] == b"GRAY" else meta
