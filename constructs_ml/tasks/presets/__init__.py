"""Processing jobs for containers of SageMaker's that have a contract of their own: Spark, Clarify, Model Monitor.

``spark``, ``clarify`` and ``model_monitor`` are states; ``staging`` puts their files where the containers look for them, and
``spark_submit`` writes Spark's command. They subclass the job of ``processing``. Begin in ``model_monitor``.
"""
