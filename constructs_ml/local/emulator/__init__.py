"""The process of the embedded AWS: MiniStack with SageMaker in it, behind one HTTP front end.

``launch`` starts it and ``emulator`` is its main function. A request comes to ``frontend``, which asks ``authentication``,
``bodies`` and ``routes``; a state of an execution to ``engine``, which asks ``tasks``; a resource of a template to
``api.cloudformation``, ``custom_resources`` or ``stand_ins``. ``disk`` keeps objects and logs in files.

It imports the kernel, ``interpreter``, and the folders ``aws``, ``host``, ``jobs`` and ``api``. A newcomer begins in
``emulator``.
"""
