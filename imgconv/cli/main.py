"""The entry point: words go to a pipeline, or to Click for help, completion and tools; errors become exit codes.

A pipeline never imports Click, which takes 40 to 60 ms, longer than the filter: `grammar` reads its words. Click reads
all others.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` would import enum, 7 ms
import gc
import os
import sys

from imgconv.core.errors import Exit, ImgconvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

TOOLS = {  # what is not a pipeline: each tool's name, and the module and name of its Click command
    "list": "imgconv.cli.tool_commands:list_",
    "show": "imgconv.cli.tool_commands:show",
    "cache": "imgconv.cli.tool_commands:cache",
    "doctor": "imgconv.cli.tool_commands:doctor",
    "completion": "imgconv.cli.completion:completion",
}
FATAL = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line, and exit with its code."""
    words = list(sys.argv[1:] if words is None else words)
    gc.disable()  # 0.6 ms of a warm run: what it makes is needed to its end
    for number in FATAL:
        if _signal.getsignal(number) is not _signal.SIG_IGN:
            _signal.signal(number, _die)
    debug = "--debug" in words or os.environ.get("IMGCONV_DEBUG", "0") not in ("", "0")
    leave(guarded(words, debug))


def _die(number: int, frame: FrameType | None) -> None:
    """Remove temporary files and die by the signal itself, so that shells and make see it.

    At once, in the handler: raised as an exception, 1 of 22 signals during compilation was lost in a callback of LLVM,
    which ignores exceptions, and the run continued to its end.
    """
    for fatal in FATAL:
        _signal.signal(fatal, _signal.SIG_IGN)  # a second signal must not interrupt the cleanup
    files = sys.modules.get("imgconv.formats.files")
    discard_all = getattr(files, "discard_all", None)  # not imported yet: there is nothing to discard
    if discard_all is not None:
        discard_all()
    _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)


def guarded(words: Sequence[str], debug: bool) -> int:
    """Run, and turn every error into one line on stderr and an exit code: the only handler there is."""
    from imgconv.core.messages import say

    try:
        return run(words)
    except BrokenPipeError:
        return Exit.CLOSED_PIPE
    except ImgconvError as error:
        if debug:
            raise
        say(str(error))
        return error.code
    except MemoryError:
        say("not enough memory for this image; try a smaller image or fewer --threads")
        return Exit.SOME_FAILED
    except Exception as error:
        if debug:
            raise
        say(
            f"internal error: {type(error).__name__}: {error}; run with --debug to see where, and please report it"
        )
        return Exit.SOME_FAILED


def run(words: Sequence[str]) -> int:
    """Run a pipeline, or hand help, completion, the version and tools to Click; the exit code."""
    if for_click(words):
        from imgconv.cli.app import main as click_main

        return click_main(words, TOOLS)
    from imgconv.engine.run_options import options, run_of
    from imgconv.engine.run_report import Report
    from imgconv.pipeline.execute import execute
    from imgconv.pipeline.grammar import parse, parse_run
    from imgconv.pipeline.presets import Names

    values, start = parse_run(words, options())
    run = run_of(values)
    report = Report(run.quiet, run.strict)
    if not run.quiet and sys.stderr is not None and sys.stderr.isatty():
        from imgconv.engine.progress import Progress

        report.progress = Progress(_write)
    return execute(parse(words[start:], Names(also=tuple(TOOLS))), run, report).code


def _write(text: str) -> None:
    """Text on stderr, at once."""
    try:
        print(text, end="", file=sys.stderr, flush=True)
    except OSError:
        pass


def for_click(words: Sequence[str]) -> bool:
    """Whether the words ask for help, completion, the version or a tool."""
    return (
        not words
        or words[0] in TOOLS
        or words[0] == "--version"
        or "_IMGCONV_COMPLETE" in os.environ
        or any(word in ("--help", "-h") for word in words)
    )


def leave(code: int) -> None:
    """Exit at once: tearing the interpreter down costs 3 to 5 ms, and a closed pipe would make it complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            code = code or Exit.CLOSED_PIPE
    os._exit(code)
