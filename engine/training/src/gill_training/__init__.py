"""Trains the models behind the engine and writes model bundles."""
