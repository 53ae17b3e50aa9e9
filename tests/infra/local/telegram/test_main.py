"""The local Telegram as a process."""

import http.client
import json
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.enable_socket


def test_the_process_prints_ready_and_messages_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-m", "infra.local.telegram", "--port", "0", "--print"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline().removeprefix("READY "))
        connection = http.client.HTTPConnection("127.0.0.1", ready["port"], timeout=5)
        text = json.dumps({"chat_id": ready["chat_id"], "text": "one\ntwo"})
        path = f"/bot{ready['token']}/sendMessage"
        connection.request("POST", path, text, {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200
        connection.close()
        assert process.stdout.readline().endswith(" 424242 #1 one · two\n")
        process.send_signal(signal.SIGTERM)
        assert process.wait(3) == 0
    finally:
        process.kill()
        process.communicate()
