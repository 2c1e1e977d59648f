"""Reports of a `Result`: terminal, HTML, Markdown, CTRF and JUnit, one module per format.

Every format escapes text of the target (`contract_tests.sanitize`) after secrets were redacted.
"""
