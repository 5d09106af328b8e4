"""What a check-up says."""

from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.report import Report
from onboarding.models import TagRequest


def report(count: int, repaired: int, kind: Kind = Kind.UNNAMED_PHOTO_FILE) -> Report:
    made = Report()
    for number in range(count):
        made.add(Finding(kind, file=f"photos/{number}.jpg"), is_repaired=number < repaired)
    return made


def test_nothing_found_is_clean() -> None:
    empty = Report()
    assert (empty.is_clean, empty.lines(), empty.as_json()) == (True, [], {"clean": True, "findings": []})


def test_what_was_repaired_is_clean_and_what_was_not_is_not() -> None:
    assert [report(2, repaired).is_clean for repaired in (0, 1, 2)] == [False, False, True]


def test_a_kind_is_one_line_however_much_there_is() -> None:
    assert report(7, 3).lines() == [
        "7 files of photos that no row names (3 repaired) – photos/0.jpg, photos/1.jpg, photos/2.jpg, "
        "photos/3.jpg, photos/4.jpg, …"
    ]
    assert report(7, 3).as_json() == {
        "clean": False,
        "findings": [
            {
                "kind": "unnamed-photo-file",
                "count": 7,
                "repaired": 3,
                "examples": [f"photos/{number}.jpg" for number in range(5)],
            }
        ],
    }


def test_rows_are_named_by_what_they_are() -> None:
    made = Report()
    made.add(Finding(Kind.LEASE_LONG_PAST, TagRequest(pk=7)), is_repaired=False)
    made.add(Finding(Kind.NO_ACTIVE_MODEL), is_repaired=False)
    assert made.lines() == [
        "1 no model version is active: see `manage.py models promote`",
        "1 tag requests that no worker has taken back: does one run? – tag request 7",
    ]
