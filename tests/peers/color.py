"""Color spaces beside their formulas in float64 and scikit-image: rows as in `peers_point`, but with tolerances in
the units of the space, whatever the dtype of the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import color as slow
from tests.peers.tone import row

try:
    from skimage import color
except ImportError:
    color = None

WHOLE = ("u1", "u2")


def skimage(call: Callable[[Any], Any]) -> Callable[[Any], Any] | None:
    """Its answer for sRGB values of 0..1 in float64."""
    return None if color is None else lambda a: call(a.astype(np.float64) / slow.full(a))


def to(space: str, peer: Any = None, **said: Any) -> dict[str, Any]:
    usual = {"tolerance": 3e-4, "channels": (3,), "peer_tolerance": 0.01, "peer_dtypes": WHOLE}
    return row(
        f"to {space}",
        lambda a: slow.of_rgb(space, a),
        **{"skimage": peer, "space": space, **usual, **said},
    )


ROWS = [
    to("xyz", skimage(getattr(color, "rgb2xyz", None)), tolerance=1e-6),
    to("lab", skimage(getattr(color, "rgb2lab", None))),
    to("luv", skimage(getattr(color, "rgb2luv", None)), tolerance=6e-4),
    to("lch", skimage(lambda v: color.lab2lch(color.rgb2lab(v)) * (1, 1, 180 / np.pi)), tolerance=5e-4),
    to("hcl", tolerance=5e-4),
    to("hcy", tolerance=2e-6),
    to("hsv", skimage(lambda v: color.rgb2hsv(v) * (360, 1, 1)), tolerance=2e-6),
    to("hsl", tolerance=2e-5),
    to("ycbcr", skimage(lambda v: (color.rgb2ycbcr(v) - (16, 128, 128)) / (219, 224, 224)), tolerance=1e-6),
    to("oklab", tolerance=3e-6),
    to("oklch", tolerance=3e-6),
    to("cmyk", tolerance=1e-6),
    {**to("cmyk"), "words": "to cmyk --gcr 0.5", "oracle": lambda a: slow.of_rgb("cmyk", a, gcr=0.5)},
    row(
        "adjust --channel g --scale 1.5 --shift -3",
        lambda a: np.stack([a[..., 0], a[..., 1] * 1.5 - 3, a[..., 2]], -1),
        channels=(3,),
        space="rgb",
    ),
]
for one in ROWS:
    one["ours"] = one["words"]
