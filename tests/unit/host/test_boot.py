"""The host's boot script, run with stubs: what it starts, when it restarts Grafana, and when it does nothing."""

import re

import pytest

from unit.host.conftest import HEALTHY_DOCKER, IMAGE_ID, ROOT, Host

VERSIONS = ROOT / "grafana" / "host" / "versions.env"
(IMAGE,) = re.findall("GRAFANA_IMAGE=(.+)", VERSIONS.read_text(encoding="utf-8"))
NEXT_IMAGE = f"grafana/grafana:99.0.0@sha256:{9:064x}"
PASSWORD = "generated-password"
UNIT = (ROOT / "grafana" / "host" / "cafe-grafana.service").read_text(encoding="utf-8")


@pytest.fixture
def running(host: Host) -> Host:
    """A host on which Grafana runs as published."""
    assert host.boot().returncode == 0
    host.install("systemctl")
    host.forget_calls()
    return host


@pytest.fixture
def impatient_host(host: Host) -> Host:
    """A new host that looks for a Grafana that answers three times only."""
    script = host.published / "host" / "boot.sh"
    script.write_text(script.read_text().replace("health_checks=60", "health_checks=3"))
    return host


def restarts(host: Host) -> int:
    return host.calls.count("systemctl restart cafe-grafana")


def test_the_first_boot_installs_docker_and_starts_the_pinned_image(host: Host) -> None:
    result = host.boot()

    assert result.returncode == 0, result.stderr
    assert [call for call in host.calls if call.startswith(("dnf", "docker", "systemctl"))] == [
        "dnf install --quiet --assumeyes docker",
        "systemctl enable --now docker",
        f"docker image inspect {IMAGE}",
        f"docker pull --quiet {IMAGE}",
        f"systemctl link --force {host.published}/host/cafe-grafana.service",
        "systemctl daemon-reload",
        "systemctl restart cafe-grafana",
        f"docker image inspect --format {{{{.Id}}}} {IMAGE}",
        "docker container inspect --format {{.State.Health.Status}} {{.Image}} cafe-grafana",
        "docker image ls --quiet --no-trunc grafana/grafana",
    ]


def test_older_images_go_only_after_the_new_grafana_answers(host: Host) -> None:
    older, slept = f"sha256:{2:064x}", host.folder / "slept"
    docker = host.folder / "docker.does"
    # There is no container before the second pause.
    docker.write_text(
        docker.read_text()
        .replace(f'"image ls") echo {IMAGE_ID}', f'"image ls") echo {older}; echo {IMAGE_ID}')
        .replace(f'echo "healthy {IMAGE_ID}"', f'[[ -f "{slept}.2" ]] || exit 1; echo "healthy {IMAGE_ID}"')
    )
    host.install("sleep", f'if [[ -f "{slept}.1" ]]; then touch "{slept}.2"; fi; touch "{slept}.1"')

    result = host.boot()

    assert result.returncode == 0, result.stderr
    assert [call for call in host.calls if call.startswith(("sleep", "docker image rm"))] == [
        "sleep 5",
        "sleep 5",
        f"docker image rm {older}",
    ]
    assert result.stderr.endswith("Grafana answers\n")


@pytest.mark.parametrize(
    "state",
    ["exit 1", f'echo "starting {IMAGE_ID}"', f'echo "unhealthy {IMAGE_ID}"', 'echo "healthy sha256:older"'],
    ids=["no container", "starting", "unhealthy", "still the older one"],
)
def test_a_grafana_that_does_not_answer_fails_clearly_and_keeps_the_older_images(
    impatient_host: Host, state: str
) -> None:
    docker = impatient_host.folder / "docker.does"
    docker.write_text(docker.read_text().replace(f'echo "healthy {IMAGE_ID}"', state))

    first = impatient_host.boot()
    impatient_host.install("systemctl")
    second = impatient_host.boot()

    assert (first.returncode, second.returncode) == (1, 1)
    assert "Grafana does not answer" in second.stderr
    assert "journalctl -u cafe-grafana" in second.stderr
    assert not [call for call in impatient_host.calls if call.startswith(("docker image rm", "docker image prune"))]
    # It is waited for again, but not started again: it may only be slow.
    assert restarts(impatient_host) == 1


