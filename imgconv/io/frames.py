"""Several frames of one input on their way into files: one for all, or one each."""

from __future__ import annotations

from imgconv.core.errors import UsageError, quote_path
from imgconv.engine.chain import Chain
from imgconv.engine.lazy_image import LazyImage
from imgconv.engine.measure import measure
from imgconv.formats.filename_template import parts
from imgconv.formats.files import Output
from imgconv.formats.frame_timing import warning
from imgconv.formats.registry import FORMATS
from imgconv.io.encode import encoding_steps
from imgconv.steps.tone.levels import Fit, channel_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec
    from imgconv.io.encode import Encoder


def check(save: Encoder, specs: Sequence[Spec], path: str) -> None:
    """Refuse frames that the format cannot hold. Errors: UsageError."""
    if each(save):
        return
    form, count = save.form(), len(specs)
    ways = "write {frame} in the name for a file each, or take one with `open --frame N`"
    if not form.frames:
        several = ", ".join(row.name for row in FORMATS.values() if row.frames)
        raise UsageError(
            f"save: {quote_path(path)} holds {count} frames, a {form.name} file one: {ways}; "
            f"{several} files hold several"
        )
    stored = [save.stored_spec(spec) for spec in specs]
    if not form.pages and len(set(stored)) > 1:
        sizes = sorted({f"{spec.width}x{spec.height}x{spec.channels}" for spec in stored})
        raise UsageError(
            f"save: the {count} frames of {quote_path(path)} differ ({', '.join(sizes[:3])} ...), "
            f"and those of a {form.name} file may not: {ways}; .tif holds them"
        )


def each(save: Encoder) -> bool:
    """Whether every frame has a file of its own."""
    return any(field == "frame" for _, field in parts(save.path))


def save(save: Encoder, images: Sequence[LazyImage], last: bool) -> None:
    """Write the frames. `--range fit` stretches all of them by the same numbers."""
    if not last:
        images = [_copy(image) for image in images]
    stored = [save.stored_spec(image.spec) for image in images]
    tails = [encoding_steps(image.spec, spec, save.range) for image, spec in zip(images, stored, strict=True)]
    if save.range == "fit":
        tails = _fitted(images, tails)
    if not each(save):
        _together(save, images, stored, tails)
        return
    for image in images[1:]:  # the first frame's file was looked at before anything was read
        source = image.image
        image.context.claim(save.target(source.path, image.index, source.meta.frame), source.path)
    for image, spec, tail in zip(images, stored, tails, strict=True):
        save.write(image, spec, tail)


def _copy(image: LazyImage) -> LazyImage:
    """The computed image on a way of its own: what is done to it for the file, nobody behind the file sees."""
    return LazyImage(image.evaluate(), image.context, image.index)


def _together(
    save: Encoder, images: Sequence[LazyImage], stored: Sequence[Spec], tails: Sequence[Chain]
) -> None:
    """One file with all frames."""
    first, form = images[0], save.form()
    path, context = save.target(first.image.path, first.index), first.context
    metas = [save.meta(image, spec) for image, spec in zip(images, stored, strict=True)]
    clipped = 0
    with Output(path, context.run.no_clobber) as output:
        frames = form.multi_frame_writer(output, metas, save.write_options())
        for image, spec, meta, tail in zip(images, stored, metas, tails, strict=True):
            writer = frames.add_frame(spec, meta)
            image.stream_to(writer, tail.links)
            clipped += image.context.take_clipped()
            writer.finish()
        frames.finish()
        output.commit()
    context.report.clip(clipped, f"save {path}")
    if text := warning(metas, form):
        context.warn(f"save {path}: {text}")


def _fitted(images: Sequence[LazyImage], tails: Sequence[Chain]) -> list[Chain]:
    """The tails with one stretch for all frames in place of each one's own; what stands before it is computed."""
    limits = []
    for image, tail in zip(images, tails, strict=True):
        index = _fit(tail)
        for link in tail.links[:index]:
            image.append(link)
        fit = tail.links[index].step
        assert isinstance(fit, Fit)
        limits += channel_ranges(measure(image.evaluate().rows, fit, image.context.run))
    least, largest = min(low for low, _ in limits), max(high for _, high in limits)
    return [_stretched(image.spec, tail, least, largest) for image, tail in zip(images, tails, strict=True)]


def _stretched(spec: Spec, tail: Chain, least: float, largest: float) -> Chain:
    """What is left of a tail, from its stretch on, between these values."""
    index = _fit(tail)
    fit = tail.links[index].step
    assert isinstance(fit, Fit)
    return Chain(spec, [fit.stretch(spec, least, largest), *tail.steps[index + 1 :]])


def _fit(tail: Chain) -> int:
    """Where the stretch stands."""
    return next(index for index, step in enumerate(tail.steps) if isinstance(step, Fit))
