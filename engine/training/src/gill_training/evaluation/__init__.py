"""Writes what `gill eval` reads: cases with known answers, and the probes that judge generated pictures."""
