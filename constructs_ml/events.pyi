from .sagemaker.kinds import JobKind as JobKind
from .workflow.events.delivery import RuleProps as RuleProps
from .workflow.events.resource_rules import EndpointStateChangeRule as EndpointStateChangeRule
from .workflow.events.resource_rules import ModelPackageStateChangeRule as ModelPackageStateChangeRule
from .workflow.events.rule import JobStateChangeRule as JobStateChangeRule
from .workflow.props import EndpointStateChangeRuleProps as EndpointStateChangeRuleProps
from .workflow.props import JobStateChangeRuleProps as JobStateChangeRuleProps
from .workflow.props import ModelPackageStateChangeRuleProps as ModelPackageStateChangeRuleProps
