"""The certificates of the local Redshift endpoint."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from cafe.local import certificates
from cafe.local.certificates import LIFETIME, Certificates, provide

NOW = datetime.datetime(2026, 11, 23, 21, 0, tzinfo=datetime.UTC)


def greet(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """Shake hands in memory; raises ssl.SSLError when the client refuses the server."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue


def contexts(made: Certificates) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate_file, made.key_file)
    return server, ssl.create_default_context(cafile=str(made.ca_file))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "host.docker.internal"])
def test_a_client_that_trusts_the_authority_accepts_the_server(tmp_path: Path, name: str) -> None:
    made = provide(tmp_path / "tls", datetime.datetime.now(datetime.UTC))

    greet(*contexts(made), name)


def test_a_client_refuses_the_server_under_another_name(tmp_path: Path) -> None:
    made = provide(tmp_path / "tls", datetime.datetime.now(datetime.UTC))

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        greet(*contexts(made), "example.org")


def test_a_client_refuses_a_server_of_another_checkout(tmp_path: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    server, _ = contexts(provide(tmp_path / "theirs", now))
    _, client = contexts(provide(tmp_path / "ours", now))

    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        greet(server, client, "localhost")


def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    made = provide(tmp_path / "tls", NOW)

    assert made.key_file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "tls").stat().st_mode & 0o077 == 0


def test_certificates_are_kept_until_they_expire_soon(tmp_path: Path) -> None:
    first = provide(tmp_path / "tls", NOW).certificate_file.read_bytes()

    assert provide(tmp_path / "tls", NOW + LIFETIME / 2).certificate_file.read_bytes() == first


def test_certificates_for_other_names_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with monkeypatch.context() as before:
        before.setattr(certificates, "NAMES", certificates.NAMES[:2])
        provide(tmp_path / "tls", now)

    greet(*contexts(provide(tmp_path / "tls", now)), certificates.CONTAINER_HOST)


def test_certificates_that_expire_soon_are_replaced(tmp_path: Path) -> None:
    provide(tmp_path / "tls", NOW)

    renewed = provide(tmp_path / "tls", NOW + LIFETIME - datetime.timedelta(days=1))

    certificate = x509.load_pem_x509_certificate(renewed.certificate_file.read_bytes())
    assert certificate.not_valid_after_utc > NOW + LIFETIME


@pytest.mark.parametrize("damaged", ["ca.pem", "server.pem", "server.key"])
def test_damaged_or_missing_files_are_replaced(tmp_path: Path, damaged: str) -> None:
    folder = tmp_path / "tls"
    provide(folder, datetime.datetime.now(datetime.UTC))
    (folder / damaged).write_text("not a certificate")

    greet(*contexts(provide(folder, datetime.datetime.now(datetime.UTC))), "localhost")


def test_a_key_of_another_certificate_is_replaced(tmp_path: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    theirs = provide(tmp_path / "theirs", now)
    ours = provide(tmp_path / "ours", now)
    ours.key_file.write_bytes(theirs.key_file.read_bytes())

    greet(*contexts(provide(tmp_path / "ours", now)), "localhost")
