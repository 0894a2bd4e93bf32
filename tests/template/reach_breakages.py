"""Mistakes that close a way that must be open, or open another one."""

from template.breakage import Breakage, Gone
from template.host_breakages import WITH_A_BALANCER
from template.rules import reach

WITH_THE_MAIL = {"MorningMail1": "ada@example.com"}
BREAKAGES = [
    Breakage(
        reach.each_reaches_what_it_must_and_nothing_else,
        mistake,
        f"Resources.{path}",
        value,
        culprit,
        WITH_A_BALANCER,
    )
    for mistake, path, value, culprit in (
        (
            "an endpoint that answers Grafana's host by name, but does not admit it",
            "SecretsEndpointSecurityGroup.Properties.SecurityGroupIngress.1",
            Gone,
            "GrafanaHost: does not reach GrafanaSecret (read): its requests go to SecretsEndpoint, and",
        ),
        (
            "an endpoint that admits Grafana's host, but not to its password",
            "SecretsEndpoint.Properties.PolicyDocument.Statement.1",
            Gone,
            "GrafanaHost: does not reach GrafanaSecret (read): the policy of SecretsEndpoint does not allow it",
        ),
        (
            "an endpoint that admits another role",
            "SecretsEndpoint.Properties.PolicyDocument.Statement.0.Condition.ArnEquals",
            {"aws:PrincipalArn": {"Fn::GetAtt": ["CopyRole", "Arn"]}},
            "LoadFunction: does not reach WarehouseSecret (read)",
        ),
        (
            "an endpoint that services do not find by name",
            "SecretsEndpoint.Properties.PrivateDnsEnabled",
            False,
            "LoadFunction: does not reach WarehouseSecret (read): PrivateSubnetA has no endpoint for the service",
        ),
        (
            "a VPC in which private DNS does not work",
            "Vpc.Properties.EnableDnsHostnames",
            False,
            "LoadFunction: does not reach WarehouseSecret (read)",
        ),
        (
            "one of load's and the warehouse's subnets without a route to S3",
            "PrivateSubnetBRoutes",
            Gone,
            "WarehouseWorkgroup: does not reach StagingBucket (list): PrivateSubnetB has no endpoint",
        ),
        (
            "an S3 endpoint for another bucket",
            "StorageEndpoint.Properties.PolicyDocument.Statement.0.Resource",
            {"Fn::Sub": "${DashboardsBucket.Arn}/*"},
            "LoadFunction: does not reach StagingBucket/transformed/ (write): the policy of StorageEndpoint",
        ),
        (
            "an S3 endpoint on the host's route too, which knows only the staging bucket",
            "StorageEndpoint.Properties.RouteTableIds",
            [{"Ref": "PrivateRouteTable"}, {"Ref": "PublicRouteTable"}],
            "GrafanaHost: does not reach DashboardsBucket (list): the policy of StorageEndpoint does not allow it",
        ),
        (
            "an endpoint that admits the whole VPC",
            "SecretsEndpointSecurityGroup.Properties.SecurityGroupIngress",
            [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.20.0.0/16"}],
            "WarehouseWorkgroup: reaches SecretsEndpoint (tcp 443)",
        ),
        (
            "another endpoint that answers for the whole VPC, but admits nobody",
            "MetricsEndpoint",
            {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "VpcId": {"Ref": "Vpc"},
                    "VpcEndpointType": "Interface",
                    "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.monitoring"},
                    "PrivateDnsEnabled": True,
                    "SubnetIds": [{"Ref": "PrivateSubnetA"}],
                    "SecurityGroupIds": [{"Ref": "WarehouseSecurityGroup"}],
                },
            },
            "GrafanaHost: does not reach CloudWatch (read metrics): its requests go to MetricsEndpoint",
        ),
        (
            "load that may send to the warehouse only",
            "LoadSecurityGroup.Properties.SecurityGroupEgress.1",
            Gone,
            "LoadFunction: does not reach WarehouseSecret (read)",
        ),
        (
            "a warehouse that admits Grafana's host instead of load",
            "WarehouseSecurityGroup.Properties.SecurityGroupIngress.0.SourceSecurityGroupId",
            {"Ref": "GrafanaHostSecurityGroup"},
            "LoadFunction: does not reach WarehouseWorkgroup (tcp 5439)",
        ),
        (
            "a warehouse that admits the whole VPC, on more ports than its own",
            "WarehouseSecurityGroup.Properties",
            {
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 5439, "CidrIp": "10.20.0.0/16"}
                ]
            },
            "GrafanaHost: reaches WarehouseWorkgroup (tcp 443)",
        ),
        (
            "a host without a public address",
            "GrafanaHost.Properties.NetworkInterfaces.0.AssociatePublicIpAddress",
            False,
            "GrafanaHost: does not reach Session Manager (accept sessions): PublicSubnetA has no endpoint",
        ),
        (
            "a host open to the internet",
            "GrafanaHostFromBalancer.Properties",
            {
                "GroupId": {"Ref": "GrafanaHostSecurityGroup"},
                "IpProtocol": "tcp",
                "FromPort": 3000,
                "ToPort": 3000,
                "CidrIp": "0.0.0.0/0",
            },
            "anyone: reaches GrafanaHost (tcp 3000)",
        ),
        (
            "a balancer inside the VPC only",
            "Balancer.Properties.Scheme",
            "internal",
            "anyone: does not reach Balancer (tcp 443)",
        ),
        (
            "a queue that another bucket announces files to",
            "ArrivalsQueuePolicy.Properties.PolicyDocument.Statement.0.Condition.ArnEquals",
            {"aws:SourceArn": {"Fn::GetAtt": ["StagingBucket", "Arn"]}},
            "DropBucket: does not reach ArrivalsQueue (send)",
        ),
        (
            "a bucket that refuses everybody",
            "DropBucketPolicy.Properties.PolicyDocument.Statement.0.Condition",
            Gone,
            "HeadOfficePolicy: does not reach DropBucket/head-office/ (write): DropBucketPolicy/RefusePlainHttp",
        ),
        (
            "a bucket that anyone may read",
            "DashboardsBucketPolicy.Properties.PolicyDocument.Statement.0",
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": {"Fn::Sub": "${DashboardsBucket.Arn}/*"},
            },
            "anyone: reaches DashboardsBucket/ (read)",
        ),
        (
            "a role that Lambda may not assume",
            "ExtractRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal.Service",
            "ec2.amazonaws.com",
            "ExtractFunction: does not reach ArrivalsQueue (take)",
        ),
        (
            "a stage that takes another stage's messages",
            "TransformRole.Properties.Policies.0.PolicyDocument.Statement.0.Resource",
            [{"Fn::GetAtt": ["ExtractedQueue", "Arn"]}, {"Fn::GetAtt": ["TransformedQueue", "Arn"]}],
            "TransformFunction: reaches TransformedQueue (take)",
        ),
        (
            "a branch that may read what others uploaded",
            "BranchUploadPolicy.Properties.PolicyDocument.Statement.0.Action",
            ["s3:PutObject", "s3:GetObject"],
            "BranchUploadPolicy: reaches DropBucket/????/*/leeds_",
        ),
        (
            "a branch that may put another's files",
            "BranchUploadPolicy.Properties.PolicyDocument.Statement.0.Resource.3",
            {"Fn::Sub": "${DropBucket.Arn}/????/*/*_??-??-????_??-??-??*"},
            "BranchUploadPolicy: reaches DropBucket/????/*/york_",
        ),
        (
            "a bucket that refuses every upload without a storage class",
            "DropBucketPolicy.Properties.PolicyDocument.Statement.1.Condition.Null",
            {"s3:x-amz-storage-class": "true"},
            "HeadOfficePolicy: does not reach DropBucket/head-office/ (write): DropBucketPolicy/RefuseOtherStorage",
        ),
    )
]
BREAKAGES += [
    Breakage(
        reach.each_reaches_what_it_must_and_nothing_else,
        mistake,
        f"Resources.{path}",
        value,
        culprit,
        WITH_THE_MAIL,
    )
    for mistake, path, value, culprit in (
        (
            "a topic that load has no way to",
            "MailEndpoint.Properties.PrivateDnsEnabled",
            False,
            "LoadFunction: does not reach MorningTopic (publish): PrivateSubnetA has no endpoint for the service",
        ),
        (
            "an endpoint for the alarms' topic instead of the morning's",
            "MailEndpoint.Properties.PolicyDocument.Statement.0.Resource",
            {"Ref": "AlarmTopic"},
            "LoadFunction: does not reach MorningTopic (publish): the policy of MailEndpoint does not allow it",
        ),
        (
            "an endpoint of SNS that admits Grafana's host too",
            "MailEndpointSecurityGroup.Properties.SecurityGroupIngress.0.SourceSecurityGroupId",
            {"Ref": "GrafanaHostSecurityGroup"},
            "GrafanaHost: reaches MailEndpoint (tcp 443)",
        ),
    )
]
BREAKAGES.append(
    Breakage(
        reach.everything_that_decides_reach_is_modelled,
        "a network ACL",
        "Resources.PrivateAcl",
        {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "Vpc"}}},
        "PrivateAcl",
    )
)
