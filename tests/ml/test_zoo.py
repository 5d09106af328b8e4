import subprocess
import sys

from torch import nn

from ml.zoo import find_builder, register


def printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_networks_load_without_the_compiler_which_still_works_afterwards() -> None:
    code = (
        "import sys, torch; from ml.zoo import models, _is_compile_supported;"
        "print('torch._dynamo' in sys.modules, models.get_model('squeezenet1_1').num_classes);"
        "print(_is_compile_supported('cpu'), 'torch._dynamo' in sys.modules);"
        "print(torch.compile(lambda x: x + 1, backend='eager')(torch.ones(1)).item())"
    )
    assert printed(code).split() == ["False", "1000", "True", "True", "2.0"]


def test_only_torchvisions_classifiers_and_own_networks_are_known() -> None:
    def own_network(width: int = 1) -> nn.Module:
        return nn.Linear(width, 1)

    assert find_builder("own_network") is None
    register(own_network)
    known = ["alexnet", "resnet152", "own_network", "fasterrcnn_resnet50_fpn", "fcn_resnet50", "r3d_18"]
    assert [name for name in known if find_builder(name)] == ["alexnet", "resnet152", "own_network"]
    build = find_builder("own_network")
    assert build
    assert build(width=3).in_features == 3
