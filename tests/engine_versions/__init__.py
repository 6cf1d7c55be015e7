"""Journals that engines of each version have recorded, as they were: each has to replay for ever.

`python -m tests.engine_versions` records a life by the present engine, for a version that has none
yet; `life` is what is recorded, `journals` where it is kept. Whoever raises ENGINE_VERSION runs it.
"""
