"""Steps on single values, colors, pools and geometry beside the slow oracle and other libraries.

One row a case: the words of the step, the oracle (H x W x C array to array), a peer or more, and how far from the
oracle the result may be (in units of full scale 255; it grows with the scale). A peer is None where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import tone as slow

try:
    import cv2
except ImportError:
    cv2 = None
try:
    import PIL.Image as pillow
except ImportError:
    pillow = None

ALL = ("u1", "u2", "f4")
WHOLE = ("u1", "u2")
FLOAT = 2e-4  # float32 values of 0..255, a few operations
STORED = 0.5 + FLOAT


def opencv(call: Callable[[Any], Any]) -> Callable[[Any], Any] | None:
    """OpenCV's answer as H x W x C; None where it is not installed."""
    return None if cv2 is None else lambda a: _channels(call(np.ascontiguousarray(a)), a)


def _channels(found: np.ndarray, a: np.ndarray) -> np.ndarray:
    return found if found.ndim == 3 else found[:, :, None]


def row(words: str, oracle: Callable[[Any], Any], **said: Any) -> dict[str, Any]:
    """A row with the usual answers for what is not said."""
    usual = {"opencv": None, "scipy": None, "pillow": None, "skimage": None}
    usual |= {
        "tolerance": FLOAT,
        "dtypes": ALL,
        "channels": (1, 3),
        "peer_dtypes": ("u1",),
        "peer_tolerance": 1.0,
    }
    return {"words": words, "oracle": oracle, **usual, **said}


