"""The example app: ``cdk synth``, ``cdk deploy`` or ``constructs-ml run``."""

from aws_cdk import App, Duration

import constructs_ml as ml
from example.penguins import PenguinsStack

app = App()
# A job runs again only if its data, its script or a setting has changed, and after a month (docs/cache.md).
ml.JobDefaults(cache=ml.Cache(expires=Duration.days(30))).apply_to(app)
penguins = PenguinsStack(app, "Penguins")
why = "AWS mends its images under their tags; a month is soon enough to notice"
ml.acknowledge(penguins, "constructs-ml:CreateProcessingJob:image", why)
app.synth()
