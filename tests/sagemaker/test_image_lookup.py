"""Images are found by what a user knows, and what is not there is said with what is."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from constructs_ml.asl.expressions import Path as RuntimePath
from constructs_ml.sagemaker.images import UnknownImageError, find_image, frameworks, lookup
from constructs_ml.sagemaker.images.image import dns_suffix

TOOL = Path(__file__).parent.parent.parent / "tools" / "build_image_tables.py"


def tag(*args: Any, **kwargs: Any) -> str:
    image = find_image(*args, **kwargs)
    return f"{image.repository}:{image.tag}"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("sklearn", "1.2-1", {}), "sagemaker-scikit-learn:1.2-1-cpu-py3"),
        (("sklearn", "1.2-1", {"scope": "processing"}), "sagemaker-scikit-learn:1.2-1-cpu-py3"),
        (("xgboost", "1.7-1", {"instance_type": "ml.g5.xlarge"}), "sagemaker-xgboost:1.7-1"),
        (("pytorch", "2.0", {"scope": "training", "processor": "cpu"}), "pytorch-training:2.0-cpu-py310"),
        (("pytorch", "2.0", {"scope": "training", "instance_type": "ml.p3.2xlarge"}), "pytorch-training:2.0-gpu-py310"),
        (("pytorch", "2.0", {"scope": "training", "instance_type": "local_gpu"}), "pytorch-training:2.0-gpu-py310"),
        (("pytorch", "1.11", {"scope": "training", "instance_type": "ml.trn1.2xlarge"}),
         "pytorch-training-neuron:1.11-neuron-py38-sdk2.4.0-ubuntu20.04"),
        (("sklearn", "1.0-1", {"scope": "inference", "instance_type": "ml.m8g.large"}),
         "sagemaker-scikit-learn:1.0-1-arm64-cpu-py3"),
        (("spark", "3.3", {}), "sagemaker-spark-processing:3.3-cpu"),
        (("spark", "3.3", {"python": "py39", "container_version": "v1"}), "sagemaker-spark-processing:3.3-cpu-py39-v1"),
        (("huggingface", "4.28", {"scope": "training", "base": "pytorch2.0"}),
         "huggingface-pytorch-training:2.0-transformers4.28.1-gpu-py310-cu118-ubuntu20.04"),
        (("huggingface-vllm-neuronx", "0.4.1", {"instance_type": "ml.inf2.xlarge"}),
         "huggingface-vllm-inference-neuronx:0.10.2-neuronx-py310-sdk2.26.0-ubuntu22.04"),
        (("llama-cpp-arm64", "1", {"instance_type": "ml.c7g.xlarge"}), "llama-cpp-arm64:server-sagemaker-cpu-v1"),
        (("huggingface", "4.12.3", {"instance_type": "ml.inf1.xlarge"}),
         "huggingface-pytorch-inference-neuron:1.9.1-transformers4.12.3-neuron-py37-sdk1.17.1-ubuntu18.04"),
        (("huggingface", "4.10.2", {"scope": "training", "base": "tensorflow2.4.1"}),
         "huggingface-tensorflow-training:2.4.1-transformers4.10.2-gpu-py37-cu110-ubuntu18.04"),
        (("huggingface", "4.10.2", {"scope": "training", "base": "tensorflow2.4"}),
         "huggingface-tensorflow-training:2.4-transformers4.10.2-gpu-py37-cu110-ubuntu18.04"),
        (("huggingface", "4.10.2", {"scope": "training", "base": "pytorch1.8.1"}),
         "huggingface-pytorch-training:1.8.1-transformers4.10.2-gpu-py36-cu110-ubuntu18.04"),
        (("pytorch", "1.6", {"scope": "training", "python": "py3", "instance_type": "ml.p4d.24xlarge"}),
         "pytorch-training:1.6-gpu-py3-cu110-ubuntu18.04-v3"),
        (("pytorch", "1.6", {"scope": "training", "python": "py3", "instance_type": "ml.p3.2xlarge"}),
         "pytorch-training:1.6-gpu-py3"),
        (("pytorch", "2.0", {"scope": "training", "instance_type": "ml.p4d.24xlarge"}), "pytorch-training:2.0-gpu-py310"),
        (("pytorch", "2.0", {"scope": "processing", "processor": "cpu"}), "pytorch-training:2.0-cpu-py310"),
        (("pytorch", "2.0", {"scope": "inference", "instance_type": "ml.g5g.xlarge"}), "pytorch-inference:2.0-gpu-py310"),
        (("kmeans", None, {"instance_type": "ml.p4d.24xlarge"}), "kmeans:1"),
        (("kmeans", None, {}), "kmeans:1"),
        (("mxnet", "1.4", {"scope": "training", "python": "py2", "processor": "cpu"}), "sagemaker-mxnet:1.4-cpu-py2"),
        (("mxnet", "1.4", {"scope": "training", "python": "py3", "processor": "cpu"}), "mxnet-training:1.4-cpu-py3"),
    ],
)  # fmt: skip
def test_an_image(args: tuple[str, str | None, dict[str, Any]], expected: str) -> None:
    framework, version, rest = args

    assert tag(framework, version, **rest) == expected


@pytest.mark.parametrize("instance_type", [RuntimePath("$.type"), "${Token[TOKEN.1]}", "{% $states.input.type %}"])
def test_an_instance_type_known_only_later_chooses_nothing(instance_type: Any) -> None:
    assert tag("sklearn", "1.2-1", instance_type=instance_type) == "sagemaker-scikit-learn:1.2-1-cpu-py3"
    assert tag("pytorch", "2.0", scope="training", processor="gpu", instance_type=instance_type).endswith("-gpu-py310")
    with pytest.raises(UnknownImageError, match="pass processor or instance_type"):
        find_image("pytorch", "2.0", scope="training", instance_type=instance_type)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("sklern", "1", {}), "there are no images of 'sklern'; did you mean sklearn?"),
        (("sklearn", "9.9", {}), "sklearn has no version 9.9; versions: 0.20.0, 0.23-1, 1.0-1, 1.2-1, "),
        (("sklearn", None, {}), "sklearn has more than one version; pass version; versions: 0.20.0, "),
        (("sklearn", "1.2-1", {"scope": "serving"}), "sklearn has no scope serving; scopes: inference, inference_graviton, training"),
        (("sklearn", "1.2-1", {"python": "py2"}), "sklearn 1.2-1 has no python py2; python: py3"),
        (("sklearn", "1.2-1", {"instance_type": "ml.p3.2xlarge"}), "sklearn 1.2-1 has no gpu image for ml.p3.2xlarge; processors: cpu"),
        (("sklearn", "1.2-1", {"processor": "gpu"}), "sklearn 1.2-1 has no processor gpu; processors: cpu"),
        (("sklearn", "1.2-1", {"instance_type": "m5.xlarge"}), "'m5.xlarge' is not an instance type; write it as 'ml.m5.xlarge'"),
        (("sklearn", "1.2-1", {"instance_type": "ml.c7g.xlarge", "scope": "training"}),
         "sklearn has no training image for Graviton (c7g) instances"),
        (("sklearn", "1.2-1", {"instance_type": "ml.c7g.xlarge"}), "sklearn on Graviton has no version 1.2-1; versions: 1.0-1"),
        (("kmeans", "1", {"instance_type": "ml.c7g.xlarge"}), "kmeans has no such image for Graviton (c7g) instances"),
        (("sklearn", "1.2-1", {"container_version": "v1"}), "the tag of sklearn 1.2-1 has no container version; leave out 'v1'"),
        (("pytorch", "2.0", {}), "pytorch has more than one scope; pass scope; scopes: eia, inference, inference_graviton, training"),
        (("pytorch", "2.0", {"scope": "training"}),
         "pytorch 2.0 has more than one processor; pass processor or instance_type; processors: cpu, gpu"),
        (("pytorch", "1.4", {"scope": "training", "processor": "cpu"}),
         "pytorch 1.4 has more than one python; pass python; python: py2, py3, py36"),
        (
            ("mxnet", "1.4", {"scope": "training"}),
            "mxnet 1.4 has more than one python; pass python; python: py2, py3",
        ),
        (("huggingface", "4.6", {"scope": "training"}), "huggingface 4.6 has more than one base; pass base; bases: pytorch1.6.0, "),
        (("spark", "3.5", {"python": "py39"}),
         ("spark 3.5 takes python and container_version together or neither, "
          "got python='py39', container_version=None; python: py39, py312")),
        (("sklearn", "1.2-1", {"instance_type": "ml.inf1.xlarge"}),
         "sklearn 1.2-1 has no inf image for ml.inf1.xlarge; processors: cpu"),
        (("mxnet", "1.4", {"scope": "training", "python": "py3", "instance_type": "ml.inf1.xlarge"}),
         "mxnet 1.4 has no inf image for ml.inf1.xlarge; processors: cpu, gpu"),
        (("pytorch", "2.0", {"scope": "training", "instance_type": "ml.inf2.xlarge"}),
         "pytorch-neuron has no version 2.0; versions: 1.11.0"),
        (("huggingface", "4.10.2", {"scope": "inference", "base": "pytorch1.8.1", "instance_type": "ml.trn1.2xlarge"}),
         "huggingface-neuron has no version 4.10.2; versions: 4.12.3"),
        (("pytorch", "1.6", {"scope": "training", "python": "py3", "instance_type": "ml.m5.xlarge", "processor": "tpu"}),
         "pytorch 1.6 has no processor tpu; processors: cpu, gpu"),
        (("xgboost", "1.7-1", {"python": "py3"}), "xgboost 1.7-1 has no choice of Python; leave out python='py3'"),
        (("spark", "3.5", {"scope": "training"}), "spark has no scope training; scopes: processing"),
    ],
)  # fmt: skip
def test_what_is_not_there(args: tuple[str, str | None, dict[str, Any]], message: str) -> None:
    framework, version, rest = args
    with pytest.raises(UnknownImageError) as caught:
        find_image(framework, version, **rest)

    assert str(caught.value).startswith(message)


def test_a_region_without_the_image_names_its_neighbours() -> None:
    image = find_image("sklearn", "1.2-1")

    with pytest.raises(
        UnknownImageError, match=r"sklearn 1.2-1 is not offered in me-west-1; nearest: me-central-1, me-south-1"
    ):
        image.uri("me-west-1")
    with pytest.raises(UnknownImageError, match="not offered in xx-west-1; regions: af-south-1, "):
        image.account("xx-west-1")
    with pytest.raises(UnknownImageError, match=r"nearest: us-east-1, us-east-2, us-west-1, us-west-2$"):
        image.account("us-east-9")


def test_an_image_without_a_tag() -> None:
    """Is the repository's latest."""
    image = find_image("kmeans")

    assert image.name == "kmeans:1"
    assert replace(image, tag="").name == "kmeans"


