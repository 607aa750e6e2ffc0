"""The Python API: the same words as the command line, chained.

    imgconv.open("photo.jpg").gaussian(sigma=2).sobel().save("edges.png")

Nothing runs before `save`, `array` or another sink. Each call gives a new pipeline; the one before stays as it is.
"""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE, PIXEL_DTYPES
from imgconv.core.errors import UsageError
from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.engine.endpoints import Sink, Source
from imgconv.engine.lazy_image import LazyImage
from imgconv.engine.run_options import Run, run_of
from imgconv.engine.run_options import options as run_options
from imgconv.engine.run_report import Report, RunContext
from imgconv.engine.step import Step
from imgconv.io.encode import encoding_steps
from imgconv.io.open import Open
from imgconv.pipeline.execute import execute
from imgconv.pipeline.jobs import begin, carry
from imgconv.pipeline.presets import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Pipeline:
    """A source and steps; every step, preset and sink of the command line is a method (`-` is written `_`)."""

    def __init__(
        self, source: Source, run: Run, images: list[Image] | None = None, steps: tuple[Step, ...] = ()
    ) -> None:
        self._source = source
        self._run = run
        self._images = images
        self._steps = steps

    def __getattr__(self, name: str) -> Callable[..., Any]:
        word = name.replace("_", "-")
        if name.startswith("_") or not Names().known(word):
            from imgconv.core.errors import did_you_mean

            raise AttributeError(f"no step or preset '{word}'{did_you_mean(word, Names().names())}")

        def method(*values: Any, **options: Any) -> Any:
            return self._then(make(word, values, options))

        method.__name__ = name
        return method

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name.replace("-", "_") for name in Names().names())]

    def words(self) -> list[str]:
        """The chain as it would be typed."""
        return [word for step in (self._source, *self._steps) for word in step.words()]

    def array(self, dtype: Any = None) -> Any:
        """The pixels as a NumPy array, H x W (one channel) or H x W x C.

        Without dtype: as they are between steps. With "uint8" or "uint16": what `save` would write, rounded, clipped.
        Errors: UsageError where there are several frames or files; `arrays` takes them.
        """
        works = self._works(self._read())
        if len(works) != 1:
            raise UsageError(
                f"array: {len(works)} frames; open(..., frame=0) takes one of them, arrays() gives them all"
            )
        return _array(works[0], dtype)

    def arrays(self, dtype: Any = None) -> list[Any]:
        """The pixels of every file and every frame, as `array` gives them; one list."""
        if self._images is not None or len(self._inputs()) == 1:
            images = self._read()
        else:
            images = [image for path in self._inputs() for image in self._open(path)]
        return [_array(work, dtype) for work in self._works(images)]

    def _works(self, images: list[Image]) -> list[LazyImage]:
        """This chain over images, with nothing computed yet."""
        report = Report(self._run.quiet, self._run.strict)
        works = [begin(self._source, image, RunContext(self._run, report)) for image in images]
        carry(works, self._steps, goes_on=True)
        return works

    def _read(self) -> list[Image]:
        """The frames of a source that has one file; it is read once, however often the chain is used."""
        if self._images is None:
            inputs = self._inputs()
            if len(inputs) != 1:
                raise UsageError(
                    f"array: {len(inputs)} files; array() takes a pipeline of one, arrays() gives them all"
                )
            self._images = self._open(inputs[0])
        return self._images

    def _open(self, path: str) -> list[Image]:
        return self._source.read(path, self._run)

    def _inputs(self) -> list[str]:
        if not self._source.has_pixels:
            raise UsageError("`shape` has no pixels; print its table with explain()")
        return self._source.inputs()

    def _then(self, steps: list[Step]) -> Pipeline:
        """The longer chain; a sink runs it."""
        made = Pipeline(self._source, self._run, self._images, self._steps)
        for step in steps:
            if isinstance(step, Sink) and not step.gives_image:
                made._sink(step)
            else:
                made._steps = (*made._steps, step)
        return made

    def _sink(self, sink: Sink) -> None:
        if self._images is not None or (self._source.has_pixels and len(self._inputs()) == 1):
            carry(self._works(self._read()), [sink])
        else:
            execute([self._source, *self._steps, sink], self._run)


