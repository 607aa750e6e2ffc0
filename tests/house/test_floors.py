"""The rooms of the package and the one order in which they may import each other: down.

This table is the only place where the order is written. Rooms on one floor are neighbors that do not import each
other. Every import counts: at the top of a module, inside a function, under `TYPE_CHECKING`.
"""

import ast
from pathlib import Path

import pytest

from tests.support.command import ROOT

FLOORS = (  # from the roof down
    ("__main__",),
    ("cli",),
    ("tools",),
    ("api",),
    ("pipeline",),
    ("io",),
    ("steps",),
    ("engine", "formats"),
    ("loops",),
    ("jit", "kernels"),
    ("core",),
)
ANYWHERE = ("__init__",)  # the faces of the package: its version and, lazily, `imgconv.open`
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}


def modules(root: Path) -> dict[str, Path]:
    """Each module of the package below `root`, by its name without `imgconv.`."""
    found = {}
    for path in sorted((root / "imgconv").rglob("*.py")):
        parts = path.relative_to(root / "imgconv").with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


def imports(root: Path) -> dict[str, set[str]]:
    """The modules of the package that each module imports, anywhere in it."""
    known = modules(root)
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            for target in _targets(node):
                if target in known:
                    found[name].add(target)
    return found


def _targets(node: ast.AST) -> list[str]:
    """What an import statement may name: a module, or something in it."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        module = node.module or ""
        inside = [f"{module}.{alias.name}" for alias in node.names]
        names = [*inside, module]
    else:
        return []
    return [name.removeprefix("imgconv.") for name in names if name.startswith("imgconv.")]


def room(module: str) -> str:
    return module.partition(".")[0]


def arrows_up(found: dict[str, set[str]]) -> list[str]:
    """The imports that do not go down, or stay inside their room."""
    return [
        f"{name} -> {target}"
        for name, targets in found.items()
        for target in sorted(targets)
        if room(name) != room(target)
        and room(name) not in ANYWHERE
        and FLOOR[room(name)] >= FLOOR[room(target)]
    ]


def circles(found: dict[str, set[str]]) -> list[set[str]]:
    """Sets of modules that import each other in a circle (strongly connected components, R. Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    result = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in found[name] - {name}:
            if target not in index:
                visit(target)
            if target in stack:
                low[name] = min(low[name], low[target])
        if low[name] == index[name]:
            circle = set()
            while name not in circle:
                circle.add(stack.pop())
            if len(circle) > 1:
                result.append(circle)

    for name in found:
        if name not in index:
            visit(name)
    return result


def test_nothing_stands_beside_the_rooms():
    top = {path.stem for path in (ROOT / "imgconv").glob("*.py")}
    assert top == {"__init__", "__main__", "api"}
    assert {room(name) for name in modules(ROOT)} - set(ANYWHERE) == set(FLOOR)


def test_imports_only_go_down():
    assert arrows_up(imports(ROOT)) == []


def test_no_imports_go_in_a_circle():
    assert circles(imports(ROOT)) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "imgconv").rglob("__init__.py")), ids=lambda path: path.parent.name
)
def test_packages_are_empty(path):
    assert path.parent.name == "imgconv" or not path.read_text().strip()


@pytest.mark.parametrize(
    "line",
    [
        "from imgconv.steps.blur import box",
        "def f():\n    import imgconv.steps.blur.box",
        "if TYPE_CHECKING:\n    from imgconv.steps.blur.box import Box",
    ],
)
def test_an_import_that_is_turned_round_is_found(line, tmp_path):
    for name, path in modules(ROOT).items():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text() + (f"\n{line}\n" if name == "engine.step" else ""))
    found = imports(tmp_path)
    assert any(arrow.startswith("engine.step -> steps.blur.box") for arrow in arrows_up(found))
    assert any({"engine.step", "steps.blur.box"} <= circle for circle in circles(found))


def test_the_house_quotes_the_floors():
    text = (ROOT / "docs" / "house.md").read_text()
    quoted = text.partition("```\n")[2].partition("```")[0]
    assert [tuple(line.split()) for line in quoted.splitlines()] == list(FLOORS)


def test_every_registered_class_is_in_the_table():
    """The table is read from lines that begin with `@register`: one that is wrapped would be missed."""
    from imgconv.steps.registry import table

    for name, path in modules(ROOT).items():
        for node in ast.walk(ast.parse(path.read_text())):
            for decorator in getattr(node, "decorator_list", []):
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "").startswith(
                    "register"
                ):
                    word, summary = (argument.value for argument in decorator.args)
                    row = table()[word]
                    assert (row.module, row.summary) == (f"imgconv.{name}", summary)
