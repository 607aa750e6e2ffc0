"""Rows for convolutions with a given kernel: `conv`, `motion-blur`, `emboss`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import convolution as oracle
from tests.oracles import edges as slow
from tests.peers.libraries import correlated, cv2, filtered
from tests.peers.table import EDGES, Peer, Timing

CONV_OPTIONS = ("stride", "dilation", "padding", "anchor", "bias", "flip", "divisor")
DENSE = "0.11 -0.07 0.02 0.13 0.05; 0.3 0.01 -0.2 0.09 0.17; 0.04 0.21 0.06 -0.12 0.03"
WIDE = "; ".join(
    " ".join(str(((7 * i * i + 5 * j + i * j) % 23 - 9) / 200) for j in range(9)) for i in range(7)
)
BINOMIAL = "; ".join(" ".join(str(a * b) for b in (1, 4, 6, 4, 1)) for a in (1, 4, 6, 4, 1))
SHARPEN = "0 -1 0; -1 5 -1; 0 -1 0"
DIAGONAL = "; ".join(" ".join("0.2" if i == j else "0" for j in range(5)) for i in range(5))
FILTER: dict[str, Any] = {"tolerance": 4e-4, "channels": (1, 3, 4), "edges": EDGES}


def conv(text: str, options: str = "", **fields: Any) -> Peer:
    """A row for a kernel as the step reads it; options of `conv` are told to the oracle, other fields to the row."""
    rows = np.array([[float(n) for n in row.split()] for row in text.split(";")])
    peers = {} if options else {"scipy": correlated(rows), "opencv": filtered(rows)}
    values = {key: fields.pop(key) for key in list(fields) if key in CONV_OPTIONS}
    flip = values.pop("flip", False)
    rows = (rows[::-1, ::-1] if flip else rows) / values.pop("divisor", 1.0)
    return Peer(
        f"conv '{text}' {options}".strip(),
        lambda a, edge: oracle.correlate(a, rows, edge, **values),
        **{**FILTER, **peers, **fields},
    )


def emboss(options: str, *values: Any) -> Peer:
    """A row for a relief; the oracle's kernel takes angle, depth and whether flat areas are black."""
    kernel = slow.relief(*values)
    return Peer(
        f"emboss {options}",
        lambda a, edge: slow.correlate(a, kernel, edge),
        opencv=filtered(kernel),
        tolerance=4e-4,
        channels=(1, 3),
        edges=("replicate", "constant:7"),
    )


def dense(size: int) -> Peer:
    """A timed kernel of random weights, of full rank: nothing to factor."""
    weights = np.random.default_rng(size).normal(size=(size, size))
    weights = np.round(weights / abs(weights).sum(), 6)
    floats = weights.astype(np.float32)
    text = "; ".join(" ".join(map(str, row)) for row in weights.tolist())
    return Peer(
        f"conv '{text}'",
        timing=Timing(
            f"conv {size}x{size}",
            lambda a: cv2.filter2D(a, -1, floats, borderType=cv2.BORDER_REPLICATE),
        ),
    )


def separable_by_opencv(a: np.ndarray) -> np.ndarray:
    weights = (np.array([1, 4, 6, 4, 1]) / 16).astype(np.float32)
    return cv2.sepFilter2D(a, -1, weights, weights, borderType=cv2.BORDER_REPLICATE)


ROWS = [
    conv(SHARPEN),
    conv("1"),
    conv("1 0 -1"),
    conv("1; 2; 1"),
    conv(DENSE),
    conv(WIDE),
    conv("0.4 0.1; 0.2 0.3"),
    conv("0.1 0.2 0.3 0.4; 0.4 0.3 0.2 0.05"),
    conv(DIAGONAL),
    conv(BINOMIAL, "--divisor auto", divisor=256, timing=Timing("separable 5x5", separable_by_opencv)),
    conv("-1 -2 -1; 0 0 0; 1 2 1", tolerance=2e-3),
    conv("1 2 3; 2 4 6; 3 6 10", "--divisor 37", divisor=37),
    conv(DENSE, "--flip", flip=True),
    conv(DENSE, "--bias -20.5", bias=-20.5),
    conv(DENSE, "--anchor 0,2", anchor=(0, 2)),
    conv(DENSE, "--stride 2", stride=(2, 2)),
    conv(DENSE, "--stride 1x3 --padding 2,0,1,4", stride=(1, 3), padding=(2, 0, 1, 4)),
    conv(DENSE, "--dilation 2x3", dilation=(2, 3)),
    conv(BINOMIAL, "--dilation 3 --stride 2 --divisor 256", dilation=(3, 3), stride=(2, 2), divisor=256),
    conv(WIDE, "--padding none", padding="none"),
    conv("0.3 0.2; 0.1 0.4", "--padding 9", padding=(9, 9, 9, 9)),
    Peer(
        "motion-blur --length 5.5 --angle 30",
        lambda a, edge: oracle.motion_blur(a, edge, 5.5, 30),
        **{**FILTER, "tolerance": 3.0},
    ),
    emboss("", 135.0, 1.0),
    emboss("--angle 20 --depth 2.5 --flat", 20.0, 2.5, True),
    *map(dense, (3, 5, 7, 15, 51)),
]
