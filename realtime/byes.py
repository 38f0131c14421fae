"""Every reason for which the server ends a socket, with its close code. What to do about each: docs/realtime.md."""

BYES = {
    "signed_out": 4401,
    "not_allowed": 4403,
    "rights_changed": 4401,
    "bad_position": 4400,
    "frame_too_long": 1009,
    "too_many_frames": 1008,
    "too_many": 1008,
    "try_again": 1013,
    "slow": 1013,
    "restart": 1012,
}
