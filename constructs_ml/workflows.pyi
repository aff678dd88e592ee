from .workflow.map import DistributedMap as DistributedMap
from .workflow.map import Map as Map
from .workflow.workflow import Workflow as Workflow
