"""Write the sample images beside this file: `python sample_images/make_samples.py`.

Needed only to make them anew; takes numpy, pillow, scikit-image (which carries the four photographs) and
tifffile. No clock and no random numbers: the same packages write the same bytes.
"""

from pathlib import Path

import numpy as np
import skimage.data
import tifffile
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

HERE = Path(__file__).parent
PHOTOGRAPHS = {
    "astronaut": ("Eileen Collins, astronaut", "NASA", "Public domain"),
    "camera": ("Man with a camera", "Lav Varshney", "CC0 1.0"),
    "chelsea": ("Chelsea the cat", "Stefan van der Walt", "CC0 1.0"),
    "coffee": ("A cup of coffee, courtesy of Pikolo Espresso Bar", "Rachel Michetti", "CC0 1.0"),
}
EXIF_DESCRIPTION, EXIF_ARTIST, EXIF_COPYRIGHT = 0x010E, 0x013B, 0x8298


def write_png(name, pixels, texts=()):
    info = PngInfo()
    for key, text in texts:
        info.add_text(key, text)
    Image.fromarray(pixels).save(HERE / f"{name}.png", optimize=True, pnginfo=info)


def photograph(name):
    texts = zip(("Title", "Author", "Copyright"), PHOTOGRAPHS[name], strict=True)
    write_png(name, getattr(skimage.data, name)(), texts)


def srgb_profile():
    """An sRGB profile without its date of creation (bytes 24 to 35 of the header)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)
    return bytes(profile)


def jpeg_photograph(name):
    """A JPEG with EXIF, resolution and color profile, so that there is metadata to keep."""
    exif = Image.Exif()
    exif[EXIF_DESCRIPTION], exif[EXIF_ARTIST], exif[EXIF_COPYRIGHT] = PHOTOGRAPHS[name]
    picture = Image.fromarray(getattr(skimage.data, name)())
    picture.save(HERE / f"{name}.jpg", quality=92, exif=exif, icc_profile=srgb_profile(), dpi=(96, 96))


def to_8_bit(values):
    return np.rint(values).astype(np.uint8)


def zone_plate(side=512):
    """Rings whose frequency grows with the radius up to half a cycle per pixel, then fades to gray."""
    x = np.arange(side) - (side - 1) / 2
    radius2 = x**2 + x[:, None] ** 2
    fade = np.clip((side / 2 - np.sqrt(radius2)) / 16, 0, 1)
    write_png("zone-plate", to_8_bit(127.5 + 127.5 * fade * np.cos(np.pi * radius2 / side)))


def tile_edge_vertical(x, y):
    return np.where(x < 32, 32, 224)


def tile_edge_horizontal(x, y):
    return np.where(y < 32, 32, 224)


def tile_edge_diagonal(x, y):
    return np.where(x < y, 32, 224)


def tile_edge_faint(x, y):
    return np.where(x < 32, 120, 136)


def tile_impulses(x, y):
    """One white pixel on black, one black pixel on white."""
    left = np.where((x == 16) & (y == 32), 255, 0)
    return np.where(x < 32, left, np.where((x == 48) & (y == 32), 0, 255))


def tile_lines(x, y):
    """Lines one pixel wide: horizontal, vertical, both diagonals."""
    return np.where((x == 32) | (y == 32) | (x == y) | (x + y == 64), 255, 0)


def tile_bars(x, y):
    """Bars 1, 2, 4 and 8 pixels wide, from the top down."""
    return np.where(x >> (y // 16) & 1, 224, 32)


def tile_checks(x, y):
    """Checks of 8 pixels above, of 1 pixel below."""
    return np.where(np.where(y < 32, x // 8 + y // 8, x + y) & 1, 224, 32)


def tile_ramp(x, y):
    return x * 255 / 63


def tile_trapezoid(x, y):
    """Flat, ramp, flat: the kinks show what a second derivative sees."""
    return np.clip((x - 16) * 6 + 32, 32, 224)


def tile_stairs(x, y):
    return x // 8 * 32


def tile_blob(x, y):
    """A Gaussian of sigma 8 pixels."""
    return 255 * np.exp(-((x - 32) ** 2 + (y - 32) ** 2) / 128)


CHART = [
    [tile_edge_vertical, tile_edge_horizontal, tile_edge_diagonal, tile_edge_faint],
    [tile_impulses, tile_lines, tile_bars, tile_checks],
    [tile_ramp, tile_trapezoid, tile_stairs, tile_blob],
]


def chart():
    """Twelve tiles of 64 x 64 pixels, each with one thing to see."""
    y, x = np.indices((64, 64))
    write_png("chart", to_8_bit(np.block([[tile(x, y) for tile in row] for row in CHART])))


def over(top, below):
    """Premultiplied RGBA, values 0 to 1, laid over another."""
    return top + below * (1 - top[..., 3:])


def disc(shape, center, radius, softness, color):
    y, x = np.indices(shape)
    distance = np.hypot(x - center[0], y - center[1])
    alpha = np.clip((radius - distance) / softness + 0.5, 0, 1)[..., None]
    return np.concatenate([alpha * np.array(color), alpha], axis=-1)


def transparent(shape=(240, 320)):
    """Bright discs with edges from soft to hard; black lies under what is fully transparent."""
    picture = np.zeros((*shape, 4))
    picture = over(disc(shape, (110, 95), 70, 40, (1.0, 0.85, 0.1)), picture)
    picture = over(disc(shape, (210, 95), 70, 12, (0.1, 0.75, 0.95)), picture)
    picture = over(0.8 * disc(shape, (160, 165), 60, 1, (0.95, 0.25, 0.55)), picture)
    alpha = picture[..., 3:]
    straight = np.divide(picture[..., :3], alpha, out=np.zeros((*shape, 3)), where=alpha > 0)
    rgba = np.concatenate([straight, alpha], axis=-1)
    rgba[to_8_bit(255 * alpha[..., 0]) == 0] = 0
    write_png("transparent", to_8_bit(255 * rgba))


def gradient16():
    """16-bit gray: above, the full ramp; below, a faint one with waves of a quarter of an 8-bit level."""
    y, x = np.indices((256, 512))
    waves = 64 * np.cos(2 * np.pi * x / 32) * np.cos(2 * np.pi * y / 32)
    faint = 30000 + 4 * x + waves
    write_png("gradient16", np.rint(np.where(y < 128, x * (65535 / 511), faint)).astype(np.uint16))


def gradient16_rgb():
    """16-bit RGB TIFF: red grows to the right, green downwards, blue is faint rings."""
    y, x = np.indices((96, 128))
    rings = 32768 + 96 * np.cos(np.hypot(x - 64, y - 48) / 2)
    pixels = np.rint(np.stack([x * (65535 / 127), y * (65535 / 95), rings], axis=-1)).astype("<u2")
    tifffile.imwrite(
        HERE / "gradient16-rgb.tif", pixels, byteorder="<", photometric="rgb", metadata=None, software=False
    )


def plate(color, x, y, brightness):
    """One exposure of the astronaut's helmet and face, reduced to half: a dark frame in a white margin."""
    full = skimage.data.astronaut()[y : y + 400, 40 + x : 40 + x + 416, color] / 255
    picture = full.reshape(200, 2, 208, 2).mean(axis=(1, 3)) * brightness
    return np.pad(np.pad(picture, 9, constant_values=0.03), ((6, 7), (8, 8)), constant_values=0.96)


