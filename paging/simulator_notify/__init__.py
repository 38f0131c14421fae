"""A small GOV.UK Notify of our own, spoken to over HTTP by Notify's own client, with texts one can see and answer.

The tests run against it, so that the second way out travels the very path that production does. It imports no Django:
`server.build_app` gives the program and `running.running` runs it beside a test. It must never import from Dido but
from the simulators.
"""
