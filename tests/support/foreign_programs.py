"""Third-party programs for the interoperability tests: fetched once in pinned versions, spoken to in lines of JSON."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NIMBUS = "com.nimbusds:nimbus-jose-jwt:10.3"
NODE_JOSE = "jose@6.2.18"
HERE = Path(__file__).resolve().parents[1] / "interop"
FETCHED = HERE.parents[1] / ".venv-interop"
"""Where `make interop` puts what is not ours."""
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
ENVIRONMENT = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
"""Of programs that speak to the broker: on this machine, never through a proxy."""
_SECONDS_TO_FETCH = 100


class Refused(Exception):
    """The foreign program did not take what it was given."""


class Missing(Exception):
    """This machine cannot run the program; the text says what is not there."""


class Program:
    """A foreign program in a process of its own, which answers each line of JSON with one."""

    def __init__(self, command: Sequence[str], errors: Path) -> None:
        with errors.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env=ENVIRONMENT,
            )
        self._errors = errors

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def ask(self, does: str, **about: Any) -> Any:
        """Raises `Refused` with the program's own words."""
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        to.write(json.dumps({"does": does, **about}) + "\n")
        to.flush()
        line = back.readline()
        assert line, f"the program ended\n{self._errors.read_text('utf-8', 'replace')}"
        reply = json.loads(line)
        if "refused" in reply:
            raise Refused(reply["refused"])
        assert "answer" in reply, reply
        return reply["answer"]


class JosePeer(Program):
    """A JOSE library. Raises `Refused` with the library's name of the error."""

    def open(self, token: str, key: dict[str, Any]) -> bytes:
        return decoded(self.ask("decrypt", token=token, key=key))

    def seal(self, content: bytes, header: dict[str, Any], key: dict[str, Any]) -> str:
        return str(self.ask("encrypt", content=encoded(content), header=header, key=key))

    def verify(self, token: str, key: dict[str, Any]) -> bytes:
        return decoded(self.ask("verify", token=token, key=key))

    def verify_detached(self, token: str, content: bytes, key: dict[str, Any]) -> bytes:
        return decoded(self.ask("verifyDetached", token=token, content=encoded(content), key=key))

    def sign(self, content: bytes, header: dict[str, Any], key: dict[str, Any]) -> str:
        return str(self.ask("sign", content=encoded(content), header=header, key=key))

    def sign_detached(self, content: bytes, header: dict[str, Any], key: dict[str, Any]) -> str:
        return str(self.ask("signDetached", content=encoded(content), header=header, key=key))

    def thumbprint(self, key: dict[str, Any]) -> str:
        return str(self.ask("thumbprint", key=key))


@dataclass(frozen=True)
class Person:
    """Somebody who uses a foreign client: address, credentials and keys go with every question."""

    program: Program
    identity: Mapping[str, Any]

    def __call__(self, does: str, **about: Any) -> Any:
        """Raises `Refused` with the client's sentence."""
        return self.program.ask(does, **{"as": dict(self.identity), "about": about})


def nimbus() -> list[str]:
    """The command that runs Nimbus, compiled as it starts."""
    folder = _fetched(NIMBUS, ("java", "javac", "mvn"), _copy_nimbus)
    [jar] = folder.glob("*.jar")
    return ["java", "-cp", str(jar), str(HERE / "java" / "Peer.java")]


def node(program: str) -> list[str]:
    """The command that runs a program of `tests/interop/node` with jose beside it."""
    _at_least_20()
    folder = _fetched(NODE_JOSE, ("node", "npm"), _install_jose)
    shutil.copytree(HERE / "node", folder, dirs_exist_ok=True)
    return ["node", str(folder / program)]


def python(program: str, *words: str) -> list[str]:
    """The command that runs a program of `tests/interop/python` in the environment of foreign packages."""
    interpreter = FETCHED / "bin" / "python"
    if not interpreter.exists():
        raise Missing("no .venv-interop: make interop makes it")
    return [str(interpreter), str(HERE / "python" / program), *words]


LIBRARIES: dict[str, Callable[[], list[str]]] = {
    "nimbus": nimbus,
    "jose": lambda: node("peer.mjs"),
    "joserfc": lambda: python("peer.py", "joserfc"),
    "jwcrypto": lambda: python("peer.py", "jwcrypto"),
}
"""Commands of the JOSE libraries, as `JosePeer` takes them; each raises `Missing`."""


def versions() -> dict[str, str]:
    """The names of the libraries as their registries know them."""
    pinned = (HERE / "python" / "requirements.txt").read_text().split()
    python_names = {name.split("==")[0]: f"PyPI {name.replace('==', ' ')}" for name in pinned}
    return {
        "nimbus": "Maven " + " ".join(NIMBUS.rsplit(":", 1)),
        "jose": "npm " + " ".join(NODE_JOSE.split("@")),
        **python_names,
    }


def _fetched(name: str, tools: Sequence[str], fetch: Callable[[Path], list[str]]) -> Path:
    """The folder of this version, filled when it is not there yet."""
    lacking = [tool for tool in tools if shutil.which(tool) is None]
    if lacking:
        raise Missing(f"not installed: {', '.join(lacking)}")
    folder = FETCHED / name.replace(":", "-")
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = fetch(folder)
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS_TO_FETCH, check=False
        )
        if done.returncode != 0:
            raise Missing(f"{command[0]} could not fetch {name}: {(done.stdout + done.stderr).strip()[-300:]}")
        (folder / "complete").touch()
    return folder


def _at_least_20() -> None:
    """What jose 6 needs."""
    if shutil.which("node") is None:
        raise Missing("not installed: node")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        raise Missing(f"Node {version} is too old, 20 is needed")


def _copy_nimbus(folder: Path) -> list[str]:
    return ["mvn", "-q", "-B", _COPY, f"-Dartifact={NIMBUS}", f"-DoutputDirectory={folder}"]


def _install_jose(folder: Path) -> list[str]:
    return ["npm", "install", "--no-save", "--no-audit", "--ignore-scripts", "--prefix", str(folder), NODE_JOSE]


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
