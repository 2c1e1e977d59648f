"""Load runs with Locust: every response is checked, statistics are merged across workers."""
