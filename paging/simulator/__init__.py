"""A small Twilio of our own, spoken to over HTTP by the real SDK, with phones one can see and answer.

The demonstration and the tests run against it, so that they travel the very path that production does. It
imports no Django: `server.build_app` gives the program, `running.running` runs it beside a test, and
`client.ControlClient` moves its phones. It must never import from the rest of Dido.
"""