def plates():
    """Three exposures on one scan, as Prokudin-Gorsky took them: blue, green, red; none where the others are."""
    scan = np.concatenate([plate(2, 5, 12, 0.8), plate(1, 0, 0, 0.7), plate(0, 13, 21, 0.95)])
    y = np.arange(60, 190)
    scan[y, 70 + y // 12] = 0.98  # a scratch on the blue plate, and one on the red
    scan[420 + y, 190 - y // 20] = 0.02
    write_png("plates", to_8_bit(255 * scan))


def bounce(shape=(72, 96), count=12):
    """A ball between floor and ceiling, slower at the top: frames of 40 to 120 ms, clear around the ball, for ever."""
    frames, durations = [], []
    for at in range(count):
        height = np.sin(np.pi * at / count)
        ball = disc(shape, (12 + 6.5 * at, 58 - 44 * height), 10, 1, (0.95, 0.35, 0.1))
        shade = disc(shape, (12 + 6.5 * at, 66), 9 - 5 * height, 1, (0.2, 0.2, 0.25))
        picture = over(ball, shade * (np.indices(shape)[0] > 64)[..., None])
        indices = np.where(picture[..., 3] < 0.5, 0, np.where(picture[..., 0] > 0.3, 1, 2)).astype(np.uint8)
        frame = Image.fromarray(indices)
        frame.putpalette([255, 255, 255, 242, 89, 26, 51, 51, 64])
        frames.append(frame)
        durations.append(40 + 10 * round(8 * height))
    options = {"duration": durations, "loop": 0, "transparency": 0, "disposal": 2, "optimize": False}
    frames[0].save(HERE / "bounce.gif", save_all=True, append_images=frames[1:], **options)


def main():
    for name in ("astronaut", "camera", "chelsea"):
        photograph(name)
    jpeg_photograph("coffee")
    for make in (zone_plate, chart, transparent, gradient16, gradient16_rgb, plates, bounce):
        make()


if __name__ == "__main__":
    main()
