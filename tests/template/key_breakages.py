"""Mistakes about the stack's own key, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import keys

POLICY = "EncryptionKey.Properties.KeyPolicy.Statement"
ANY_GROUP = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"}
ANY_ALARM = {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"}
ANY_REGION = {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:*:${AWS::AccountId}:alarm:cafe-${Environment}-*"}
EVERYBODY = {"Sid": "All", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}

BREAKAGES = [
    Breakage(rule, mistake, f"Resources.{path}", value, culprit)
    for rule, mistake, path, value, culprit in (
        (
            keys.logs_passwords_and_alarms_have_the_key,
            "a log group without it",
            "WarehouseUserLogGroup.Properties.KmsKeyId",
            Gone,
            "WarehouseUserLogGroup",
        ),
        (
            keys.logs_passwords_and_alarms_have_the_key,
            "a secret under a key of AWS",
            "GrafanaSecret.Properties.KmsKeyId",
            "alias/aws/secretsmanager",
            "GrafanaSecret",
        ),
        (
            keys.logs_passwords_and_alarms_have_the_key,
            "alarms under a key of AWS",
            "AlarmTopic.Properties.KmsMasterKeyId",
            "alias/aws/sns",
            "AlarmTopic",
        ),
        (
            keys.logs_passwords_and_alarms_have_the_key,
            "a key's id where CloudWatch Logs takes its ARN only",
            "LoadLogGroup.Properties.KmsKeyId",
            {"Ref": "EncryptionKey"},
            "LoadLogGroup",
        ),
        (
            keys.the_key_rotates_and_its_deletion_can_be_undone,
            "one key for ever",
            "EncryptionKey.Properties.EnableKeyRotation",
            Gone,
            "EncryptionKey: does not rotate",
        ),
        (
            keys.the_key_rotates_and_its_deletion_can_be_undone,
            "a week to notice",
            "EncryptionKey.Properties.PendingWindowInDays",
            7,
            "EncryptionKey: is deleted within",
        ),
        (
            keys.the_key_rotates_and_its_deletion_can_be_undone,
            "a key that is off",
            "EncryptionKey.Properties.Enabled",
            False,
            "EncryptionKey: is disabled",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "everybody",
            f"{POLICY}.0",
            EVERYBODY,
            "EncryptionKey: admits *",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "a policy that nobody can change again",
            f"{POLICY}.0.Action",
            "kms:Decrypt",
            "EncryptionKey: admits arn:aws:iam::123456789012:root",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "a service that does not need it",
            f"{POLICY}.2.Principal.Service",
            "sns.amazonaws.com",
            "EncryptionKey: admits sns.amazonaws.com",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "alarms that CloudWatch may not encrypt",
            f"{POLICY}.2.Action",
            "kms:Decrypt",
            "EncryptionKey: admits cloudwatch.amazonaws.com",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "every log group of the account",
            f"{POLICY}.1.Condition.ArnLike",
            {"kms:EncryptionContext:aws:logs:arn": ANY_GROUP},
            "EncryptionKey: LogGroupsOfThisEnvironment admits",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "a log group that is left out",
            f"{POLICY}.1.Condition.ArnLike.kms:EncryptionContext:aws:logs:arn.1",
            Gone,
            "EncryptionKey: LogGroupsOfThisEnvironment does not admit",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "every alarm of the account",
            f"{POLICY}.2.Condition.ArnLike",
            {"aws:SourceArn": ANY_ALARM},
            "EncryptionKey: AlarmsOfThisEnvironment admits",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "alarms of every region",
            f"{POLICY}.2.Condition.ArnLike",
            {"aws:SourceArn": ANY_REGION},
            "EncryptionKey: AlarmsOfThisEnvironment admits",
        ),
        (
            keys.the_key_admits_its_services_and_nobody_else,
            "alarms of every account",
            f"{POLICY}.2.Condition.StringEquals",
            Gone,
            "EncryptionKey: AlarmsOfThisEnvironment is not restricted",
        ),
        (
            keys.who_needs_the_key_may_use_it,
            "a password that load cannot decrypt",
            "LoadRole.Properties.Policies.0.PolicyDocument.Statement.3",
            Gone,
            "LoadRole: may do secretsmanager:GetSecretValue",
        ),
        (
            keys.who_needs_the_key_may_use_it,
            "lines that extract cannot encrypt",
            "ExtractRole.Properties.Policies.0.PolicyDocument.Statement.8",
            Gone,
            "ExtractRole: may do logs:PutLogEvents",
        ),
        (
            keys.roles_use_the_key_through_a_service_only,
            "load decrypts by itself",
            "LoadRole.Properties.Policies.0.PolicyDocument.Statement.3.Condition",
            Gone,
            "LoadRole/DecryptAdminPassword: kms:Decrypt directly",
        ),
    )
]
