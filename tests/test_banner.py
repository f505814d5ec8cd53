"""What a shop says when it is open: complete commands, in 80 columns."""

from pathlib import Path

import pytest

from renga.apps.commands.banner import announce, lines_of
from renga.apps.settings import load_settings
from renga.platform.settings import PlatformSettings, Sources


def test_commands_name_what_is_not_the_default() -> None:
    plain = dict(lines_of(PlatformSettings(), renga=".venv/bin/renga"))
    assert plain["others"] == ".venv/bin/renga demo"
    assert plain["watch"] == ".venv/bin/renga events tail"
    assert plain["check"] == ".venv/bin/renga doctor"
    assert plain["GraphiQL"] == "http://127.0.0.1:8000/graphql"
    other = dict(lines_of(PlatformSettings(port=9000, data="my shop"), renga="renga"))
    assert other["others"] == "renga demo --data 'my shop'"
    assert other["watch"] == "renga events tail --data 'my shop'"
    assert other["check"] == "renga doctor --port 9000 --data 'my shop'"
    assert other["shop"] == "http://127.0.0.1:9000/"


def test_what_another_process_answers_is_not_named() -> None:
    labels = [label for label, _ in lines_of(PlatformSettings(modules=("catalog",)), renga="renga")]
    assert "GraphiQL" not in labels
    assert "shop" not in labels
    assert "products" in labels


def test_every_line_fits_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setattr("renga.apps.commands.banner.own_command", lambda: ".venv/bin/renga")
    announce(load_settings(Sources(environment={}, overrides={"port": 65535, "data": "srv/shops/north"})), 12.3)
    lines = capsys.readouterr().err.splitlines()
    assert any(".venv/bin/renga demo --data srv/shops/north" in line for line in lines)
    assert [line for line in lines if len(line) > 80] == []
    announce(load_settings(Sources(environment={}, overrides={"data": "d" * 120})), 12.3)
    assert f"    others     .venv/bin/renga demo --data {'d' * 120}" in capsys.readouterr().err.splitlines()
