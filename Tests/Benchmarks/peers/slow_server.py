"""What the server of the book's examples does, without its delay: the threads of Python's own
http.server, a file for each request, and a line of each on standard output and error.

    slow_server.py <port> <fixtures>
"""

import functools
import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        print(f"{self.path} delay: 0.0s")
        super().do_GET()


handler = functools.partial(Handler, directory=sys.argv[2])
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
