"""A whole local run: synthesize, deploy, upload, execute, report."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.physical_values import Place
from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.interpreter.environment import find
from constructs_ml.local.host import runtime
from constructs_ml.local.host.disk_space import temporary, writing
from constructs_ml.local.host.keys import split_uri
from constructs_ml.local.host.requirements import require, require_system
from constructs_ml.local.host.run_folders import short_directory
from constructs_ml.local.host.scratch import Kind, remove_stale, scratch
from constructs_ml.local.host.storage import Storage
from constructs_ml.local.runner import assembly as assemblies
from constructs_ml.local.runner import synth
from constructs_ml.local.runner.app import find as find_app
from constructs_ml.local.runner.app_process import Deadline
from constructs_ml.local.runner.aws import LocalAws
from constructs_ml.local.runner.declared import check_input
from constructs_ml.local.runner.deploy import check, check_parameters
from constructs_ml.local.runner.findings import checked
from constructs_ml.local.runner.given import check_writable, upload_source
from constructs_ml.local.runner.granted import GrantedRoles
from constructs_ml.local.runner.kept import kept_outputs
from constructs_ml.local.runner.outside import Outside
from constructs_ml.local.runner.part import Part, check_given, debuggers, jobs_part, plan_of
from constructs_ml.local.runner.progress import Progress, Quiet
from constructs_ml.local.runner.recorder import Recorder
from constructs_ml.local.runner.report import RunReport
from constructs_ml.local.runner.warm import CachedResults

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from constructs_ml.cfn.assemblies import StackArtifact
    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.execution import Execution
    from constructs_ml.local.runner.findings import Findings
    from constructs_ml.local.runner.part import Plan

_ACCOUNT, _REGION = "111122223333", "us-east-1"


def run(
    app: str | Path = ".",
    *,
    stack: str | None = None,
    state_machine: str | None = None,
    input: dict[str, Any] | None = None,  # noqa: A002 - AWS's word
    data: Mapping[str, str | Sequence[str]] | None = None,
    keep_model: Path | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
    bucket: Mapping[str, str] | None = None,
    role: Mapping[str, str] | None = None,
    parameter: Mapping[str, str] | None = None,
    secret: Mapping[str, str] | None = None,
    image: Mapping[str, list[str]] | None = None,
    table: Mapping[str, str] | None = None,
    queue: Mapping[str, str] | None = None,
    topic: Mapping[str, str] | None = None,
    policies: Path | None = None,
    account: str | None = None,
    region: str | None = None,
    stand_in: Collection[str] = (),
    enforce_iam: bool = True,
    time_scale: float = 0.001,
    simulated_seconds: float = 0.5,
    outcomes: Mapping[str, str] | None = None,
    approve: bool = False,
    ignore: Collection[str] = (),
    until: str | None = None,
    only: str | None = None,
    given: Mapping[str, str] | None = None,
    debug: str | None = None,
    keep_outputs: Path | None = None,
    warm: str | Path | None = None,
    fresh: bool | Collection[str] = False,
    report: str | Path | None = None,
    record: str | Path | None = None,
    before_end: Callable[[LocalAws, Deployment, RunReport], None] | None = None,
) -> RunReport:
    """Run an app's workflow on this machine.

    The workflow is checked first, as ``constructs-ml check`` does: errors raise an exception, warnings are in the report. A failed
    execution raises no exception: the report has its error and cause.

    Args:
        app: A folder with a cdk.json or an app.py, a Python file, a synthesized cdk.out, or a command such as
            ``python3 app.py``.
        stack: The stack to deploy. Default: the only one.
        state_machine: The state machine to execute. Default: the only one.
        input: The execution's input. Default: that in cdk.json's context ``constructs-ml:run``.
        data: Uploads before the execution: a file, or ``package:name/file``, to one or several S3 URIs such as
            ``s3://${RawData}/x.csv``. They are added to those of cdk.json.
        keep_model: A directory to copy the models to.
        timeout: Seconds after which to stop, including the synthesis.
        progress: The receiver of the run's progress.
        bucket: Existing buckets, which no stack of the app creates, each with a folder of files; an empty string for no files.
        role: Existing roles, by name or ARN, each with the file of its policy; an empty string for a role that may do
            everything. Default: roles of workflows and of jobs that no stack creates may do what the app derives.
        policies: A folder written by ``constructs-ml policy --out``, with the policies as they were granted. They are enforced instead
            of those of the template, for each role that has a file.
        account: The account of stacks without one. Default: 111122223333.
        region: The region of stacks without one. Default: us-east-1.
        parameter: Values of the template's parameters, and of existing SSM parameters.
        secret: Existing secrets, with their values.
        image: Commands that replace images with an entry point of their own, by a part of the image's URI.
        table: Existing DynamoDB tables, by name or ARN, each with a JSON file of ``partition_key``, ``sort_key`` and
            ``items``; an empty string for an empty table with the key ``id``.
        queue: Existing SQS queues; the values are not used.
        topic: Existing SNS topics; the values are not used.
        stand_in: Further resource types to stand in for.
        enforce_iam: True to enforce the permissions of roles.
        time_scale: The factor for the seconds of Wait states and retry intervals.
        simulated_seconds: The duration of simulations.
        outcomes: The outcomes of simulated resources, by a part of their name; see ``LocalAws``.
        approve: True to approve model packages automatically.
        ignore: The ids of rules to ignore.
        until: The state to end after, as if it were the last one.
        only: The only state to run; the outputs of the jobs before it are given.
        given: Jobs that are not run, by their states, each with a folder or an S3 URI that its outputs are taken from.
        debug: The state whose script waits for a debugger.
        keep_outputs: A directory to copy the outputs of all jobs to, in the form that ``given`` takes.
        warm: A folder that keeps the results of cached jobs between runs: the jobs whose results it has do not run. It is created
            if it is missing.
        fresh: The states of cached jobs to run anew whatever results there are; True for all.
        report: The file of a page about the run, in HTML; it needs the extra ``insight``.
        record: The file of the record of the run, in JSON, which ``constructs-ml report`` makes the page from.
        before_end: Called when the execution has ended, before its resources are removed.

    Raises:
        LocalRunError: If the checks find errors, or the run could not be set up or carried out.
    """
    recorder = _prepared(report, record)
    progress = progress or Quiet()
    found = find_app(app)
    deadline = Deadline(timeout)
    outside = found.outside | Outside(
        bucket=bucket or {},
        role=role or {},
        parameter=parameter or {},
        secret=secret or {},
        image=image or {},
        table=table or {},
        queue=queue or {},
        topic=topic or {},
    )
    stood_in = {*found.stand_in, *stand_in}
    uploads = {name: _listed(places) for name, places in {**found.data, **(data or {})}.items()}
    started_with = found.input if input is None else input
    part = Part(until or "", only or "", given or {}, debug or "")
    with contextlib.ExitStack() as stack_of_contexts:
        stack_of_contexts.enter_context(recorder.watching())
        out = stack_of_contexts.enter_context(scratch(Kind.SYNTH))
        progress.step("synthesize")
        assembly = synth.synthesize(
            found,
            out / "cdk.out",
            account=account or _ACCOUNT,
            region=region or _REGION,
            parameters=outside.parameter,
            timeout=deadline.left,
        )
        findings = _found(assembly, ignore, progress, temporary=not found.assembly)
        stacks = assemblies.read(assembly)
        wanted = assemblies.choose(stacks, stack)
        recorder.know(wanted, state_machine, started_with or {})
        place = _place(wanted, account, region)
        order = assemblies.in_order(stacks, wanted)
        _check_stacks(order, stood_in, outside)
        check_input(wanted, state_machine, started_with or {})
        sources = {name: upload_source(name, ", ".join(places), found.directory) for name, places in uploads.items()}
        outside.check(found.directory)
        granted = GrantedRoles.read(assembly, order, outside, policies, place)
        _check_folders(keep_model, keep_outputs)
        _check_part(part, wanted, state_machine, found.directory)
        results = CachedResults(warm, fresh, part)
        results.check(wanted.body, state_machine)
        progress.step("start the embedded AWS")
        aws = stack_of_contexts.enter_context(
            LocalAws(
                account=place.account,
                region=place.region,
                on_log=recorder.log(progress.log),
                on_note=progress.note,
                on_message=progress.message,
                images=outside.image,
                enforce_iam=enforce_iam,
                time_scale=time_scale,
                simulated_seconds=simulated_seconds,
                outcomes=outcomes,
                approve=approve,
                stand_in=stood_in,
                accounts=outside.accounts | granted.accounts,
                recorded=bool(recorder),
            )
        )
        stack_of_contexts.enter_context(_telling_of_its_end(aws, recorder))
        notes = [*synth.dummies(assembly), *outside.make(aws, found.directory), *granted.make(aws)]
        outside.put_parameters(aws, {name for each in order for name in each.body.get("Parameters", {})})
        progress.step(f"deploy {wanted.name}")
        deployment = aws.deploy(assembly, wanted.artifact, outside.parameter)
        granted.enforce(aws, (*deployment.dependencies, deployment), order)
        notes += [*granted.unknown_boundaries(aws), *deployment.simulated]
        _tell(notes, progress)
        results.restore(stack_of_contexts, aws, progress)
        _upload(deployment, uploads, sources, progress)
        planned = _cut(deployment, part, state_machine, found.directory, aws.workdir) if part else None
        asked = results.in_input(started_with or {}, deployment.definition(state_machine))
        execution = recorder.start(aws, deployment, asked, state_machine)
        seconds = _follow(execution, progress, results, deadline)
        made = _report(execution, deployment, findings, seconds, notes, given_for=outcomes or ())
        made = recorder.finish(_kept(_of_part(made, part, planned), aws, keep_model, keep_outputs))
        if before_end:
            before_end(aws, deployment, made)
        return made


def _follow(execution: Execution, progress: Progress, results: CachedResults, deadline: Deadline) -> float:
    """Follow an execution to its end; returns its seconds."""
    started = time.monotonic()
    progress.step(f"execute {execution.arn.split(':')[-2]}")
    with results.saving(), progress:
        progress.begin(execution.arn, execution.definition)
        for event in execution.events(deadline.left):
            progress.state(event)
            results.save_after(event)
    return time.monotonic() - started


def _place(stack: StackArtifact, account: str | None, region: str | None) -> Place:
    """The account and the region of a run: the stack's own, what is given, or the usual ones.

    Raises:
        RunInputError: If other ones are given than the stack's own.
    """
    for kind, own, given in (("account", stack.account, account), ("region", stack.region, region)):
        if own and given and own != given:
            raise RunInputError(f"stack {stack.path} is for the {kind} {own}, got --{kind} {given}; leave it out")
    return Place(stack.account or account or _ACCOUNT, stack.region or region or _REGION)


@contextlib.contextmanager
def _telling_of_its_end(aws: LocalAws, recorder: Recorder) -> Iterator[None]:
    """Turn connection errors into one that says that the emulator has ended, if it has; other errors are recorded."""
    from botocore.exceptions import ConnectionError as BotoConnectionError
    from botocore.exceptions import HTTPClientError

    try:
        with recorder.watching():
            yield
    except (BotoConnectionError, HTTPClientError) as error:
        message = f"the embedded AWS has ended; {aws.last_words()}"
        raise LocalRunError(message) from error


def _listed(places: str | Sequence[str]) -> Sequence[str]:
    return [places] if isinstance(places, str) else places


def _check_stacks(stacks: list[StackArtifact], stood_in: Collection[str], outside: Outside) -> None:
    check(stacks, stood_in)
    check_parameters(stacks, outside.parameter)


def _prepared(report: str | Path | None, record: str | Path | None) -> Recorder:
    """Check the requirements of a run, and remove the leftovers of killed runs; returns the recorder."""
    recorder = Recorder(report, record)
    recorder.check()
    require_system()
    require("boto3")
    find()
    temporary()
    remove_stale(short_directory())
    runtime.running()  # it forgets those that are gone
    return recorder


def _report(
    execution: Execution,
    deployment: Deployment,
    findings: Findings,
    seconds: float,
    notes: list[str],
    *,
    given_for: Iterable[str],
) -> RunReport:
    jobs = execution.jobs
    best = {job.response.get("BestTrainingJob", {}).get("TrainingJobArn") for job in jobs}
    # Of a tuning job's trials only the best one counts.
    counted = [job for job in jobs if not job.tuning_job or job.response["TrainingJobArn"] in best]
    return RunReport(
        status=execution.status,
        execution_arn=execution.arn,
        states_passed=execution.states_passed,
        jobs=jobs,
        models=[job.model_artifacts for job in counted if job.model_artifacts],
        metrics={job.state: job.metrics for job in counted if job.metrics},
        simulated=[*notes, *execution.simulated],
        output=execution.output,
        outputs=deployment.outputs,
        error=execution.error,
        cause=execution.cause,
        seconds=seconds,
        findings=list(findings.items),
        unmatched=[name for name in given_for if not any(name in line for line in execution.simulated)],
        within=execution.folding.outer,
        cached=execution.cached,
    )


def _check_folders(*folders: Path | None) -> None:
    for folder in folders:
        if folder:
            check_writable(folder)


def _check_part(part: Part, stack: StackArtifact, state_machine: str | None, directory: Path) -> None:
    """Check the part of a workflow, as far as it is known before the deployment."""
    planned = plan_of(stack.body, part, state_machine) if part else None
    if planned is not None:
        check_given(part, planned, directory)
    if part.debug:
        debuggers()


def _cut(deployment: Deployment, part: Part, state_machine: str | None, directory: Path, workdir: Path) -> Plan:
    """Have the state machine and the jobs do a part of their work only."""
    planned = deployment.cut(part, directory, state_machine)
    jobs_part(planned, directory, deployment.resolve).write(workdir)
    return planned


def _of_part(report: RunReport, part: Part, planned: Plan | None) -> RunReport:
    if planned is None:
        return report
    # One that failed may not have come so far.
    missed = report.status == "SUCCEEDED" and part.last not in report.states_passed
    unreached = part.last if missed else ""
    return dataclasses.replace(report, not_run=planned.not_run, given=dict(part.given), unreached=unreached)


def _found(assembly: Path, ignore: Collection[str], progress: Progress, *, temporary: bool) -> Findings:
    findings = checked(assembly, ignore, temporary=temporary)
    if findings.items:
        progress.findings(findings)
    return findings


def _tell(notes: Iterable[str], progress: Progress) -> None:
    for note in notes:
        progress.note(f"simulated: {note}")


def _upload(
    deployment: Deployment, uploads: Mapping[str, Sequence[str]], sources: Mapping[str, Path], progress: Progress
) -> None:
    for name, places in uploads.items():
        progress.step(f"upload {name}")
        for to in places:
            deployment.upload(sources[name], to)


def _kept(report: RunReport, aws: LocalAws, models: Path | None, outputs: Path | None) -> RunReport:
    if models:
        report = _with_models(report, aws, models)
    return dataclasses.replace(report, kept_outputs=kept_outputs(report, aws, outputs)) if outputs else report


def _with_models(report: RunReport, aws: LocalAws, directory: Path) -> RunReport:
    s3 = aws.client("s3")
    kept = []
    for job in report.jobs:
        if job.model_artifacts and job.model_artifacts in report.models:
            target = directory / job.name / job.model_artifacts.rstrip("/").rpartition("/")[2]
            with writing("the models", directory, "name another folder (--keep)"):
                target.parent.mkdir(parents=True, exist_ok=True)
                if job.model_artifacts.endswith("/"):
                    storage = Storage(lambda: s3)
                    storage.download(storage.find(job.model_artifacts, required=False), target)
                else:
                    bucket, key = split_uri(job.model_artifacts)
                    target.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            kept.append(target)
    return dataclasses.replace(report, model_files=kept)