def lowest_area(a: np.ndarray, factor: int) -> np.ndarray:
    """OpenCV's mean of factor x factor pixels; for sizes that the factor divides."""
    size = (a.shape[1] // factor, a.shape[0] // factor)
    return cv2.resize(a[: size[1] * factor, : size[0] * factor], size, interpolation=cv2.INTER_AREA)


def dilated(a: np.ndarray, size: int, stride: int) -> np.ndarray:
    """OpenCV's largest of size x size pixels, thinned; whole windows only."""
    found = _channels(cv2.dilate(a, np.ones((size, size), np.uint8), anchor=(0, 0)), a)
    return found[: a.shape[0] - size + 1 : stride, : a.shape[1] - size + 1 : stride]


def pool(
    kind: str, size: int | tuple[int, int], stride: int | None = None, pad: int = 0, **more: Any
) -> Callable[[Any], Any]:
    pair = size if isinstance(size, tuple) else (size, size)
    step = None if stride is None else (stride, stride)
    return lambda a: slow.pool(a, kind, pair, step, (pad,) * 4, **more)


ROWS = [
    row("scale 1.5", lambda a: slow.scale(a, 1.5)),
    row("scale -0.5 --shift 0.25", lambda a: slow.scale(a, -0.5, 0.25)),
    row(
        "invert",
        slow.invert,
        opencv=opencv(lambda a: 255 - a if a.dtype == np.uint8 else 65535 - a),
        peer_tolerance=0.0,
        peer_dtypes=WHOLE,
    ),
    row("abs", lambda a: abs(a.astype(float)), tolerance=0.0),
    row("relu", slow.relu, tolerance=0.0),
    row("round", lambda a: np.rint(a.astype(float)), tolerance=0.0),
    row("clip", slow.clip, tolerance=0.0),
    row("clip --low 20 --high 200", lambda a: slow.clip(a, 20, 200), tolerance=0.0),
    row("clip --low 20.5 --high 99.25", lambda a: slow.clip(a, 20.5, 99.25), tolerance=0.0),
    row("clip --low -5 --high 1e6", lambda a: slow.clip(a, -5, 1e6), tolerance=0.0),
    row(
        "threshold 0.5",
        lambda a: slow.threshold(a, 0.5),
        opencv=opencv(lambda a: cv2.threshold(a, 127, 255, cv2.THRESH_BINARY)[1]),
        tolerance=0.0,
        peer_tolerance=0.0,
    ),
    row("threshold 0", lambda a: slow.threshold(a, 0.0), tolerance=0.0),
    row("threshold 1", lambda a: slow.threshold(a, 1.0), tolerance=0.0),
    row("gamma 2.2", lambda a: slow.gamma(a, 2.2)),
    row("gamma 0.5", lambda a: slow.gamma(a, 0.5)),
    row(
        "normalize",
        slow.normalize,
        opencv=opencv(lambda a: cv2.normalize(a, None, 0, 255, cv2.NORM_MINMAX)),
        tolerance=2 * FLOAT,
    ),
    row(
        "equalize",
        slow.equalize,
        opencv=opencv(
            lambda a: cv2.merge(
                [cv2.equalizeHist(np.ascontiguousarray(a[:, :, c])) for c in range(a.shape[2])]
            )
        ),
        dtypes=WHOLE,
        tolerance=STORED,
        peer_tolerance=0.0,
    ),
    row("histogram", slow.histogram, tolerance=0.0),
    row("histogram --log --size 40x100", lambda a: slow.histogram(a, 40, 100, True), tolerance=0.0),
    row("gray", slow.gray, opencv=opencv(lambda a: cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)), channels=(3,)),
    row("gray --weights 709", lambda a: slow.gray(a, (0.2126, 0.7152, 0.0722)), channels=(3,)),
    row("gray --weights 1,2,1", lambda a: slow.gray(a, (1, 2, 1)), channels=(3,)),
    row("gray --weights 0.3,0.3,0.1", lambda a: slow.gray(a, (0.3, 0.3, 0.1)), channels=(3,)),
    row("gray --weights linear", slow.gray_linear, channels=(3,)),
    row("gray --weights L", slow.gray_lightness, channels=(3,)),
    row("to gray", slow.gray, channels=(3,)),
    row("to linear", slow.to_linear, channels=(3,)),
    row("to rgb", lambda a: a, tolerance=0.0, channels=(3,)),
    row("to rgb", lambda a: np.repeat(a, 3, axis=2), tolerance=0.0, channels=(1,)),
    row(
        "channels bgr",
        lambda a: a[:, :, ::-1],
        opencv=opencv(lambda a: cv2.cvtColor(a, cv2.COLOR_RGB2BGR)),
        tolerance=0.0,
        peer_tolerance=0.0,
        channels=(3,),
    ),
    row("channels 0,0,2", lambda a: a[:, :, [0, 0, 2]], tolerance=0.0, channels=(3,)),
    row("channels 1", lambda a: a[:, :, 1:2], tolerance=0.0, channels=(3,)),
    row(
        "max-pool",
        pool("max", 2),
        opencv=opencv(lambda a: dilated(a, 2, 2)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row(
        "max-pool --size 3 --stride 2",
        pool("max", 3, 2),
        opencv=opencv(lambda a: dilated(a, 3, 2)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row("max-pool --size 3 --stride 1 --padding 1", pool("max", 3, 1, 1), tolerance=0.0),
    row("max-pool --size 3 --stride 1 --padding keep", pool("max", 3, 1, 1), tolerance=0.0),
    row("max-pool --size 3 --stride 2 --padding 1 --ceil", pool("max", 3, 2, 1, ceil=True), tolerance=0.0),
    row("max-pool --size 2 --stride 3 --dilation 2", pool("max", 2, 3, dilation=(2, 2)), tolerance=0.0),
    row("max-pool --size 1x3 --stride 1", pool("max", (1, 3), 1), tolerance=0.0),
    row("max-pool --size 3x1 --stride 2", pool("max", (3, 1), 2), tolerance=0.0),
    row(
        "max-pool --size 4 --stride 5 --padding 1,0,2,1 --ceil",
        lambda a: slow.pool(a, "max", (4, 4), (5, 5), (1, 0, 2, 1), ceil=True),
        tolerance=0.0,
    ),
    row("avg-pool", pool("avg", 2), opencv=opencv(lambda a: lowest_area(a, 2))),
    row("avg-pool --size 3", pool("avg", 3), opencv=opencv(lambda a: lowest_area(a, 3))),
    row("avg-pool --size 3 --stride 1 --padding 1", pool("avg", 3, 1, 1)),
    row("avg-pool --size 3 --stride 2 --padding 1 --ceil", pool("avg", 3, 2, 1, ceil=True)),
    row(
        "avg-pool --size 3 --stride 2 --padding 1 --ceil --count-include-pad",
        pool("avg", 3, 2, 1, ceil=True, count_pad=True),
    ),
    row("avg-pool --size 2 --stride 3 --dilation 3", pool("avg", 2, 3, dilation=(3, 3))),
    row("avg-pool --size 17 --stride 4 --padding 8", pool("avg", 17, 4, 8)),
    row("crop 0,0,1,1", lambda a: slow.crop(a, 0, 0, 1, 1), tolerance=0.0),
    row("crop 2,1,3,4", lambda a: slow.crop(a, 2, 1, 3, 4), tolerance=0.0),
    row(
        "flip horizontal",
        lambda a: slow.flip(a, "horizontal"),
        opencv=opencv(lambda a: cv2.flip(a, 1)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row(
        "flip vertical",
        lambda a: slow.flip(a, "vertical"),
        opencv=opencv(lambda a: cv2.flip(a, 0)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row(
        "rotate 90",
        lambda a: slow.rotate(a, 90),
        opencv=opencv(lambda a: cv2.rotate(a, cv2.ROTATE_90_CLOCKWISE)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row(
        "rotate 180",
        lambda a: slow.rotate(a, 180),
        opencv=opencv(lambda a: cv2.rotate(a, cv2.ROTATE_180)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row(
        "rotate 270",
        lambda a: slow.rotate(a, 270),
        opencv=opencv(lambda a: cv2.rotate(a, cv2.ROTATE_90_COUNTERCLOCKWISE)),
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    ),
    row("rotate -90", lambda a: slow.rotate(a, -90), tolerance=0.0),
]
for one in ROWS:
    one["ours"] = one["words"]


def pillow_gray(a: np.ndarray) -> np.ndarray:
    return np.asarray(pillow.fromarray(a).convert("L"))[:, :, None]


if pillow is not None:
    next(one for one in ROWS if one["words"] == "gray")["pillow"] = pillow_gray
