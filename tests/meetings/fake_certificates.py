"""Certificates for tests: of the servers, and such as a school registers for its application."""

import base64
import functools
import ipaddress
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


def _certificate(key, name: str, days: int = 30) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _pem(key, certificate: x509.Certificate) -> str:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode() + certificate.public_bytes(serialization.Encoding.PEM).decode()


@functools.cache
def server_files() -> tuple[str, str]:
    """The server's key with its certificate, and the certificate alone: made once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="fake-graph-"))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, "localhost")
    (folder / "server.pem").write_text(_pem(key, certificate))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return str(folder / "server.pem"), str(folder / "ca.pem")


@functools.cache
def client_certificate(name: str = "ouderavond") -> tuple[str, x509.Certificate]:
    """A certificate that a school could have registered: PEM of the key and the certificate."""
    # Shorter than a real one may be: it is made anew for every run of the tests.
    key = rsa.generate_private_key(65537, 1024)
    certificate = _certificate(key, name)
    return _pem(key, certificate), certificate


def thumbprint(certificate: x509.Certificate, algorithm) -> str:
    """A certificate's name in the head of a JWT."""
    return base64.urlsafe_b64encode(certificate.fingerprint(algorithm)).decode().rstrip("=")
