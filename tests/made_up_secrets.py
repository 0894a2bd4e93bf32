"""What looks like a secret in this repository and is none. `make check-secrets` asks here.

Whole values, never patterns: a real secret beside one of these is still found.
"""

NAMES = {
    # Actions of Secrets Manager, of its resources and of their tags: grants name them.
    *("CreateSecret", "DeleteSecret", "DescribeSecret", "GetRandomPassword", "GetSecretValue", "ListSecrets"),
    *("TagResource", "UntagResource", "UpdateSecret"),
    # What stands behind "secretsmanager:" in a reference: CloudFormation puts the value in when it deploys.
    *("username}}", "password}}"),
    # Names of secrets, and of the properties and variables that hold a name.
    *("AWS::SecretsManager::Secret", "GRAFANA_TOKEN", "Id", "Name", "cafe-${Environment}/*", "cafe-dev/grafana"),
    *("KmsKeyId", "PEERS_PASSWORD", "keys/before"),
    # What stands beside the name of Secrets Manager in a list of services, and in a list of what is billed.
    *("logs", "secrets"),
    "arn:aws:secretsmanager:eu-west-2:123456789012:secret:grafana",
    "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-abcdef",
    r"GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/admin-password\n",
    # PostgreSQL's code for a wrong password.
    "28P01",
    # Reasons for which a grant is left out, in the rules about the deploy role.
    *("no rotation", "secrets stay in their region"),
}
MADE_UP = {
    # Credentials of test doubles, which accept any, and what the emulator must refuse.
    *("none", "own-secret", "test", "testing"),
    # Passwords of databases and accounts that live as long as a test.
    *("Correct-Horse-9", "battery-staple", "first", "generated-password", "made-up", "made-up-for-tests", "second"),
    *("secret", "sh0rt!"),
}
DIGESTS = {
    "d41d8cd98f00b204e9800998ecf8427e",  # the MD5 of nothing, as an ETag
    *("0055AED6DCD90281E5", "C3D13FE58DE4C810"),  # a sequencer and a request id, as S3 writes them
    "e271ad982c46",  # a container's id
}


def is_known(secret: str) -> bool:
    """Say whether what detect-secrets suspects is known to be no secret. It fills in `secret` by the name."""
    return secret in NAMES | MADE_UP | DIGESTS
