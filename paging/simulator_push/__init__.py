"""A small push service of our own, called over HTTP by pywebpush as a browser vendor's would be.

The tests run against it. It imports no Django: `server.build_app` gives the program and `running.running` runs it
beside a test. It must never import from Dido but from the simulators.
"""
