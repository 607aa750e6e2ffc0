"""Animated PNG (APNG), 8 and 16 bits: frames are read fully composed; each is written whole and without loss.

The chunks: https://www.w3.org/TR/png-3/#apng-frame-based-animation. A first picture that is not a frame is left out.
"""

from __future__ import annotations

import struct

import numpy as np

from imgconv.core.image import Image, Meta
from imgconv.core.pixels import Pixels
from imgconv.core.record import Record
from imgconv.formats import frame_timing
from imgconv.formats.orientation import apply_orientation
from imgconv.formats.png import reader
from imgconv.formats.png.chunks import chunk, prefix
from imgconv.formats.png.writer import PngWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import FormatRow, ReadOptions, WriteOptions
    from imgconv.formats.png.chunks import Chunks, Header

CONTROL = struct.Struct(">IIIIIHHBB")
CLEARED, RESTORED = 1, 2  # disposal: what becomes of a frame's rectangle when its time is over
OVER = 1  # blend: the frame is composited over the canvas; otherwise it replaces what is there
LARGEST = 1 << 31
NOTHING = Meta()


class Frame(Record):
    """A frame's rectangle, duration (ms), disposal and blend, and where its compressed pixels are."""

    width: int
    height: int
    left: int
    top: int
    duration: float
    disposal: int
    blend: int
    spans: tuple[tuple[int, int], ...]
    prefix_bytes: int

    @property
    def rectangle(self) -> tuple[slice, slice]:
        """Its rows and columns of the canvas."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def read_all(data: bytes, chunks: Chunks, options: ReadOptions) -> list[Image]:
    frames = _frames(data, chunks, options)
    selected = options.selected_frames(max(len(frames), 1))
    if not frames:
        return [reader.read_parsed(data, chunks, options)]
    header = chunks.header
    options.check_all([(header.width, header.height)] * len(selected))
    meta = chunks.meta
    if len(frames) > 1:
        (plays,) = struct.unpack_from(">I", data, chunks.animation_chunks[0][1] + 4)
        meta = meta.replace(loop=plays, frames=len(frames))
    images = []
    for index, image in enumerate(_composed(data, chunks, frames[: selected.stop], options)):
        if index in selected:
            timed = {"duration": frames[index].duration, "frame": index} if len(frames) > 1 else {}
            image.meta = meta.replace(**timed)
            images.append(apply_orientation(image))
    return images


def _frames(data: bytes, chunks: Chunks, options: ReadOptions) -> list[Frame]:
    """The frames, their rectangles checked. A frame's pixels stand behind its control chunk."""
    _, start, stop = chunks.animation_chunks[0]
    if stop - start != 8:
        raise options.fault("damaged: its animation control chunk has an invalid size")
    frames: list[Frame] = []
    for chunk_type, start, stop in chunks.animation_chunks[1:]:
        if chunk_type == b"fcTL":
            spans = chunks.spans if not frames and start < chunks.spans[0][0] else ()
            frames.append(_frame(data[start:stop], spans, len(frames), chunks.header, options))
            if len(frames) == options.most_counted:
                break
        elif chunk_type == b"fdAT" and frames and stop - start > 4:
            last = frames[-1]
            if last.prefix_bytes == 8:
                frames[-1] = last.replace(spans=(*last.spans, (start + 4, stop)))
    return frames


def _frame(
    body: bytes, spans: tuple[tuple[int, int], ...], index: int, header: Header, options: ReadOptions
) -> Frame:
    if len(body) != CONTROL.size:
        raise options.fault(f"damaged: the control chunk of frame {index} has an invalid size")
    _, width, height, left, top, numerator, denominator, disposal, blend = CONTROL.unpack(body)
    inside = left + width <= header.width and top + height <= header.height
    if not inside or not width or not height or disposal > RESTORED or blend > OVER:
        raise options.fault(f"damaged: frame {index} does not lie within the picture")
    ms = numerator * 1000 / (denominator or 100)
    ms = int(ms) if ms == int(ms) else ms
    return Frame(width, height, left, top, ms, disposal, blend, spans, 4 if spans else 8)