def test_the_host_is_the_partitions() -> None:
    """China's ends in another domain."""
    assert find_image("sklearn", "1.2-1").uri("cn-north-1") == (
        "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-scikit-learn:1.2-1-cpu-py3"
    )


def test_a_region_of_government_has_neighbours_there_only() -> None:
    """us-gov-west is not near us-west."""
    with pytest.raises(UnknownImageError, match=r"nearest: us-gov-east-1, us-gov-west-1$"):
        find_image("sklearn", "1.2-1").account("us-gov-north-1")


def test_an_image_can_be_a_key() -> None:
    assert len({find_image("sklearn", "1.2-1"), find_image("sklearn", "1.2-1")}) == 1


def test_versions_are_listed_as_people_sort_them() -> None:
    assert lookup.in_order(["1.10", "1.9", "latest", "1.9-1"]) == ["1.9", "1.9-1", "1.10", "latest"]
    assert lookup.in_order(["v2", "py312", "2", "py39"]) == ["2", "py39", "py312", "v2"]


def test_only_the_asked_frameworks_table_is_read() -> None:
    lookup.load.cache_clear()

    find_image("sklearn", "1.2-1")

    assert lookup.load.cache_info().currsize == 1


def test_the_dns_suffixes_are_botocores() -> None:
    spec = find_spec("botocore")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    partitions = json.loads((Path(spec.submodule_search_locations[0]) / "data" / "partitions.json").read_text())[
        "partitions"
    ]
    compared = 0
    for partition in partitions:
        for region in partition["regions"]:
            if not region.endswith("-global"):
                assert dns_suffix(region) == partition["outputs"]["dnsSuffix"]
                compared += 1
    assert compared > 30


def test_the_tables_are_small() -> None:
    assert len(frameworks()) >= 80
    assert sum(path.stat().st_size for path in lookup._FOLDER.glob("*.json")) < 400_000


def test_the_tables_are_those_of_the_sdk() -> None:
    pytest.importorskip("sagemaker.core", reason="sagemaker-core is not installed", exc_type=ImportError)

    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
