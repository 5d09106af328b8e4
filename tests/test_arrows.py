"""The arrows between the rooms, proved on every source file: who may import, name or mention whom.

`onboarding → catalog` and `onboarding → ml`; `catalog` and `ml` know neither each other nor `onboarding`. Strings
that Django resolves (foreign keys, `reverse`, `get_model`, settings modules, migration dependencies) are arrows too.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = ("catalog", "ml", "onboarding")

NEVER_IMPORTED = {
    "catalog": {"onboarding", "ml", "torch", "torchvision"},
    "ml": {"onboarding", "catalog", "django", "celery", "rest_framework"},
    "onboarding": {"torch", "torchvision"},
}
NEVER_NAMED = {"catalog": {"onboarding", "ml"}, "ml": {"onboarding", "catalog"}, "onboarding": {"ml"}}
# A room's bare name in quotes is an app label ("onboarding"), except where it is a word or a folder as well.
BARE_NAMES = {"catalog": {"onboarding"}, "ml": {"onboarding", "catalog"}, "onboarding": set()}
DOORS_TO_ML = ("onboarding/tagging.py", "onboarding/management/commands/")
IMPORTERS = {"import_module", "__import__"}


def room_of(path: str) -> str:
    return path.partition("/")[0]


def breaches(path: str, source: str) -> list[str]:
    """What breaks the arrows in one file, as "line: what"; `path` is relative to the repository."""
    tree = ast.parse(source)
    found = [*_wrong_imports(path, tree), *_wrong_names(path, tree)]
    return [f"{line}: {what}" for line, what in sorted(found)]


def _wrong_imports(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    late = _late_lines(tree)
    for line, module in _imported(path, tree):
        top = module.partition(".")[0]
        if top in NEVER_IMPORTED[room_of(path)]:
            yield line, f"imports {module}"
        elif room_of(path) == "onboarding" and top == "ml":
            if not path.startswith(DOORS_TO_ML):
                yield line, f"imports {module} beside the bridge"
            elif line not in late:
                yield line, f"imports {module} when it is loaded"


def _imported(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every import of a file, wherever it stands, with its absolute name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, module) for module in _absolute(path, node))
        elif isinstance(node, ast.Call) and _called(node) in IMPORTERS:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant):
                    yield node.lineno, str(argument.value)


def _absolute(path: str, node: ast.ImportFrom) -> list[str]:
    package = path.split("/")[: -node.level] if node.level else []
    named = [node.module] if node.module else [alias.name for alias in node.names]
    return [".".join([*package, name]) for name in named]


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _late_lines(tree: ast.Module) -> set[int]:
    """Lines that do not run when the module is loaded: bodies of functions, and `if TYPE_CHECKING:`."""
    late: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _is_type_checking(node):
            body = node.body if isinstance(node.body, list) else [node.body]  # type: ignore[attr-defined]
            for statement in body:
                late.update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return late


def _is_type_checking(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    return (test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")) == "TYPE_CHECKING"


def _wrong_names(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Strings that name another room: "onboarding.User", "onboarding:upload", the app label "onboarding"."""
    room = room_of(path)
    if room == "onboarding" and path.startswith(DOORS_TO_ML):
        return
    reference = re.compile(rf"({'|'.join(NEVER_NAMED[room])})[.:]")
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in documentation:
            continue
        if reference.match(node.value) or node.value in BARE_NAMES[room]:
            yield node.lineno, f"names {node.value!r}"


