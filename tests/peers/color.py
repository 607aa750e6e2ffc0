"""Rows for color: spaces beside their formulas in float64 and scikit-image, grays, channels.

Rows with a `space` have tolerances in the units of the space, whatever the dtype of the source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import color as formulas
from tests.oracles import tone as slow
from tests.peers.libraries import color, cv2, gray, lab_floats, opencv, pillow
from tests.peers.table import INTEGERS, Peer, Timing

BYTES: dict[str, Any] = {"peer_dtypes": ("u1",), "peer_tolerance": 1.0, "channels": (3,)}


def skimage(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of scikit-image over sRGB values of 0..1 in float64."""
    return lambda a: call(a.astype(np.float64) / formulas.full(a))


def to(space: str, peer: Callable[[Any], Any] | None = None, **fields: Any) -> Peer:
    usual: dict[str, Any] = {
        "tolerance": 3e-4,
        "channels": (3,),
        "peer_tolerance": 0.01,
        "peer_dtypes": INTEGERS,
    }
    return Peer(
        f"to {space}",
        lambda a: formulas.of_rgb(space, a),
        skimage=skimage(peer) if peer else None,
        space=space,
        **{**usual, **fields},
    )


def grays(options: str, oracle: Callable[[Any], Any], **fields: Any) -> Peer:
    return Peer(f"gray {options}".strip(), oracle, **BYTES, **fields)


def gray_by_pillow(a: np.ndarray) -> np.ndarray:
    return np.asarray(pillow.fromarray(a).convert("L"))[:, :, None]


def scaled(space: str, code: str, mean_difference: float = 0.25) -> Peer:
    """A timed row for 8 bits to the space in 8 bits."""
    return Peer(
        f"to {space} --scaled",
        timing=Timing(
            f"to {space}, 8 bits",
            lambda a: cv2.cvtColor(a, getattr(cv2, code)),
            target=1.5,
            mean_difference=mean_difference,
        ),
    )


ROWS = [
    to("xyz", color.function("rgb2xyz"), tolerance=1e-6),
    to(
        "lab",
        color.function("rgb2lab"),
        timing=Timing("to lab, floats", lab_floats, target=1.5, dtype=None),
    ),
    to("luv", color.function("rgb2luv"), tolerance=6e-4),
    to("lch", lambda v: color.lab2lch(color.rgb2lab(v)) * (1, 1, 180 / np.pi), tolerance=5e-4),
    to("hcl", tolerance=5e-4),
    to("hcy", tolerance=2e-6),
    to("hsv", lambda v: color.rgb2hsv(v) * (360, 1, 1), tolerance=2e-6),
    to("hsl", tolerance=2e-5),
    to("ycbcr", lambda v: (color.rgb2ycbcr(v) - (16, 128, 128)) / (219, 224, 224), tolerance=1e-6),
    to("oklab", tolerance=3e-6),
    to("oklch", tolerance=3e-6),
    to("cmyk", tolerance=1e-6),
    Peer(
        "to cmyk --gcr 0.5",
        lambda a: formulas.of_rgb("cmyk", a, gcr=0.5),
        tolerance=1e-6,
        channels=(3,),
        space="cmyk",
    ),
    Peer(
        "adjust --channel g --scale 1.5 --shift -3",
        lambda a: np.stack([a[..., 0], a[..., 1] * 1.5 - 3, a[..., 2]], -1),
        channels=(3,),
        space="rgb",
    ),
    scaled("lab", "COLOR_RGB2Lab"),
    scaled("luv", "COLOR_RGB2Luv"),
    scaled("hsv", "COLOR_RGB2HSV_FULL"),
    scaled("ycbcr", "COLOR_RGB2YCrCb", 20),  # OpenCV gives Cr before Cb
    grays("", slow.gray, opencv=opencv(gray), pillow=gray_by_pillow, timing=Timing("gray", gray)),
    grays("--weights 709", lambda a: slow.gray(a, (0.2126, 0.7152, 0.0722))),
    grays("--weights 1,2,1", lambda a: slow.gray(a, (1, 2, 1))),
    grays("--weights 0.3,0.3,0.1", lambda a: slow.gray(a, (0.3, 0.3, 0.1))),
    grays("--weights linear", slow.gray_linear),
    grays("--weights L", slow.gray_lightness),
    Peer("to gray", slow.gray, channels=(3,)),
    Peer("to linear", slow.to_linear, channels=(3,)),
    Peer("to rgb", lambda a: a, tolerance=0.0, channels=(3,)),
    Peer("to rgb", lambda a: np.repeat(a, 3, axis=2), tolerance=0.0, channels=(1,)),
    Peer(
        "channels bgr",
        lambda a: a[:, :, ::-1],
        opencv=opencv(lambda a: cv2.cvtColor(a, cv2.COLOR_RGB2BGR)),
        peer_dtypes=("u1",),
        tolerance=0.0,
        channels=(3,),
    ),
    Peer("channels 0,0,2", lambda a: a[:, :, [0, 0, 2]], tolerance=0.0, channels=(3,)),
    Peer("channels 1", lambda a: a[:, :, 1:2], tolerance=0.0, channels=(3,)),
]
