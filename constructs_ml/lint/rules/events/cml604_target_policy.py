"""CML604."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of, is_later
from constructs_ml.cfn.granted import listed
from constructs_ml.cfn.intrinsics import later
from constructs_ml.iam.wildcards import matches
from constructs_ml.lint.rule import template_rule
from constructs_ml.lint.rules.events.targets import dead_letters_of, resource_of, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.cfn.resources import Resources
    from constructs_ml.errors import Violation
    from constructs_ml.lint.rules.events.targets import Target

_EVENTS = "events.amazonaws.com"
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_TOPIC, _QUEUE = "AWS::SNS::Topic", "AWS::SQS::Queue"
_POLICIES = {
    _TOPIC: ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
    _QUEUE: ("AWS::SQS::QueuePolicy", "Queues", "sqs:SendMessage"),
}
_OF_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


def _tell(action: str) -> Mapping[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": {"Ref": "News"}, "Principal": {"Service": _EVENTS}}
    policy = {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}, "Topics": [{"Ref": "News"}]}
    rule = {"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "News", "Arn": {"Ref": "News"}}]}
    return {
        "Resources": {
            "News": {"Type": _TOPIC, "Properties": {}},
            "NewsPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": policy},
            "Daily": {"Type": "AWS::Events::Rule", "Properties": rule},
        }
    }


@template_rule(
    "CML604",
    title="The policies of a function, a topic, a queue and their key allow EventBridge",
    reason="Functions, topics and queues, including dead-letter queues, need a policy of their own that allows "
    "EventBridge, and so does the KMS key that encrypts them: without it events are lost, for good if the queue is a "
    "dead-letter queue. Source: 'Using resource-based policies for Amazon EventBridge'; 'AWS KMS' of its user guide. "
    "Resources outside the template are not checked.",
    bad=_tell("sns:Subscribe"),
    good=_tell("sns:Publish"),
)
def target_policy(resources: Resources) -> Iterator[Violation]:
    """Targets and dead-letter queues whose policies do not allow EventBridge."""
    for target in (*targets_of(resources), *dead_letters_of(resources)):
        if target.kind in _FUNCTIONS:
            yield from _function(resources, target)
        elif target.kind in _POLICIES:
            yield from _policy(resources, target)
            yield from _key(resources, target)


def _function(resources: Resources, target: Target) -> Iterator[Violation]:
    for permission in resources.of("AWS::Lambda::Permission"):
        given = permission.properties
        invokes = _is_of(resources, given.get("FunctionName"), target) and _may_be(given.get("Principal"))
        if invokes and _from_this(resources, given.get("SourceArn"), target):
            return
    problem = f"is the function {target.name}, which no AWS::Lambda::Permission allows {_EVENTS} to invoke"
    yield target.rule.violation(f"{target.member}.Arn", problem, "add one with the rule's ARN as SourceArn")


def _policy(resources: Resources, target: Target) -> Iterator[Violation]:
    kind, names, action = _POLICIES[target.kind]
    for policy in resources.of(kind):
        attached = listed(policy.properties.get(names, []))
        if not any(_is_of(resources, name, target) for name in attached):
            continue
        if any(_lets(resources, each, action, target) for each in _statements(policy.properties.get("PolicyDocument"))):
            return
    noun = "topic" if target.kind == _TOPIC else "queue"
    problem = f"is the {noun} {target.name}, whose policy does not allow {action} for {_EVENTS}"
    fix = f'add {{"Effect": "Allow", "Principal": {{"Service": "{_EVENTS}"}}, "Action": "{action}"}} to an {kind}'
    yield target.rule.violation(f"{target.member}.Arn", problem, fix)


def _key(resources: Resources, target: Target) -> Iterator[Violation]:
    key = resources[target.name].properties.get("KmsMasterKeyId")
    if isinstance(key, str) and key.startswith("alias/aws/"):
        problem = f"is {target.name}, encrypted with {key}, which {_EVENTS} cannot use"
        yield target.rule.violation(f"{target.member}.Arn", problem, "encrypt it with a key of your own")
        return
    name, kind = resource_of(resources, key)
    if kind != "AWS::KMS::Key":
        return
    statements = _statements(resources[name].properties.get("KeyPolicy"))
    lacking = [action for action in _OF_KEY if not any(_lets(resources, each, action, target) for each in statements)]
    if lacking:
        problem = f"is {target.name}, whose key {name} does not allow {', '.join(lacking)} for {_EVENTS}"
        fix = f'add {{"Effect": "Allow", "Principal": {{"Service": "{_EVENTS}"}}, "Action": {json.dumps(lacking)}, "Resource": "*"}}'
        yield target.rule.violation(f"{target.member}.Arn", problem, f"{fix} to its KeyPolicy")


def _statements(document: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return listed(fields_of(document).get("Statement", []))


def _lets(resources: Resources, statement: Any, action: str, target: Target) -> bool:  # noqa: ANN401 - JSON
    """Return whether a statement may allow EventBridge an action for this rule."""
    if not isinstance(statement, dict) or statement.get("Effect", "Allow") != "Allow":
        return not isinstance(statement, dict)
    inverted = {"NotAction", "NotPrincipal", "NotResource"} & set(statement)
    principal = statement.get("Principal")
    services = listed(fields_of(principal).get("Service", [])) if isinstance(principal, dict) else [principal]
    anyone = isinstance(principal, dict) and "*" in listed(principal.get("AWS", []))
    actions = [each for each in listed(statement.get("Action", [])) if isinstance(each, str)]
    about = bool(inverted) or any(is_later(each) or matches(each, action) for each in actions)
    who = bool(inverted) or anyone or any(_may_be(each) for each in services)
    return about and who and all(_from_this(resources, arn, target) for arn in _source_arns(statement))


def _source_arns(statement: Mapping[str, Any]) -> Iterator[Any]:
    for keys in fields_of(statement.get("Condition")).values():
        for key, value in fields_of(keys).items():
            if str(key).lower() == "aws:sourcearn":
                yield value


def _may_be(principal: Any) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(principal, str):
        return principal is not None
    return principal in {"*", _EVENTS} or is_later(principal) or principal.startswith("events.")


def _from_this(resources: Resources, arn: Any, target: Target) -> bool:  # noqa: ANN401 - JSON
    """Return whether a source's ARN may be the rule's: it is not if it is another rule's of the template."""
    named = [resource_of(resources, each) for each in listed(arn)]
    return not named or any(kind != "AWS::Events::Rule" or name == target.rule.name for name, kind in named)


def _is_of(resources: Resources, name: Any, target: Target) -> bool:  # noqa: ANN401 - JSON
    """Return whether a policy is attached to the target; a name that is known only later may be."""
    if not isinstance(name, str):
        return True
    found, _ = resource_of(resources, name)
    if found:
        return found == target.name
    return name == later(target.name) or is_later(name) or name == resources[target.name].properties.get("FunctionName")