def _docstrings(tree: ast.Module) -> set[int]:
    """Strings that stand alone as a statement: they are read by people."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def sources() -> list[str]:
    return [path.relative_to(ROOT).as_posix() for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


@pytest.mark.parametrize("path", sources())
def test_every_file_keeps_to_the_arrows(path: str) -> None:
    assert breaches(path, (ROOT / path).read_text(encoding="utf-8")) == []


def test_there_are_no_other_rooms() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*ROOMS, "tests"}


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("catalog/views/shops.py", "import onboarding", ["1: imports onboarding"]),
        ("catalog/views/shops.py", "import os, onboarding.access", ["1: imports onboarding.access"]),
        ("catalog/views/shops.py", "from onboarding.models import User", ["1: imports onboarding.models"]),
        ("catalog/views/shops.py", "from ml.predictor import Predictor", ["1: imports ml.predictor"]),
        ("catalog/a.py", "def late():\n    from onboarding import worker", ["2: imports onboarding"]),
        ("catalog/a.py", "if TYPE_CHECKING:\n    from onboarding import worker", ["2: imports onboarding"]),
        ("catalog/a.py", "from ..onboarding import worker", ["1: imports onboarding"]),
        ("catalog/views/a.py", "from ... import ml", ["1: imports ml"]),
        ("catalog/a.py", "import torch", ["1: imports torch"]),
        ("ml/train.py", "from django.conf import settings", ["1: imports django.conf"]),
        ("ml/train.py", "import celery", ["1: imports celery"]),
        ("ml/train.py", "import rest_framework.views", ["1: imports rest_framework.views"]),
        ("ml/train.py", "from catalog.models import Term", ["1: imports catalog.models"]),
        ("ml/train.py", "def late():\n    import onboarding.tasks", ["2: imports onboarding.tasks"]),
        ("onboarding/worker.py", "import torch", ["1: imports torch"]),
        ("onboarding/tagging.py", "def late():\n    import torchvision", ["2: imports torchvision"]),
        ("onboarding/worker.py", "def late():\n    import ml", ["2: imports ml beside the bridge"]),
        ("onboarding/tagging.py", "import ml.predictor", ["1: imports ml.predictor when it is loaded"]),
        ("onboarding/tagging.py", "class A:\n    from ml import train", ["2: imports ml when it is loaded"]),
        ("onboarding/tagging.py", "if DEBUG:\n    import ml", ["2: imports ml when it is loaded"]),
        (
            "onboarding/tagging.py",
            "if TYPE_CHECKING:\n    import ml\nelse:\n    import ml",
            ["4: imports ml when it is loaded"],
        ),
        ("onboarding/a.py", 'NETWORK = "ml.network.Network"', ["1: names 'ml.network.Network'"]),
        ("catalog/views/a.py", "from ... import manage, ml", ["1: imports ml"]),
        ("onboarding/management/commands/retrain.py", "import ml", ["1: imports ml when it is loaded"]),
        (
            "onboarding/a.py",
            'import_module("ml.train")',
            ["1: imports ml.train beside the bridge", "1: names 'ml.train'"],
        ),
        ("catalog/a.py", 'reverse("onboarding:upload", args=[1])', ["1: names 'onboarding:upload'"]),
        ("catalog/a.py", 'reverse(f"onboarding:{name}")', ["1: names 'onboarding:'"]),
        ("catalog/models.py", 'ForeignKey("onboarding.User", CASCADE)', ["1: names 'onboarding.User'"]),
        ("catalog/a.py", 'apps.get_model("onboarding", "User")', ["1: names 'onboarding'"]),
        ("catalog/a.py", 'setdefault(KEY, "onboarding.config.settings")', ["1: names 'onboarding.config.settings'"]),
        (
            "catalog/migrations/0009_a.py",
            "class Migration:\n    dependencies = [('onboarding', '0001_people')]",
            ["2: names 'onboarding'"],
        ),
        ("catalog/a.py", '__import__("ml")', ["1: imports ml"]),
        ("ml/a.py", 'KEY = "catalog.Term"', ["1: names 'catalog.Term'"]),
        ("ml/a.py", 'importlib.import_module("onboarding")', ["1: imports onboarding", "1: names 'onboarding'"]),
    ],
)
def test_a_wrong_arrow_is_found(path: str, source: str, expected: list[str]) -> None:
    assert breaches(path, source) == expected


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("onboarding/review.py", "from catalog.models import Listing"),
        ("onboarding/models.py", 'ForeignKey("catalog.Photo", CASCADE)'),
        ("onboarding/tagging.py", "def late():\n    from ml.predictor import Predictor"),
        ("onboarding/tagging.py", "if TYPE_CHECKING:\n    from ml.predictor import Predictor"),
        ("onboarding/management/commands/retrain.py", "def handle():\n    import ml.train"),
        ("onboarding/config/settings.py", 'DEFAULT_DIR = BASE_DIR / "ml" / "artifacts"'),
        ("catalog/views/a.py", "from . import shops"),
        ("catalog/views/a.py", "from ..services import photos"),
        ("catalog/models.py", "ForeignKey(settings.AUTH_USER_MODEL, CASCADE)"),
        ("catalog/countries.py", 'LANGUAGES = ("mr", "ml", "hi")'),
        ("catalog/a.py", '"""Tags are set by onboarding.services.confirming."""'),
        ("ml/train.py", "from torchvision import models\nfrom . import network"),
        ("ml/a.py", 'HELP = "onboarding a new data set"'),
    ],
)
def test_a_right_arrow_is_left_alone(path: str, source: str) -> None:
    assert breaches(path, source) == []
