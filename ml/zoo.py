"""torchvision's classification networks, without the compiler that its detection operators would import with them.

The compiler takes 1.4 s and 140 MB in every process that loads a network, and none of them compiles a detector.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

from torch import nn

COMPILER = "torch._dynamo"


def _is_compile_supported(device_type: Any) -> Any:
    from torch._dynamo.utils import is_compile_supported

    return is_compile_supported(device_type)


@contextmanager
def _compiler_on_demand() -> Iterator[None]:
    """While torchvision is imported, its one import from the compiler finds a function that imports it when called."""
    if COMPILER in sys.modules:
        yield
        return
    stand_ins = {name: ModuleType(name) for name in (COMPILER, f"{COMPILER}.utils")}
    stand_ins[f"{COMPILER}.utils"].__dict__["is_compile_supported"] = _is_compile_supported
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


with _compiler_on_demand():
    from torchvision import models

__all__ = ["Builder", "find_builder", "models", "register"]

Builder = Callable[..., nn.Module]
_own: dict[str, Builder] = {}


def register(builder: Builder) -> Builder:
    """Decorates the builder of an own network, which ends in a linear layer: from then on its name is known."""
    _own[builder.__name__] = builder
    return builder


def find_builder(name: str) -> Builder | None:
    """What builds the own or torchvision classification network `name`, untrained; None where there is no such."""
    if name in models.list_models(module=models):
        return partial(models.get_model, name, weights=None)
    return _own.get(name)
