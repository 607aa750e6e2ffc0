"""The Python API: chains over arrays and files."""

import numpy as np

import imgconv


def test_an_array_that_comes_back_is_not_the_callers_memory():
    a = np.zeros((5, 4), np.uint8)
    chain = imgconv.open(a)
    back = chain.array()
    back[:] = 7
    assert not a.any() and not chain.array().any() and not chain.array(dtype="uint8").any()


def test_a_chain_is_not_changed_by_what_is_put_behind_it():
    a = np.full((5, 4), 3, np.uint8)
    chain = imgconv.open(a)
    assert (chain.invert().array() == 252).all() and (chain.array() == 3).all()
