"""`cafe dashboards publish`: what is committed, to where Grafana's host fetches it from."""

from typing import Annotated

import typer

from cafe.dashboards.publishing import Publication, files_to_publish, plan_publication, publish, stored_digests
from cafe.deployed.environment import Environment, open_environment
from cafe.local.layout import checkout
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import out, plain, remark, table, write_json

PORT = 3000

HELP = teach(
    """
    Bring the committed boards, the provisioning and the host's own files to the bucket that Grafana's host fetches
    from.

    Only what has changed is uploaded, and what is gone here is removed there. The host looks once a minute: new boards
    it shows as they are, and for anything else it starts Grafana again. `make deploy` publishes.

    It ends with what to type to open Grafana, which nobody can reach but through Session Manager, and to check it.
    """,
    examples={
        "cafe dashboards publish --env dev --dry-run": "what would change; nothing does",
        "cafe dashboards publish --env dev": "bring it there",
        "cafe dashboards publish --env prod --json": "the same, for a script",
    },
    exit_codes={SUCCESS: "the bucket is as committed", BAD_NEWS: "with --dry-run: it is not"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("publish", help=HELP)(publish_command)


def publish_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")] = False,
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
                "uploaded" if not dry_run else "to_upload": [file.key for file in publication.uploads],
                "removed" if not dry_run else "to_remove": list(publication.removals),
                "unchanged": publication.unchanged,
            }
        )
    else:
        _show(publication, bucket, dry_run=dry_run)
        if not dry_run:
            _say_what_is_next(environment)
    raise typer.Exit(BAD_NEWS if dry_run and not publication.changes_nothing else SUCCESS)


def _show(publication: Publication, bucket: str, *, dry_run: bool) -> None:
    upload, remove = ("upload", "remove") if dry_run else ("uploaded", "removed")
    if not publication.changes_nothing:
        grid = table("", "file", "bytes", right=["bytes"])
        for file in publication.uploads:
            grid.add_row(plain(upload, "green"), plain(file.key), f"{len(file.content):,}")
        for key in publication.removals:
            grid.add_row(plain(remove, "yellow"), plain(key), "")
        out().print(grid)
    remark(
        f"{bucket}: {len(publication.uploads)} to upload, {len(publication.removals)} to remove, "
        f"{publication.unchanged} as they are"
        if dry_run
        else f"{bucket} holds what is committed: {len(publication.uploads)} uploaded, "
        f"{len(publication.removals)} removed, {publication.unchanged} as they were",
        "dim",
    )


def _say_what_is_next(environment: Environment) -> None:
    if environment.is_local:
        remark("There is no Grafana on this machine that would fetch it. See the boards with: cafe dashboards preview")
        return
    host, region = environment.fact("dashboards/host/instance"), environment.region
    for meaning, command in {
        "Open a way to it, and leave it open (needs AWS's Session Manager plugin):": (
            f"aws ssm start-session --region {region} --target {host} "
            f"--document-name AWS-StartPortForwardingSession --parameters portNumber={PORT},localPortNumber={PORT}"
        ),
        "The password of its user admin:": (
            f"aws secretsmanager get-secret-value --region {region} "
            f"--secret-id {environment.fact('dashboards/secret/arn')} --query SecretString --output text"
        ),
        "Is all as it should be? In another terminal:": f"cafe dashboards check --url http://localhost:{PORT}",
    }.items():
        remark(meaning, "dim")
        remark(f"  {command}", "cyan")
