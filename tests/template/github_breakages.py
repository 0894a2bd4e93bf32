"""Mistakes in .github/github-oidc.yaml, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import github

TRUST = "Resources.DeployRole.Properties.AssumeRolePolicyDocument.Statement.0"
STATEMENTS = "Resources.{}.Properties.PolicyDocument.Statement.{}"
SUBJECT = "token.actions.githubusercontent.com:sub"

BREAKAGES = [
    Breakage(
        github.only_jobs_of_one_environment_may_deploy,
        "any branch and any pull request",
        f"{TRUST}.Condition.StringEquals",
        {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", SUBJECT: "repo:owner/name:*"},
        "DeployRole: trusts repo",
    ),
    Breakage(
        github.only_jobs_of_one_environment_may_deploy,
        "a pattern instead of equality",
        f"{TRUST}.Condition",
        {"StringLike": {SUBJECT: "repo:owner/*"}},
        "DeployRole: trusts by something else",
    ),
    Breakage(
        github.only_jobs_of_one_environment_may_deploy,
        "no subject",
        f"{TRUST}.Condition.StringEquals",
        {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "DeployRole: trusts every repository",
    ),
    Breakage(
        github.only_jobs_of_one_environment_may_deploy,
        "tokens for anybody",
        f"{TRUST}.Condition.StringEquals",
        {SUBJECT: "repo:owner/name:environment:dev"},
        "DeployRole: accepts tokens",
    ),
    Breakage(
        github.only_jobs_of_one_environment_may_deploy,
        "any AWS account",
        f"{TRUST}.Action",
        "sts:AssumeRole",
        "DeployRole: may be assumed by",
    ),
    Breakage(
        github.a_repository_has_no_wildcard,
        "a wildcard as repository",
        "Parameters.GitHubRepository.AllowedPattern",
        ".+/.+",
        "GitHubRepository",
    ),
    Breakage(
        github.roles_are_created_inside_the_boundary,
        "roles without a boundary",
        STATEMENTS.format("RolesPolicy", "0.Condition"),
        Gone,
        "RolesPolicy/RolesInsideTheBoundary",
    ),
    Breakage(
        github.roles_are_created_inside_the_boundary,
        "a wildcard that covers CreateRole",
        STATEMENTS.format("RolesPolicy", "1.Action"),
        ["iam:Create*"],
        "RolesPolicy/OwnRolesProfilesAndUploadPolicy: iam:CreateRole",
    ),
    Breakage(
        github.roles_are_created_inside_the_boundary,
        "a boundary that can be taken off",
        STATEMENTS.format("RolesPolicy", "1.Action"),
        ["iam:DeleteRolePermissionsBoundary"],
        "RolesPolicy/OwnRolesProfilesAndUploadPolicy: iam:DeleteRolePermissionsBoundary",
    ),
    Breakage(
        github.the_role_cannot_change_itself,
        "its own name among those it may change",
        "Resources.DeployRole.Properties.RoleName",
        {"Fn::Sub": "cafe-${Environment}-deploy"},
        "RolesPolicy/",
    ),
    Breakage(
        github.the_role_cannot_change_itself,
        "the boundary among the policies it may change",
        "Resources.StackBoundary.Properties.ManagedPolicyName",
        {"Fn::Sub": "cafe-${Environment}-boundary"},
        "RolesPolicy/OwnRolesProfilesAndUploadPolicy",
    ),
    Breakage(
        github.roles_go_to_their_services_only,
        "roles for any service",
        STATEMENTS.format("RolesPolicy", "3.Condition"),
        Gone,
        "RolesPolicy/HandRolesToTheServicesThatUseThem",
    ),
    Breakage(
        github.branch_files_stay_unread,
        "a bucket's name with a wildcard, which covers its files",
        STATEMENTS.format("DeployPolicy", "3.Resource"),
        [{"Fn::Sub": "arn:${AWS::Partition}:s3:::cafe-${Environment}-*"}],
        "DeployPolicy/PublishDashboardsAndCode",
    ),
    Breakage(
        github.the_role_can_deploy_every_type,
        "no schedules",
        STATEMENTS.format("DeployPolicy", "5.Action"),
        ["sqs:*"],
        "AWS::Scheduler::Schedule: scheduler:CreateSchedule",
    ),
    Breakage(
        github.the_boundary_admits_what_the_stack_grants,
        "no queues inside the boundary",
        STATEMENTS.format("StackBoundary", "2.Action"),
        ["lambda:InvokeFunction"],
        "StackBoundary: ExtractRole/TakeArrivals",
    ),
    Breakage(
        github.the_boundary_admits_what_the_stack_grants,
        "other buckets",
        STATEMENTS.format("StackBoundary", "0.Resource"),
        ["arn:aws:s3:::coffee-*"],
        "StackBoundary: ExtractRole/ReadAnnouncedVersion",
    ),
    Breakage(
        github.the_boundary_admits_what_the_stack_grants,
        "passwords of another stack",
        STATEMENTS.format("StackBoundary", "1.Resource"),
        "arn:aws:secretsmanager:eu-west-2:123456789012:secret:coffee-dev/*",
        "StackBoundary: LoadRole/ReadAdminPassword",
    ),
    Breakage(
        github.the_boundary_admits_what_the_stack_grants,
        "a way out of the boundary",
        STATEMENTS.format("StackBoundary", "3.Action"),
        ["sts:AssumeRole"],
        "StackBoundary: sts:AssumeRole",
    ),
    Breakage(
        github.the_role_reaches_each_resource,
        "tags for functions and layers, but not for event source mappings",
        STATEMENTS.format("NetworkPolicy", "2.Resource"),
        {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"},
        "AWS::Lambda::EventSourceMapping: lambda:TagResource",
    ),
    Breakage(
        github.the_role_reaches_each_resource,
        "queues of another stack",
        STATEMENTS.format("DeployPolicy", "5.Resource"),
        [{"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:coffee-*"}],
        "AWS::SQS::Queue: sqs:CreateQueue",
    ),
    Breakage(
        github.the_role_may_do_what_services_ask_in_turn,
        "private DNS in the stack's region only",
        STATEMENTS.format("NetworkPolicy", "3"),
        {
            "Effect": "Allow",
            "Action": "route53:AssociateVPCWithHostedZone",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-2"}},
        },
        "AWS::EC2::VPCEndpoint: route53:AssociateVPCWithHostedZone",
    ),
    Breakage(
        github.the_role_may_list_the_facts,
        "facts by their names only",
        STATEMENTS.format("DeployPolicy", "5.Resource"),
        [{"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/cafe/${Environment}/*"}],
        "GetParametersByPath",
    ),
    Breakage(
        github.policies_fit_into_iam,
        "one policy for everything",
        STATEMENTS.format("RolesPolicy", "2.Action"),
        [f"iam:List{number:04}" for number in range(500)],
        "RolesPolicy",
    ),
]
