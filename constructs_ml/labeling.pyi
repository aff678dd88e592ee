from .core.enums import ContentClassifier as ContentClassifier
from .tasks.labeling.job import LabelingJob as LabelingJob
from .tasks.labeling.job import LabelingProps as LabelingProps
from .tasks.labeling.task import AutomatedLabeling as AutomatedLabeling
from .tasks.labeling.task import LabelingTask as LabelingTask
from .tasks.labeling.task import TaskPrice as TaskPrice
from .workflow.props import LabelingJobProps as LabelingJobProps
