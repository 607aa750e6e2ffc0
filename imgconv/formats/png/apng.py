"""Animated PNG, of 8 and 16 bits: frames laid over one another as the file says; each written whole, exactly.

The chunks: https://www.w3.org/TR/png-3/#apng-frame-based-animation. A first picture that is no frame is left out.
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
from imgconv.formats.png.chunks import chunk, opening
from imgconv.formats.png.writer import PngWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions
    from imgconv.formats.png.chunks import Chunks, Header

CONTROL = struct.Struct(">IIIIIHHBB")
CLEARED, RESTORED = 1, 2  # what becomes of a frame's place when its time is over
OVER = 1  # a frame is laid over what is there; otherwise it takes its place
LARGEST = 1 << 31
NOTHING = Meta()


class Frame(Record):
    """Where a frame lies, how it is laid, how long it is shown (ms), and where its compressed pixels are."""

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
    def place(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def read_all(data: bytes, chunks: Chunks, options: ReadOptions) -> list[Image]:
    frames = _frames(data, chunks, options)
    chosen = options.chosen(max(len(frames), 1))
    if not frames:
        return [reader.read_parsed(data, chunks, options)]
    header = chunks.header
    options.check_all([(header.width, header.height)] * len(chosen))
    about = chunks.meta
    if len(frames) > 1:
        (plays,) = struct.unpack_from(">I", data, chunks.animation_chunks[0][1] + 4)
        about = about.replace(loop=plays, frames=len(frames))
    found = []
    for at, image in enumerate(_composed(data, chunks, frames[: chosen.stop], options)):
        if at in chosen:
            timed = {"duration": frames[at].duration, "frame": at} if len(frames) > 1 else {}
            image.meta = about.replace(**timed)
            found.append(apply_orientation(image))
    return found


def _frames(data: bytes, chunks: Chunks, options: ReadOptions) -> list[Frame]:
    """The frames, their places checked. A frame's pixels stand behind its control chunk."""
    kind, start, stop = chunks.animation_chunks[0]
    if stop - start != 8:
        raise options.fault("damaged: its animation chunk has a wrong size")
    found: list[Frame] = []
    for kind, start, stop in chunks.animation_chunks[1:]:
        if kind == b"fcTL":
            spans = chunks.spans if not found and start < chunks.spans[0][0] else ()
            found.append(_frame(data[start:stop], spans, len(found), chunks.header, options))
            if len(found) == options.counted:
                break
        elif kind == b"fdAT" and found and stop - start > 4:
            last = found[-1]
            if last.prefix_bytes == 8:
                found[-1] = last.replace(spans=(*last.spans, (start + 4, stop)))
    return found


def _frame(
    body: bytes, spans: tuple[tuple[int, int], ...], at: int, header: Header, options: ReadOptions
) -> Frame:
    if len(body) != CONTROL.size:
        raise options.fault(f"damaged: the description of frame {at} has a wrong size")
    _, width, height, left, top, above, below, disposal, blend = CONTROL.unpack(body)
    inside = left + width <= header.width and top + height <= header.height
    if not inside or not width or not height or disposal > RESTORED or blend > OVER:
        raise options.fault(f"damaged: frame {at} does not lie within the picture")
    ms = above * 1000 / (below or 100)
    whole = int(ms) if ms == int(ms) else ms
    return Frame(width, height, left, top, whole, disposal, blend, spans, 4 if spans else 8)


