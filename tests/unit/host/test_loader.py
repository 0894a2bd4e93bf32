"""The host's user data: small, without a secret, run at every boot, and no failure if nothing is published yet."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from template.stack import Stack, read_source
from unit.host.conftest import FACTS, Host

MAX_BYTES = 16_384  # EC2's limit, before base64
VALUES = {
    "AWS::Region": FACTS["AWS_REGION"],
    "DashboardsBucket": FACTS["DASHBOARDS_BUCKET"],
    "GrafanaSecret.Id": FACTS["PASSWORD_SECRET"],
    "WarehouseWorkgroup": FACTS["WAREHOUSE_WORKGROUP"],
    "Environment": "dev",
}


def user_data(certificate: str = "") -> str:
    """Return the user data with values filled in, as CloudFormation does it."""
    name = {"BalancerDomainName": "dashboards.example.com"} if certificate else {}
    stack = Stack(read_source(), {"BalancerCertificateArn": certificate, **name})
    text, own = stack.resources["GrafanaHost"].properties["UserData"]["Fn::Base64"]["Fn::Sub"]
    values = VALUES | {key: stack.text(value) for key, value in own.items()}
    return re.sub(r"\$\{([\w:.]+)\}", lambda name: str(values[name[1]]), text)


@pytest.fixture
def booted(host: Host) -> Host:
    """A host whose user data has run, below a temporary folder."""
    script = user_data()
    for folder in ("/etc/cafe", "/etc/systemd", "/usr/local/sbin"):
        script = script.replace(f" {folder}", f" {host.folder}{folder}")
    for folder in ("etc/systemd/system", "usr/local/sbin"):
        (host.folder / folder).mkdir(parents=True)
    program = host.folder / "user-data"
    program.write_text(script.replace(" /opt/cafe\n", f" {host.published}\n"))

    for _ in range(2):  # at every boot
        ran = host.run(program)
        assert ran.returncode == 0, ran.stderr
    return host


@pytest.fixture
def loader(booted: Host) -> Path:
    return booted.folder / "usr" / "local" / "sbin" / "cafe-dashboards"


def test_it_is_a_boothook_so_that_changed_facts_take_effect_at_the_next_boot() -> None:
    assert user_data().startswith("#cloud-boothook\n#!/bin/bash\n")


def test_it_is_within_the_limit_and_holds_only_the_name_of_a_secret() -> None:
    text = user_data()

    assert len(text.encode()) < MAX_BYTES / 2
    assert len(base64.b64encode(text.encode())) < MAX_BYTES
    assert "resolve:secretsmanager" not in str(read_source()["Resources"]["GrafanaHost"])


def test_it_writes_the_facts_that_the_boot_script_reads(booted: Host) -> None:
    facts = dict(line.split("=", 1) for line in (booted.folder / "etc/cafe/stack.env").read_text().splitlines())

    assert facts == FACTS


@pytest.mark.parametrize(
    ("certificate", "facts"),
    [
        ("", ["loopback", "http://localhost:3000/", "false"]),
        ("arn:aws:acm:eu-west-2:1:certificate/a", ["private", "https://dashboards.example.com/", "true"]),
    ],
    ids=["without a balancer", "with a balancer"],
)
def test_only_with_a_balancer_it_listens_on_the_private_address_and_expects_https(
    certificate: str, facts: list[str]
) -> None:
    written = re.findall(
        "^(?:LISTEN_ON|GF_SERVER_ROOT_URL|GF_SECURITY_COOKIE_SECURE)=(.*)$", user_data(certificate), re.MULTILINE
    )

    assert written == facts


def test_the_timer_is_started_without_waiting_for_it(booted: Host) -> None:
    assert booted.calls[-1] == "systemctl start --no-block cafe-dashboards.timer"
    timer = (booted.folder / "etc/systemd/system/cafe-dashboards.timer").read_text()
    assert "OnUnitInactiveSec=1min" in timer


def test_what_is_published_is_fetched_and_run(booted: Host, loader: Path) -> None:
    booted.forget_calls()

    ran = booted.run(loader, booted.published)

    assert ran.returncode == 0, ran.stderr
    assert booted.calls[0] == (
        f"aws s3 sync --only-show-errors --delete --exact-timestamps s3://{FACTS['DASHBOARDS_BUCKET']} "
        f"{booted.published}"
    )
    assert "systemctl restart cafe-grafana" in booted.calls


def test_if_nothing_is_published_yet_it_starts_nothing_and_does_not_fail(booted: Host, loader: Path) -> None:
    (booted.published / "host" / "boot.sh").unlink()
    booted.forget_calls()

    ran = booted.run(loader, booted.published)

    assert ran.returncode == 0
    assert "cafe dashboards publish" in ran.stderr
    assert [call.split()[:2] for call in booted.calls] == [["aws", "s3"]]


def test_if_the_bucket_does_not_answer_it_runs_what_was_fetched_before(booted: Host, loader: Path) -> None:
    booted.install("aws", "[[ $1 == s3 ]] && exit 1 || echo generated-password")

    ran = booted.run(loader, booted.published)

    assert ran.returncode == 0, ran.stderr
    assert "continuing with what was fetched before" in ran.stderr
    assert "systemctl restart cafe-grafana" in booted.calls


def test_shellcheck_finds_nothing_in_both_scripts(loader: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer.sh"
    outer.write_text(user_data().removeprefix("#cloud-boothook\n"))

    checked = subprocess.run(
        [Path(sys.executable).with_name("shellcheck"), "--severity", "style", outer, loader],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
