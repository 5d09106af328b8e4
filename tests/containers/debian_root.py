"""A Debian system in a folder, in which a container's commands run by chroot. Needs root, Linux and debootstrap.

It stands in for a container engine: the same files, user, environment and read-only root; no network, process or memory
limits of its own. Mounts live in a mount namespace of the command and end with it.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = "python3.11,python3-pip,ca-certificates"
MIRROR = "http://deb.debian.org/debian"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The network as this machine has it; bound for as long as a command runs, so that none of it stays in the folder.
NETWORK_FILES = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
NETWORK_VARIABLES = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def make_base(folder: Path) -> None:
    """What python:3.11-slim-bookworm offers: Debian 12, and `python` and `pip` of version 3.11."""
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(folder), MIRROR]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in ("python", "python3"):
        (folder / "usr/local/bin" / name).symlink_to("/usr/bin/python3.11")
    (folder / "etc/pip.conf").touch()


def copy_root(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", source, target], check=True)


def network_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper().startswith(NETWORK_VARIABLES)}


@dataclass(frozen=True)
class Place:
    """Where and as whom a command runs; `binds` are folders of this machine, `scratch` are empty ones in memory."""

    root: Path
    workdir: str = "/"
    user: str = "0:0"
    binds: Mapping[str, Path] = field(default_factory=dict)
    scratch: Sequence[str] = ()
    read_only: bool = False

    def command(self, words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """The command on this machine that runs `words` there; it keeps its process id, so signals reach it."""
        inner = ["env", "--ignore-environment", *(f"{name}={value}" for name, value in environment.items()), *words]
        enter = f"cd {shlex.quote(self.workdir)} && exec {shlex.join(inner)}"
        chroot = ["chroot", f"--userspec={self.user}", "--groups=", str(self.root), "/bin/sh", "-c", enter]
        script = " && ".join([*self._mounts(), f"exec {shlex.join(chroot)}"])
        return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script]

    def _mounts(self) -> list[str]:
        root = shlex.quote(str(self.root))
        lines = [f"mount --bind {root} {root}", f"mount -t proc proc {root}/proc", f"mount --rbind /dev {root}/dev"]
        for file in NETWORK_FILES:
            if Path(file).exists():
                lines.append(f"mount --bind {file} {root}{file}")
        if self.read_only:
            lines.append(f"mount -o remount,ro,bind {root}")
        for target in self.scratch:
            lines.append(f"mount -t tmpfs -o mode=1777 tmpfs {root}{target}")
        for target, folder in self.binds.items():
            lines.append(f"mkdir -p {root}{target} && mount --bind {shlex.quote(str(folder))} {root}{target}")
        return lines

    def run(self, words: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(words, environment), text=True, capture_output=True, check=False, env={"PATH": PATH}
        )

    def start(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
        with log.open("wb") as stream:
            command = self.command(words, environment)
            return subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env={"PATH": PATH})

    def beside(self, process: "subprocess.Popen[bytes]", words: Sequence[str], environment: Mapping[str, str]) -> int:
        """Runs a command in the mount namespace of one that runs, as a health check does; returns its status."""
        inner = ["env", "--ignore-environment", *(f"{name}={value}" for name, value in environment.items()), *words]
        script = f"cd {shlex.quote(self.workdir)} && exec {shlex.join(inner)}"
        chroot = ["chroot", f"--userspec={self.user}", "--groups=", str(self.root), "/bin/sh", "-c", script]
        enter = ["nsenter", "--mount", "--target", str(process.pid), *chroot]
        return subprocess.run(enter, check=False, env={"PATH": PATH}, capture_output=True, timeout=60).returncode
