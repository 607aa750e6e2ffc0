"""A chain of steps, with what comes in and out of each: inferred once, when the step is added."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Step


class Link:
    """A step, the spec that comes in and the spec that goes out."""

    __slots__ = ("out", "spec", "step")

    def __init__(self, step: Step, spec: Spec, out: Spec) -> None:
        self.step, self.spec, self.out = step, spec, out


class Chain:
    """Steps over an image of the spec `source`. Errors: UsageError from the first step that cannot work."""

    __slots__ = ("links", "source")

    def __init__(self, source: Spec, steps: Iterable[Step] = (), links: Iterable[Link] = ()) -> None:
        self.source = source
        self.links = list(links)
        for step in steps:
            self.add(step)

    @property
    def spec(self) -> Spec:
        """What comes out."""
        return self.links[-1].out if self.links else self.source

    @property
    def steps(self) -> list[Step]:
        return [link.step for link in self.links]

    def add(self, step: Step) -> None:
        """Put a step behind the others."""
        spec = self.spec
        self.links.append(Link(step, spec, step.infer(spec)))

    def append(self, link: Link) -> None:
        """Put a step behind the others whose specs are known; inferred anew only where another spec comes in."""
        spec = self.spec
        if link.spec is spec or link.spec == spec:
            self.links.append(link)
        else:
            self.add(link.step)

    def followed_by(self, links: Iterable[Link]) -> Chain:
        """This chain and more links."""
        chain = Chain(self.source, links=self.links)
        for link in links:
            chain.append(link)
        return chain

    def expanded(self, run: Run) -> Chain:
        """The chain with each step replaced by the steps that do its work."""
        chain = Chain(self.source)
        for link in self.links:
            steps: Sequence[Step] = link.step.expand(link.spec, run)
            if len(steps) == 1 and steps[0] is link.step:
                chain.append(link)
            else:
                for step in steps:
                    chain.add(step)
        return chain
