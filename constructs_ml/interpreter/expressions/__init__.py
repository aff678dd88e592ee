"""JSONata in Step Functions: version 2.0.6 of the language, with AWS's own functions and without ``$eval``.

``jsonata-python`` parses and walks an expression; what it gives otherwise than the reference implementation is put right here:
the operators in ``language``, the functions in ``functions``, ``texts``, ``numbers``, ``sequences`` and ``times``, null in
``values``. ``evaluate`` is the only name that others use. Why, is in docs/adr/0013-jsonata-evaluated.md; that both agree is
tested by ``make conformance-engine``.

Source: "Transforming data with JSONata in Step Functions", of the Step Functions developer guide.
"""
