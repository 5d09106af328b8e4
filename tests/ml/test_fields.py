from ml.fields import CATEGORY_FIELDS, FIELDS, PLAIN_FIELDS, SUB_CATEGORIES


def test_there_are_seven_fields_category_levels_first() -> None:
    assert (*CATEGORY_FIELDS, *PLAIN_FIELDS) == FIELDS
    assert len(FIELDS) == 7


def test_subcategories_are_the_data_sets_45() -> None:
    assert len(SUB_CATEGORIES) == len(set(SUB_CATEGORIES)) == 45
    assert list(SUB_CATEGORIES) == sorted(SUB_CATEGORIES)
