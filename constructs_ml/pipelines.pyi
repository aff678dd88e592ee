from .tasks.pipelines import PipelineExecution as PipelineExecution
from .tasks.pipelines import PipelineExecutionProps as PipelineExecutionProps
