"""The request journal, the access log and the metrics."""