def test_a_grafana_that_answers_later_is_tidied_up_after_once(impatient_host: Host) -> None:
    docker = impatient_host.folder / "docker.does"
    healthy = docker.read_text()
    docker.write_text(healthy.replace(f'echo "healthy {IMAGE_ID}"', "exit 1"))
    impatient_host.boot()
    impatient_host.install("systemctl")
    docker.write_text(healthy)
    impatient_host.forget_calls()

    results = [impatient_host.boot().returncode, impatient_host.boot().returncode]

    assert results == [0, 0]
    assert [call.split()[1:3] for call in impatient_host.calls if call.startswith("docker")].count(["image", "ls"]) == 1
    assert restarts(impatient_host) == 0


@pytest.mark.parametrize(
    "image",
    [
        "grafana/grafana:13.2.2",
        f"grafana/grafana@sha256:{1:064x}",
        "grafana/grafana:13.2.2@sha256:1234",
        f"grafana/grafana:13.2.2@sha512:{1:064x}",
    ],
)
def test_an_image_without_a_version_and_a_digest_is_not_started(running: Host, image: str) -> None:
    (running.published / "host" / "versions.env").write_text(f"GRAFANA_IMAGE={image}\n")

    result = running.boot()

    assert result.returncode == 1
    assert "is not NAME:VERSION@sha256:DIGEST" in result.stderr
    assert [call for call in running.calls if call.startswith("docker")] == []
    assert restarts(running) == 0


def test_the_password_is_a_file_in_memory_that_only_grafana_can_read(host: Host) -> None:
    result = host.boot()

    file = host.runtime / "admin-password"
    assert file.read_text() == PASSWORD
    assert file.stat().st_mode & 0o077 == 0
    assert f"chown 472 {file}.new" in host.calls
    assert PASSWORD not in "".join(host.calls) + result.stdout + result.stderr


def test_if_nothing_has_changed_nothing_is_done(running: Host) -> None:
    result = running.boot()

    assert result.returncode == 0
    assert result.stderr == ""
    assert running.calls == ["systemctl is-active --quiet cafe-grafana"]


def test_a_second_boot_fetches_the_password_again_but_not_the_image(running: Host) -> None:
    running.reboot()
    running.install("docker", HEALTHY_DOCKER)

    result = running.boot()

    assert result.returncode == 0, result.stderr
    assert any(call.startswith("aws secretsmanager get-secret-value") for call in running.calls)
    assert restarts(running) == 1
    assert not [call for call in running.calls if call.startswith(("dnf", "docker pull"))]


def test_new_boards_do_not_restart_grafana(running: Host) -> None:
    (running.published / "dashboards").mkdir()
    (running.published / "dashboards" / "products.json").write_text("{}")

    assert running.boot().returncode == 0
    assert restarts(running) == 0


@pytest.mark.parametrize(
    "file",
    ["host/versions.env", "host/grafana.env", "host/cafe-grafana.service", "provisioning/datasources/cafe.yaml"],
)
def test_a_change_of_what_grafana_reads_at_start_restarts_it_once(running: Host, file: str) -> None:
    with (running.published / file).open("a") as changed:
        changed.write("# changed\n")

    assert running.boot().returncode == 0
    assert running.boot().returncode == 0
    assert restarts(running) == 1


def test_a_new_version_is_pulled_before_the_old_one_is_stopped(running: Host) -> None:
    versions = running.published / "host" / "versions.env"
    versions.write_text(versions.read_text().replace(IMAGE, NEXT_IMAGE))
    running.install("docker", '[[ "$1 $2" == "image inspect" ]] && exit 1')

    running.boot()

    calls = running.calls
    assert calls.index(f"docker pull --quiet {NEXT_IMAGE}") < calls.index("systemctl restart cafe-grafana")


def test_if_the_image_cannot_be_pulled_the_old_one_keeps_running_and_it_is_tried_again(running: Host) -> None:
    versions = running.published / "host" / "versions.env"
    versions.write_text(versions.read_text().replace(IMAGE, NEXT_IMAGE))
    running.install("docker", '[[ "$1 $2" == "image inspect" || $1 == pull ]] && exit 1')

    results = [running.boot().returncode, running.boot().returncode]

    assert 0 not in results
    assert restarts(running) == 0
    assert running.calls.count(f"docker pull --quiet {NEXT_IMAGE}") == 2


@pytest.mark.parametrize("answer", ["exit 254", ""], ids=["refused", "empty"])
def test_without_the_password_grafana_is_not_started_until_it_can_be_read(host: Host, answer: str) -> None:
    host.install("aws", answer)

    refused = host.boot()

    assert refused.returncode != 0
    assert "admin password cannot be read" in refused.stderr
    assert restarts(host) == 0
    assert not list(host.runtime.glob("admin-password*"))
    host.install("aws", f"echo {PASSWORD}")
    assert host.boot().returncode == 0
    assert restarts(host) == 1


