"""Statistics of a check under load. Nothing here needs Locust; `contract_tests/locustfile.py` does."""
