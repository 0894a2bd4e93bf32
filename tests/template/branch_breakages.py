"""Mistakes in what the drop bucket accepts from whom."""

from template.breakage import Breakage, Gone
from template.rules import branches

_RESOURCES = "Resources.BranchUploadPolicy.Properties.PolicyDocument.Statement.0.Resource"
_BUCKET_POLICY = "Resources.DropBucketPolicy.Properties.PolicyDocument.Statement"
_TRUST = "Resources.BranchRole.Properties.AssumeRolePolicyDocument.Statement.0"
_OTHER_GRANT = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": {"Fn::Sub": "${DropBucket.Arn}/leeds_*"}}

BREAKAGES = [
    *(
        Breakage(
            branches.everyone_puts_files_under_keys_of_their_own,
            mistake,
            path,
            value,
            culprit,
        )
        for mistake, path, value, culprit in (
            ("every key, as before", _RESOURCES, {"Fn::Sub": "${DropBucket.Arn}/*"}, "BranchUploadPolicy/PutOwnFiles"),
            (
                "a variable that CloudFormation fills in, not IAM",
                f"{_RESOURCES}.0",
                {"Fn::Sub": "${DropBucket.Arn}/????/*/${Environment}_??-??-????_??-??-??*"},
                "BranchUploadPolicy/PutOwnFiles",
            ),
            (
                "head office's prefix, which a star matches",
                f"{_RESOURCES}.0",
                {"Fn::Sub": "${DropBucket.Arn}/*/${!aws:PrincipalTag/branch}_??-??-????_??-??-??*"},
                "BranchUploadPolicy/PutOwnFiles",
            ),
            (
                "names that only begin with the branch",
                f"{_RESOURCES}.0",
                {"Fn::Sub": "${DropBucket.Arn}/????/*/${!aws:PrincipalTag/branch}*"},
                "BranchUploadPolicy/PutOwnFiles",
            ),
            (
                "names with the branch anywhere",
                f"{_RESOURCES}.1",
                {"Fn::Sub": "${DropBucket.Arn}/????/*${!aws:PrincipalTag/branch}.csv*"},
                "BranchUploadPolicy/PutOwnFiles",
            ),
            (
                "head office everywhere",
                "Resources.HeadOfficePolicy.Properties.PolicyDocument.Statement.0.Resource",
                {"Fn::Sub": "${DropBucket.Arn}/*"},
                "HeadOfficePolicy/PutFilesOfAnyCafe",
            ),
            (
                "a role that puts files as well",
                "Resources.LoadRole.Properties.Policies.0.PolicyDocument.Statement.0",
                _OTHER_GRANT,
                "LoadRole/",
            ),
        )
    ),
    *(
        Breakage(
            branches.the_drop_bucket_refuses_what_nobody_can_read, mistake, f"{_BUCKET_POLICY}.{path}", value, culprit
        )
        for mistake, path, value, culprit in (
            ("archived files", "1", Gone, "DropBucket: accepts archived files"),
            ("files of one café only", "1.Principal", {"AWS": "1"}, "DropBucket: accepts archived files"),
            (
                "a condition that also refuses an upload without the header",
                "1.Condition.Null",
                Gone,
                "DropBucket: accepts archived files",
            ),
            ("keys of the sender", "2.Condition", {}, "DropBucket: accepts files that only the sender can decrypt"),
            (
                "some folders",
                "3.Resource",
                {"Fn::Sub": "${DropBucket.Arn}/2*"},
                "DropBucket: accepts files under a KMS",
            ),
        )
    ),
    *(
        Breakage(branches.a_session_of_a_branch_names_one_branch, mistake, f"{_TRUST}.{path}", value, "BranchRole")
        for mistake, path, value in (
            ("no tags", "Action", ["sts:AssumeRole"]),
            ("any tags", "Condition", Gone),
            ("sessions without a tag", "Condition.StringLike", Gone),
        )
    ),
]
