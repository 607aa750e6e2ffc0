"""Loops: signatures, what is put into their code, what is refused, and the same results in every mode."""

import ctypes
import os
import subprocess
import sys
import textwrap
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.core.pixels import Pixels, Vector
from imgconv.jit import cache, cache_writer
from imgconv.jit import loop as jit
from imgconv.jit.call import FEW, native
from imgconv.jit.helper import Overload
from imgconv.jit.loop import Loop, helper, loop, real
from imgconv.jit.signature import alternatives, arguments, dtypes
from imgconv.loops.codecs import png
from imgconv.loops.color import gray
from imgconv.loops.geometry import copy
from imgconv.tools.cache import import_loops
from tests.support.command import ROOT, SAMPLES

MODES = ("auto", "object", "numba", "python")
FACTOR = 3


@helper
def twice(value):
    return value * 2


@helper
def whole_sum(a, out, at):
    out[at] = np.int32(a[at]) + np.int32(1)


@helper
def float_sum(a, out, at):
    out[at] = real(a[at]) + real(0.5)


pick = Overload({"u1": whole_sum, "u2": whole_sum, "f4": float_sum, "f8": float_sum})


@loop("f4[:,:], {u1,u2,f4}[:,:], f4", "f8[:,:], {u1,u2,f8}[:,:], f8")
def tripled(out, src, shift):
    """FACTOR twice(src) + shift, then what the dtype of src picks is added to the first of each row."""
    for y in range(out.shape[0]):
        s = src[y]
        o = out[y]
        for x in range(o.shape[0]):
            o[x] = real(FACTOR) * twice(real(s[x])) + shift
        first = o[0]
        pick(s, o, 0)
        o[0] += first


@loop("f4[:]", "f8[:]")
def epsilon(out):
    """1 + 2^-30, which only float64 holds."""
    out[0] = real(1) + real(2.0**-30)


@loop("f4[:]", "f8[:]")
def rest(out):
    """a a - b: what rounding takes from a a, if the two operations are one."""
    out[0] = out[0] * out[0] - out[1]


@loop("f4[:]")
def allocates(out):
    room = np.empty(out.shape[0], np.float32)
    for x in range(out.shape[0]):
        room[x] = out[x]
    for x in range(out.shape[0]):
        out[x] = room[out.shape[0] - 1 - x]


@loop("f4[:], i8")
def calls_python(out, value):
    print(value)
    out[0] = value


@loop("f4[:], f8")
def needs_more(out, value):
    out[0] = np.tanh(value)


@loop("f4[:], i8")
def raises(out, step):
    if step == 0:
        raise ValueError("no step")
    out[0] = step


@loop("f8[:]")
def shares(out):
    out[0] = abs(complex(out[0], 3.0))


for one in (tripled, epsilon, rest, allocates, calls_python, needs_more, raises, shares):
    jit.loops.remove(one)  # `cache warm` compiles what is listed


def fresh(one):
    """A loop that has loaded nothing yet."""
    made = Loop(one.function, one.fastmath, one._texts)
    jit.loops.remove(made)
    return made


def of(array):
    return Pixels.of_array(np.ascontiguousarray(array))


def noise(height, width, channels=1, dtype="u1", high=256):
    return np.random.default_rng(7).integers(0, high, (height, width, channels)).astype(dtype)


# ---- signatures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, found",
    [
        ("f4[:], i8", ["f4[:], i8"]),
        ("{u1, u2}[:], i8", ["u1[:], i8", "u2[:], i8"]),
        (
            "{u1,f4}[:,:], {u1,u2}[:]",
            ["u1[:,:], u1[:]", "u1[:,:], u2[:]", "f4[:,:], u1[:]", "f4[:,:], u2[:]"],
        ),
    ],
)
def test_braces_are_written_out(text, found):
    assert list(alternatives(text)) == found


def test_arguments_and_dtypes():
    assert arguments("u1[:,:], f4[:], i8, f8") == [("u1", 2), ("f4", 1), ("i8", 0), ("f8", 0)]
    assert dtypes("u1[:,:], f4[:], i8, f8") == "u1f4"


