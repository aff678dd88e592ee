"""CloudFormation: templates and assemblies, read once, and what resources are called when they are there.

``assemblies`` reads the files of a ``cdk.out``, ``definition_files`` and ``template`` find the state machines of a template,
``resources`` its resources, ``intrinsics`` resolves functions, ``granted`` says what roles are allowed. ``physical_values`` and
``likely_values`` make the values that a deployment would, of the forms in ``return_values``.

It imports ``documents``, ``asl`` and ``sagemaker``. A newcomer begins in ``template``.
"""
