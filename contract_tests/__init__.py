"""Asks an implementation, and judges its answers by the contract, clause by clause.

The law of this folder: it judges responses, and never imports mock_server, so that no bug hides in both. Calls are made
once and recorded (collect); every judge is a pure function from what was recorded to findings; what a target sent is
hostile, and is shown only through `showing`.

It is a library (`contract_tests.run.check`), a pytest plugin (`plugin`) and a pytest suite (`test_clauses`). Nothing is
imported here: every pytest session of an environment loads the plugin, and should not wait for the suite.
"""
