import pytest

from github_assets.values import Value


class Point(Value):
    x: int
    y: int = 0


def test_fields_by_place_and_by_name() -> None:
    assert Point(1, y=2) == Point(y=2, x=1)
    assert hash(Point(1, y=2)) == hash(Point(y=2, x=1))
    assert Point(1) == Point(1, 0) != Point(1, 2)
    assert repr(Point(1)) == "Point(x=1, y=0)"
    assert Point(1)._replace(y=3) == Point(1, 3)


def test_values_of_other_classes_are_other_values() -> None:
    class MirrorLocation(Value):
        x: int
        y: int = 0

    assert MirrorLocation(1) != Point(1)


@pytest.mark.parametrize(("fields", "named"), [((1, 2, 3), {}), ((1,), {"z": 3})])
def test_too_many_fields(fields: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="x, y only"):
        Point(*fields, **named)


def test_too_few_fields() -> None:
    with pytest.raises(AttributeError, match="'x'"):
        Point(y=1)  # type: ignore[call-arg]


def test_no_field_is_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        Point(1).x = 2  # type: ignore[misc]
