"""How much of anything a call may use. Read at call time, so that a test can lower one."""

# Seconds. The door's callers say how long the whole call may take; these are parts of it.
WHOLE_CALL_SECONDS = 15.0
CONNECT_SECONDS = 5.0  # all addresses of a host together, with the TLS handshake
RESOLVE_SECONDS = 5.0
WAIT_FOR_TURN_SECONDS = 2.0

CALLS_AT_ONCE = 8  # of one caller, in one process
ADDRESSES_TRIED = 4  # of one host; every address is checked, however many there are

# Bytes.
HEADER_BYTES = 64 * 1024  # status line, interim answers and headers
BODY_BYTES = 1024 * 1024  # decoded
WIRE_BYTES = 2 * BODY_BYTES  # of a body as it travels: chunk framing is not free either

URL_CHARACTERS = 2048
