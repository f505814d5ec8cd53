"""The command line: what it prints, how it ends, and that a mistake is one line and never a traceback."""

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from renga import __version__
from renga.apps.modules import DECLARED
from renga.platform.auth.signing import local_key
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.running_shops import listed
from tests.cli_runner import TIMEOUT_S, Done, Runner

COMMANDS = (
    "up", "serve", "work", "migrate", "seed", "import", "export", "search", "settings", "doctor", "token", "demo", "events",
    "texts", "version", "import-stock", "check-stock", "provider", "quote", "ledger", "payments", "payouts",
)  # fmt: skip

#: ``renga(folder, *words, **environment)``
Renga = Callable[..., Done]


@pytest.fixture(scope="module")
def renga() -> Iterator[Renga]:
    """Runs a command as a process of its own."""
    runner = Runner()
    yield runner.run
    runner.close()


def assert_one_line(done: Done, status: int, *parts: str) -> None:
    """The foreseen end of a mistake: this exit status, nothing on stdout, one line on stderr with these parts in it."""
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert done.stderr.startswith("renga: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert [part for part in parts if part not in done.stderr] == []


def test_help_names_every_command(renga: Renga, tmp_path: Path) -> None:
    done = renga(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    listed = {line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line.strip()}
    assert listed == set(COMMANDS)


@pytest.mark.parametrize("command", ["up", "import", "doctor", "token", "export", "demo"])
def test_every_command_explains_itself(renga: Renga, tmp_path: Path, command: str) -> None:
    done = renga(tmp_path, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--data" in done.stdout


@pytest.mark.parametrize("words", [["frobnicate"], ["up", "--nope"], ["up", "--port", "0"], ["up", "--port", "x"],
                                   ["token"], ["token", "ana", "--life", "0"], ["import"], ["events", "head"]])  # fmt: skip
def test_a_word_that_is_no_command_or_option_is_exit_2_with_a_hint(
    renga: Renga, tmp_path: Path, words: list[str]
) -> None:
    done = renga(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_show_who_set_what_and_hide_passwords(renga: Renga, tmp_path: Path) -> None:
    (tmp_path / "renga.toml").write_text("port = 9001\nsecret = 'hush'\n[cart]\nlines_max = 7\n")
    done = renga(
        tmp_path, "settings", "--data", "here",
        RENGA_REDIS="redis://me:hush@h:1", RENGA_DATABASE="postgresql://me:hush@h/db?sslpassword=hush", RENGA_LOG_LEVEL="error",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "hush" not in done.stdout
    for name, value, origin in (
        ("port", "9001", "renga.toml"),
        ("cart.lines_max", "7", "renga.toml"),
        ("secret", "••••", "renga.toml"),
        ("redis", "redis://me:••••@h:1", "environment"),
        ("log_level", "error", "environment"),
        ("data", "here", "command line"),
        ("host", "127.0.0.1", "default"),
    ):
        assert value in rows[name]
        assert origin in rows[name]
    assert "RENGA_CART_LINES_MAX" in rows["cart.lines_max"]


@pytest.mark.parametrize("command", [["settings"], ["up"], ["serve"], ["work"], ["doctor"], ["events", "tail"]])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RENGA_PORT", "x", "RENGA_PORT (environment)"),
        ("RENGA_PORT", "99999", "RENGA_PORT (environment)"),
        ("RENGA_CART_LINES_MAX", "0", "RENGA_CART_LINES_MAX (environment)"),
        ("RENGA_PROT", "8000", "RENGA_PROT is set in the environment"),
        ("RENGA_CONFIG", "nope.toml", "nope.toml"),
    ],
)
def test_a_wrong_setting_ends_every_command_before_it_starts(
    renga: Renga, tmp_path: Path, command: list[str], name: str, value: str, said: str
) -> None:
    assert_one_line(renga(tmp_path, *command, **{name: value}), 2, said)
    assert list(tmp_path.iterdir()) == []


def test_a_language_that_has_no_texts_ends_the_start_before_an_engine_starts(renga: Renga, tmp_path: Path) -> None:
    done = renga(tmp_path, "up", RENGA_LANGUAGES="en,fr")
    assert_one_line(done, 2, "languages names 'fr'; pages and mails have texts in pt-BR, en")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_file_of_settings_is_named(renga: Renga, tmp_path: Path) -> None:
    (tmp_path / "renga.toml").write_text("port = \n")
    assert_one_line(renga(tmp_path, "settings"), 2, "renga.toml is not valid TOML")
    (tmp_path / "renga.toml").write_text("[cart]\nlines = 1\n")
    assert_one_line(renga(tmp_path, "settings"), 2, "renga.toml", "'lines'")


@pytest.mark.parametrize("level", ["RENGA_LOG_LEVEL", "RENGA_LOG_FORMAT"])
def test_a_log_that_cannot_be_is_refused(renga: Renga, tmp_path: Path, level: str) -> None:
    assert_one_line(renga(tmp_path, "up", **{level: "loud"}), 2, "loud")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["events", "tail"], ["serve"], ["work"]])
def test_what_needs_a_running_shop_says_so(renga: Renga, tmp_path: Path, command: list[str]) -> None:
    assert_one_line(renga(tmp_path, *command), 2, "no shop is running on .renga", "renga up", "RENGA_DATABASE")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "module"),
    [
        (["search", "verify"], "search"),
        (["search", "rebuild"], "search"),
        (["seed"], "catalog"),
        (["export", "-"], "catalog"),
    ],
)
def test_a_command_of_a_module_that_does_not_run_here_is_refused(
    renga: Renga, tmp_path: Path, command: list[str], module: str
) -> None:
    done = renga(tmp_path, *command, RENGA_MODULES="identity")
    assert_one_line(done, 2, f"{module} does not run here; add it to RENGA_MODULES")
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_of_settings_passed_over_is_not_in_the_answer(renga: Renga, tmp_path: Path) -> None:
    passed_over = {"RENGA_MODULES": "catalog", "RENGA_CART_LINES_MAX": "5"}
    for command in (["token", "ana"], ["settings"], ["doctor"]):
        done = renga(tmp_path, *command, **passed_over)
        assert "settings_passed_over" not in done.stdout
        assert done.stderr.count("settings_passed_over") == 1


