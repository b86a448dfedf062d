"""Third-party programs for the interoperability tests: fetched in pinned versions, built in a temporary folder."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

NIMBUS = "com.nimbusds:nimbus-jose-jwt:10.3"
NODE_JOSE = "jose@6.2.18"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
_HERE = Path(__file__).resolve().parents[1] / "interop"
_INTEROP_PYTHON = _HERE.parents[1] / ".venv-interop" / "bin" / "python"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
"""Of programs that speak to the broker: on this machine, never through a proxy."""


class Refused(Exception):
    """The foreign program did not take what it was given."""


class JosePeer:
    """A JOSE library in a process of its own. Raises `Refused` with the library's name of the error."""

    def __init__(self, command: Sequence[str], errors: Path) -> None:
        with errors.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
            )
        self._errors = errors

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def open(self, token: str, key: dict[str, Any]) -> bytes:
        return _decoded(self._ask("decrypt", token=token, key=key))

    def seal(self, content: bytes, header: dict[str, Any], key: dict[str, Any]) -> str:
        return self._ask("encrypt", content=_encoded(content), header=header, key=key)

    def verify(self, token: str, key: dict[str, Any]) -> bytes:
        return _decoded(self._ask("verify", token=token, key=key))

    def verify_detached(self, token: str, content: bytes, key: dict[str, Any]) -> bytes:
        return _decoded(self._ask("verifyDetached", token=token, content=_encoded(content), key=key))

    def sign(self, content: bytes, header: dict[str, Any], key: dict[str, Any]) -> str:
        return self._ask("sign", content=_encoded(content), header=header, key=key)

    def sign_detached(self, content: bytes, header: dict[str, Any], key: dict[str, Any]) -> str:
        return self._ask("signDetached", content=_encoded(content), header=header, key=key)

    def thumbprint(self, key: dict[str, Any]) -> str:
        return self._ask("thumbprint", key=key)

    def _ask(self, does: str, **about: Any) -> str:
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        to.write(json.dumps({"does": does, **about}) + "\n")
        to.flush()
        line = back.readline()
        assert line, f"the program ended\n{self._errors.read_text('utf-8', 'replace')}"
        return str(_taken(json.loads(line)))


class Codedust:
    """The client library `fitconnect` (PyPI), v1, against the broker at `base`. Raises `Refused` with its sentence."""

    def __init__(self, base: str) -> None:
        if not _INTEROP_PYTHON.exists():
            pytest.skip("the environment of foreign clients is missing: make interop makes it")
        self._base = base

    def ask(self, client: str, secret: str, does: str, **about: Any) -> Any:
        """One call of the library, in a process of its own."""
        ask = {"base": self._base, "client": client, "secret": secret, "does": does, **about}
        done = subprocess.run(
            [str(_INTEROP_PYTHON), str(_HERE / "python" / "codedust_client.py")],
            input=json.dumps(ask),
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return _taken(json.loads(done.stdout))


def nimbus(folder: Path) -> list[str]:
    """Fetch Nimbus by Maven; the command that runs it, compiled as it starts."""
    _needs("mvn", "javac")
    _run("mvn", "-q", "-B", _COPY, f"-Dartifact={NIMBUS}", f"-DoutputDirectory={folder}", folder=folder)
    [jar] = folder.glob("*.jar")
    return ["java", "-cp", str(jar), str(_HERE / "java" / "Peer.java")]


def node_jose(folder: Path) -> list[str]:
    """Fetch jose by npm; the command that runs it."""
    _needs("node", "npm")
    _run("npm", "install", "--no-save", "--ignore-scripts", "--prefix", str(folder), NODE_JOSE, folder=folder)
    return ["node", str(shutil.copy(_HERE / "node" / "peer.mjs", folder / "peer.mjs"))]


def _needs(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def _run(*command: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def _taken(reply: dict[str, Any]) -> Any:
    if "refused" in reply:
        raise Refused(reply["refused"])
    assert "answer" in reply, reply
    return reply["answer"]


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
