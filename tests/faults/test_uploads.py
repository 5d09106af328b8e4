"""Uploads cut off on their way."""

import socket
from uuid import UUID

import requests

from catalog.models import Listing, Photo
from onboarding.consistency.stored_files import stored_files
from onboarding.models import Upload
from tests.faults.conftest import seeds
from tests.faults.ledger import Sent
from tests.faults.site import Site, pictures

OFFSETS = 10


def as_bytes(site: Site, sent: Sent) -> bytes:
    """The whole request as it goes over the line."""
    request = requests.Request(
        "POST",
        site.address,
        headers={"Authorization": f"Bearer {site.token}", "Connection": "close"},
        data={"token": str(sent.token), "part": sent.part},
        files=[("photos", (f"{number}.jpg", each)) for number, each in enumerate(sent.contents)],
    ).prepare()
    lines = [f"POST {request.path_url} HTTP/1.1", f"Host: 127.0.0.1:{site.port}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    assert isinstance(request.body, bytes)
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def cut(site: Site, data: bytes) -> bytes:
    """Sends this and no more; what the site answers, if anything."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer


def left_by(token: UUID) -> tuple[int, int, int, int]:
    """What is there in all: an upload that was cut off adds nothing to it."""
    files = sum(1 for _file in stored_files("photos"))
    return Upload.objects.filter(token=token).count(), Listing.objects.count(), Photo.objects.count(), files


def test_an_upload_cut_at_any_point_leaves_nothing_and_comes_in_when_it_is_sent_again(site: Site) -> None:
    for random in seeds():
        sent = Sent(pictures(3))
        whole = as_bytes(site, sent)
        before = left_by(sent.token)
        for _ in range(OFFSETS):
            answer = cut(site, whole[: random.randrange(1, len(whole))])
            assert answer.partition(b"\r\n")[0] in (b"", b"HTTP/1.1 400 Bad Request")
        with socket.create_connection(("127.0.0.1", site.port)) as line:  # one that does not even wait
            line.sendall(whole[: len(whole) // 2])
        assert left_by(sent.token) == before
        assert site.is_acknowledged(sent)
        assert site.is_acknowledged(sent)  # and again: its sender never heard of the first
        site.ledger.acknowledged.pop()
        site.settle()
