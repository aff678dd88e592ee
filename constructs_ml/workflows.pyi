from .core.execution_inputs import ExecutionInput as ExecutionInput
from .core.execution_inputs import S3Uri as S3Uri
from .workflow.map import DistributedMap as DistributedMap
from .workflow.map import DistributedMapProps as DistributedMapProps
from .workflow.map import Map as Map
from .workflow.map import MapProps as MapProps
from .workflow.props import WorkflowProps as WorkflowProps
from .workflow.workflow import Workflow as Workflow