def _composed(data: bytes, chunks: Chunks, frames: Sequence[Frame], options: ReadOptions) -> Any:
    """Each frame as it is shown."""
    canvas: Any = None
    for at, frame in enumerate(frames):
        if not frame.spans:
            raise options.fault(f"damaged: frame {at} has no pixels")
        header = chunks.header.replace(width=frame.width, height=frame.height)
        part = reader.read_parsed(
            data, chunks.replace(header=header, spans=frame.spans, meta=NOTHING), options, frame.prefix_bytes
        )
        pixels = np.asarray(part.pixels)
        if canvas is None:
            canvas = np.zeros((chunks.header.height, chunks.header.width, pixels.shape[2]), pixels.dtype)
        before = canvas.copy() if frame.disposal == RESTORED and at else None
        _lay(canvas[frame.place], pixels, part.spec, frame.blend)
        shown = Pixels.of_array(canvas.copy())
        spec = part.spec.replace(height=shown.height, width=shown.width)
        yield Image.of_pixels(shown, spec, path=options.path)
        if frame.disposal and before is None:
            canvas[frame.place] = 0
        elif before is not None:
            canvas = before


def _lay(room: Any, pixels: Any, spec: Spec, blend: int) -> None:
    """Put pixels in place, or over what is there: a = s + d (1 - s), color (cs s + cd d (1 - s)) / a, rounded."""
    if blend != OVER or not spec.alpha:
        room[:] = pixels
        return
    full = float(np.iinfo(pixels.dtype).max)
    above = pixels[:, :, -1:] / full
    below = room[:, :, -1:] / full * (1 - above)
    alpha = above + below
    color = pixels[:, :, :-1] * above + room[:, :, :-1] * below
    mixed = np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0)
    laid = np.rint(np.concatenate([mixed, alpha * full], axis=2)).astype(pixels.dtype)
    cover = pixels[:, :, -1:]
    room[:] = np.where(cover == full, pixels, np.where(cover == 0, room, laid))


# ---- writing -----------------------------------------------------------------------------------------------


class ApngWriter:
    """Frames of the whole size, each in place of the one before."""

    def __init__(self, output: Output, metas: Sequence[Meta], level: int) -> None:
        self.output = output
        self.metas = metas
        self.level = level
        self.frame = 0
        self.number = 0  # of the next chunk of the animation

    def add_frame(self, spec: Spec, meta: Meta) -> FrameWriter:
        made = FrameWriter(self, spec, meta)
        self.frame += 1
        return made

    def finish(self) -> None:
        self.output.write(chunk(b"IEND"))

    def numbered(self) -> int:
        self.number += 1
        return self.number - 1

    def begin(self, header: Header, meta: Meta) -> None:
        """What stands before a frame's pixels."""
        if self.frame == 0:
            first = self.metas[0]
            loop = frame_timing.ONCE if first.loop is None else min(first.loop, LARGEST - 1)
            self.output.write(opening(header, first))
            self.output.write(chunk(b"acTL", struct.pack(">II", len(self.metas), loop)))
        size = (header.width, header.height, 0, 0)
        control = CONTROL.pack(self.numbered(), *size, *_fraction(meta.duration), 0, 0)
        self.output.write(chunk(b"fcTL", control))


class FrameWriter(PngWriter):
    """A frame of a book; the first one's pixels stand where those of a single picture would."""

    def __init__(self, book: ApngWriter, spec: Spec, meta: Meta) -> None:
        self.book = book
        self.kind = b"fdAT" if book.frame else b"IDAT"
        super().__init__(book.output, spec, meta, book.level)

    def begin(self, header: Header, meta: Meta) -> None:
        self.book.begin(header, meta)

    def put(self, *parts: bytes) -> None:
        number = (self.book.numbered().to_bytes(4, "big"),) if self.kind == b"fdAT" else ()
        self.output.write(chunk(self.kind, *number, *parts))

    def end(self) -> None:
        """The book has an end of its own."""


def _fraction(ms: float | None) -> tuple[int, int]:
    """A duration in seconds, as numbers of 16 bits: exact where it came from such."""
    if ms is None or ms == int(ms):
        whole = frame_timing.held(ms, "png")
        return (whole, 1000) if whole < 65536 else (round(whole / 1000), 1)
    from fractions import Fraction

    near = Fraction(ms / 1000).limit_denominator(1000)
    return (near.numerator, near.denominator) if near.numerator < 65536 else (round(ms / 1000), 1)
