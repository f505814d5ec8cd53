"""Settings come in layers, are checked where they are set, and secrets never print."""

import json
import logging
import pickle
import traceback
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import structlog

from renga.apps.settings import load_settings
from renga.domains.cart.settings import CartSettings
from renga.platform.settings import PlatformSettings, Secret, SettingsInvalid, Sources, mask, mask_url


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    size: Annotated[int, "how big", msgspec.Meta(ge=1, le=10)] = 1
    ratio: Annotated[float, "how much"] = 0.5
    on: Annotated[bool, "whether"] = False
    names: Annotated[tuple[str, ...], "who"] = ()
    word: Annotated[Secret, "the password"] = Secret()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "renga.toml"


def sources(file: Path, text: str = "", environment: dict[str, str] | None = None, **overrides: object) -> Sources:
    file.write_text(text, encoding="utf-8")
    return Sources(environment or {}, file, overrides)


def test_what_nobody_set_has_its_default(file: Path) -> None:
    loaded = sources(file)
    assert loaded.load("sample", Sample) == Sample()
    assert {origin.origin for origin in loaded.origins} == {"default"}


def test_the_command_line_beats_the_environment_which_beats_the_file_which_beats_the_default(file: Path) -> None:
    text, environment = (
        "[sample]\nsize = 2\nratio = 2\nnames = ['a']\n",
        {"RENGA_SAMPLE_SIZE": "3", "RENGA_SAMPLE_RATIO": "3"},
    )
    loaded = sources(file, text, environment, **{"sample.size": 4})
    assert loaded.load("sample", Sample) == Sample(size=4, ratio=3.0, names=("a",))
    said = {origin.name: (origin.value, origin.origin) for origin in loaded.origins}
    assert said == {
        "size": ("4", "command line"),
        "ratio": ("3.0", "environment"),
        "names": ("a", str(file)),
        "on": ("False", "default"),
        "word": ("", "default"),
    }


def test_the_platforms_own_settings_have_no_prefix(file: Path) -> None:
    loaded = sources(file, "port = 9001\nhost = '0.0.0.0'\n", {"RENGA_PORT": "9002"})
    platform = loaded.load("renga", PlatformSettings)
    assert (platform.port, platform.host) == (9002, "0.0.0.0")
    assert next(o.variable for o in loaded.origins if o.name == "port") == "RENGA_PORT"


@pytest.mark.parametrize(("text", "names"), [("a,b", ("a", "b")), (" a , ,b ", ("a", "b")), ("", ())])
def test_a_list_is_written_with_commas_in_the_environment(file: Path, text: str, names: tuple[str, ...]) -> None:
    assert sources(file, "", {"RENGA_SAMPLE_NAMES": text}).load("sample", Sample).names == names


BAD = {
    "a word for a number": ("", {"RENGA_SAMPLE_SIZE": "big"}, ["RENGA_SAMPLE_SIZE (environment)"]),
    "a number too small": ("", {"RENGA_SAMPLE_SIZE": "0"}, ["RENGA_SAMPLE_SIZE (environment)", ">= 1"]),
    "a number too big": ("[sample]\nsize = 11", {}, ["RENGA_SAMPLE_SIZE ({file})", "<= 10"]),
    "a fraction": ("[sample]\nsize = 1.5", {}, ["RENGA_SAMPLE_SIZE ({file})"]),
    "a list for a number": ("[sample]\nsize = []", {}, ["RENGA_SAMPLE_SIZE ({file})"]),
    "not yes or no": ("", {"RENGA_SAMPLE_ON": "perhaps"}, ["RENGA_SAMPLE_ON (environment)"]),
    "a number for a secret": ("[sample]\nword = 12345", {}, ["RENGA_SAMPLE_WORD ({file})"]),
    "a setting that is not there": ("[sample]\nsise = 1", {}, ["{file}", "[sample]", "'sise'"]),
    "no table": ("sample = 1", {}, ["{file}", "'sample' must be a table"]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_refused_in_one_line_that_names_the_setting_and_where_it_was_set(file: Path, name: str) -> None:
    text, environment, parts = BAD[name]
    with pytest.raises(SettingsInvalid) as refused:
        sources(file, text, environment).load("sample", Sample)
    assert "\n" not in refused.value.detail
    assert all(part.format(file=file) in refused.value.detail for part in parts), refused.value.detail
    assert "12345" not in refused.value.detail


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ("colour = 1", {}, "'colour'"),
        ("[invoices]\nx = 1", {}, "'invoices'"),
        ("[cart]\nlinesmax = 1", {}, "'linesmax'"),
        ("", {"RENGA_PROT": "1"}, "RENGA_PROT"),
        ("", {"RENGA_CART_LINES": "1"}, "RENGA_CART_LINES"),
    ],
)
def test_a_name_that_means_nothing_is_refused(file: Path, text: str, environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(sources(file, text, environment))
    assert named in refused.value.detail


def test_variables_of_the_tests_and_of_others_are_left_alone(file: Path) -> None:
    strangers = {"RENGA_TEST_ENGINES_REPORT": "x", "PATH": "/bin", "RENGA_CONFIG": "y"}
    assert load_settings(sources(file, "", strangers)) == load_settings(sources(file, "", {}))


@pytest.mark.parametrize("body", [b"port = ", b"= 1", b"\xff\xfe", b"[cart\n"])
def test_a_file_that_is_no_toml_is_refused_by_name(file: Path, body: bytes) -> None:
    file.write_bytes(body)
    with pytest.raises(SettingsInvalid) as refused:
        Sources({}, file)
    assert str(file) in refused.value.detail
    assert "\n" not in refused.value.detail


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="there is no such file"):
        Sources({"RENGA_CONFIG": str(tmp_path / "nope.toml")})
    assert load_settings(Sources({"RENGA_CONFIG": "/dev/null"}))[PlatformSettings] == PlatformSettings()


