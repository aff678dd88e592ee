from .tasks.transform.job import NamedModel as NamedModel
from .tasks.transform.job import TransformJob as TransformJob
from .tasks.transform.job import TransformProps as TransformProps
from .tasks.transform.options import AssembleWith as AssembleWith
from .tasks.transform.options import BatchDataCapture as BatchDataCapture
from .tasks.transform.options import BatchStrategy as BatchStrategy
from .tasks.transform.options import JoinSource as JoinSource
from .tasks.transform.options import SplitType as SplitType
