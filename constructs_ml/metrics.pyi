from .core.metric import Metric as Metric
from .tasks.metrics.read import ReadMetrics as ReadMetrics
from .tasks.metrics.read import ReadProps as ReadProps
from .workflow.props import ReadMetricsProps as ReadMetricsProps
