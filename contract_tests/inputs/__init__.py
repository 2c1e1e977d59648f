"""The inputs of a run: baseline requests, built from examples, the owner's values, earlier responses and schemas."""
