"""A cached job, written by hand in the Amazon States Language: nothing here depends on the library's constructs."""

from __future__ import annotations

from typing import Any

from simulated_machines import IMAGE, ROLE, catcher

BUCKET, PLACE, OLDEST = "artifacts", "s3://artifacts/out/", 30 * 86_400_000
NO_KEY, NO_VALUE = "S3.NoSuchKeyException", "States.QueryEvaluationError"
FOUND = "$append([], $states.result.Contents)"
DIGEST = f"$hash($string([{FOUND}.(Key & ETag & $string(Size))]), 'SHA-256')"
FRESH = (
    "($found := $parse($states.result.Body); $found.version = 1 and $found.key = $key "
    f"and $found.created > $millis() - {OLDEST} ? $found : $error('expired or unreadable'))"
)


def inside(expression: str) -> str:
    return f"{{% {expression} %}}"


GIVEN = inside("$states.input")


def s3(action: str, arguments: Any, **fields: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::aws-sdk:s3:{action}"
    return {"Type": "Task", "QueryLanguage": "JSONata", "Resource": resource, "Arguments": arguments, **fields}


def training(**fields: Any) -> dict[str, Any]:
    """A training job, whose place has the key and an id of the attempt."""
    request = {
        "TrainingJobName": inside("'train-' & $uuid()"),
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": inside(f"'{PLACE}' & $key & '/' & $states.context.Execution.Name & '/'")},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    resource = "arn:aws:states:::sagemaker:createTrainingJob.sync"
    return {"Type": "Task", "QueryLanguage": "JSONata", "Resource": resource, "Arguments": request, **fields}


def by_cause() -> dict[str, Any]:
    """A training job whose failures are classified."""
    states = {
        "Train: start": training(Catch=[catcher("Train: failed", "States.TaskFailed")], End=True),
        "Train: failed": {"Type": "Fail", "QueryLanguage": "JSONata", "Error": "SageMaker.JobFailed"},
    }
    branch = {"StartAt": "Train: start", "States": states}
    return {"Type": "Parallel", "QueryLanguage": "JSONata", "Branches": [branch]}


def cached(run: dict[str, Any] | None = None, name: str = "Train", **fields: Any) -> dict[str, Any]:
    """A cached job: it lists s3://data/raw/, looks up the marker of what it found, and runs the job only if there is none."""
    run = training() if run is None else run
    made = "$states.result[0]" if run["Type"] == "Parallel" else "$states.result"
    marker = inside("'cache/' & $key & '.json'")
    recorded = "($found := $parse($states.result.Body); $merge([$states.input, {'Train': $found.result}]))"
    condition = "$etag = '' ? {'IfNoneMatch': '*'} : {'IfMatch': $etag}"
    body = "{'version': 1, 'key': $key, 'created': $millis(), 'place': $place, 'result': $made}"
    written = f"$merge([{{'Bucket': '{BUCKET}', 'Key': 'cache/' & $key & '.json', 'Body': {body}}}, {condition}])"
    own = inside("$merge([$states.input, {'Train': $made}])")
    states = {
        f"{name}: list": s3(
            "listObjectsV2",
            {"Bucket": "data", "Prefix": "raw/", "MaxKeys": 200},
            Assign={"key": inside(DIGEST)},
            Output=GIVEN,
            Next=f"{name}: look up",
        ),
        f"{name}: look up": s3(
            "getObject",
            {"Bucket": BUCKET, "Key": marker},
            Assign={"place": inside(f"{FRESH}.place"), "found": inside(f"{FRESH}.result")},
            Output=GIVEN,
            Next=f"{name}: outputs",
            Catch=[
                catcher(f"{name}: run", NO_KEY, Assign={"etag": ""}, Output=GIVEN),
                catcher(f"{name}: again", NO_VALUE, Output=GIVEN),
            ],
        ),
        f"{name}: outputs": s3(
            "listObjectsV2",
            {"Bucket": BUCKET, "Prefix": inside(f"$substringAfter($place, 's3://{BUCKET}/')"), "MaxKeys": 1},
            Output=inside(
                "$exists($states.result.Contents) ? $merge([$states.input, {'Train': $found}]) : $error('outputs are gone')"
            ),
            Catch=[catcher(f"{name}: again", NO_VALUE, Output=GIVEN)],
            End=True,
        ),
        f"{name}: again": s3(
            "getObject",
            {"Bucket": BUCKET, "Key": marker},
            Assign={"etag": inside("$states.result.ETag")},
            Output=GIVEN,
            Next=f"{name}: run",
        ),
        f"{name}: run": {
            **run,
            "Assign": {"made": inside(made), "place": inside(f"{made}.OutputDataConfig.S3OutputPath")},
            "Output": GIVEN,
            "Next": f"{name}: record",
        },
        f"{name}: record": s3(
            "putObject",
            inside(written),
            Output=own,
            Catch=[catcher(f"{name}: winner", "States.ALL", Output=GIVEN)],
            End=True,
        ),
        f"{name}: winner": s3("getObject", {"Bucket": BUCKET, "Key": marker}, Output=inside(recorded), End=True),
    }
    branch = {"StartAt": f"{name}: list", "States": states}
    output = inside("$states.result[0]")
    return {"Type": "Parallel", "QueryLanguage": "JSONata", "Branches": [branch], "Output": output, **fields}
