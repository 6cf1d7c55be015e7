"""No password leaves in FIX text or a URL, however the delimiter is written; the rest stays."""

import pytest

from venue.masking import mask_fix, mask_url

SEPARATORS = ["\x01", "|", "^A", "\\x01", "\\u0001", "<SOH>", "\u2401", "\xe2\x90\x81"]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("tag", ["554", "925", "96"])
def test_secret_field_is_hidden_wherever_it_stands(separator: str, tag: str) -> None:
    for fields in (
        ["35=A", f"{tag}=s3cret", "98=0"],
        [f"{tag}=s3cret", "98=0"],
        ["35=A", f"{tag}=s3cret"],
    ):
        text = separator.join(fields)
        assert mask_fix(text) == text.replace("s3cret", "***")


def test_secrets_that_follow_each_other_are_all_hidden() -> None:
    text = "8=FIX.4.4\x01553=ALPHA\x01554=one\x01925=two\x0196=three\x0110=000\x01"
    masked = "8=FIX.4.4\x01553=ALPHA\x01554=***\x01925=***\x0196=***\x0110=000\x01"
    assert mask_fix(text) == masked


@pytest.mark.parametrize("tag", ["1554", "5540", "9250", "196", "960", "896"])
def test_tag_that_only_contains_the_digits_stays(tag: str) -> None:
    text = f"35=D\x01{tag}=shown\x0110=000\x01"
    assert mask_fix(text) == text


def test_password_may_contain_other_separators() -> None:
    assert mask_fix("35=A\x01554=a|b^Ac\x0198=0\x01") == "35=A\x01554=***\x0198=0\x01"


def test_raw_data_is_hidden_by_its_length_with_delimiters_inside() -> None:
    text = "35=A\x0195=10\x0196=ab\x01554=x\x01c\x01108=30\x01"
    assert mask_fix(text) == "35=A\x0195=10\x0196=***\x01108=30\x01"


@pytest.mark.parametrize("length", ["3", "99"])
def test_raw_data_with_a_false_length_hides_the_rest(length: str) -> None:
    masked = mask_fix(f"35=A\x0195={length}\x0196=ab\x01secret\x01108=30\x01")
    assert masked == f"35=A\x0195={length}\x0196=***"


def test_fix_text_inside_a_log_line_is_masked() -> None:
    assert mask_fix("refused 554=demo|98=0") == "refused 554=***|98=0"
    assert mask_fix("b'35=A\\x01554=demo\\x0198=0'") == "b'35=A\\x01554=***\\x0198=0'"


def test_text_without_secrets_is_returned_as_it_is() -> None:
    text = "8=FIX.4.4\x0135=D\x0111=554\x0110=000\x01"
    assert mask_fix(text) is text


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://user:pw@db:5432/venue", "postgresql://user:***@db:5432/venue"),
        ("postgresql+psycopg://user:p@w@db/venue", "postgresql+psycopg://user:***@db/venue"),
        ("postgresql://user:p/w@db/venue", "postgresql://user:***@db/venue"),
        ("postgresql://user@db/venue", "postgresql://user@db/venue"),
        ("postgresql:///venue?host=/run&password=pw", "postgresql:///venue?host=/run&password=***"),
        ("nats://token@127.0.0.1:4222", "nats://***@127.0.0.1:4222"),
        ("nats://user:pw@host", "nats://user:***@host"),
        ("nats://one@a:1,nats://two@b:2", "nats://***@a:1,nats://***@b:2"),
        ("connecting to nats://tok@h now", "connecting to nats://***@h now"),
        ("https://user:pw@host/path", "https://user:***@host/path"),
        ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
        ("mail me@host", "mail me@host"),
    ],
)
def test_secret_of_a_url_is_hidden(url: str, masked: str) -> None:
    assert mask_url(url) == masked
