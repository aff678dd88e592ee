from .tasks.pipelines import PipelineExecution as PipelineExecution
from .tasks.pipelines import PipelineProps as PipelineProps
from .workflow.props import PipelineExecutionProps as PipelineExecutionProps
