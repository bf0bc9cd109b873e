"""An HTTP server in this process whose manners somebody else decides, for doubles of destinations.

    listener = Listener(take)           take(request, body) for each POST, on a thread of its own
    listener.url                        it answers with `answer`, or not, with `cut`
"""

import http.server
import socket
import threading


class Listener:
    def __init__(self, take):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                take(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None      # a client that was killed
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def answer(request, status, text=b"", headers={}):
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    if status != 204:
        request.send_header("Content-Length", str(len(text)))
    request.end_headers()
    request.wfile.write(text)


def cut(request):
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)