def test_no_two_signatures_of_a_loop_have_the_same_arrays():
    import_loops()
    for one in jit.loops:
        codes = [dtypes(signature) for signature in one.signatures]
        assert len(codes) == len(set(codes)), one.title
        assert one.__doc__, f"{one.title} does not say what it does"
    assert len(jit.loops) > 30


def test_unknown_arrays_are_named():
    with pytest.raises(TypeError, match=r"test_loop\.tripled .* u1u1"):
        tripled(of(noise(1, 1)), of(noise(1, 1)), 0.0)


# ---- modes -----------------------------------------------------------------------------------------------------


def filtered_rows():
    raw = noise(10, 31)
    raw[:, 0, 0] = [0, 1, 2, 3, 4] * 2
    return raw


def keyed_loops():
    """Loops with arguments under which every mode must give the same bits."""
    wide = Pixels.empty(4, 9, 1, "u2")
    np.asarray(wide)[...] = noise(4, 9, 1, "u2", 65536)
    return {
        "unfilter": lambda: (
            png.unfilter,
            of(noise(10, 30) * 0),
            of(noise(1, 30)),
            of(filtered_rows()),
            30,
            3,
        ),
        "gray": lambda: (gray.gray_bytes, of(noise(5, 40) * 0), of(noise(5, 40, 3)), 40),
        "flank": lambda: (
            copy.flank,
            of(noise(3, 20, 1, "f4")),
            Vector([17, 18, 19], "i8"),
            Vector([5, -1, 3], "i8"),
            9.0,
        ),
        "tripled u1": lambda: (tripled, of(noise(3, 8, 1, "f4")), of(noise(3, 8)), 5.0),
        "tripled f8": lambda: (tripled, of(noise(3, 8, 1, "f8")), of(noise(3, 8, 1, "f8")), 5.0),
        "a band": lambda: (tripled, of(noise(2, 5, 1, "f4")), wide.band(1, 3).columns(2, 7), 1.0),
    }


def called(case):
    """What the loop of a case computes; its output is named first here (`unfilter` takes it later)."""
    one, out, *rest = keyed_loops()[case]()
    args = (*rest[:2], out, *rest[2:]) if case == "unfilter" else (out, *rest)
    fresh(one)(*args)
    return out.tobytes()


@pytest.mark.parametrize("case", keyed_loops())
def test_every_mode_gives_the_same(case, monkeypatch):
    found = {}
    for mode in MODES:
        monkeypatch.setenv("IMGCONV_JIT", mode)
        found[mode] = called(case)
    assert len(set(found.values())) == 1
    assert found["python"] != bytes(len(found["python"]))


def test_what_tripled_computes():
    src = noise(3, 8)
    out = np.zeros((3, 8, 1), "f4")
    tripled(Pixels.of_array(out), of(src), 5.0)
    expected = src * 6.0 + 5
    expected[:, 0] += src[:, 0] + 1.0
    assert (out == expected).all()
    double = np.zeros((3, 8, 1))
    tripled(Pixels.of_array(double), of(src.astype("f8")), 5.0)
    expected[:, 0] -= 0.5
    assert (double == expected).all()


@pytest.mark.parametrize("mode", MODES)
def test_real_is_float64_where_the_signature_says_so(mode, monkeypatch):
    monkeypatch.setenv("IMGCONV_JIT", mode)
    single, double = Vector([0], "f4"), Vector([0], "f8")
    fresh(epsilon)(single)
    fresh(epsilon)(double)
    assert (single[0], double[0]) == (1.0, 1 + 2.0**-30)
    assert epsilon.flags("f8[:]") == frozenset()
    assert epsilon.flags("f4[:]") == {"contract"}


@pytest.mark.parametrize("mode", ["auto", "numba"])
def test_float32_is_fused_and_float64_is_not(mode, monkeypatch):
    """Without `contract` the filters take twice as long; float64 promises the bits of OpenCV and SciPy."""
    from llvmlite.binding import get_host_cpu_features

    monkeypatch.setenv("IMGCONV_JIT", mode)
    single = Vector([1 + 2.0**-12, 1 + 2.0**-11], "f4")
    double = Vector([1 + 2.0**-27, 1 + 2.0**-26], "f8")
    fresh(rest)(single)
    fresh(rest)(double)
    assert single[0] == (2.0**-24 if get_host_cpu_features().get("fma") else 0)
    assert double[0] == 0


