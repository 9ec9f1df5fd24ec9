"""GILL itself: the [IMG] tokens and the small networks between the frozen models."""
