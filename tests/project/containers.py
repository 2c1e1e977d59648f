"""A Dockerfile, of which every instruction is carried out by hand below a folder instead of in a container."""

from __future__ import annotations

import fnmatch
import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockerfile_parse import DockerfileParser
from dockerfile_parse.util import extract_key_values

from tests.paths import ROOT

BUILD_TIMEOUT = 240
"""Seconds."""
_METADATA = {"ARG", "COMMENT", "EXPOSE", "LABEL"}


@dataclass
class Image:
    """The result of a build: a folder for the file system, and what a container would be started with.

    Attributes:
        root: The folder that stands for `/`.
        python: The folder of commands of a clean virtual environment, which stands for the base image.
        environment: The environment variables.
        folder: The working directory.
        started: ENTRYPOINT, CMD, HEALTHCHECK and USER of the last stage.
        stages: The names of the base images.
    """

    root: Path
    python: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    started: dict[str, Any] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)

    @classmethod
    def build(cls, root: Path, python: Path) -> Image:
        """Build the Dockerfile of the project."""
        image = cls(root, python)
        parser = DockerfileParser(fileobj=io.BytesIO((ROOT / "Dockerfile").read_bytes()))
        for step in parser.structure:
            if step["instruction"] not in _METADATA:
                getattr(image, f"_{step['instruction'].lower()}")(step["value"])
        return image

    def command(self, *arguments: str) -> list[str]:
        """Return the command of `docker run IMAGE ARGUMENTS`; without arguments, that of CMD."""
        return [*self.started["ENTRYPOINT"], *(arguments or self.started["CMD"])]

    def _from(self, value: str) -> None:
        # Only what COPY takes from this stage is in the next one.
        self.stages.append(value)
        if self.root.exists():
            self.root.rename(self.root.with_name("build"))
        self.root.mkdir()
        path = f"{self.python}{os.pathsep}{os.defpath}"
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
        self.environment = kept | {"PATH": path, "HOME": str(self.root), "LANG": "C.UTF-8"}
        self.started.clear()

    def _workdir(self, value: str) -> None:
        self.folder = self._inside(value)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _copy(self, value: str) -> None:
        if not value.startswith("--from="):
            assert value == ". ."
            copy_context(self.folder)
            return
        stage, source, target = value.split()
        assert stage == "--from=build"
        assert source == target, "a virtual environment works where it was made"
        place = self._inside(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        self.root.with_name("build").joinpath(source.strip("/")).rename(place)

    def _run(self, value: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-ec", self._mapped(value)], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, timeout=BUILD_TIMEOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def _env(self, value: str) -> None:
        pairs = extract_key_values(True, {}, self.environment, self._mapped(value))
        self.environment.update(pairs)

    def _user(self, value: str) -> None:
        self.started["USER"] = value

    def _entrypoint(self, value: str) -> None:
        self.started["ENTRYPOINT"] = json.loads(value)

    def _cmd(self, value: str) -> None:
        self.started["CMD"] = json.loads(value)

    def _healthcheck(self, value: str) -> None:
        self.started["HEALTHCHECK"] = json.loads(value.partition("CMD")[2])

    def _inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _mapped(self, text: str) -> str:
        """Return a text with the absolute paths of the image below the folder."""
        return re.sub(r"""(^|[\s"'=:])/(?=(?:opt|src|work)\b)""", rf"\1{self.root}/", text)


def copy_context(target: Path) -> None:
    """Copy what Docker would send: the files that .dockerignore does not exclude."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]

    def excluded(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if ignored((Path(folder) / name).relative_to(ROOT).as_posix(), patterns)]

    shutil.copytree(ROOT, target, ignore=excluded, dirs_exist_ok=True)


def ignored(path: str, patterns: list[str]) -> bool:
    """True if .dockerignore excludes a path of the context: the last pattern that matches decides."""
    parts = path.split("/")
    ancestors = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    found = False
    for pattern in patterns:
        glob = pattern.removeprefix("!")
        names = parts if glob.startswith("**/") else ancestors
        if any(fnmatch.fnmatchcase(name, glob.removeprefix("**/")) for name in names):
            found = not pattern.startswith("!")
    return found
