"""What the pack reads of requests: whatever the API can say, in both query languages, and nothing that it cannot know."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.samples import sample
from support.workflows import census_template

from constructs_ml.lint.security import examples
from constructs_ml.lint.security.cms001_volume_key import _IMPLIED, _SET_ABOVE
from constructs_ml.lint.security.images import images
from constructs_ml.lint.security.instances import may_have_local_storage
from constructs_ml.lint.security.network import PLACES
from constructs_ml.lint.security.pack import check_security, security_rules
from constructs_ml.lint.security.places import _WRITTEN_IN, WITHOUT_KEY
from constructs_ml.lint.security.subject import SENT_BY_CLOUDFORMATION, Subject
from constructs_ml.sagemaker.model import Shape, input_shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = (
    "CreateAutoMLJob",
    "CreateAutoMLJobV2",
    "CreateLabelingJob",
    "CreateHyperParameterTuningJob",
    "CreateProcessingJob",
    "CreateTrainingJob",
    "CreateTransformJob",
    *(f"Create{kind}" for kind in SENT_BY_CLOUDFORMATION),
)
# Endpoints have a network of their own only for inference components, which bring no containers here.
NETWORKS_TOLD_ELSEWHERE = {"AutoMLSecurityConfig", "CreateEndpointConfigInput", "LabelingJobResourceConfig"}


def shapes(root: Shape, seen: set[str]) -> Iterator[Shape]:
    """A type and all types in it."""
    if root.name not in seen:
        seen.add(root.name)
        yield root
        for inner in [*root.members.values(), *([root.member] if root.type == "list" else [])]:
            yield from shapes(inner, seen)


def structures() -> list[Shape]:
    """All structures in the requests that the pack is about."""
    seen: set[str] = set()
    return [found for job in JOBS for found in shapes(input_shape(job), seen) if found.type == "structure"]


def at(root: Shape, path: str) -> Shape:
    """The type that a path leads to."""
    for name in path.split("."):
        root = root.members[name]
    return root


def machine_with(request: dict[str, Any], **state: Any) -> dict[str, Any]:
    """A definition whose training job sends this request."""
    definition = examples.training()
    task = definition["States"]["Train"]
    definition["States"]["Train"] = {**task, "Parameters": request, **state}
    return definition


def rules_of(definition: dict[str, Any]) -> set[str]:
    return {found.rule for found in check_security(definition)}


def test_all_networks_of_the_api_are_known() -> None:
    """Each structure that can name a VPC is looked at; each path of the table leads to a member."""
    found = {item.name for item in structures() if "VpcConfig" in item.members}
    told = {name for name, places in PLACES.items() if places.vpc == "VpcConfig"}
    # What processing and monitoring jobs say of it stands in a NetworkConfig of the request.
    configs = {"NetworkConfig", "MonitoringNetworkConfig"}
    assert found - NETWORKS_TOLD_ELSEWHERE - configs == told
    for name, places in each(PLACES.items()):
        for path in (places.vpc, places.isolation, places.encryption, *places.instances):
            assert not path or at(shape(name), path).name


def test_all_keys_of_volumes_are_known() -> None:
    """Keys that may be left out with the structure around them are those that the table has."""
    for name, path in each(_IMPLIED.items()):
        assert at(shape(name), path).type == "string"
    for name in each(_SET_ABOVE | WITHOUT_KEY | _WRITTEN_IN):
        assert shape(name).type == "structure"


def test_what_is_written_has_a_key_or_is_on_the_list() -> None:
    """Each structure that names a place to write to has a member for a key, or is one of those without."""
    places = ("DestinationS3Uri", "OutputS3Uri", "S3FailurePath", "S3OutputPath")
    writing = [item for item in structures() if set(places) & set(item.members)]
    without = {item.name for item in writing if "KmsKeyId" not in item.members}
    # The rule configurations of Profiler write where the profiler does.
    assert without - {"ProfilerRuleConfiguration"} == WITHOUT_KEY - {"CheckpointConfig"}


@pytest.mark.parametrize("jsonata", [False, True])
def test_both_query_languages_are_read(jsonata: bool) -> None:
    """The same is found in the census workflow in either, in the states inside Parallel and Map too."""
    found = {(item.rule, item.state) for item in check_security(census_template(jsonata=jsonata))}
    jobs = {"Preprocess", "Train", "Tune", "Score"}
    volumes, outputs = ({(rule, job) for job in jobs} for rule in ("CMS001", "CMS003"))
    networks = {("CMS011", job) for job in ("Preprocess", "Train", "Tune", "Model")}
    assert found == volumes | outputs | networks | {("CMS043", ""), ("CMS044", "")}


def test_the_sdk_integration_is_read() -> None:
    """A job that is started by a call of the SDK is a job."""
    resource = "arn:aws:states:::aws-sdk:sagemaker:createTrainingJob"
    request = examples.training(EnableNetworkIsolation=None)["States"]["Train"]["Parameters"]
    assert rules_of(machine_with(request, Resource=resource)) == {"CMS011"}


@pytest.mark.parametrize(
    "member",
    [
        {"ResourceConfig.$": "$.resources"},
        {"OutputDataConfig": {"S3OutputPath": "s3://a/b", "KmsKeyId.$": "$.key"}},
        {"EnableNetworkIsolation.$": "$.isolated"},
        {"VpcConfig.$": "$.vpc", "EnableNetworkIsolation": False},
        {"VpcConfig": {"Ref": "Network"}, "EnableNetworkIsolation": False},
        {"ResourceConfig": examples.cluster(VolumeKmsKeyId=None, InstanceType="${Token[Type]}")},
        {"ResourceConfig": examples.cluster(VolumeKmsKeyId=None, InstanceType="ml.g5.xlarge")},
        {"ResourceConfig": {**examples.cluster(InstanceCount=None), "InstanceCount.$": "$.count"}},
        {"OutputDataConfig": {"S3OutputPath": "s3://census--use1-az4--x-s3/models/"}},
    ],
    ids=", ".join,
)
def test_what_is_known_only_later_is_not_judged(member: dict[str, Any]) -> None:
    """Nor what cannot be had: a key for instances with disks of their own, or for a directory bucket."""
    replaced = {name.removesuffix(".$") for name in member}
    request = examples.training()["States"]["Train"]["Parameters"]
    kept = {name: value for name, value in request.items() if name not in replaced}
    assert rules_of(machine_with({**kept, **member})) == set()


@pytest.mark.parametrize("job", [job for job in JOBS if job not in {"CreateTransformJob", "CreateEndpointConfig"}])
def test_the_least_request_is_on_the_internet(job: str) -> None:
    """Whatever is started with nothing but what the API requires has a network, and is told so."""
    action = f"{job[0].lower()}{job[1:]}"
    request = sample(input_shape(job))
    if job == "CreateLabelingJob":
        request["LabelingJobAlgorithmsConfig"] = sample(shape("LabelingJobAlgorithmsConfig"))
    if job == "CreateMonitoringSchedule":
        definition = sample(shape("MonitoringJobDefinition"))
        request["MonitoringScheduleConfig"] = {"MonitoringJobDefinition": definition}
    if job == "CreateHyperParameterTuningJob":
        request["TrainingJobDefinitions"] = [sample(shape("HyperParameterTrainingJobDefinition"))]
    found = rules_of(machine_with(request, Resource=f"arn:aws:states:::aws-sdk:sagemaker:{action}"))
    assert "CMS011" in found


def test_a_state_that_sends_its_input_is_not_judged() -> None:
    """Without parameters nothing of its request is known."""
    definition = examples.training()
    del definition["States"]["Train"]["Parameters"]
    assert rules_of(definition) == set()


@pytest.mark.parametrize(
    ("family", "has_disks"),
    [
        *((name, False) for name in ("m5", "c5n", "m7i", "c7i-flex", "p3", "p2", "inf2", "t3", "r6g", "m4")),
        *((name, True) for name in ("m5d", "c6gd", "g4dn", "g5", "g6e", "gr6", "p3dn", "p4de", "p5en", "trn1", "i3en")),
    ],
)
def test_families_with_disks_of_their_own(family: str, has_disks: bool) -> None:
    """They are told by their names; of new accelerators it is supposed."""
    cluster = examples.cluster(InstanceType=f"ml.{family}.xlarge")
    (call,) = Subject.of_definition(examples.training(ResourceConfig=cluster)).calls
    (part,) = (part for part in call.parts if part.path == "ResourceConfig")
    assert may_have_local_storage(part) is has_disks


@pytest.mark.parametrize(
    ("uri", "host", "repository", "tag"),
    [
        ("python", "docker.io", "", "latest"),
        ("python:3.13", "docker.io", "", "3.13"),
        ("library/python:3.13", "docker.io", "python", "3.13"),
        ("localhost:5000/ours:1", "localhost:5000", "ours", "1"),
        ("ghcr.io/a/b@sha256:0123", "ghcr.io", "a/b", None),
        ("${Token[Repository.Uri]}:latest", "", "", "latest"),
        ("${Token[Account]}.dkr.ecr.us-east-1.amazonaws.com/${Token[Name]}", "", "…", None),
        (
            "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:${Tag}",
            "111122223333.dkr.ecr.us-east-1.amazonaws.com",
            "a",
            None,
        ),
    ],
)
def test_images_are_taken_apart(uri: str, host: str, repository: str, tag: str | None) -> None:
    """What is known only at deployment is not guessed."""
    definition = examples.training(AlgorithmSpecification={"TrainingImage": uri, "TrainingInputMode": "File"})
    (image,) = images(Subject.of_definition(definition))
    assert (image.host, image.repository, image.tag) == (host, repository, tag)


@pytest.mark.parametrize(
    "uri",
    [
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/ours:1",
        "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/ours:1",
        "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/ours:1",
        "111122223333.dkr-ecr.eu-west-1.on.aws/ours:1",
    ],
)
def test_every_form_of_ecr_is_known(uri: str) -> None:
    """In all partitions, with FIPS, and over IPv6."""
    assert rules_of(examples.processing(AppSpecification={"ImageUri": uri})) == set()


def test_a_registry_in_the_vpc_is_no_public_one() -> None:
    """Unless it is known to be public."""
    access = {"TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"}, "TrainingInputMode": "File"}

    def found(image: str) -> set[str]:
        return rules_of(examples.training(AlgorithmSpecification={"TrainingImage": image, **access}))

    assert found("registry.corp.example/churn:1") == set()
    assert found("quay.io/corp/churn:1") == {"CMS021"}


def test_public_data_may_be_labeled_by_the_public() -> None:
    """If it is declared to be free of personal data."""
    (rule,) = (rule for rule in security_rules() if rule.id == "CMS082")
    definition = json.loads(json.dumps(rule.bad))
    request = definition["States"]["Call"]["Parameters"]
    request["InputConfig"]["DataAttributes"] = {"ContentClassifiers": ["FreeOfPersonallyIdentifiableInformation"]}
    assert rules_of(definition) == set()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("{% $x %}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
EXAMPLES = [json.loads(json.dumps(example)) for rule in security_rules() for example in (rule.bad, rule.good)]


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places in an example where something else may stand."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from spots(item, (*path, key))


def is_judged(path: tuple[Any, ...]) -> bool:
    """Whether a place is of a definition or a property; what intrinsic functions take is CloudFormation's to judge."""
    in_property = path[2:3] == ("Properties",) and len(path) > 3
    return path[0] == "States" or (in_property and not any(str(key).startswith(("Fn::", "Ref")) for key in path))


@settings(max_examples=300)
@given(data=st.data(), example=st.sampled_from(EXAMPLES), junk=JUNK)
def test_no_rule_fails_on_what_is_malformed(data: st.DataObject, example: dict[str, Any], junk: Any) -> None:
    """Whatever stands anywhere in a definition or in a property of a resource, the rules give an answer."""
    broken = copy.deepcopy(example)
    *path, last = data.draw(st.sampled_from([*filter(is_judged, spots(broken))]))
    holder: Any = broken
    for key in path:
        holder = holder[key]
    holder[last] = junk
    for found in check_security(broken):
        assert found.message