def _array(work: LazyImage, dtype: Any) -> Any:
    """An image's computed pixels, H x W (one channel) or H x W x C."""
    import numpy as np

    image = _computed(work, None if dtype is None else np.dtype(dtype).name)
    is_own = bool(work.history.links)  # else nothing was computed: it is the memory of what was opened
    found = np.asarray(image.pixels) if is_own else np.array(image.pixels)
    return found[:, :, 0] if image.spec.channels == 1 else found


def _computed(work: LazyImage, dtype: str | None) -> Image:
    if dtype is None:
        return work.evaluate(last=True)
    if dtype not in PIXEL_DTYPES:
        raise UsageError(f"array: dtype '{dtype}' is not one of {', '.join(PIXEL_DTYPES)}")
    spec, code = work.spec, PIXEL_DTYPES[dtype]
    held = spec.picture if code in FULL_SCALE and spec.space != "cmyk" else spec
    white = FULL_SCALE.get(code, spec.white) if spec.white else spec.white
    for link in encoding_steps(spec, held.replace(dtype=code, white=white)).links:
        work.append(link)
    return work.evaluate(last=True)


def make(word: str, values: tuple[Any, ...], options: dict[str, Any]) -> list[Step]:
    """Steps from a name, arguments and options. Errors: UsageError, as on the command line."""
    form = Names().form(word)
    given = {form.former.get("--" + key.replace("_", "-"), key): value for key, value in options.items()}
    many = [key for key in form.arguments if form.options[key].many]
    if many:
        given.setdefault(
            many[0],
            [one for value in values for one in (value if isinstance(value, (list, tuple)) else [value])],
        )
    elif len(values) > len(form.arguments):
        raise UsageError(f"{word} takes {len(form.arguments)} values without a name, not {len(values)}")
    else:
        given.update(zip(form.arguments, values, strict=False))
    unknown = [key for key in given if key not in form.options]
    if unknown:
        from imgconv.core.errors import did_you_mean

        raise UsageError(f"{word}: unknown option '{unknown[0]}'{did_you_mean(unknown[0], form.options)}")
    return form.make(given)


def open(*paths: Any, **options: Any) -> Pipeline:
    """A pipeline over files, or over one array (H x W or H x W x C).

    Options of `open` (`frame`, `linear`, `white` ...) and of the run (`threads`, `strip`, `precision` ...) by name.
    """
    of_run = {
        key: field.read(options.pop(key), "open") for key, field in run_options().items() if key in options
    }
    run = run_of(of_run)
    if len(paths) == 1 and hasattr(paths[0], "__array_interface__"):
        (source,) = make("open", ("array",), options)
        assert isinstance(source, Open)
        return Pipeline(source, run, [of_array(paths[0], source, run)])
    (source,) = make("open", paths, options)
    assert isinstance(source, Source)
    return Pipeline(source, run)


def shape(size: Any) -> Pipeline:
    """A pipeline without pixels, for the arithmetic of sizes: `shape("3x224x224").conv(size=7).explain()`."""
    (source,) = make("shape", (size,), {})
    assert isinstance(source, Source)
    return Pipeline(source, run_of({}))


def of_array(array: Any, source: Open, run: Run) -> Image:
    """An array as an image: uint8 and uint16 as they are, other numbers as computed values."""
    from imgconv.formats.array import from_array
    from imgconv.formats.options import ReadOptions

    options = ReadOptions(path="array", white=source.white, layout=source.layout, working=run.working)
    return from_array(array, options)


__all__ = ["Pipeline", "Pixels", "Spec", "open", "shape"]
