"""Applications of one process share what is compiled, not what they print."""

import jinja2
import pytest

from renga.frontends.web.rendering import Templates


def test_a_second_set_of_templates_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Templates(asset=str, new_key=str)

    def compiled_again(*_: object, **__: object) -> None:
        raise AssertionError("a template is compiled again")

    monkeypatch.setattr(jinja2.Environment, "compile", compiled_again)
    second = Templates(asset=repr, new_key=str)
    one, other = first._templates["base.html"], second._templates["base.html"]
    assert (one.globals["asset"], other.globals["asset"]) == (str, repr)
