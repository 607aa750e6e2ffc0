"""The other libraries, each imported when it is first used, and what their answers have in common."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from tests.peers.table import Answer

SCIPY = {
    "replicate": "nearest",
    "symmetric": "reflect",
    "reflect101": "mirror",
    "wrap": "wrap",
    "constant": "constant",
}
OPENCV = {
    "replicate": "BORDER_REPLICATE",
    "symmetric": "BORDER_REFLECT",
    "reflect101": "BORDER_REFLECT_101",
    "wrap": "BORDER_WRAP",
    "constant": "BORDER_CONSTANT",
}


class Library:
    """A module that is imported when it is first asked for something."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)
        return value

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the module, looked up when it is called."""

        def call(*values: Any) -> Any:
            return getattr(self, name)(*values)

        return call


cv2, ndimage, pillow = Library("cv2"), Library("scipy.ndimage"), Library("PIL.Image")
filters, morphology, color = (
    Library("skimage.filters"),
    Library("skimage.morphology"),
    Library("skimage.color"),
)


def with_channels(image: np.ndarray) -> np.ndarray:
    """Height x width x channels, where OpenCV leaves a single channel out."""
    return image if image.ndim == 3 else image[:, :, None]


def correlated(kernel: Any) -> Answer:
    """SciPy's correlation in float64, channel by channel."""
    weights = np.array(kernel, np.float64)[:, :, None]

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        return ndimage.correlate(a.astype(np.float64), weights, mode=SCIPY[edge[0]], cval=edge[1])

    return answer


def filtered(kernel: Any) -> Answer:
    """OpenCV's filter2D in float64."""
    weights = np.array(kernel, np.float64)
    return around(max(weights.shape), lambda a: cv2.filter2D(a, cv2.CV_64F, weights))


def by_channel(call: Callable[[np.ndarray, dict[str, Any]], np.ndarray]) -> Answer:
    """A function of ndimage over each channel in float64; it gets the edge as SciPy's options."""

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        options = {"mode": SCIPY[edge[0]], "cval": edge[1]}
        return np.dstack([call(a[:, :, c].astype(np.float64), options) for c in range(a.shape[2])])

    return answer


def by_plane(call: Callable[[np.ndarray, str], np.ndarray]) -> Answer:
    """A function over each channel with SciPy's mode; none for constants, which it would lay around each pass."""

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
        if edge[0] == "constant":
            return None
        planes = np.moveaxis(a.astype(np.float64), 2, 0)
        return np.dstack([call(plane, SCIPY[edge[0]]) for plane in planes])

    return answer


def around(reach: int, call: Callable[[Any], Any]) -> Answer:
    """A function of OpenCV over the image in float64 with its border laid around it, cut to the image again."""

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        border = getattr(cv2, OPENCV[edge[0]])
        wide = cv2.copyMakeBorder(a.astype(np.float64), *[reach] * 4, border, value=[edge[1]] * 4)
        return with_channels(call(wide))[reach : reach + a.shape[0], reach : reach + a.shape[1]]

    return answer


def opencv(call: Callable[[Any], Any]) -> Answer:
    """A function of OpenCV over the image as it is."""
    return lambda a: with_channels(call(np.ascontiguousarray(a)))


def length(gx: np.ndarray, gy: np.ndarray) -> np.ndarray:
    return np.sqrt(gx * gx + gy * gy)


# ---- what several timed calls are made of: bytes in and out, border replicated ---------------------------------


def soft(a: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(a, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def sharpened(a: np.ndarray, sigma: float, amount: float = 1.0) -> np.ndarray:
    """Unsharp mask."""
    return cv2.addWeighted(a, 1 + amount, soft(a, sigma), -amount, 0)


def sobel_magnitude(a: np.ndarray) -> np.ndarray:
    gx = cv2.Sobel(a, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REPLICATE)
    gy = cv2.Sobel(a, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REPLICATE)
    return cv2.convertScaleAbs(cv2.magnitude(gx, gy))


def area(a: np.ndarray, width: int) -> np.ndarray:
    """Resize to a width by means of areas."""
    height = round(a.shape[0] * width / a.shape[1])
    return cv2.resize(a, (width, height), interpolation=cv2.INTER_AREA)


def half(a: np.ndarray) -> np.ndarray:
    return area(a, a.shape[1] // 2)


def gray(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)


def lab_floats(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(a.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)
