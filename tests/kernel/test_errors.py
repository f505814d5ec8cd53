"""One error tree: every class has a stable code of its own, a title, and one HTTP status."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import renga
from renga.domains.identity.oauth.model.errors import OAuthError
from renga.kernel import errors
from renga.kernel.errors import OutcomeUnknown, RengaError, Unavailable
from renga.platform.http.problems import STATUS, status_of

#: Codes of a class and of those that refine it: an outcome that is unknown, a card number in a request or a row of an import.
REFINES = {"outcome_unknown", "card_number_refused"}
#: A line of a cart may not hold so much (422), and an order that was ready comes too late (409).
TWICE = {"out_of_stock"}
#: Clients of automatic persisted queries look for these codes as they are.
FOREIGN = {"PERSISTED_QUERY_NOT_FOUND"}


def _every_class() -> Iterator[type[RengaError]]:
    for module in pkgutil.walk_packages(renga.__path__, "renga."):
        if "migrations" not in module.name and not module.name.endswith((".__main__", ".env")):
            importlib.import_module(module.name)
    waiting: list[type[RengaError]] = [RengaError]
    while waiting:
        cls = waiting.pop()
        if cls.__module__.startswith("renga."):
            yield cls
        waiting += cls.__subclasses__()


EVERY = sorted(set(_every_class()), key=lambda cls: (cls.__module__, cls.__qualname__))


def test_every_error_class_says_its_own_code_and_title() -> None:
    silent = [cls.__qualname__ for cls in EVERY if not {"code", "title"} <= set(vars(cls))]
    assert silent == []


def test_no_two_error_classes_share_a_code() -> None:
    by_code: dict[str, list[type[RengaError]]] = {}
    for cls in EVERY:
        if issubclass(cls, OAuthError):
            continue  # RFC 6749 and RFC 9449 name these, in answers of another form
        by_code.setdefault(cls.code, []).append(cls)
    shared = {code: [cls.__qualname__ for cls in classes] for code, classes in by_code.items() if len(classes) > 1}
    assert shared.keys() <= REFINES | TWICE, shared
    for code in shared.keys() & REFINES:
        oldest = min(by_code[code], key=lambda cls: len(cls.__mro__))
        assert all(issubclass(cls, oldest) for cls in by_code[code])


def test_codes_are_lower_case_words_and_titles_are_short_sentences_for_a_person() -> None:
    for cls in EVERY:
        assert cls.code in FOREIGN or re.fullmatch(r"[a-z]+(_[a-z]+)*", cls.code), cls
        assert 3 <= len(cls.title) <= 80, cls
        assert cls.title[0].isupper(), cls
        assert not cls.title.endswith("."), cls


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: cls.__qualname__)
def test_every_error_has_one_status_and_it_is_its_branch_of_the_tree(cls: type[RengaError]) -> None:
    status = status_of(cls)
    assert 400 <= status < 600
    if cls in STATUS:
        assert status == STATUS[cls]
    else:
        assert status == status_of(cls.__mro__[1])


@pytest.mark.parametrize(
    ("cls", "status"),
    [
        (errors.RengaError, 500),
        (errors.Invalid, 400),
        (errors.Unprocessable, 422),
        (errors.Unauthenticated, 401),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.Gone, 410),
        (errors.PreconditionFailed, 412),
        (errors.TooLarge, 413),
        (errors.Unavailable, 503),
        (errors.OutcomeUnknown, 503),
    ],
)
def test_the_branches_answer_as_the_tree_says(cls: type[RengaError], status: int) -> None:
    assert status_of(cls) == status


def test_an_error_without_a_detail_says_its_title() -> None:
    error = errors.NotFound()
    assert (error.detail, str(error), error.extra) == ("Not found", "Not found", {})


def test_an_error_carries_its_detail_and_what_a_machine_may_read() -> None:
    error = errors.TooLarge("the body has more than 5 bytes", limit=5)
    assert (error.detail, str(error), error.extra) == ("the body has more than 5 bytes",) * 2 + ({"limit": 5},)


def test_an_engine_that_is_away_says_when_to_try_again() -> None:
    assert Unavailable().retry_after_s == 1
    assert OutcomeUnknown(retry_after_s=9, limit=1).retry_after_s == 9
    assert OutcomeUnknown(retry_after_s=9, limit=1).extra == {"limit": 1}
