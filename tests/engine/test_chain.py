"""A chain: what comes in and out of each step is inferred once."""

from collections import Counter

import pytest

import imgconv
from imgconv.core.errors import UsageError
from imgconv.engine.chain import Chain
from imgconv.engine.run_options import Run
from imgconv.pipeline.execute import execute
from imgconv.pipeline.grammar import parse
from imgconv.pipeline.presets import Names
from tests.support.chains import image_of, outcome, random, steps_of


def spec_of(dtype="u1", channels=3):
    return image_of(random((20, 30, channels), dtype)).spec


def test_links_know_what_comes_in_and_out():
    chain = Chain(spec_of(), steps_of("gray crop 0,0,10,5 sobel"))
    assert [link.spec for link in chain.links[1:]] == [link.out for link in chain.links[:-1]]
    assert chain.links[0].spec is chain.source and chain.spec is chain.links[-1].out
    assert chain.spec.size == (5, 10, 1)


def test_a_step_that_cannot_work_is_refused_when_it_is_added():
    chain = Chain(spec_of(), steps_of("crop 0,0,10,5"))
    with pytest.raises(UsageError, match="crop"):
        chain.add(steps_of("crop 0,0,10,6")[0])


def test_links_are_taken_over_where_the_same_comes_in():
    one, two = Chain(spec_of(), steps_of("gray")), Chain(spec_of(), steps_of("gray sobel"))
    longer = one.followed_by(two.links[1:])
    assert longer.links[1] is two.links[1] and len(one.links) == 1
    other = Chain(spec_of("f4"), steps_of("gray")).followed_by(two.links[1:])
    assert other.links[1] is not two.links[1] and other.links[1].step is two.links[1].step


def test_a_chain_that_is_not_expanded_keeps_its_links():
    chain = Chain(spec_of(), steps_of("invert median"))
    assert [a is b for a, b in zip(chain.links, chain.expanded(Run()).links, strict=True)] == [True, True]


@pytest.mark.parametrize(
    "words", ["gray median --size 3 sobel", "invert equalize", "crop 1,1,20,15 rotate 90"]
)
def test_each_step_is_inferred_once_an_image(words, tmp_path, monkeypatch):
    """From `open` to `save`: the specs are checked, global steps resolved and rows computed by the same ones."""
    steps = steps_of(words)
    counts = Counter()
    for cls in {type(step) for step in steps}:
        infer = cls.infer
        monkeypatch.setattr(
            cls, "infer", lambda self, spec, infer=infer: counts.update([self.name]) or infer(self, spec)
        )
    a = random((20, 30, 3), "u1")
    imgconv.open(a).save(tmp_path / "a.png")
    source, save = parse(["open", str(tmp_path / "a.png"), "save", str(tmp_path / "b.png")], Names())
    counts.clear()
    execute([source, *steps, save], Run(quiet=True))
    assert dict(counts) == dict.fromkeys([step.name for step in steps], 1)


def test_a_thousand_steps_run():
    """Python's limit for calls within calls was reached by 240."""
    a = random((12, 9, 3), "u1")
    words = "invert box invert sharpen --amount 0.1 " * 250
    assert outcome(a, words, Run(threads=2)).shape == a.shape
