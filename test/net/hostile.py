#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hostile ADDRESS PORT=BEHAVIOUR... -- servers that behave, and that don't.

Each connection is served by a thread; what came is written to standard
output, a line a connection.  Behaviours are the functions below.
"""

import socket
import struct
import sys
import threading
import time

PAGE = b'<html>status: ok</html>\n'


def reply(body=PAGE, code=b'200 OK', more=b''):
    return b'HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s' % (
        code, len(body), more, body)


def good(s, request):
    s.sendall(reply())


def unavailable(s, request):
    s.sendall(reply(b'', b'503 Service Unavailable'))


def unauthorized(s, request):
    s.sendall(reply(b'', b'401 Unauthorized'))


def chunked(s, request):
    s.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    for i in range(0, len(PAGE), 5):
        part = PAGE[i:i + 5]
        s.sendall(b'%x;x=y\r\n%s\r\n' % (len(part), part))
        time.sleep(0.01)
    s.sendall(b'0\r\nTrailer: x\r\n\r\n')


def trickle(s, request):
    for byte in reply(PAGE * 10):
        s.sendall(bytes([byte]))
        time.sleep(0.1)


def hole(s, request):
    time.sleep(60)


def reset(s, request):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                 struct.pack('ii', 1, 0))


def early(s, request):
    s.sendall(reply()[:-5])


def header(s, request):
    s.sendall(b'HTTP/1.1 200 OK\r\n')
    while True:
        s.sendall(b'X-More: ' + b'y' * 1000 + b'\r\n')


def giant(s, request):
    s.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
              b'fffffffffffffffff\r\nx')


def nonsense(s, request):
    s.sendall(b'\0\1\2 this is no protocol\r\n\r\n')


def host(s, request):
    """404 unless www.example.test is asked for."""
    if b'\r\nHost: www.example.test\r\n' in request:
        s.sendall(reply())
    else:
        s.sendall(reply(b'', b'404 Not Found'))


def redis(s, request):
    s.sendall(b'+PONG\r\n' if b'PING' in request else b'-ERR\r\n')


def serve(s, behave, port):
    try:
        request = s.recv(4096) if behave is not reset else b''
        print(port, time.time(), repr(request), flush=True)
        behave(s, request)
    except OSError:
        pass
    finally:
        s.close()


def listen(address, port, behave):
    l = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET)
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind((address, port))
    l.listen(64)
    while True:
        s, _ = l.accept()
        threading.Thread(target=serve, args=(s, behave, port),
                         daemon=True).start()


def main():
    for word in sys.argv[2:]:
        port, name = word.split('=')
        threading.Thread(target=listen, daemon=True, args=(
            sys.argv[1], int(port), globals()[name])).start()
    while True:
        time.sleep(60)


if __name__ == '__main__':
    main()