def _composed(data: bytes, chunks: Chunks, frames: Sequence[Frame], options: ReadOptions) -> Any:
    """Each frame as it is shown: on the canvas, with what is left of the frames before."""
    canvas: Any = None
    for index, frame in enumerate(frames):
        if not frame.spans:
            raise options.fault(f"damaged: frame {index} has no pixels")
        header = chunks.header.replace(width=frame.width, height=frame.height)
        part = reader.read_parsed(
            data, chunks.replace(header=header, spans=frame.spans, meta=NOTHING), options, frame.prefix_bytes
        )
        pixels = np.asarray(part.pixels)
        if canvas is None:
            canvas = np.zeros((chunks.header.height, chunks.header.width, pixels.shape[2]), pixels.dtype)
        before = canvas.copy() if frame.disposal == RESTORED and index else None
        _blend(canvas[frame.rectangle], pixels, part.spec, frame.blend)
        composed = Pixels.of_array(canvas.copy())
        spec = part.spec.replace(height=composed.height, width=composed.width)
        yield Image.of_pixels(composed, spec, path=options.path)
        if frame.disposal and before is None:
            canvas[frame.rectangle] = 0
        elif before is not None:
            canvas = before


def _blend(region: Any, pixels: Any, spec: Spec, blend: int) -> None:
    """Alpha compositing of pixels (s) over a region of the canvas (d), or their plain copy.

    Alpha a = s + d (1 - s), color (cs s + cd d (1 - s)) / a, rounded half to even.
    """
    if blend != OVER or not spec.alpha:
        region[:] = pixels
        return
    full = float(np.iinfo(pixels.dtype).max)
    above = pixels[:, :, -1:] / full
    below = region[:, :, -1:] / full * (1 - above)
    alpha = above + below
    color = pixels[:, :, :-1] * above + region[:, :, :-1] * below
    straight = np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0)
    blended = np.rint(np.concatenate([straight, alpha * full], axis=2)).astype(pixels.dtype)
    cover = pixels[:, :, -1:]
    region[:] = np.where(cover == full, pixels, np.where(cover == 0, region, blended))


# ---- writing -----------------------------------------------------------------------------------------------


class ApngWriter:
    """Writes frames of the whole size; each replaces the one before."""

    def __init__(self, output: Output, metas: Sequence[Meta], options: WriteOptions) -> None:
        self.output = output
        self.metas = metas
        self.options = options
        self.frame = 0
        self.number = 0  # of the next chunk of the animation

    def add_frame(self, spec: Spec, meta: Meta) -> FrameWriter:
        writer = FrameWriter(self, spec, meta)
        self.frame += 1
        return writer

    def finish(self) -> None:
        self.output.write(chunk(b"IEND"))

    def next_number(self) -> int:
        """The sequence number of the next chunk of the animation."""
        self.number += 1
        return self.number - 1

    def begin(self, header: Header, meta: Meta) -> None:
        """Write what stands before a frame's pixels."""
        if self.frame == 0:
            first = self.metas[0]
            loop = frame_timing.ONCE if first.loop is None else min(first.loop, LARGEST - 1)
            self.output.write(prefix(header, first))
            self.output.write(chunk(b"acTL", struct.pack(">II", len(self.metas), loop)))
        size = (header.width, header.height, 0, 0)
        control = CONTROL.pack(self.next_number(), *size, *_fraction(meta.duration, self.options.row), 0, 0)
        self.output.write(chunk(b"fcTL", control))


class FrameWriter(PngWriter):
    """Writes one frame of an animation; the pixels of the first one stand where those of a single picture would."""

    def __init__(self, animation: ApngWriter, spec: Spec, meta: Meta) -> None:
        self.animation = animation
        self.chunk_type = b"fdAT" if animation.frame else b"IDAT"
        super().__init__(animation.output, spec, meta, animation.options.number("level"))

    def begin(self, header: Header, meta: Meta) -> None:
        self.animation.begin(header, meta)

    def put(self, *parts: bytes) -> None:
        number = (self.animation.next_number().to_bytes(4, "big"),) if self.chunk_type == b"fdAT" else ()
        self.output.write(chunk(self.chunk_type, *number, *parts))

    def end(self) -> None:
        """The animation writes the end of the file."""


def _fraction(ms: float | None, row: FormatRow) -> tuple[int, int]:
    """A duration in seconds as a fraction of 16-bit numbers; exact for one that was read from a PNG."""
    if ms is None or ms == int(ms):
        whole = frame_timing.storable_duration(ms, row)
        return (whole, 1000) if whole < 65536 else (round(whole / 1000), 1)
    from fractions import Fraction

    near = Fraction(ms / 1000).limit_denominator(1000)
    return (near.numerator, near.denominator) if near.numerator < 65536 else (round(ms / 1000), 1)
