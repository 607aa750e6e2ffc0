"""Outputs are whole or absent, whatever happens; inputs fail in one line."""

import os
import pty
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from imgconv.core.errors import FileError, UsageError, quote_path
from imgconv.formats import files
from imgconv.formats.files import Output, discard_all, is_stale, read_input, sweep, temporary_name
from tests.support.command import ROOT


@pytest.fixture(autouse=True)
def nothing_left(tmp_path):
    yield
    left = [name for _, _, names in os.walk(tmp_path) for name in names if name.endswith(files.SUFFIX)]
    assert not left
    assert not files._live


def write(path, data=b"new", **options):
    with Output(str(path), **options) as output:
        output.write(data)
        output.commit()


# ---- outputs -----------------------------------------------------------------------------------------------


def test_a_file_appears_when_it_is_whole(tmp_path):
    target = tmp_path / "a.png"
    with Output(str(target)) as output:
        output.write(b"one")
        output.write(memoryview(bytearray(b"two")))
        assert not target.exists()
        assert os.path.basename(output.temporary).startswith(f".a.png.{os.getpid()}.")
        output.commit()
        assert target.read_bytes() == b"onetwo"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, FileError])
def test_an_exception_leaves_the_old_file(tmp_path, error):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(error), Output(str(target)) as output:
        output.write(b"new")
        raise error
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_an_interrupt_while_opening(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"old")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fchmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.png")
    assert os.listdir(tmp_path) == ["a.png"]


def test_leaving_without_commit_discards(tmp_path):
    with Output(str(tmp_path / "a.png")) as output:
        output.write(b"new")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_a_new_file_has_the_usual_mode(tmp_path, umask):
    old = os.umask(umask)
    try:
        write(tmp_path / "a.png")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(tmp_path / "a.png").st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o640])
def test_an_existing_file_keeps_its_mode(tmp_path, mode):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(mode)
    with Output(str(target)) as output:
        assert stat.S_IMODE(os.stat(output.temporary).st_mode) == mode
        output.commit()
    assert stat.S_IMODE(os.stat(target).st_mode) == mode


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real/a.png")
    with Output(str(tmp_path / "link.png")) as output:
        assert os.path.dirname(output.temporary) == str(tmp_path / "real")
        output.write(b"new")
        output.commit()
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real" / "a.png").read_bytes() == b"new"


def test_links_to_nothing(tmp_path):
    (tmp_path / "dangling.png").symlink_to("b.png")
    write(tmp_path / "dangling.png")
    assert (tmp_path / "b.png").read_bytes() == b"new"
    (tmp_path / "loop.png").symlink_to("loop.png")
    with pytest.raises(FileError, match="symbolic links"):
        write(tmp_path / "loop.png")


def device(tmp_path, number):
    """A device like /dev/null (3) or /dev/full (7), in a place where root may break it."""
    if os.geteuid():
        return {3: "/dev/null", 7: "/dev/full"}[number]
    made = tmp_path / "device"
    try:
        os.mknod(made, stat.S_IFCHR | 0o666, os.makedev(1, number))
        made.write_bytes(b"")
    except OSError:
        pytest.skip("devices cannot be made here")
    return str(made)


def test_special_files_are_written_not_replaced(tmp_path):
    null = device(tmp_path, 3)
    write(null)
    assert stat.S_ISCHR(os.stat(null).st_mode)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    found = []
    reader = threading.Thread(target=lambda: found.append(fifo.read_bytes()))
    reader.start()
    write(fifo)
    reader.join(10)
    assert found == [b"new"] and stat.S_ISFIFO(os.stat(fifo).st_mode)


def test_no_space(tmp_path):
    with pytest.raises(FileError, match=r"cannot write '.*': No space left on device"):
        write(device(tmp_path, 7))


def test_a_file_size_limit(tmp_path):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    code = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[2])\n"
        "from imgconv.formats.files import Output\n"  # before the limit, which would cut the bytecode that Python keeps
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "with Output(sys.argv[1]) as o: o.write(bytes(5000)); o.commit()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, target, ROOT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "File too large" in done.stderr
    assert target.read_bytes() == b"old"


