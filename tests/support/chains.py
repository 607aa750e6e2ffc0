"""Run words or steps over arrays, without the command line; and checks that the tests of many steps share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.rows import MemorySink, RowSink
from imgconv.core.spec import Spec
from imgconv.engine.chain import Chain
from imgconv.engine.convert import Quantize
from imgconv.engine.evaluate import compute, stream
from imgconv.engine.run_options import Run
from imgconv.engine.run_report import Report, RunContext
from imgconv.engine.step import Step
from imgconv.pipeline import grammar
from imgconv.pipeline.presets import Names
from tests.peers.table import Peer

SPACES = {1: "gray", 3: "rgb"}
FULL_SCALE = {"u1": 255.0, "u2": 65535.0}
SIZES = ((1, 1), (1, 7), (7, 1), (2, 3), (5, 4), (13, 11), (40, 33))


def steps_of(words: str | Sequence[Step]) -> list[Step]:
    """The steps that the words say; steps as they are."""
    return grammar.parse(words.split(), Names()) if isinstance(words, str) else list(words)


def image_of(a: np.ndarray, **said: Any) -> Image:
    """An image over H x W x C values: gray or RGB; of two and four channels the last is alpha."""
    code, alpha = a.dtype.str[1:], a.shape[2] in (2, 4)
    usual = {"space": SPACES.get(a.shape[2] - alpha, "none"), "alpha": alpha, "white": FULL_SCALE.get(code)}
    return Image.of_pixels(Pixels.of_array(a), Spec(*a.shape, code, **{**usual, **said}))


def infer(spec: Spec, steps: Sequence[Step]) -> Spec:
    """What comes out of the steps."""
    return Chain(spec, steps).spec


def computed(image: Image, steps: Sequence[Step], run: Run | None = None, marks: bool = False) -> Image:
    """The image after the steps, in memory."""
    return compute(image, Chain(image.spec, steps), RunContext(run or Run(), Report()), marks)


def sent(image: Image, steps: Sequence[Step], sink: RowSink, run: Run | None = None) -> int:
    """Stream the image through the steps into a sink; how many samples were clipped."""
    context = RunContext(run or Run(), Report())
    stream(image, Chain(image.spec, steps), sink, context)
    return context.take_clipped()


def outcome(a: np.ndarray, words: str | Sequence[Step], run: Run | None = None, **said: Any) -> np.ndarray:
    """What `array()` would give: the pixels after the steps, not rounded. `said` are fields of the image's spec."""
    return np.array(computed(image_of(a, **said), steps_of(words), run).pixels)


def stored(
    a: np.ndarray, words: str | Sequence[Step], dtype: str = "u1", run: Run | None = None
) -> np.ndarray:
    """What `save` would write in that dtype: rounded and clipped, by the last step itself if it can."""
    image, steps = image_of(a), steps_of(words)
    out = infer(image.spec, steps)
    memory = MemorySink(out.replace(dtype=dtype))
    sent(image, [*steps, *([] if out.dtype == dtype else [Quantize(dtype=dtype)])], memory, run)
    return np.array(memory.pixels)


def random(shape: tuple[int, ...], dtype: str, seed: int = 0) -> np.ndarray:
    """Random values over the whole range of the dtype; floats go beyond 0..1 on both sides."""
    rng = np.random.default_rng([seed, *shape])
    if dtype == "f4":
        return rng.uniform(-0.3, 1.3, shape).astype(np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def differs(result: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference. Errors: AssertionError if shapes differ, or if only one of two values is NaN."""
    assert result.shape == wanted.shape
    a, b = result.astype(np.float64), wanted.astype(np.float64)
    assert (np.isnan(a) == np.isnan(b)).all()
    same = (a == b) | np.isnan(a)
    with np.errstate(invalid="ignore"):
        return float(np.where(same, 0, abs(a - b)).max())


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether dtype, shape and every bit are equal."""
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def fits(a: np.ndarray, words: str) -> bool:
    """Whether the steps accept an image of that size."""
    from imgconv.core.errors import UsageError

    try:
        infer(image_of(a).spec, steps_of(words))
    except UsageError:
        return False
    return True


def check_row(row: Peer, dtype: str, channels: int) -> None:
    """Compare every pixel with the oracle and the peers, at every size that the step takes; rows without edges."""
    unit = {"u1": 1.0, "u2": 257.0, "f4": 1 / 255}[dtype]
    tried = 0
    for size in SIZES:
        a = random((*size, channels), dtype)
        if not fits(a, row.words):
            continue
        tried += 1
        result = outcome(a, row.words)
        assert differs(result, row.oracle(a)) <= row.tolerance * unit, (row.words, size)
        for peer, answer in row.answers() if dtype in row.peer_dtypes else ():
            theirs = answer(a)
            ours = stored(a, row.words) if dtype == "u1" else result
            if theirs is not None:
                assert differs(ours, theirs) <= row.peer_tolerance * unit, (row.words, size, peer)
    assert tried


def check_bits(words: str, dtype: str, channels: int) -> None:
    """The result has the same bits for any number of threads and any height of strips."""
    a = random((67, 41, channels), dtype)
    wanted = outcome(a, words, Run(threads=1))
    for threads, strip in ((1, 1), (1, 7), (1, 64), (2, 7), (3, 1), (3, 64), (99, 1), (99, 1 << 20)):
        result = outcome(a, words, Run(threads=threads, strip=strip))
        assert same_bits(result, wanted), (words, threads, strip)
