"""Calls to a control port, over one connection."""

import http.client

from processes import Failure


class Control:
    def __init__(self, port, timeout=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def call(self, method, path, body=None, expected=(200,)):
        """The bytes of the answer."""
        self.connection.request(method, path, body)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status not in expected:
            raise Failure(f"{method} {path[:80]}: {response.status} {answer[:200]!r}")
        return answer

    def close(self):
        self.connection.close()


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
