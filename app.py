"""The example app: ``cdk synth``, ``cdk deploy`` or ``constructs-ml run``."""

from aws_cdk import App

from example.penguins import PenguinsStack

app = App()
PenguinsStack(app, "Penguins")
app.synth()
