"""JSON as people write it: exact numbers, no guessing."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import d

from undertow.domain.json_text import Json, NotJson, read_json, read_object, write_json

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.decimals(-(10**20), 10**20, allow_nan=False, places=7).filter(lambda value: value != int(value)),
    st.text(st.characters(codec="utf-8")),
)
keys = st.text(st.characters(codec="utf-8"), max_size=5)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", d("0.1")),
        ("1e2", d("1E+2")),
        ("1e400", d("1E+400")),
        ("12", 12),
        ("-0.0", d("-0.0")),
        ("null", None),
        ("true", True),
        ('"币安人生USDT"', "币安人生USDT"),
        ('[1, {"a": 0.30}]', [1, {"a": d("0.30")}]),
    ],
)
def test_numbers_stay_exact(text: str, value: Json) -> None:
    found = read_json(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("NaN", id="not a number"),
        pytest.param('{"a": Infinity}', id="infinity"),
        pytest.param("[-Infinity]", id="minus infinity"),
        pytest.param('{"a": 1, "a": 2}', id="a key twice"),
        pytest.param('{"b": {"a": 1, "a": 1}}', id="a key twice further in"),
        pytest.param("[" * 100_000, id="nested too deeply"),
        pytest.param("1" * 5_000, id="an integer of thousands of digits"),
        pytest.param('"\\ud800"', id="half of a character"),
        pytest.param('{"\\udfff": 1}', id="half of a character in a key"),
        pytest.param("{", id="cut off"),
        pytest.param("", id="nothing"),
        pytest.param("{'a': 1}", id="single quotes"),
        pytest.param("1_000", id="an underscore"),
        pytest.param("１２", id="full-width digits"),
        pytest.param("1 2", id="more than one value"),
        pytest.param("1e999999999", id="a number that takes a gigabyte to write"),
        pytest.param("[1.5e-999999999]", id="a number too small to write"),
        pytest.param("0e999999999", id="a zero of a giant exponent"),
        pytest.param("1e" + "9" * 20, id="an exponent beyond what a number can hold"),
        pytest.param("1e-" + "9" * 20, id="an exponent below what a number can hold"),
    ],
)
def test_what_is_ambiguous_or_monstrous_is_refused(text: str) -> None:
    with pytest.raises(NotJson) as caught:
        read_json(text)
    assert 0 < len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("NaN", "NaN is not a number"),
        ('{"a": 1, "a": 2}', 'the key "a" is there twice'),
        ("[" * 100_000, "it is nested too deeply"),
        ('"\\ud800"', "a text in it holds half of a character"),
        ("1e999999999", "1e999999999 is beyond what a number can be"),
        ("1e" + "9" * 80, "1e" + "9" * 62 + " is beyond what a number can be"),
        ("1." + "0" * 80 + "e1001", "1." + "0" * 62 + " is beyond what a number can be"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(NotJson) as caught:
        read_json(text)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("text", "is_read"), [("1e1000", True), ("1e-1000", True), ("1e1001", False), ("1e-1001", False)]
)
def test_a_number_may_have_an_exponent_of_a_thousand(text: str, is_read: bool) -> None:
    try:
        assert read_json(text) == d(text)
    except NotJson:
        assert not is_read
    else:
        assert is_read


def test_a_flaw_is_found_by_line_and_column() -> None:
    with pytest.raises(NotJson, match="line 2, column 6"):
        read_json('{\n"a": x}')


@pytest.mark.parametrize("text", ["[]", "1", '"{}"', "null"])
def test_a_document_must_be_an_object(text: str) -> None:
    with pytest.raises(NotJson, match=r"^it must be an object: \{ \.\.\. \}$"):
        read_object(text)


def test_an_object_is_read() -> None:
    assert read_object('{"a": [1]}') == {"a": [1]}


@given(values)
def test_what_was_written_is_read_again_with_decimals_as_texts(value: Json) -> None:
    def with_texts(node: Json) -> object:
        match node:
            case Decimal():
                return format(node, "f").rstrip("0").rstrip(".")
            case list():
                return [with_texts(item) for item in node]
            case dict():
                return {key: with_texts(item) for key, item in node.items()}
            case _:
                return node

    assert read_json(write_json(value)) == with_texts(value)
    assert read_json(write_json(value, indent=2)) == with_texts(value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = read_json(text)
    except NotJson:
        return
    json.dumps(value, default=str).encode()


def test_compact_unless_an_indent_is_asked_for() -> None:
    assert write_json({"a": [1, d("2.50")]}) == '{"a":[1,"2.5"]}'
    assert write_json({"a": 1}, indent=2) == '{\n  "a": 1\n}'


def test_what_is_not_json_is_not_written() -> None:
    with pytest.raises(TypeError, match="set is not JSON"):
        write_json({"a": {1}})  # type: ignore[dict-item]
