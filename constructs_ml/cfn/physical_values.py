"""Physical ids and attributes in the form that AWS gives them, for resources that are not really made.

Simulated executions and the stand-ins of a local run use them: a security group is ``sg-0123456789abcdef0`` wherever it is
referred to, so that requests which name it pass the checks of the services.

Source: the AWS CloudFormation template reference, "Return values" of each resource type.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEX = 17
# The ids of EC2, by the resource type's name: a prefix, and 17 hexadecimal digits.
_EC2_PREFIXES = {
    "CarrierGateway": "cagw",
    "CustomerGateway": "cgw",
    "DHCPOptions": "dopt",
    "EgressOnlyInternetGateway": "eigw",
    "FlowLog": "fl",
    "Host": "h",
    "IPAM": "ipam",
    "Instance": "i",
    "InternetGateway": "igw",
    "KeyPair": "key",
    "LaunchTemplate": "lt",
    "NatGateway": "nat",
    "NetworkAcl": "acl",
    "NetworkInterface": "eni",
    "PlacementGroup": "pg",
    "PrefixList": "pl",
    "RouteTable": "rtb",
    "SecurityGroup": "sg",
    "SecurityGroupEgress": "sgr",
    "SecurityGroupIngress": "sgr",
    "Subnet": "subnet",
    "TransitGateway": "tgw",
    "TransitGatewayAttachment": "tgw-attach",
    "VPC": "vpc",
    "VPCCidrBlock": "vpc-cidr-assoc",
    "VPCEndpoint": "vpce",
    "VPCPeeringConnection": "pcx",
    "VPNConnection": "vpn",
    "VPNGateway": "vgw",
    "Volume": "vol",
}
_REFERENCES = {
    "AWS::EC2::EIP": "203.0.113.{octet}",
    "AWS::CertificateManager::Certificate": "arn:{partition}:acm:{region}:{account}:certificate/{uuid}",
    "AWS::CloudFront::Distribution": "E{upper13}",
    "AWS::CloudWatch::CompositeAlarm": "{name}",
    "AWS::ECS::Service": "arn:{partition}:ecs:{region}:{account}:service/{name}",
    "AWS::ECS::TaskDefinition": "arn:{partition}:ecs:{region}:{account}:task-definition/{name}:1",
    "AWS::EFS::AccessPoint": "fsap-{hex}",
    "AWS::EFS::FileSystem": "fs-{hex}",
    "AWS::EFS::MountTarget": "fsmt-{hex}",
    "AWS::ElasticLoadBalancingV2::Listener": "arn:{partition}:elasticloadbalancing:{region}:{account}:listener/app/{name}/{hex16}/{hex16}",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex16}",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex16}",
    "AWS::FSx::FileSystem": "fs-{hex}",
    "AWS::KMS::Key": "{uuid}",
    "AWS::Route53::HostedZone": "Z{upper20}",
    "AWS::SageMaker::Domain": "d-{hex12}",
    "AWS::SecretsManager::Secret": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{hex6}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    "AWS::Scheduler::Schedule": "{name}",
    "AWS::StepFunctions::Activity": "arn:{partition}:states:{region}:{account}:activity:{name}",
    "AWS::StepFunctions::StateMachine": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    "AWS::StepFunctions::StateMachineVersion": "arn:{partition}:states:{region}:{account}:stateMachine:{name}:1",
}
_ARNS = {
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "AWS::EC2::SecurityGroup": "arn:{partition}:ec2:{region}:{account}:security-group/{ref}",
    "AWS::EC2::Subnet": "arn:{partition}:ec2:{region}:{account}:subnet/{ref}",
    "AWS::EC2::VPC": "arn:{partition}:ec2:{region}:{account}:vpc/{ref}",
    "AWS::ECR::Repository": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
    "AWS::ECS::Cluster": "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
    "AWS::EFS::FileSystem": "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{ref}",
    "AWS::Events::EventBus": "arn:{partition}:events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{name}",
    "AWS::IAM::InstanceProfile": "arn:{partition}:iam::{account}:instance-profile/{name}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{name}",
    "AWS::IAM::User": "arn:{partition}:iam::{account}:user/{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/{ref}",
    "AWS::Kinesis::Stream": "arn:{partition}:kinesis:{region}:{account}:stream/{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    "AWS::RDS::DBCluster": "arn:{partition}:rds:{region}:{account}:cluster:{name}",
    "AWS::RDS::DBInstance": "arn:{partition}:rds:{region}:{account}:db:{name}",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::Scheduler::Schedule": "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
}
_SERVICES = {"CertificateManager": "acm", "CloudWatch": "cloudwatch", "ElasticLoadBalancingV2": "elasticloadbalancing"}
_SECURITY_GROUP = {"DefaultSecurityGroup", "GroupId", "SecurityGroupId"}
# Attributes that are lists: templates select from them.
_LISTS = {
    "AvailabilityZones": ["{region}a", "{region}b"],
    "CidrBlockAssociations": ["vpc-cidr-assoc-{hex}"],
    "DnsEntries": ["Z{upper20}:vpce-{hex}.{region}.vpce.amazonaws.com"],
    "Ipv6CidrBlocks": ["2001:db8::/56"],
    "NameServers": ["ns-1.awsdns-01.org", "ns-2.awsdns-02.com"],
    "NetworkInterfaceIds": ["eni-{hex}"],
}
_PORTS = {"AWS::DocDB": "27017", "AWS::ElastiCache": "6379", "AWS::RDS": "5432", "AWS::Redshift": "5439"}


@dataclass(frozen=True)
class Place:
    """Where a resource would be.

    Attributes:
        account: The account's id.
        region: The region's name.
        partition: ``aws``, ``aws-cn``, ``aws-us-gov``.
        stack: The stack's name; part of the names that CloudFormation generates.
    """

    account: str = "111122223333"
    region: str = "us-east-1"
    partition: str = "aws"
    stack: str = ""


@dataclass(frozen=True)
class PhysicalValues:
    """The values of one resource; the same each time that they are asked for.

    Attributes:
        resource_type: As ``AWS::EC2::Subnet``.
        logical_id: Its logical id.
        place: Where it would be.
        properties: Its properties, resolved as far as they are known.
    """

    resource_type: str
    logical_id: str
    place: Place = field(default_factory=Place)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """What ``Ref`` gives."""
        _, service, kind = self._parts
        if service == "EC2" and kind in _EC2_PREFIXES:
            return f"{_EC2_PREFIXES[kind]}-{self._digest[:_HEX]}"
        return self._filled(_REFERENCES.get(self.resource_type, "{name}"))

    def attribute(self, name: str) -> str | list[str]:
        """What ``Fn::GetAtt`` gives.

        Args:
            name: The attribute, as ``Arn`` or ``Endpoint.Address``.
        """
        if name in _LISTS:
            return [self._filled(text) for text in _LISTS[name]]
        if name in self.properties and isinstance(self.properties[name], str):
            return str(self.properties[name])
        last = name.rpartition(".")[2]
        if name in _SECURITY_GROUP:
            own = self.resource_type == "AWS::EC2::SecurityGroup"
            return self.reference if own else f"sg-{self._digest[:_HEX]}"
        if last.endswith("Arn") or last == "ARN":
            return self._arn(last)
        return self._filled(self._form(last))

    def _form(self, name: str) -> str:
        """The form of an attribute by the last part of its name."""
        _, service, _kind = self._parts
        forms = {
            "AllocationId": "eipalloc-{hex}",
            "AvailabilityZone": "{region}a",
            "CidrBlock": "10.0.0.0/16",
            "HostedZoneId": "Z{upper20}",
            "Id": "{ref}",
            "PrivateIp": "10.0.0.{octet}",
            "PublicIp": "203.0.113.{octet}",
            "QueueName": "{name}",
            "TopicName": "{name}",
            "UserName": "{name}",
            "VpcId": "vpc-{hex}",
        }
        if name in forms:
            return forms[name]
        if name in {"Port", "ReadEndPointPort"}:
            return _PORTS.get(f"AWS::{service}", "443")
        if name in {"Address", "DomainName", "DNSName", "DomainEndpoint", "RegionalDomainName", "Url", "Uri"}:
            return "{lower}.{region}.amazonaws.com"
        return "{ref}" if name.endswith(("Id", "Name")) else "{lower}-{attribute}".replace("{attribute}", name.lower())

    def _arn(self, name: str) -> str:
        if self.resource_type == "AWS::SNS::Topic" or (name != "Arn" and self.reference.startswith("arn:")):
            return self.reference
        _, service, kind = self._parts
        known = _ARNS.get(self.resource_type)
        other = "arn:{partition}:" + _SERVICES.get(service, service.lower()) + ":{region}:{account}:"
        return self._filled(known or f"{other}{kind.lower()}/{{name}}")

    @property
    def _parts(self) -> tuple[str, str, str]:
        vendor, _, rest = self.resource_type.partition("::")
        service, _, kind = rest.partition("::")
        return vendor, service, kind

    @property
    def _digest(self) -> str:
        text = f"{self.place.account} {self.place.region} {self.place.stack} {self.logical_id}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _filled(self, form: str) -> str:
        digest = self._digest
        name = "-".join(filter(None, (self.place.stack, self.logical_id))).lower()
        values = {
            "account": self.place.account,
            "region": self.place.region,
            "partition": self.place.partition,
            "name": name,
            "lower": name,
            "hex": digest[:_HEX],
            "hex6": digest[:6],
            "hex12": digest[:12],
            "hex16": digest[:16],
            "octet": str(int(digest[:2], 16) % 254 + 1),
            "upper13": digest[:13].upper(),
            "upper20": digest[:20].upper(),
            "uuid": "-".join((digest[:8], digest[8:12], f"4{digest[13:16]}", f"8{digest[17:20]}", digest[20:32])),
        }
        ref = self.reference if "{ref}" in form else ""
        return form.format(**values, ref=ref)