def test_no_clobber(tmp_path):
    target = tmp_path / "a.png"
    write(target, no_clobber=True)
    assert target.read_bytes() == b"new" and os.stat(target).st_nlink == 1
    with pytest.raises(FileError, match="it exists"):
        Output(str(target), no_clobber=True)  # at once, before any work
    with Output(str(tmp_path / "b.png"), no_clobber=True) as output:
        (tmp_path / "b.png").write_bytes(b"faster")
        with pytest.raises(FileError, match="it exists"):
            output.commit()
    assert (tmp_path / "b.png").read_bytes() == b"faster"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("missing/a.png", "no directory '.*missing'; make it with mkdir -p"),
        (".", "Is a directory"),
        ("sub/", "Is a directory"),
        ("new/", "no directory|Is a directory"),
        ("file/a.png", "Not a directory"),
        ("x" * 300 + ".png", "File name too long"),
        ("a\0b.png", "A file name cannot hold a null character"),
    ],
)
def test_targets_that_cannot_be(tmp_path, path, word):
    (tmp_path / "sub").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match=word) as error:
        write(f"{tmp_path}/{path}")
    assert "\n" not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_places_that_may_not_be_written(tmp_path):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(0o444)
    with pytest.raises(FileError, match="Permission denied"):
        write(target)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(FileError, match="Permission denied"):
            write(tmp_path / "b.png")
    finally:
        tmp_path.chmod(0o755)


def test_a_name_as_long_as_names_can_be(tmp_path):
    name = "й" * 125 + ".png"
    write(tmp_path / name)
    assert os.listdir(tmp_path) == [name]


def test_stdout(capfdbinary):
    write("-", b"bytes")
    assert capfdbinary.readouterr().out == b"bytes"


@pytest.mark.parametrize(
    ("mode", "fd", "call"), [("w", 1, lambda: Output("-")), ("r", 0, lambda: read_input("-"))]
)
def test_a_terminal_is_no_place_for_an_image(monkeypatch, mode, fd, call):
    leader, follower = pty.openpty()
    with os.fdopen(follower, mode) as terminal:
        monkeypatch.setattr(sys, "stdout" if fd else "stdin", terminal)
        with pytest.raises(UsageError, match="terminal"):
            call()
    os.close(leader)


