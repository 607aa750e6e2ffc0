"""Lay the pictures that a list of commands saved on one sheet, each above its command.

Usage: python docs/contact_sheet.py COMMANDS SHEET

COMMANDS is a shell script whose lines begin with `imgconv`; it is read, not run. The first cell shows the
files that the commands open. A cell with several pictures (`save 'demo/{stem}-blur.png'`) shows them side by
side. Only Pillow is needed; the same pictures give the same bytes.
"""

import glob
import math
import re
import shlex
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

COLUMNS, WIDTH, HEIGHT, MARGIN = 4, 512, 384, 20
FONT_SIZE, LINE_HEIGHT, LABEL_LINES = 20, 26, 3
PAPER, INK = (250, 250, 248), (30, 30, 30)
CHECKS = ((255, 255, 255), (214, 214, 214))
SUFFIXES = {".png", ".jpg", ".webp"}


def commands(script):
    return [line for line in Path(script).read_text("utf-8").splitlines() if line.startswith("imgconv ")]


def files(word):
    """The pictures that a word of a command names: a path, a glob, or a template with {fields}."""
    paths = sorted(glob.glob(re.sub(r"\{[^{}]*\}", "*", word)))
    return [path for path in paths if Path(path).suffix in SUFFIXES]


def opened(line):
    return files(shlex.split(line)[2])


def saved(line):
    """The files that a command's last `save` wrote; options may stand on either side of its path."""
    words = shlex.split(line)
    words = words[len(words) - words[::-1].index("save") :]
    return files(next(word for word in words if Path(word).suffix))


def cells(script):
    lines = commands(script)
    yield sorted({path for line in lines for path in opened(line)}), "Sample images as they are"
    for line in lines:
        yield saved(line), line


def chessboard(size):
    board = Image.new("RGB", (2, 2), CHECKS[0])
    board.putpixel((1, 0), CHECKS[1])
    board.putpixel((0, 1), CHECKS[1])
    squares = board.resize((16, 16), Image.Resampling.NEAREST)
    sheet = Image.new("RGB", size)
    for x in range(0, size[0], 16):
        for y in range(0, size[1], 16):
            sheet.paste(squares, (x, y))
    return sheet


def thumbnail(path, size):
    """The picture as 8-bit RGB on a chessboard, fitted to `size`: smoothly down, by whole pixels up."""
    with Image.open(path) as picture:
        picture.load()
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    picture = picture.convert("RGBA")
    picture.thumbnail(size, Image.Resampling.LANCZOS)
    zoom = min(size[0] // picture.width, size[1] // picture.height)
    picture = picture.resize((picture.width * zoom, picture.height * zoom), Image.Resampling.NEAREST)
    board = chessboard(picture.size)
    board.paste(picture, mask=picture)
    return board


def mosaic(paths):
    """The pictures in a grid that fits one cell; a single one fills it."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    columns = math.ceil(math.sqrt(len(paths)))
    rows = math.ceil(len(paths) / columns)
    box = (WIDTH // columns, HEIGHT // rows)
    gap = 4 if len(paths) > 1 else 0
    for index, path in enumerate(paths):
        small = thumbnail(path, (box[0] - gap, box[1] - gap))
        row, column = divmod(index, columns)
        corner = (column * box[0] + (box[0] - small.width) // 2, (row + 1) * box[1] - small.height)
        canvas.paste(small, corner)
    return canvas


def wrap(text, font):
    """Break a label between words so that each line fits the cell's width."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if font.getlength(longer) <= WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def sheet(pairs):
    cell_height = HEIGHT + LABEL_LINES * LINE_HEIGHT + MARGIN
    rows = math.ceil(len(pairs) / COLUMNS)
    page = Image.new("RGB", (COLUMNS * (WIDTH + MARGIN) + MARGIN, rows * cell_height + MARGIN), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(FONT_SIZE)
    for index, (paths, label) in enumerate(pairs):
        row, column = divmod(index, COLUMNS)
        x, y = MARGIN + column * (WIDTH + MARGIN), MARGIN + row * cell_height
        page.paste(mosaic(paths), (x, y))
        for number, line in enumerate(wrap(label, font)):
            draw.text((x, y + HEIGHT + 6 + number * LINE_HEIGHT), line, fill=INK, font=font)
    return page


def main(script, target):
    pairs = list(cells(script))
    missing = [label for paths, label in pairs if not paths]
    if missing:
        sys.exit("contact_sheet.py: no picture was saved by: " + "; ".join(missing))
    sheet(pairs).save(target, optimize=True)
    print(f"{target}: {len(pairs)} cells")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
