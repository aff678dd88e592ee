from .core.enums import AutoMLMode as AutoMLMode
from .core.enums import AutoMLProblemType as AutoMLProblemType
from .tasks.automl.job import AutoMLChannel as AutoMLChannel
from .tasks.automl.job import AutoMLJob as AutoMLJob
from .tasks.automl.problem import AutoMLLimits as AutoMLLimits
from .tasks.automl.problem import AutoMLProblem as AutoMLProblem
from .tasks.automl.spec import AutoMLProps as AutoMLProps
from .workflow.props import AutoMLJobProps as AutoMLJobProps
