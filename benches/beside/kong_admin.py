"""A stand-in for the Admin API of Kong 2.2, for decK: it keeps in memory what decK writes.

    python3 kong_admin.py

Prints its port. It knows the four kinds of objects that the comparison uses, fills in Kong's defaults, refuses
what Kong refuses (unknown fields, a name that is taken, a reference to nothing), and pages lists
by id with `size` and `offset`. Objects are kept as the JSON they are answered with, and HTTP is
read by hand, so that a request costs little: what is measured is the client.
"""

import asyncio
import base64
import bisect
import json
import time
import urllib.parse
import uuid

HTTP = ["http", "https"]
FIELDS = {
    "services": dict(
        name=None, retries=5, protocol="http", host=None, port=80, path=None, connect_timeout=60000,
        write_timeout=60000, read_timeout=60000, tags=None, client_certificate=None, tls_verify=None,
        tls_verify_depth=None, ca_certificates=None,
    ),
    "routes": dict(
        name=None, protocols=HTTP, methods=None, hosts=None, paths=None, headers=None, https_redirect_status_code=426,
        regex_priority=0, strip_path=True, path_handling="v0", preserve_host=False, request_buffering=True,
        response_buffering=True, snis=None, sources=None, destinations=None, tags=None, service=None,
    ),
    "consumers": dict(username=None, custom_id=None, tags=None),
    "plugins": dict(
        name=None, config={}, enabled=True, protocols=["grpc", "grpcs", *HTTP], tags=None, service=None, route=None,
        consumer=None,
    ),
}
NAME = {"services": "name", "routes": "name", "consumers": "username"}
REFERENCES = {"service": "services", "route": "routes", "consumer": "consumers"}
# Kinds that decK asks for and the comparison has none of.
EMPTY = {
    "upstreams", "certificates", "ca_certificates", "snis", "key-auths", "basic-auths", "hmac-auths", "jwts", "acls",
    "oauth2", "mtls-auths",
}
ROOT = {"version": "2.2.2", "tagline": "Welcome to kong", "configuration": {"database": "postgres"}}
REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 404: "Not Found", 409: "Conflict"}


class Refusal(Exception):
    def __init__(self, status, message):
        self.status, self.message = status, message


class Kind:
    def __init__(self, name):
        self.name = name
        self.objects = {}  # id → (object, its JSON)
        self.names = {}  # name → id
        self.ids = None  # in order; None after a change

    def list(self, query):
        size = int(query.get("size", ["100"])[0])
        if not 1 <= size <= 1000:
            raise Refusal(400, "size: value should be between 1 and 1000")
        if self.ids is None:
            self.ids = sorted(self.objects)
        after = query.get("offset")
        start = bisect.bisect_right(self.ids, base64.b64decode(after[0]).decode()) if after else 0
        page = self.ids[start : start + size]
        data = b",".join(self.objects[id][1] for id in page)
        if start + size < len(self.ids):
            offset = base64.b64encode(page[-1].encode()).decode()
            next = json.dumps({"offset": offset, "next": f"/{self.name}?offset={urllib.parse.quote(offset)}"})
        else:
            next = '{"next":null}'
        return 200, b'{"data":[' + data + b"]," + next[1:].encode()

    def put(self, id, sent):
        fields = FIELDS[self.name]
        unknown = sent.keys() - fields.keys() - {"id", "created_at", "updated_at"}
        if unknown:
            raise Refusal(400, f"schema violation ({', '.join(sorted(unknown))}: unknown field)")
        now = int(time.time())
        object = {"id": id, "created_at": now, **fields, **sent}
        if self.name in ("services", "routes"):
            object["updated_at"] = now
        for field, kind in REFERENCES.items():
            if object.get(field) and object[field]["id"] not in KINDS[kind].objects:
                raise Refusal(400, f"the foreign key '{object[field]}' does not reference an existing '{kind}' entity.")
        name = object.get(NAME.get(self.name))
        if name is not None and self.names.setdefault(name, id) != id:
            raise Refusal(409, f"UNIQUE violation detected on '{{{NAME[self.name]}=\"{name}\"}}'")
        text = json.dumps(object).encode()
        if id not in self.objects:
            self.ids = None
        self.objects[id] = object, text
        return 200, text

    def delete(self, id):
        object, _ = self.objects.pop(id, (None, None))
        if object:
            self.names.pop(object.get(NAME.get(self.name)), None)
            self.ids = None
        return 204, b""


KINDS = {name: Kind(name) for name in FIELDS}


def answer(method, target, body):
    path, _, query = target.partition("?")
    match path.strip("/").split("/"), method:
        case [""], "GET":
            return 200, json.dumps(ROOT).encode()
        case [name], "GET" if name in KINDS:
            return KINDS[name].list(urllib.parse.parse_qs(query))
        case [name], "GET" if name in EMPTY:
            return 200, b'{"data":[],"next":null}'
        case [name], "POST" if name in KINDS:
            return 201, KINDS[name].put(str(uuid.uuid4()), json.loads(body))[1]
        case [name, id], "GET" if name in KINDS and id in KINDS[name].objects:
            return 200, KINDS[name].objects[id][1]
        case [name, id], "PUT" if name in KINDS:
            return KINDS[name].put(id, json.loads(body))
        case [name, id], "PATCH" if name in KINDS and id in KINDS[name].objects:
            return KINDS[name].put(id, {**KINDS[name].objects[id][0], **json.loads(body)})
        case [name, id], "DELETE" if name in KINDS:
            return KINDS[name].delete(id)
    return 404, b'{"message":"Not found"}'


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.unread = transport, b""

    def data_received(self, data):
        self.unread += data
        while (end := self.unread.find(b"\r\n\r\n")) >= 0:
            first, *lines = self.unread[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = end + 4 + int(headers.get("content-length", 0))
            if len(self.unread) < length:
                return
            method, target, _ = first.split(" ")
            body, self.unread = self.unread[end + 4 : length], self.unread[length:]
            try:
                status, text = answer(method, target, body)
            except Refusal as refusal:
                status, text = refusal.status, json.dumps({"message": refusal.message}).encode()
            head = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: application/json\r\n"
            head += "" if status == 204 else f"content-length: {len(text)}\r\n"
            self.transport.write(head.encode() + b"\r\n" + text)


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
