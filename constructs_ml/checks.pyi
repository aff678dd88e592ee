from .errors import Severity as Severity
from .errors import Violation as Violation
from .lint.cdk.plugin import SageMakerSecurityChecks as SageMakerSecurityChecks
from .lint.cdk.plugin import WorkflowChecks as WorkflowChecks
from .lint.checking import check_definition as check_definition
from .lint.checking import check_template as check_template
