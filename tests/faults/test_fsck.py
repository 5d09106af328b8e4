"""Damage in the site's own storage, found and repaired by the command."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from catalog.models import Photo
from catalog.photo_files import replace_file
from onboarding.consistency.checkup import findings
from tests.faults.ledger import sha256
from tests.faults.site import Site
from tests.live import environment, python


def fsck(site: Site, *arguments: str) -> int:
    """The exit status of a process of its own."""
    env = environment(site.data_dir, **site.values)
    command = ("manage.py", "fsck", "--grace-minutes", "0", *arguments)
    return python(*command, env=env, log=site.workers.log).wait(120)


def test_damage_is_found_and_what_can_be_repaired_is(site: Site) -> None:
    sent = site.upload(3)
    site.settle()
    lacks, empty, _whole = (Photo.objects.get(sha256=sha256(each)) for each in sent.contents)
    default_storage.delete(lacks.derivative.name or "")
    replace_file(empty.display.name or "", b"")
    default_storage.save("photos/1/stray.jpg", ContentFile(b"left by a process that was killed"))
    assert fsck(site) == 1
    assert {each.kind.value for each in findings(grace=timedelta(0), thorough=True)} == {
        "unnamed-photo-file",
        "copy-missing",
        "copy-damaged",
    }
    assert fsck(site, "--repair") == 0
    call_command("fsck", "--thorough", "--grace-minutes", "0")
    site.settle()


def test_a_young_file_is_left_to_its_upload(site: Site) -> None:
    name = default_storage.save("photos/1/young.jpg", ContentFile(b"its row is on the way"))
    call_command("fsck", "--repair")
    assert default_storage.exists(name)
    default_storage.delete(name)
