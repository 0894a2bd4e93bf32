"""Mistakes about what outlives the stack, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import kept

BREAKAGES = [
    Breakage(
        kept.what_is_kept_is_in_the_table,
        "a log group that is kept, and nobody knows",
        "Resources.LoadLogGroup.DeletionPolicy",
        "Retain",
        "LoadLogGroup",
    ),
    Breakage(
        kept.what_is_kept_is_in_the_table,
        "a bucket under another name than the page says",
        "Resources.StagingBucket.Properties.BucketName",
        "cafe-staging",
        "StagingBucket",
    ),
    Breakage(
        kept.what_is_kept_is_in_the_table,
        "a bucket that the page says is kept, deleted",
        "Resources.DashboardsBucket.DeletionPolicy",
        "Delete",
        "DashboardsBucket",
    ),
    Breakage(
        kept.what_is_kept_can_be_found_again,
        "a generated name",
        "Resources.GrafanaSecret.Properties.Name",
        Gone,
        "GrafanaSecret",
    ),
    Breakage(
        kept.what_is_kept_can_be_found_again,
        "a key without an alias",
        "Resources.EncryptionKeyAlias",
        Gone,
        "EncryptionKey",
    ),
    Breakage(
        kept.what_is_kept_can_be_found_again,
        "an alias that goes with the stack",
        "Resources.EncryptionKeyAlias.DeletionPolicy",
        "Delete",
        "EncryptionKey",
    ),
    Breakage(
        kept.what_is_kept_can_be_imported,
        "a type that `cafe adopt` cannot find",
        "Resources.ArrivalsQueue.DeletionPolicy",
        "Retain",
        "ArrivalsQueue",
    ),
    Breakage(
        kept.the_password_of_what_is_kept_is_kept,
        "a new password for the old warehouse",
        "Resources.WarehouseSecret.DeletionPolicy",
        "Delete",
        "WarehouseSecret",
    ),
    Breakage(
        kept.log_groups_that_come_back_are_on_the_page,
        "a third log of Redshift's",
        "Resources.WarehouseUserLogGroup.Properties.LogGroupName",
        {"Fn::Sub": "/aws/redshift/cafe-${Environment}/useractivitylog"},
        "WarehouseUserLogGroup",
    ),
]
