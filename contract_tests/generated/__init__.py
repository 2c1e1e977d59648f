"""Generated requests: schemathesis generates them from the contract and checks the responses against it."""
