"""Recorded outputs of apps that failed, and what the user is told of them.

``tracebacks/`` has what Python 3.10 to 3.13 and jsii 1.142 wrote; the ends of names say which Python, if it is not 3.11.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_ml.local.runner.tracebacks import explain, plain_message, read

RECORDED = Path(__file__).with_name("tracebacks")
HOME = "/home/ana/census"
TOLD = {
    "invalid_props": """
  app.py:17: CensusStack(app, "Census")
  app.py:8: prepare = ml.ProcessingJob(
InvalidPropsError: Census/Prepare: volume_size must be 1-16384, got 0; pass Size.gibibytes(30)
""",
    "several_faults": """
  app.py:12: CensusStack(app, "Census")
  app.py:8: ml.TrainingJob(self, "Train", image=ml.ContainerImage.sklearn("1.2-1"), instance_count=0, volume_size=Size.gibibytes(0), max_runtime=3600)
InvalidPropsError: Census/Train: max_runtime must be a Duration or a string, got int 3600; pass Duration.hours(1)
""",
    "jsii_runtime_error": """
  app.py:13: CensusStack(app, "Census")
  app.py:9: s3.Bucket(self, "Raw")
RuntimeError: There is already a Construct with name 'Raw' in Stack2 [Census]
""",
    "jsii_bucket_name": """
  app.py:12: CensusStack(app, "Census")
  app.py:8: s3.Bucket(self, "Raw", bucket_name="Not_A_Valid_Name")
RuntimeError: Invalid S3 bucket name (value: Not_A_Valid_Name)
Bucket name must only contain lowercase characters and the symbols, period (.) and dash (-) (offset: 0)
Bucket name must start with a lowercase character or number (offset: 0)
""",
    "byref": """
  app.py:14: CensusStack(app, "Census")
  app.py:10: ml.Workflow(self, "Workflow", definition=[prepare, train])
RuntimeError: chainable of DefinitionBody.fromChainable must have the type IChainable, got an array [ [Object], [Object] ]; chain the states: first.next(second)
""",
    "unresolved_state": """
  app.py:15: CensusStack(app, "Census")
  app.py:11: a.next(sfn.Pass(self, "D"))
RuntimeError: StateAlreadyHasNextState: State 'A' already has a next state
""",
    "callback_aspect": """
  app.py:19: app.synth()
RuntimeError: Census has no owner
(in a callback: an aspect, a validation or a lazy value)
""",
    "callback_validation": """
  app.py:19: app.synth()
RuntimeError: ValidationFailedWithErrors: Validation failed with the following errors:
  [Census] no owner
  [Census] no cost centre
""",
    "lazy": """
  app.py:19: app.synth()
RuntimeError: Resolution error: 'late'.
(in a callback: an aspect, a validation or a lazy value)
""",
    "chained": """
  app.py:15: CensusStack(app, "Census")
  app.py:11: raise LookupError("no settings for census\\nadd them to settings.toml") from error
LookupError: no settings for census
add them to settings.toml
caused by KeyError: 'census' (app.py:9: {}["census"])
""",
    "while_handling": """
  app.py:15: CensusStack(app, "Census")
  app.py:11: raise ValueError("census is not configured")
ValueError: census is not configured
while handling KeyError: 'census' (app.py:9: {}["census"])
""",
    "group_of_groups": """
  app.py:12: CensusStack(app, "Census")
  app.py:8: raise ExceptionGroup("all", [ExceptionGroup("inner", [ValueError("no region"), TypeError("no\\nowner")]), KeyError("account")]) from None
ExceptionGroup: all (2 sub-exceptions)
  ExceptionGroup: inner (2 sub-exceptions)
    ValueError: no region
    TypeError: no
    owner
  KeyError: 'account'
""",
    "group_raised_312": """
  app.py:19: main()
  app.py:17: raise ExceptionGroup("two things are wrong", found)
ExceptionGroup: two things are wrong (2 sub-exceptions)
    app.py:14: check()
    app.py:2: raise ValueError("no region\\nset one")
  ValueError: no region
  set one
    app.py:14: check()
    app.py:8: raise LookupError("no owner") from error
  LookupError: no owner
  caused by KeyError: 'owner' (app.py:6: {}["owner"])
""",
    "group_raised_313": """
  app.py:19: main()
  app.py:17: raise ExceptionGroup("two things are wrong", found)
ExceptionGroup: two things are wrong (2 sub-exceptions)
    app.py:14: check()
    app.py:2: raise ValueError("no region\\nset one")
  ValueError: no region
  set one
    app.py:14: check()
    app.py:8: raise LookupError("no owner") from error
  LookupError: no owner
  caused by KeyError: 'owner' (app.py:6: {}["owner"])
""",
    "note": """
  app.py:14: CensusStack(app, "Census")
  app.py:10: raise error
ValueError: no region
set CDK_DEFAULT_REGION
""",
    "no_message": """
  app.py:12: CensusStack(app, "Census")
  app.py:8: raise NotImplementedError
NotImplementedError
""",
    "indented_message": """
  app.py:12: CensusStack(app, "Census")
  app.py:8: raise ValueError("these are missing:\\n  - region\\n  - account\\nin settings.toml")
ValueError: these are missing:
  - region
  - account
in settings.toml
""",
    "exit_message": """
set STAGE to dev or prod
""",
    "recursion": """
  app.py:13: CensusStack(app, "Census")
  app.py:9: walk(self)
  app.py:8: def walk(node): return walk(node)
  app.py:8: def walk(node): return walk(node)
  app.py:8: def walk(node): return walk(node) (992 times more)
RecursionError: maximum recursion depth exceeded
""",
    "import_error": """
  app.py:1: from aws_cdk import Stak
ImportError: cannot import name 'Stak' from 'aws_cdk' (/home/ana/.venv/lib/python3.11/site-packages/aws_cdk/__init__.py)
""",
    "syntax_error": """
  app.py:3: print('x'
                 ^
SyntaxError: '(' was never closed
""",
    "syntax_error_module": """
  app.py:1: import census
  census.py:2: return 1 +* 2
                         ^
SyntaxError: invalid syntax
""",
    "indentation": """
  app.py:2: return 1
            ^
IndentationError: expected an indented block after function definition on line 1
""",
    "syntax_310": """
  app.py:1: x = [1, 2
                ^
SyntaxError: '[' was never closed
""",
    "tab_310": """
  app.py:3: y = 2
TabError: inconsistent use of tabs and spaces in indentation
""",
    "error_in_module": """
  app.py:1: from stacks.census import CensusStack
  stacks/census.py:2: SETTINGS = json.loads('{')
JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
""",
    "in_library": """
  app.py:2: json.loads('{')
JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
""",
    "thread": """
  app.py:2: t = threading.Thread(target=lambda: 1/0)
ZeroDivisionError: division by zero
""",
    "warning_first": """
  app.py:6: raise ValueError('no region')
ValueError: no region
""",
    "logged": """
  app.py:6: raise ValueError('no region')
ValueError: no region
""",
    "bytes": """
  app.py:4: raise ValueError('caf\\udce9')
ValueError: caf\\udce9
""",
    "no_node": """
  app.py:1: from aws_cdk import App, Duration, Size, Stack, aws_s3 as s3, aws_stepfunctions as sfn
FileNotFoundError: [Errno 2] No such file or directory: '/nowhere/node'
""",
    "multi_313": """
  app.py:4: stack(
  app.py:2: return props["a"] + props["b"]
TypeError: unsupported operand type(s) for +: 'int' and 'str'
""",
    "coloured_313": """
  app.py:4: stack(
  app.py:2: return props["a"] + props["b"]
TypeError: unsupported operand type(s) for +: 'int' and 'str'
""",
    "local_class_310": """
  app.py:5: main()
  app.py:4: raise SettingsError("no stage")
SettingsError: no stage
""",
    "module_run_312": """
  app.py:2: json.loads('[')
JSONDecodeError: Expecting value: line 1 column 2 (char 1)
""",
    "missing_file": """
python3: can't open file '/home/ana/census/app.py': [Errno 2] No such file or directory
""",
    "wrong_type": """
  app.py:12: CensusStack(app, "Census")
  app.py:8: sfn.Wait(self, "Wait", time=Duration.seconds(3))
TypeError: type of argument time must be aws_cdk.aws_stepfunctions.WaitTime; got aws_cdk.Duration instead
""",
    "stdout_only": """
no region given
""",
}


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TOLD)
def test_the_users_lines_and_the_whole_message_are_told(name: str) -> None:
    """Nothing else is: no frame of jsii, aws-cdk-lib or this library, and no JavaScript."""
    assert explain(recorded(name), directory=HOME, library="/nowhere") == TOLD[name].strip("\n")


def test_every_recording_has_what_is_told_of_it() -> None:
    assert {path.stem for path in RECORDED.glob("*.txt")} == set(TOLD)


def test_frames_of_a_library_that_is_no_installed_package_are_left_out() -> None:
    """As of an editable installation; the app beside it is the user's."""
    output = recorded("invalid_props").replace(
        "/home/ana/.venv/lib/python3.11/site-packages/constructs_ml", f"{HOME}/constructs_ml"
    )
    assert explain(output, directory=HOME, library=f"{HOME}/constructs_ml") == TOLD["invalid_props"].strip("\n")


def test_files_elsewhere_keep_their_path() -> None:
    told = explain(recorded("chained"), directory="/home/ana/other", library="/nowhere")
    assert told.startswith("  /home/ana/census/app.py:15: CensusStack")


def test_an_app_that_is_an_installed_package_has_its_innermost_line_told() -> None:
    output = recorded("chained").replace(HOME, "/usr/lib/python3.11/site-packages/census")
    assert "/usr/lib/python3.11/site-packages/census/app.py:11: raise LookupError(" in explain(
        output, directory=HOME, library="/n"
    )


def test_windows_paths() -> None:
    output = (
        'Traceback (most recent call last):\r\n  File "C:\\census\\app.py", line 3, in <module>\r\n    main()\r\n'
        '  File "C:\\Python311\\Lib\\json\\decoder.py", line 9, in decode\r\n    raise\r\nValueError: no\r\n'
    )
    raised = read(output)
    assert raised is not None
    assert str(raised) == "ValueError: no"
    assert explain(output, directory=HOME, library="/n").splitlines()[0] == "  C:\\census\\app.py:3: main()"


def test_a_long_message_is_cut_and_says_so() -> None:
    output = recorded("no_message").replace("\nNotImplementedError", "\nValueError: " + "\n".join(map(str, range(100))))
    told = explain(output, directory=HOME, library="/n").splitlines()
    assert told[-1] == "... 40 lines more"


@pytest.mark.parametrize(
    "output",
    [
        "",
        "\n\n",
        "Traceback (most recent call last):",
        '  File "a.py", line 1',
        "  + Exception Group Traceback (most recent call last):",
    ],
)
def test_what_is_cut_off_is_no_exception(output: str) -> None:
    """The end of an output is what is kept of it, and may begin anywhere."""
    explain(output, directory=HOME, library="/n")
    assert explain("", directory=HOME, library="/n") == "it said nothing"


def test_banners_of_jsii_are_left_out() -> None:
    """It shouts about versions of Node; the lines come as Python's bytes."""
    banner = "b'!!!!!!!!!\\n'\nb'!!  Node 18 is end-of-life  !!\\n'\n"
    assert explain(banner + "no stage", directory=HOME, library="/n") == "no stage"


def test_javascripts_stack_is_no_part_of_a_message() -> None:
    stack = "it broke\n    at Kernel.create (/tmp/program.js:1:53537)\n    at async main (node:internal/x:1:2)"
    assert plain_message(stack) == "it broke"
    assert plain_message("look\n    at the app") == "look\n    at the app"


def test_another_type_that_jsii_cannot_read() -> None:
    """The parameter, the type and the value are told."""
    message = (
        "@jsii/kernel.SerializationError: Passed to parameter scope of new aws-cdk-lib.aws_s3.Bucket: "
        "Unable to deserialize value as constructs.Construct\n├── Failing value is a string\n│      'here'\n"
        "╰── Failure reason(s):\n    ╰─ Value is not an object"
    )
    assert plain_message(message) == "scope of aws_s3.Bucket must have the type Construct, got a string 'here'"
