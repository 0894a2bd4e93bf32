"""The TLS certificates of the local Redshift endpoint: a certificate authority for this checkout, and a server's."""

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=365)
# Replace certificates a month before they expire, so that none expires while a stack is running.
RENEWAL = datetime.timedelta(days=30)
# How containers name the machine that they run on.
CONTAINER_HOST = "host.docker.internal"
CA_FILE = "ca.pem"
NAMES = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.DNSName(CONTAINER_HOST),
)


@dataclass(frozen=True)
class Certificates:
    """The files: the authority's certificate, which clients trust, and the server's certificate and key."""

    ca_file: Path
    certificate_file: Path
    key_file: Path


def provide(folder: Path, now: datetime.datetime) -> Certificates:
    """Give certificates for all that clients call this machine: made on first use, kept until they are about to expire.

    The authority's private key is never written to disk, so nobody can sign anything else with it.
    """
    certificates = Certificates(folder / CA_FILE, folder / "server.pem", folder / "server.key")
    if not _is_usable(certificates, now):
        _make(certificates, now)
    return certificates


def _is_usable(certificates: Certificates, now: datetime.datetime) -> bool:
    try:
        server = x509.load_pem_x509_certificate(certificates.certificate_file.read_bytes())
        authority = x509.load_pem_x509_certificate(certificates.ca_file.read_bytes())
        key = serialization.load_pem_private_key(certificates.key_file.read_bytes(), password=None)
        server.verify_directly_issued_by(authority)
        names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    is_for_this_server = key.public_key() == server.public_key() and set(names) == set(NAMES)
    return is_for_this_server and now + RENEWAL < server.not_valid_after_utc


def _make(certificates: Certificates, now: datetime.datetime) -> None:
    certificates.ca_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cafe, this checkout only")])
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    server = (
        _certificate(server_name, authority_name, server_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        # Python 3.13 verifies strictly (RFC 5280), which requires the link from a certificate to its issuer.
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    key_bytes = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(certificates.key_file, key_bytes, mode=0o600)
    _write(certificates.certificate_file, server.public_bytes(serialization.Encoding.PEM), mode=0o644)
    _write(certificates.ca_file, authority.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # An hour ago, so that a function whose clock is a little slow does not find it "not yet valid".
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(file: Path, content: bytes, mode: int) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
        out.write(content)
