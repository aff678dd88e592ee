"""The markers of cached jobs, read and compared: why a job ran, in words.

``marker`` reads the text of a marker, ``differences`` compares the keys of two, and ``reasons`` chooses those to be compared and follows
a difference to the job that caused it. A marker is a file that others may have written, so nothing in it is trusted.

It may import the errors, ``spelling``, ``terminal`` and ``documents``, and knows neither AWS nor folders. A newcomer begins in ``reasons``.
"""
