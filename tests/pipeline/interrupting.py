"""A module that is interrupted while it is being imported, by whichever process has AT_IMPORT in its environment."""

import os
import signal

AT_IMPORT = "TDSCALING_TEST_INTERRUPTED_AT_IMPORT"

if AT_IMPORT in os.environ:
    os.kill(os.getpid(), signal.SIGINT)