def test_without_the_password_a_running_grafana_keeps_running(running: Host) -> None:
    running.install("aws", "exit 254")

    assert running.boot().returncode == 0


def test_a_grafana_that_has_died_is_started_again(running: Host) -> None:
    running.install("systemctl", "[[ $1 == is-active ]] && exit 3")

    assert running.boot().returncode == 0
    assert restarts(running) == 1


def test_without_a_balancer_it_listens_on_loopback_only(host: Host) -> None:
    host.boot()

    assert (host.runtime / "addresses.env").read_text() == "PUBLISH_ALSO=\n"
    assert not [call for call in host.calls if call.startswith("curl")]


def test_with_a_balancer_it_listens_on_the_private_address_too(host: Host) -> None:
    host.facts["LISTEN_ON"] = "private"
    host.install("curl", "[[ $* == *latest/api/token* ]] && echo token || echo 10.20.16.9")

    result = host.boot()

    assert result.returncode == 0, result.stderr
    assert (host.runtime / "addresses.env").read_text() == "PUBLISH_ALSO=--publish 10.20.16.9:3000:3000\n"
    assert [call for call in host.calls if call.startswith("curl")][1].endswith("X-aws-ec2-metadata-token: token")


def test_with_a_balancer_it_does_not_start_if_its_address_is_unknown(host: Host) -> None:
    host.facts["LISTEN_ON"] = "private"
    host.install("curl", "exit 22")

    assert host.boot().returncode != 0
    assert restarts(host) == 0


def test_the_container_listens_on_loopback_only_unless_the_boot_script_adds_an_address() -> None:
    assert re.findall(r"--publish (\S+)", UNIT) == ["127.0.0.1:3000:3000"]
    assert "$PUBLISH_ALSO" in UNIT
    assert "--network" not in UNIT


def test_the_password_is_in_no_environment_variable_and_no_command() -> None:
    settings = (ROOT / "grafana" / "host" / "grafana.env").read_text(encoding="utf-8")

    assert "GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/admin-password\n" in settings
    assert "GF_SECURITY_ADMIN_PASSWORD=" not in settings + UNIT
    assert "/run/cafe/admin-password:/run/secrets/admin-password:ro" in UNIT


def test_the_image_is_pinned_by_digest_and_plugins_by_version() -> None:
    versions = dict(
        line.split("=", 1) for line in VERSIONS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )

    name, _, digest = versions["GRAFANA_IMAGE"].partition("@")
    plugins = dict(plugin.split("@") for plugin in versions["GF_PLUGINS_PREINSTALL_SYNC"].split(","))
    pinned = [name.partition(":")[2], *plugins.values()]
    assert all(len(version.split(".")) == 3 and version.replace(".", "").isdigit() for version in pinned), pinned
    assert re.fullmatch("sha256:[0-9a-f]{64}", digest)
    assert plugins["grafana-redshift-datasource"] == "2.5.0"


def test_the_unit_runs_the_pinned_image_and_nothing_else() -> None:
    assert UNIT.count("GRAFANA_IMAGE") == 1
    assert "  ${GRAFANA_IMAGE}\n" in UNIT
    assert "--pull never" in UNIT
    assert "grafana/grafana" not in UNIT


def test_the_container_can_write_to_memory_and_plugins_only() -> None:
    volumes = re.findall(r"--volume (\S+)", UNIT)

    assert " --read-only " in UNIT
    assert re.findall(r"--tmpfs ([^ :]+)", UNIT) == ["/tmp", "/var/lib/grafana"]
    assert [volume for volume in volumes if not volume.endswith(":ro")] == [
        "cafe-grafana-plugins:/var/lib/grafana/plugins"
    ]
    assert "--cap-drop ALL --security-opt no-new-privileges" in UNIT


def test_the_container_has_every_variable_that_provisioning_uses() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "grafana" / "provisioning").rglob("*.yaml")]

    assert all(f"--env {name}" in UNIT for name in ("GF_SERVER_ROOT_URL", "GF_SECURITY_COOKIE_SECURE"))
    used = {word[1:] for text in texts for word in text.split() if word.startswith("$") and word[1:].isupper()}

    assert {"AWS_REGION", "METRICS_NAMESPACE", "WAREHOUSE_DATABASE", "WAREHOUSE_WORKGROUP"} == used
    assert all(f"--env {name}" in UNIT for name in used)
