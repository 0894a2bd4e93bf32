"""`cafe dashboards publish`: bring the committed dashboards to the bucket of Grafana's host."""

from typing import Annotated

import typer

from cafe.dashboards.publishing import Publication, files_to_publish, plan_publication, publish, stored_digests
from cafe.deployed.environment import Environment, open_environment
from cafe.local.layout import checkout
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, table

PORT = 3000

HELP = help_text(
    """
    Bring the committed dashboards, the provisioning and the host's own files to the bucket from which Grafana's host
    fetches them.

    Only changed files are uploaded, and files that are no longer here are removed there. The host checks the bucket
    once a minute. It shows new dashboards at once, and restarts Grafana for any other change. `make deploy` publishes
    too.

    At the end, it shows what to type to open Grafana, which can be reached only through Session Manager, and to check
    it.
    """,
    examples={
        "cafe dashboards publish --env dev --dry-run": "show what would change; change nothing",
        "cafe dashboards publish --env dev": "publish",
        "cafe dashboards publish --env prod --json": "the same, for a script",
    },
    exit_codes={EXIT_OK: "the bucket has what is committed", EXIT_UNHEALTHY: "with --dry-run: it does not"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("publish", help=HELP)(publish_command)


def publish_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Publish, or show what would change."""
    files = files_to_publish(checkout().root)
    environment = open_environment(env)
    s3, bucket = environment.client("s3"), environment.fact("dashboards/bucket/name")
    publication = plan_publication(files, stored_digests(s3, bucket))
    if not dry_run:
        publish(s3, bucket, publication)
    if as_json:
        write_json(
            {
                "bucket": bucket,
                "host": environment.fact("dashboards/host/instance"),
                "published": not dry_run,
                "upload": [file.key for file in publication.uploads],
                "remove": list(publication.removals),
                "unchanged": publication.unchanged,
            }
        )
    else:
        _show(publication, bucket, dry_run=dry_run)
        if not dry_run:
            _say_what_is_next(environment)
    raise typer.Exit(EXIT_UNHEALTHY if dry_run and not publication.changes_nothing else EXIT_OK)


def _show(publication: Publication, bucket: str, *, dry_run: bool) -> None:
    upload, remove = ("upload", "remove") if dry_run else ("uploaded", "removed")
    if not publication.changes_nothing:
        grid = table("", "file", "bytes", right=["bytes"], keys=["file"])
        for file in publication.uploads:
            grid.add_row(plain(upload, "green"), plain(file.key), f"{len(file.content):,}")
        for key in publication.removals:
            grid.add_row(plain(remove, "yellow"), plain(key), "")
        out().print(grid)
    remark(
        f"{bucket}: {len(publication.uploads)} to upload, {len(publication.removals)} to remove, "
        f"{publication.unchanged} unchanged"
        if dry_run
        else f"{bucket} has what is committed: {len(publication.uploads)} uploaded, "
        f"{len(publication.removals)} removed, {publication.unchanged} unchanged",
        "dim",
    )


def _say_what_is_next(environment: Environment) -> None:
    if environment.is_local:
        remark("No Grafana runs on this machine. To look at the dashboards, type: cafe dashboards preview")
        return
    host, region = environment.fact("dashboards/host/instance"), environment.region
    for meaning, command in {
        "Open a tunnel to it, and keep it open (needs AWS's Session Manager plugin):": (
            f"aws ssm start-session --region {region} --target {host} "
            f"--document-name AWS-StartPortForwardingSession --parameters portNumber={PORT},localPortNumber={PORT}"
        ),
        "Show the password of its user admin:": (
            f"aws secretsmanager get-secret-value --region {region} "
            f"--secret-id {environment.fact('dashboards/secret/arn')} --query SecretString --output text"
        ),
        "Check it, in another terminal:": f"cafe dashboards check --url http://localhost:{PORT}",
    }.items():
        remark(meaning, "dim")
        remark(f"  {command}", "cyan")
