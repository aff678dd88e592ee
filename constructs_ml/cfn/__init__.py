"""CloudFormation: templates and assemblies, and the names of deployed resources.

``assemblies`` reads the files of a ``cdk.out``, ``bodies`` those with one template or definition. ``template`` finds the state
machines of a template and their definitions, ``resources`` its resources, ``intrinsics`` resolves functions, ``granted`` says what
roles are allowed. ``physical_values`` and ``likely_values`` make the values that a deployment would, of the forms in
``return_values``, and ``generated_names`` patterns of them.

It imports ``documents``, ``asl`` and ``sagemaker``. A newcomer begins in ``template``.
"""
