import subprocess
import sys


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
