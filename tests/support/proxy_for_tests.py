"""nginx with the configuration this repository offers: only names, ports and certificates are those of the test."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from openapi_oracle import judging
from portal_kit import waited_for

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OFFERED = Path(__file__).resolve().parents[2] / "config" / "nginx" / "amtsbote.conf"
_AROUND = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/errors;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/amtsbote.conf;
}}
"""


@dataclass(frozen=True)
class Ports:
    tls: int
    plain: int
    broker: int


@dataclass(frozen=True)
class Proxy:
    ports: Ports
    http: httpx.Client
    """Trusts the proxy's certificate and follows nothing."""
    trust: ssl.SSLContext

    @property
    def base(self) -> str:
        return f"https://127.0.0.1:{self.ports.tls}"


@contextmanager
def proxy_at(folder: Path, ports: Ports) -> Iterator[Proxy]:
    """nginx in front of the broker on `ports.broker`, which need not run yet."""
    assert NGINX is not None
    folder.mkdir()
    _certify(folder)
    (folder / "amtsbote.conf").write_text(_adapted(folder, ports))
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    trust = ssl.create_default_context(cafile=folder / "chain.pem")
    with (folder / "output").open("wb") as output, judging(verify=trust, timeout=30) as http:
        process = subprocess.Popen(command, stderr=output, stdout=output)
        proxy = Proxy(ports, http, trust)
        try:
            waited_for(lambda: _answers(proxy), "nginx to answer")
            yield proxy
        finally:
            process.terminate()
            process.wait(30)


def _adapted(folder: Path, ports: Ports) -> str:
    changes = {
        "listen [::]:80;": "",
        "listen [::]:443 ssl;": "",
        "listen 80;": f"listen 127.0.0.1:{ports.plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{ports.tls} ssl;",
        "server 127.0.0.1:8080 ": f"server 127.0.0.1:{ports.broker} ",
        "/etc/ssl/amtsbote": str(folder),
    }
    text = OFFERED.read_text("utf-8")
    for offered, here in changes.items():
        assert offered in text, offered
        text = text.replace(offered, here)
    return text


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "chain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "private.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _answers(proxy: Proxy) -> bool | None:
    try:
        return proxy.http.get(f"{proxy.base}/").status_code == 404
    except httpx.TransportError:
        return None
