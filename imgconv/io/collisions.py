"""Which files a run reads and writes: no two results for one file, no result over another input."""

from __future__ import annotations

import os

from imgconv.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Outputs:
    """The inputs of a run, and the outputs that jobs have claimed."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self.sources = {os.path.realpath(path): path for path in inputs if path != "-"}
        self.claimed: dict[str, str] = {}

    def claim(self, target: str, path: str) -> None:
        """An input's result goes to the file `target`. Errors: UsageError where it may not."""
        real = target if target == "-" else os.path.realpath(target)
        if real in self.claimed:
            other = self.claimed[real]
            also = f"'{other}' and '{path}'" if other != path else f"two results of '{path}'"
            raise UsageError(
                f"save: {also} would both be written to '{target}'; use {{stem}} or {{index}} in the name"
            )
        source = self.sources.get(real)
        if source is not None and source != path and os.path.realpath(path) != real:
            raise UsageError(
                f"save: the result of '{path}' would overwrite the input '{source}'; choose another name"
            )
        if not os.path.exists(real) or os.path.isfile(real):  # devices and pipes take any number
            self.claimed[real] = path
