"""What a build may copy: the repository, less what .dockerignore names."""

import re
import shutil
from pathlib import Path

from tests.containers.dockerfile import ROOT


def _pattern(text: str) -> re.Pattern[str]:
    """What the pattern matches, and all beneath it."""
    parts = {"**/": "(?:.*/)?", "*": "[^/]*"}
    wild = re.sub(r"\*\*/|\*|[^*]+", lambda part: parts.get(part[0], re.escape(part[0])), text.strip("/"))
    return re.compile(f"{wild}(?:/.*)?")


class BuildContext:
    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
        self._lines = [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    def __contains__(self, path: str) -> bool:
        """Whether a path, relative to the repository, is sent to the build: the last line that matches decides."""
        matching = [line for line in self._lines if _pattern(line.removeprefix("!")).fullmatch(path)]
        return not matching or matching[-1].startswith("!")

    def copy(self, source: str, target: Path) -> None:
        """As COPY does: a file to its place, of a folder the contents. Raises `FileNotFoundError`."""
        origin = self.root / source
        if source not in self or not origin.exists():
            raise FileNotFoundError(f"COPY {source}: it is not in the build context")
        if origin.is_file():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, target / origin.name)
            return
        for each in sorted(origin.rglob("*")):
            if each.is_file() and each.relative_to(self.root).as_posix() in self:
                place = target / each.relative_to(origin)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(each, place)
