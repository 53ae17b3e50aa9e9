"""The stand-ins as a process."""

import http.client
import json
import signal
import subprocess
import sys
from smtplib import SMTP

import pytest

pytestmark = pytest.mark.enable_socket


def test_the_process_prints_ready_accepts_messages_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-m", "infra.local.channels", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline().removeprefix("READY "))
        assert {"discord", "slack", "ntfy", "webhook"} <= set(ready["destinations"])
        connection = http.client.HTTPConnection("127.0.0.1", ready["port"], timeout=5)
        path = ready["destinations"]["slack"]["path"]
        connection.request("POST", path, '{"text": "one"}')
        assert connection.getresponse().status == 200
        connection.close()
        with SMTP("127.0.0.1", ready["smtp_port"], timeout=60) as mails:
            assert mails.noop()[0] == 250
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
