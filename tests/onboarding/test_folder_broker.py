"""The folder that carries messages on a machine without Redis, with as many processes at once as can be."""

import json
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from time import monotonic

from django.conf import settings
from kombu import Connection

from onboarding.config.celery import app
from onboarding.config.folder_broker import Transport

MESSAGES, LONG = 150, "x" * 200_000
"""So long that writing one takes a while."""


def _connection(folder: Path) -> Connection:
    return Connection(
        "filesystem://localhost/",
        transport="onboarding.config.folder_broker.Transport",
        transport_options={
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
        },
    )


def _send(folder: Path, sender: int) -> None:
    with _connection(folder) as connection:
        queue = connection.SimpleQueue("photos")
        for number in range(MESSAGES):
            queue.put({"sender": sender, "number": number, "text": LONG})


def test_a_reader_never_meets_a_message_that_is_still_being_written(tmp_path: Path) -> None:
    processes = [get_context("fork").Process(target=_send, args=(tmp_path, sender)) for sender in range(2)]
    for process in processes:
        process.start()
    received, until = [], monotonic() + 60
    with _connection(tmp_path) as connection:
        queue = connection.SimpleQueue("photos")
        while len(received) < 2 * MESSAGES and monotonic() < until:
            try:
                message = queue.get_nowait()
            except Empty:
                continue
            received.append((message.payload["sender"], message.payload["number"], message.payload["text"] == LONG))
            message.ack()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert sorted(received) == [(sender, number, True) for sender in range(2) for number in range(MESSAGES)]
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == []


def test_celery_sends_through_it_unless_redis_is_set() -> None:
    with app.connection_for_write() as connection:
        is_embedded = settings.CELERY_BROKER_URL.startswith("filesystem:")
        assert isinstance(connection.transport, Transport) is is_embedded


def test_a_queue_that_is_bound_while_others_bind_it_loses_no_binding(tmp_path: Path) -> None:
    def bind(number: int) -> None:
        with _connection(tmp_path) as connection:
            connection.default_channel._queue_bind("photos", "key", "", f"queue-{number}")

    processes = [get_context("fork").Process(target=bind, args=(number,)) for number in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    table = json.loads((tmp_path / "control" / "photos.exchange").read_text())
    assert sorted(queue for _, _, queue in table) == [f"queue-{number}" for number in range(8)]
    assert [file.name for file in (tmp_path / "control").iterdir()] == ["photos.exchange"]
