"""Names made from names: what the fields give, and that nothing is ever written outside."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgconv.core.errors import FileError, ImgconvError, UsageError
from imgconv.formats.filename_template import FIELDS, expand_template


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """out/ is where we may write; out/away and out/up lead elsewhere."""
    (tmp_path / "work" / "out" / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work" / "out" / "away").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "work" / "out" / "up").symlink_to("..")
    (tmp_path / "work" / "out" / "file.png").symlink_to(tmp_path / "elsewhere" / "file.png")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.mark.parametrize(
    ("template", "path", "name"),
    [
        ("out/{stem}.png", "shots/a.jpg", "out/a.png"),
        ("out/{name}", "shots/a.b.jpg", "out/a.b.jpg"),
        ("{stem}-small.{ext}", "shots/a.b.jpg", "a.b-small.jpg"),
        ("out/{parent}-{stem}.png", "shots/a.jpg", "out/shots-a.png"),
        ("out/{parent}.png", "../../x/../shots/a.jpg", "out/shots.png"),
        ("out/{index}-{frame}.png", "a.jpg", "out/7-3.png"),
        ("out/sub/{stem}/x.png", "a.jpg", "out/sub/a/x.png"),
        ("out/{{{stem}}}.png", "a.jpg", "out/{a}.png"),
        ("out/{stem}.png", "день.jpg", "out/день.png"),
        ("out/{stem}.png", "a b;$(x).jpg", "out/a b;$(x).png"),
        ("out/{stem}.png", "-", "out/stdin.png"),
        ("out/{stem}.png", ".hidden", "out/.hidden.png"),
        ("../elsewhere/{stem}.png", "a.jpg", "../elsewhere/a.png"),
        ("plain.png", "a.jpg", "plain.png"),
        ("../../plain.png", "a.jpg", "../../plain.png"),
        ("out/away/plain.png", "a.jpg", "out/away/plain.png"),
        ("out/away/{stem}.png", "a.jpg", "out/away/a.png"),
    ],
)
def test_what_fields_give(tree, template, path, name):
    assert expand_template(template, path, 7, 3) == name


def test_an_absolute_template(tree):
    assert expand_template(f"{tree}/{{stem}}.png", "a.jpg") == f"{tree}/a.png"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("out/{stem}/../../x.png", "a.jpg"),
        ("out/{stem}/../../../x.png", "a.jpg"),
        ("out/{name}", "shots/.."),
        ("out/{name}", ".."),
        ("out/{name}", "."),
        ("out/{name}/x.png", ".."),
        ("out/{stem}/x.png", ".."),
        ("out/{stem}/{name}", "a/.."),
        ("out/{name}", "shots/"),
        ("out/{ext}/../../{stem}", "a.jpg"),
        ("out/{stem}.png", "file.jpg"),
        ("out/{name}", "file.png"),
        ("out/{stem}/x.png", "away"),
        ("out/{name}/{stem}.png", "away"),
        ("out/{parent}/x.png", "away/a.jpg"),
        ("out/{stem}/out/../../x.png", "up"),
        ("out/{name}/x.png", "up"),
        ("{parent}/x.png", "/a.jpg"),
        ("{ext}/etc/x.png", "a"),
        ("out/{stem}\0.png", "a.jpg"),
        ("out/{stem}.png", "a\0b.jpg"),
    ],
)
def test_nothing_leaves_the_directory(tree, template, path):
    with pytest.raises(FileError) as error:
        expand_template(template, path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "template",
    [
        "{nosuch}.png",
        "{}.png",
        "{0}.png",
        "{stem.__class__}.png",
        "{stem!r}.png",
        "{stem:>99999999999}.png",
        "{index:03}.png",
        "{stem[0]}.png",
        "{ stem}.png",
        "{Stem}.png",
        "{stem.png",
        "stem}.png",
        "{{stem}.png",
        "{stem}}.png",
        "{{{stem}.png}",
        "{",
        "}",
    ],
)
def test_only_plain_fields(template):
    with pytest.raises(UsageError) as error:
        expand_template(template, "a.jpg")
    assert "{stem}" in str(error.value) or "brace" in str(error.value)


@given(
    template=st.lists(
        st.sampled_from([*(f"{{{one}}}" for one in FIELDS), "/", "..", ".", "a", "//", "{{", "/../"]),
        max_size=8,
    ).map("".join),
    path=st.text("ab./é\n", max_size=12),
)
def test_any_template_stays_inside_or_is_refused(template, path):
    try:
        made = expand_template("base/{index}" + template, path)
    except ImgconvError:
        return
    else:
        inside = os.path.relpath(os.path.realpath(made), os.path.realpath("base"))
        assert inside != "." and inside.split("/")[0] != ".."
