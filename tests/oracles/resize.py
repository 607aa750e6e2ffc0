"""A slow oracle for resampling in float64: one dense matrix of weights an axis. Imports nothing of imgconv."""

from __future__ import annotations

import numpy as np


def lanczos(x: np.ndarray) -> np.ndarray:
    return np.where(abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


def bicubic(x: np.ndarray) -> np.ndarray:
    x = abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def bilinear(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - abs(x), 0.0)


CURVES = {"lanczos3": lanczos, "bicubic": bicubic, "bilinear": bilinear}


def matrix(taken: int, spread: int, kind: str) -> np.ndarray:
    """The weights of `input_spec` input positions for each of `spread` output positions."""
    step = taken / spread
    out, inside = np.arange(spread)[:, None], np.arange(taken)[None, :]
    if taken == spread:
        return np.eye(taken)
    if kind == "nearest":
        return (inside == (2 * out + 1) * taken // (2 * spread)).astype(np.float64)
    if kind == "area":
        low, high = np.maximum(inside, out * step), np.minimum(inside + 1, (out + 1) * step)
        found = np.maximum(high - low, 0.0)
    else:
        found = CURVES[kind]((inside + 0.5 - (out + 0.5) * step) / max(step, 1.0))
    return found / found.sum(axis=1, keepdims=True)


def resize(a: np.ndarray, height: int, width: int, kind: str) -> np.ndarray:
    rows, columns = matrix(a.shape[0], height, kind), matrix(a.shape[1], width, kind)
    return np.einsum("yi,ijc,xj->yxc", rows, a.astype(np.float64), columns, optimize=True)


def fill(a: np.ndarray, width: int, height: int, kind: str) -> np.ndarray:
    """So large that it covers the box, and cut around the middle."""
    times = max(width / a.shape[1], height / a.shape[0])
    tall, wide = (max(int(np.floor(n * times + 0.5 + 1e-9)), 1) for n in a.shape[:2])
    y, x = (tall - height) // 2, (wide - width) // 2
    return resize(a, tall, wide, kind)[y : y + height, x : x + width]


def scaled(a: np.ndarray, across: float, down: float, kind: str) -> np.ndarray:
    tall, wide = (
        max(int(np.floor(n * s + 0.5)), 1) for n, s in zip(a.shape[:2], (down, across), strict=True)
    )
    return resize(a, tall, wide, kind)


def fit(a: np.ndarray, width: float, height: float, kind: str) -> np.ndarray:
    times = min(width / a.shape[1], height / a.shape[0])
    tall, wide = (max(int(np.floor(n * times + 0.5 + 1e-9)), 1) for n in a.shape[:2])
    return resize(a, tall, wide, kind)
