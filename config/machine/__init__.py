"""The house's machinery: what `make` starts, watches and stops on a bare machine.

Only this package starts processes. It knows programs, ports and folders, and imports no app of ours; the
product itself never imports it.
"""