def _mistyped() -> dict[str, str]:
    """URLs of engines on a port that is no number."""
    return {
        "RENGA_DATABASE": "postgresql://me:hush@127.0.0.1:port/x",
        "RENGA_REDIS": "redis://:hush@127.0.0.1:port",
        "RENGA_BUS": "amqp://me:hush@127.0.0.1:port/",
    }


@pytest.mark.parametrize("command", ["serve", "migrate", "seed"])
def test_a_url_that_is_none_is_exit_2_in_one_line_without_its_password(
    renga: Renga, tmp_path: Path, command: str
) -> None:
    done = renga(tmp_path, command, RENGA_LOG_LEVEL="error", **_mistyped())
    assert_one_line(done, 2, "postgresql://me:••••@127.0.0.1:port/x is not postgresql://")
    assert "hush" not in done.stderr


def test_a_database_of_another_kind_is_exit_2_in_one_line(renga: Renga, tmp_path: Path) -> None:
    foreign = {"RENGA_DATABASE": "mysql://me:hush@127.0.0.1/x", "RENGA_REDIS": "redis://127.0.0.1"}
    done = renga(tmp_path, "serve", **foreign)
    assert_one_line(done, 2, "mysql://me:••••@127.0.0.1/x is not postgresql://")


@pytest.mark.parametrize("bus", ["amqp", "redis"])
def test_doctor_names_every_url_that_is_none(renga: Renga, tmp_path: Path, bus: str) -> None:
    done = renga(tmp_path, "doctor", **{**_mistyped(), "RENGA_BUS": f"{bus}://me:hush@127.0.0.1:port/0"})
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{bus}://me:••••@127.0.0.1:port/0" in done.stdout
    assert "hush" not in done.stdout


def _away() -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "RENGA_DATABASE": f"postgresql://me:hush@127.0.0.1:{port}/x",
        "RENGA_REDIS": f"redis://:hush@127.0.0.1:{port}",
    }