def test_a_closed_stdout(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(FileError, match="closed"):
        Output("-")


def test_a_closed_pipe_is_left_to_the_caller(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with Output(str(fifo)) as output:
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            output.write(b"x")


# ---- temporaries -------------------------------------------------------------------------------------------


def test_discard_all(tmp_path):
    outputs = [Output(str(tmp_path / name)) for name in ("a", "b")]
    assert len(os.listdir(tmp_path)) == 2
    discard_all()
    assert os.listdir(tmp_path) == []
    for one in outputs:
        one.discard()


def test_a_child_process_leaves_its_parents_temporaries_alone(tmp_path):
    with Output(str(tmp_path / "a")) as output:
        child = os.fork()
        if not child:
            discard_all()
            os._exit(0)
        os.waitpid(child, 0)
        assert os.path.exists(output.temporary)
        output.commit()


def test_stale_temporaries_are_swept(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = temporary_name(str(tmp_path / "a.b.png"))
    assert not is_stale(os.path.basename(mine))
    stale = mine.replace(f".{os.getpid()}.", f".{gone.pid}.")
    elsewhere = os.path.join(tmp_path, f".a.png.{gone.pid}.1.00000000abcdef012345{files.SUFFIX}")
    others = [".x" + files.SUFFIX, files.SUFFIX, ".a.png.12.3.imgconv", f".a.-3.1.x{files.SUFFIX}", "a.png"]
    for path in [mine, stale, elsewhere, *(os.path.join(tmp_path, name) for name in others)]:
        open(path, "w").close()
    assert sweep(str(tmp_path)) == 1
    assert not os.path.exists(stale)
    assert len(os.listdir(tmp_path)) == 2 + len(others)
    assert sweep(str(tmp_path / "nowhere")) == 0
    for path in (mine, elsewhere, *(os.path.join(tmp_path, name) for name in others)):
        os.unlink(path)


def test_killed_while_writing(tmp_path):
    """`kill -9` leaves a temporary, which the next run removes, and the old file."""
    (tmp_path / "a.png").write_bytes(b"old")
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[2])\n"
        "from imgconv.formats.files import Output\n"
        "o = Output(sys.argv[1]); o.write(b'half'); print('ready', flush=True); time.sleep(60)\n"
    )
    words = [sys.executable, "-c", code, tmp_path / "a.png", ROOT]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert len(os.listdir(tmp_path)) == 2
    write(tmp_path / "b.png")
    assert sorted(os.listdir(tmp_path)) == ["a.png", "b.png"]


def test_a_run_that_is_killed_and_the_next_one(tmp_path):
    """A command killed by SIGKILL while it writes; the next command that writes there removes what it left."""
    source = ROOT / "sample_images" / "camera.png"
    program = [sys.executable, "-m", "imgconv", "-q", "open", source]
    slow = [*program, "resize", "--fit", "2400x2400", "nlm", "save", tmp_path / "a.png"]
    with subprocess.Popen(slow, cwd=ROOT) as process:
        while process.poll() is None and not os.listdir(tmp_path):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    (left,) = os.listdir(tmp_path)
    assert left.startswith(f".a.png.{process.pid}.") and left.endswith(files.SUFFIX)
    subprocess.run([*program, "save", tmp_path / "b.png"], cwd=ROOT, check=True)
    assert os.listdir(tmp_path) == ["b.png"]


def test_temporaries_of_live_processes_stay(tmp_path):
    """However old: those of this process and of another one."""
    other = str(tmp_path / "c.png")
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from imgconv.formats.files import Output\n"
        "with Output(sys.argv[1]) as o:\n"
        "    print('ready', flush=True); sys.stdin.read(); o.write(b'whole'); o.commit()\n"
    )
    words = [sys.executable, "-c", code, other, str(ROOT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with Output(str(tmp_path / "a.png")) as output:
            for name in os.listdir(tmp_path):
                os.utime(tmp_path / name, (0, 0))
            write(tmp_path / "b.png")
            assert sweep(str(tmp_path)) == 0
            output.commit()
        process.stdin.close()
    assert sorted(os.listdir(tmp_path)) == ["a.png", "b.png", "c.png"]


@pytest.mark.skipif(not files._started(os.getpid()), reason="the start of a process is not known here")
def test_a_process_id_that_was_used_again():
    name = os.path.basename(temporary_name("a.png"))
    start = files._started(os.getpid())
    assert not is_stale(name) and not is_stale(name.replace(f".{start}.", ".0."))
    assert is_stale(name.replace(f".{start}.", f".{start - 1}."))


def test_temporaries_of_other_machines_are_stale_when_they_are_old(monkeypatch):
    name = os.path.basename(temporary_name("a.png"))
    monkeypatch.setattr(files, "_machine", lambda: "00000000")
    assert not is_stale(name, files.FOREIGN) and is_stale(name, files.FOREIGN + 1)


def test_a_directory_is_swept_once_and_no_further_than_its_first_entries(tmp_path, monkeypatch):
    swept = []
    monkeypatch.setattr(files, "sweep", swept.append)
    for name in ("a", "b"):
        write(tmp_path / name)
    assert swept == [str(tmp_path)]
    monkeypatch.undo()
    (tmp_path / "sub").mkdir()
    for number in range(5):
        (tmp_path / "sub" / f"{number}{files.SUFFIX}").touch()
    monkeypatch.setattr(files, "SCANNED", 2)
    monkeypatch.setattr(files, "is_stale", lambda *_: True)
    assert [sweep(str(tmp_path / "sub")) for _ in range(4)] == [2, 2, 1, 0]


# ---- inputs ------------------------------------------------------------------------------------------------


def test_names_are_shown_without_control_characters():
    assert quote_path("a b.png") == "'a b.png'"
    assert quote_path("a\n\x1b[31m\udcff.png") == r"'a\n\x1b[31m\udcff.png'"
    assert quote_path("день.png") == "'день.png'"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("no.png", "no such file$"),
        ("no/a.png", "no such file$"),
        ("", "is a directory"),
        ("empty.png", "it is empty"),
        ("empty.png/a", "not a directory"),
        ("a\0b", "no such file"),
        ("bad\nname", r"'.*bad\\nname': no such file"),
    ],
)
def test_inputs_that_cannot_be(tmp_path, name, word):
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(FileError, match=word) as error:
        read_input(f"{tmp_path}/{name}")
    assert "\n" not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_an_input_that_may_not_be_read(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(FileError, match="permission denied"):
        read_input(str(tmp_path / "a.png"))


def test_files_pipes_and_maps(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    path.write_bytes(b"0123456789")
    assert read_input(str(path)) == b"0123456789"
    monkeypatch.setattr(files, "MAPPED", 5)
    data = read_input(str(path))
    assert data[:] == b"0123456789" and not isinstance(data, bytes)
    out, into = os.pipe()
    os.write(into, b"piped")
    os.close(into)
    with os.fdopen(out, "r") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        assert read_input("-") == b"piped"


def test_a_pipe_without_end(monkeypatch):
    monkeypatch.setattr(files, "PIPED", 3 << 20)
    with pytest.raises(FileError, match="save it to a file first"):
        read_input("/dev/zero")


def test_a_closed_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(FileError, match="closed"):
        read_input("-")
