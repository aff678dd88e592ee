"""botocore's model is read from its file, without botocore."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from constructs_ml.sagemaker import model
from constructs_ml.sagemaker.leaves import leaves
from constructs_ml.sagemaker.model import ModelError, input_shape, output_shape, shape

MODULES = (
    "constraints",
    "images",
    "leaves",
    "model",
    "patterns",
    "relations.table",
    "request",
    "result",
    "task_requests",
)


def alone(code: str) -> str:
    """Runs code that sees the package without its parent's ``__init__``, which offers the constructs too."""
    parent = Path(model.__file__).parent.parent
    start = f"import sys, types\nsys.modules['constructs_ml'] = types.ModuleType('constructs_ml')\nsys.modules['constructs_ml'].__path__ = [{str(parent)!r}]"
    done = subprocess.run([sys.executable, "-c", f"{start}\n{code}"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_neither_botocore_nor_aws_cdk_is_imported() -> None:
    imports = "\n".join(f"import constructs_ml.sagemaker.{module}" for module in MODULES)
    use = "constructs_ml.sagemaker.request.check_request('CreateModel', {})\nconstructs_ml.sagemaker.images.find_image('kmeans')"
    heavy = ("botocore", "aws_cdk", "jsii", "sagemaker")

    assert alone(f"{imports}\n{use}\nprint([name for name in {heavy} if name in sys.modules])") == "[]"


def test_nothing_is_read_at_import() -> None:
    code = "import constructs_ml.sagemaker.request, constructs_ml.sagemaker.model as model"

    assert alone(f"{code}\nprint(model._model.cache_info().currsize)") == "0"


def test_a_structure() -> None:
    cluster = shape("ProcessingClusterConfig")

    assert cluster.type == "structure"
    assert "VolumeSizeInGB" in cluster.required
    assert (cluster.members["VolumeSizeInGB"].min, cluster.members["VolumeSizeInGB"].max) == (1, 16384)
    assert "ml.m5.xlarge" in cluster.members["InstanceType"].enum


def test_what_a_shape_does_not_say_is_not_asked_for() -> None:
    """Neither limits nor a pattern; one of its kind is a union."""
    plain, union = shape("Boolean"), shape("CustomFileSystem")

    assert (plain.required, plain.enum, plain.pattern, plain.min, plain.max, plain.union) == (
        (),
        (),
        None,
        None,
        None,
        False,
    )
    assert plain.members == {}
    assert union.union is True


def test_a_list_and_a_map() -> None:
    request = input_shape("CreateProcessingJob")

    assert request.members["Tags"].member.name == "Tag"
    assert request.members["Environment"].key.pattern == "[a-zA-Z_][a-zA-Z0-9_]*"
    assert request.members["Environment"].value.type == "string"


def test_shapes_are_equal_by_name() -> None:
    assert shape("Tag") == input_shape("CreateModel").members["Tags"].member
    assert len({shape("Tag"), shape("Tag"), shape("TagKey")}) == 2
    assert shape("Tag") != "Tag"


def test_a_part_that_a_shape_lacks() -> None:
    with pytest.raises(ModelError, match="Tag is a structure: it has no member"):
        _ = shape("Tag").member


def test_an_unknown_shape() -> None:
    with pytest.raises(ModelError, match="no shape Tagg; did you mean Tag"):
        shape("Tagg")


def test_an_operation_without_output() -> None:
    with pytest.raises(ModelError, match="DeleteModel has no output"):
        output_shape("DeleteModel")


@pytest.mark.parametrize("packed", [True, False])
def test_the_file_may_be_packed_or_plain(tmp_path: Path, *, packed: bool) -> None:
    text = json.dumps({"operations": {}, "shapes": {}}).encode()
    file = tmp_path / (f"{model._FILE}.gz" if packed else model._FILE)
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.compress(text) if packed else text)

    assert model._read([tmp_path / "nothing here", tmp_path]) == {"operations": {}, "shapes": {}}


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    told = "botocore's model of SageMaker (data/sagemaker/2017-07-24/service-2.json) was not found in"
    for folders, where in (
        ([tmp_path, tmp_path / "b"], f"{tmp_path}, {tmp_path / 'b'}"),
        ([], "no installed botocore"),
    ):
        with pytest.raises(ModelError) as caught:
            model._read(folders)
        assert str(caught.value) == f"{told} {where}; run pip install 'botocore>=1.40'"


def test_without_botocore_there_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "find_spec", lambda _: None)

    assert model._botocore_folders() == []


def test_all_operations_are_known() -> None:
    found = model.operations()

    assert len(set(found)) == len(found) > 300
    assert {"CreateProcessingJob", "CreateAutoMLJobV2", "DescribeEndpoint"} <= set(found)


def test_leaves_reach_into_lists_and_maps() -> None:
    found = leaves("CreateProcessingJob")

    assert "ProcessingInputs[].S3Input.S3Uri" in found
    assert "Environment.*" in found
    assert "AppSpecification.ContainerArguments[]" in found
    assert "ProcessingResources" not in found
    assert len(found) == len(set(found)) >= 60


def test_a_shape_that_holds_itself_ends_its_path() -> None:
    # A filter of a search holds filters.
    found = leaves("Search")

    assert "SearchExpression.SubExpressions[]" in found
    assert "SearchExpression.Filters[].Name" in found
