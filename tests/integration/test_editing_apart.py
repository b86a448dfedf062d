"""The process of a job does not outlive who asked it, whatever it is doing."""

import os
import select
import signal
import subprocess
import sys

ENDLESS = """
from amtsbote.editing.apart_main import main

def endless(questions):
    yield {"asked": next(questions)}
    while True:
        pass

main(endless)
"""
PARENT = f"""
import subprocess, sys

child = subprocess.Popen([sys.executable, "-c", {ENDLESS!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(b"{{}}\\n" * 2)
child.stdin.flush()
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def test_the_process_of_a_job_ends_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        ended = os.pidfd_open(child)
        parent.kill()
    try:
        readable, _, _ = select.select([ended], [], [], 60)
        assert readable == [ended]
    finally:
        if not select.select([ended], [], [], 0)[0]:
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        os.close(ended)