def test_every_setting_has_a_description_and_a_default_that_is_within_its_bounds(file: Path) -> None:
    loaded = sources(file)
    for section, cls in (("renga", PlatformSettings), ("cart", CartSettings)):
        made = loaded.load(section, cls)
        for name in made.__struct_fields__:
            if not isinstance(getattr(made, name), Secret):
                loaded.load(section, cls)
                value = getattr(made, name)
                text = ",".join(value) if isinstance(value, tuple) else str(value)
                variable = f"RENGA_{'' if section == 'renga' else section.upper() + '_'}{name.upper()}"
                assert getattr(Sources({variable: text}, file).load(section, cls), name) == value
    assert all(origin.description for origin in loaded.origins)


HUSH = Secret("hush-hush")


def test_a_secret_does_not_print_in_any_form() -> None:
    platform = PlatformSettings(secret=HUSH)
    printed = [repr(HUSH), str(HUSH), ascii(HUSH), mask(HUSH), repr([HUSH]), repr(platform), str(platform)]
    printed += [f"{HUSH}", f"{HUSH!s}", f"{HUSH!r}", f"{HUSH:>40}", format(HUSH, "x<30"), "%s" % HUSH]  # noqa: UP031 # a form
    assert not [text for text in printed if "hush" in text]
    assert HUSH.reveal() == "hush-hush"


def test_a_secret_is_not_written_by_what_writes_texts() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(PlatformSettings(secret=HUSH))
    with pytest.raises(TypeError):
        json.dumps({"secret": HUSH})
    with pytest.raises(TypeError):
        pickle.dumps(HUSH)
    with pytest.raises(TypeError):
        "".join([HUSH])  # type: ignore[list-item] # that is the point


def test_a_secret_does_not_print_in_tracebacks_and_logs(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ValueError(f"no good: {HUSH}", HUSH)
    except ValueError as error:
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=True))
    logging.getLogger("sample").warning("secret %s", HUSH)
    event = {"event": "x", "secret": HUSH, "settings": PlatformSettings(secret=HUSH)}
    line = structlog.processors.JSONRenderer()(None, "info", dict(event))
    shown = structlog.dev.ConsoleRenderer(colors=False)(None, "info", dict(event))
    print(HUSH)
    everything = "".join([told, caplog.text, str(line), str(shown), capsys.readouterr().out])
    assert "hush-hush" not in everything.replace('Secret("hush-hush")', "")
    assert everything.count("••••") + everything.count("\\u2022") >= 4


def test_secrets_are_equal_by_their_text_and_empty_ones_are_false() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret()
    assert (mask(Secret()), mask(Secret("a"))) == ("", "••••")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:hush@h:1", "redis://:••••@h:1"),
        ("postgresql://me:hush@h/db", "postgresql://me:••••@h/db"),
        ("postgresql://me@h/db", "postgresql://me@h/db"),
        ("amqp://me:hu@sh@h/v", "amqp://me:••••@h/v"),
        ("amqp://me:hu/sh#x@h/v", "amqp://me:••••@h/v"),
        ("redis://:hush@[::1", "redis://:••••@[::1"),
        ("postgresql://h/db?sslpassword=hush&x=1", "postgresql://h/db?sslpassword=••••&x=1"),
        ("https://h/?api_key=hush", "https://h/?api_key=••••"),
        ("https://h/?x=1&access_token=hush#y", "https://h/?x=1&access_token=••••#y"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert mask_url(url) == mask(url) == shown