@pytest.mark.parametrize(
    "command",
    [
        ["serve"],
        ["work"],
        ["migrate"],
        ["seed"],
        ["events", "tail"],
        ["up", "--no-seed"],
        ["search", "rebuild"],
        ["search", "verify"],
    ],
)
def test_engines_that_are_away_are_exit_1_in_one_line_without_their_passwords(
    renga: Renga, tmp_path: Path, command: list[str]
) -> None:
    done = renga(tmp_path, *command, RENGA_LOG_LEVEL="error", **_away())
    assert_one_line(done, 1)
    assert "hush" not in done.stderr


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (None, "cannot be read"),
        ("[[synonyms]", "not valid TOML"),
        ('[[synonym]]\nwords = ["a", "b"]\n', "synonym"),
        ("", "missing required field `synonyms`"),
        ('[[synonyms]]\nwords = ["a"]\ntoo = ["b"]\n', "too"),
        ('[[synonyms]]\nwords = "a"\n', "[[synonyms]]"),
    ],
)
def test_a_file_of_synonyms_that_says_something_else_is_refused_before_anything_starts(
    renga: Renga, tmp_path: Path, toml: str | None, said: str
) -> None:
    file = tmp_path / "words.toml"
    if toml is not None:
        file.write_text(toml)
    assert_one_line(renga(tmp_path, "search", "synonyms", "pt-BR", "words.toml"), 2, "words.toml", said)
    assert list(tmp_path.iterdir()) == ([file] if toml is not None else [])


def test_a_folder_that_cannot_be_is_exit_1_or_2_in_one_line(renga: Renga, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_one_line(renga(tmp_path, "up", "--data", "file/below"), 1, "file/below")
    assert_one_line(renga(tmp_path, "token", "ana", "--data", "file/below"), 2, "file/below")


def test_a_token_is_one_line_signed_with_the_folders_own_key(renga: Renga, tmp_path: Path) -> None:
    local_key(tmp_path / ".renga")
    done = renga(tmp_path, "token", "ana", "--scope", "carts:any", "--life", "60")
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in done.stdout.split(".")[:2])
    assert (head["alg"], head["typ"]) == ("ES256", "at+jwt")
    assert (claims["sub"], claims["scope"], claims["aud"], claims["exp"] - claims["iat"]) == (
        "ana",
        "carts:any",
        "renga",
        60,
    )
    key = tmp_path / ".renga" / "token-key.json"
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    assert renga(tmp_path, "token", "bia").returncode == 0
    assert key.read_bytes() == before
    key.write_text("{}")
    assert_one_line(renga(tmp_path, "token", "ana"), 2, "token-key.json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ana", "--scope", "nope"], ["'nope'", *DECLARED.scopes]),
        (["ana", "--scope", "cart Cart carts:*"], ["'Cart', 'carts:*'"]),
        (["ana", "--scope", " "], ["at least one scope"]),
        ([""], ["subject"]),
        ([" ana"], ["subject"]),
        (["a\nb"], ["subject"]),
        (["a" * 256], ["subject"]),
        (["ana", "--merchant", ""], ["merchant"]),
    ],
)
def test_a_token_for_nobody_or_for_what_no_module_declares_is_refused(
    renga: Renga, tmp_path: Path, words: list[str], said: list[str]
) -> None:
    local_key(tmp_path / ".renga")
    assert_one_line(renga(tmp_path, "token", *words), 2, *said)


def test_a_token_may_have_every_scope_that_a_module_declares(renga: Renga, tmp_path: Path) -> None:
    local_key(tmp_path / ".renga")
    done = renga(tmp_path, "token", "a" * 255, "--scope", " ".join((*DECLARED.scopes, "cart")))
    claims = json.loads(base64.urlsafe_b64decode(done.stdout.split(".")[1] + "=="))
    assert claims["scope"].split() == list(DECLARED.scopes)


#: Commands that work on a shop.
ON_A_SHOP = [["demo"], ["token", "ana"], ["export", "out.jsonl"], ["import", "in.jsonl"], ["seed"], ["migrate"],
             ["search", "verify"], ["search", "rebuild"], ["search", "synonyms", "en", "words.toml"],
             ["events", "tail"], ["serve"], ["work"]]  # fmt: skip


def _inputs(folder: Path) -> set[Path]:
    (folder / "in.jsonl").write_text('{"slug": "a", "title": "A", "variants": [{"sku": "A"}]}\n')
    (folder / "words.toml").write_text('[[synonyms]]\nwords = ["a", "b"]\n')
    return set(folder.iterdir())


