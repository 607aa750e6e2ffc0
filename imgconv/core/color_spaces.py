"""The color spaces: their names and channels."""

from __future__ import annotations

CHANNELS = {  # spaces and the names of their channels, alpha not counted
    "gray": "v",
    "rgb": "r g b",
    "linear": "r g b",
    "xyz": "x y z",
    "lab": "L a b",
    "luv": "L u v",
    "lch": "L C h",
    "hcl": "h C L",
    "hcy": "h C y",
    "hsv": "h s v",
    "hsl": "h s L",
    "ycbcr": "y cb cr",
    "oklab": "L a b",
    "oklch": "L C h",
    "cmyk": "c m y k",
}
COLORS = {space: names.count(" ") + 1 for space, names in CHANNELS.items()}
