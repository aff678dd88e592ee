from .tasks.automl.job import AutoMLChannel as AutoMLChannel
from .tasks.automl.job import AutoMLJob as AutoMLJob
from .tasks.automl.problem import AutoMLLimits as AutoMLLimits
from .tasks.automl.problem import AutoMLProblem as AutoMLProblem
from .tasks.automl.spec import AutoMLJobProps as AutoMLJobProps