@pytest.mark.parametrize("command", ON_A_SHOP)
@pytest.mark.parametrize("data", [None, "there"])
def test_a_command_on_a_shop_makes_none(renga: Renga, tmp_path: Path, command: list[str], data: str | None) -> None:
    before = _inputs(tmp_path)
    option = ["--data", data] if data else []
    assert_one_line(renga(tmp_path, *command, *option), 2, "no shop", data or ".renga", "`renga up`")
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", [*ON_A_SHOP, ["doctor"]])
def test_a_command_that_is_not_told_its_shop_refuses_while_another_runs(
    renga: Renga, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    before = _inputs(tmp_path)
    state, other = tmp_path.parent / f"{tmp_path.name}-state", DataFolder(tmp_path.parent / f"{tmp_path.name}-other")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    with other.hold(), listed(other):
        other.announce({"shop": "http://127.0.0.1:9000"})
        done = renga(tmp_path, *command, XDG_STATE_HOME=str(state))
        assert_one_line(done, 2, "no shop is running on .renga", f"{other.path} (http://127.0.0.1:9000)", "--data")
    assert set(tmp_path.iterdir()) == before
    assert "http://127.0.0.1:9000" not in renga(tmp_path, *command, XDG_STATE_HOME=str(state)).stderr


def test_a_shop_that_crashed_is_running_nowhere(renga: Renga, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with listed(DataFolder(tmp_path / "gone")):  # listed, and nobody holds its lock
        done = renga(tmp_path, "demo", XDG_STATE_HOME=str(tmp_path / "state"))
    assert_one_line(done, 2, "there is no shop in .renga")


def test_the_version_is_an_option_too(renga: Renga, tmp_path: Path) -> None:
    assert renga(tmp_path, "--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # the port is what counts
def test_a_port_that_is_taken_is_noticed_before_anything_is_made(renga: Renga, tmp_path: Path, host: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = str(taken.getsockname()[1])
        done = renga(tmp_path, "up", "--host", host, "--port", port)
    assert_one_line(done, 1, f"{host}:{port}", "it is taken", "`make run PORT=", "`renga up --port ")
    assert f"PORT={port}`" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_not_this_machines_is_noticed_before_anything_is_made(renga: Renga, tmp_path: Path) -> None:
    assert_one_line(renga(tmp_path, "up", "--host", "192.0.2.1"), 1, "192.0.2.1:8000")
    assert list(tmp_path.iterdir()) == []


def test_a_token_is_refused_where_tokens_come_from_somewhere_else(renga: Renga, tmp_path: Path) -> None:
    assert_one_line(renga(tmp_path, "token", "ana", RENGA_JWKS="keys.json"), 2, "RENGA_JWKS")


def test_texts_are_reported_and_a_fault_is_one_line_and_exit_2(renga: Renga, tmp_path: Path) -> None:
    done = renga(tmp_path, "texts")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:3]] == [
        ["renga.domains.identity.accounts", "en"],
        ["renga.domains.identity.accounts", "pt-BR"],
    ]
    locales = {"RENGA_LOCALES": str(tmp_path)}
    begun = renga(tmp_path, "texts", "--add", "es", **locales)
    assert begun.returncode == 2
    assert len(begun.stderr.splitlines()) > 400
    assert "renga: renga.frontends.web: es: nav.cart is missing" in begun.stderr.splitlines()
    assert renga(tmp_path, "texts", "--add", "xx").returncode == 2


def test_contracts_are_written_and_stale_ones_are_exit_2(renga: Renga, tmp_path: Path) -> None:
    assert_one_line(renga(tmp_path, "contracts", "--check"), 2, "contracts/openapi.json is stale")
    assert renga(tmp_path, "contracts").returncode == 0
    assert renga(tmp_path, "contracts", "--check").returncode == 0
    file = tmp_path / "contracts" / "openapi.json"
    file.write_bytes(file.read_bytes() + b" ")
    assert_one_line(renga(tmp_path, "contracts", "--check"), 2, "is stale", "make contracts")


@pytest.mark.parametrize(("words", "status"), [(["version"], 0), (["frobnicate"], 2), (["import", "nope.jsonl"], 2)])
def test_the_module_itself_is_the_command(tmp_path: Path, words: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "renga.apps.cli", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert done.stdout == (f"{__version__}\n" if status == 0 else "")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_doctor_is_exit_0_on_a_healthy_machine_and_1_where_something_is_to_be_mended(
    renga: Renga, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    healthy = renga(tmp_path, "doctor", "--port", port)
    assert (healthy.returncode, healthy.stderr) == (0, "")
    assert "FAIL" not in healthy.stdout
    ill = renga(tmp_path, "doctor", "--port", port, **_away())
    assert (ill.returncode, ill.stderr) == (1, "")
    assert ill.stdout.count("FAIL") >= 2
    assert "hush" not in ill.stdout