def test_an_unknown_llvmlite_means_numbas_own_path(monkeypatch):
    expected = called("tripled u1")
    monkeypatch.setattr(cache, "KNOWN_LLVMLITE", ())
    monkeypatch.setattr(cache, "load", lambda *_: pytest.fail("nothing may be loaded"))
    monkeypatch.setattr(cache_writer, "compile_and_store", lambda *_: pytest.fail("nothing may be built"))
    assert jit.mode() == "numba"
    assert called("tripled u1") == expected


def test_code_that_cannot_be_loaded_means_numbas_own_path(monkeypatch):
    expected = called("tripled u1")
    monkeypatch.setattr(cache, "load", lambda *_: None)
    monkeypatch.setattr(cache_writer, "compile_and_store", lambda *_: None)
    assert called("tripled u1") == expected


def test_modes_by_environment(monkeypatch):
    monkeypatch.setenv("IMGCONV_JIT", "fast")
    with pytest.raises(UsageError, match="auto, object, numba, python"):
        jit.mode()
    monkeypatch.setenv("IMGCONV_JIT", "")
    assert jit.mode() in ("auto", "numba")
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    assert jit.mode() == "numba"
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert jit.mode() == "python"


@pytest.mark.parametrize(
    "setting",
    [
        {"IMGCONV_JIT": "python"},
        {"NUMBA_DISABLE_JIT": "1"},
        {"IMGCONV_JIT": "object"},
        pytest.param({"IMGCONV_JIT": "numba"}, marks=pytest.mark.slow),
        pytest.param({"NUMBA_BOUNDSCHECK": "1"}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_a_whole_command_in_each_mode(setting, tmp_path):
    from PIL import Image

    small = tmp_path / "small.png"
    Image.open(SAMPLES / "astronaut.png").crop((200, 100, 240, 130)).save(small)
    found = {}
    for name, more in (("auto", {}), ("other", setting)):
        target = tmp_path / f"{name}.png"
        words = ["-W", "error", "-m", "imgconv", "open", small, "gaussian", "--sigma", "2", "save", target]
        words = [sys.executable, *words]
        done = subprocess.run(words, check=False, cwd=ROOT, env={**os.environ, **more}, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        found[name] = np.asarray(Image.open(target)).astype(int)
    difference = np.abs(found["auto"] - found["other"])
    assert (
        difference.max() <= 1 and (difference > 0).mean() < 0.001
    )  # a fused multiply-add may round otherwise


# ---- what is not a plain loop -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad, args, why",
    [
        (allocates, (), "numpy.empty|built-in function empty"),
        (calls_python, (3,), r"test_loop\.calls_python is not a plain loop: it needs .*Py"),
        (needs_more, (3.0,), r"test_loop\.needs_more is not a plain loop: it needs tanh$"),
    ],
)
def test_a_loop_that_needs_more_than_the_c_library_is_refused(bad, args, why, monkeypatch, tmp_path):
    monkeypatch.setenv("IMGCONV_CACHE_DIR", str(tmp_path))
    with pytest.raises(Exception, match=why):
        fresh(bad)(Vector([1, 2, 3], "f4"), *args)
    assert not list(tmp_path.rglob("*.so")) + list(tmp_path.rglob("*.o"))


def test_a_loop_that_fails_says_so():
    fresh(raises)(Vector([1], "f4"), 2)
    with pytest.raises(RuntimeError, match="a loop failed"):
        fresh(raises)(Vector([1], "f4"), 0)


def test_undefined_symbols_are_found():
    from imgconv.jit.compiler import machine_code, undefined_symbols

    code = machine_code(tripled, "f4[:,:], u1[:,:], f4")
    assert undefined_symbols(code) <= {"memset", "memcpy"}
    renamed = code.replace(b"memset", b"system") if b"memset" in code else code
    assert ("system" in undefined_symbols(renamed)) == (renamed != code)


# ---- beside others ---------------------------------------------------------------------------------------------


def test_numba_itself_is_left_as_it_was():
    """Code that shares parts of Numba with a loop, compiled after it, works as ever."""
    import numba
    from numba.core import cpu
    from numba.core.registry import cpu_target

    from imgconv.jit.compiler import machine_code

    def ordinary(values):
        room = np.zeros(values.shape[0])
        for x in range(values.shape[0]):
            room[x] = abs(complex(values[x], 3.0)) + values[0:2].sum()
        return room

    numba.njit(lambda: 1)()
    context = cpu_target.target_context
    before = context._internal_codegen, type(context).post_lowering, cpu.rtsys
    with pytest.raises(RuntimeError, match="hypot"):
        machine_code(shares, "f8[:]")
    assert (context._internal_codegen, type(context).post_lowering, cpu.rtsys) == before
    values = np.array([4.0, 0.0])
    assert list(numba.njit(ordinary, error_model="numpy")(values)) == [9.0, 7.0]
    assert numba.njit(lambda values: list(values[1:]))(np.arange(3)) == [1, 2]


def test_threads_that_need_the_same_loop_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("IMGCONV_CACHE_DIR", str(tmp_path))
    one = fresh(tripled)
    src = noise(3, 8)
    outs = [np.zeros((3, 8, 1), "f4") for _ in range(4)]
    gate = threading.Barrier(4)

    def work(out):
        gate.wait()
        one(Pixels.of_array(out), of(src), 5.0)

    threads = [threading.Thread(target=work, args=(out,)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert all((out == outs[0]).all() and out.any() for out in outs)
    assert len(list(tmp_path.rglob("*.so")) + list(tmp_path.rglob("*.o"))) == 1


# importlib first: in Python 3.11, 1 of 160 runs of a thread that imports a part of it while another is about to import
# it got a second importlib._bootstrap, without its `sys` (NameError), whatever the two import it for.
SCRIPT = """
    import importlib, os, sys, threading
    from imgconv.core.pixels import Pixels, Vector
    from imgconv.jit import loop as jit
    from imgconv.loops.codecs import png
    from imgconv.loops.geometry import copy

    def compiled():
        out = Pixels.empty(2, 5, 1, "f4")
        copy.flank(out, Vector([0], "i8"), Vector([-1], "i8"), 7.0)
        assert out.numbers()[1][0] == 7.0
"""


def script(text, tmp_path):
    """A process with an empty store; it must end by itself."""
    env = {**os.environ, "IMGCONV_CACHE_DIR": str(tmp_path)}
    quiet = ["-W", "ignore::DeprecationWarning"]  # Python 3.12 and later warn of a fork beside threads
    words = [sys.executable, *quiet, "-c", textwrap.dedent(SCRIPT) + textwrap.dedent(text)]
    done = subprocess.run(words, check=False, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_compiling_in_a_thread_while_modules_are_imported(tmp_path):
    text = """
        thread = threading.Thread(target=compiled)
        thread.start()
        import numpy.linalg, PIL.Image, concurrent.futures, numba.np.linalg, numba.extending, xml.dom.minidom
        compiled()
        thread.join()
        print("done")
    """
    assert script(text, tmp_path) == "done\n"


def test_a_child_does_not_wait_for_a_thread_of_its_parent(tmp_path):
    text = """
        compiled()
        held, go_on = threading.Event(), threading.Event()
        def hold():
            with jit._lock:
                held.set()
                go_on.wait()
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        child = os.fork()
        if not child:
            copy.flank._entries.clear()
            compiled()
            os._exit(0)
        print(os.waitpid(child, 0)[1])
        go_on.set()
    """
    assert script(text, tmp_path) == "0\n"


@pytest.mark.skipif(sys.platform != "linux", reason="calls the C library by its name")
@pytest.mark.parametrize(("items", "others_run"), [(FEW, True), (FEW - 1, False)])
def test_a_call_over_many_items_lets_other_threads_run(items, others_run) -> None:
    """`usleep` stands for a loop: the address that it is handed is taken for microseconds."""
    nap = ctypes.cast(ctypes.CDLL(None).usleep, ctypes.c_void_p).value
    call = native(nap, "u1[:]")
    seen: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.001):
            seen.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    began = time.monotonic()
    call(SimpleNamespace(memory=(300_000, items), size=items))
    ended = time.monotonic()
    stop.set()
    thread.join()
    during = [at for at in seen if began + 0.05 < at < ended - 0.05]
    assert bool(during) == others_run
