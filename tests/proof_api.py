"""``make proof-api``: schemathesis (in a venv of its own) against a running shop with the demo, as each stakeholder in turn.

Every operation of ``/openapi.json`` is called with examples, edge cases, generated and wrong data, and in sequences (ids of one
answer go into the next request), those of ``ENDING`` last. The exit status is 1 if anything was found, also an operation that was
not called; ``--examples`` sets how much is generated.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.documented import document
from tests.flows.shop import Shop

ROOT = Path(__file__).parents[1]
SCHEMATHESIS = ROOT / ".venv" / "schemathesis" / "bin" / "schemathesis"
HOOKS = ROOT / "tests" / "schemathesis_hooks.py"
SEED, EXAMPLES = 11, 10
PHASES = "examples,coverage,fuzzing,stateful"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "use_after_free",
    "ignored_auth",
)
#: Checks that are not made, of anyone, with the reason.
LEFT_OUT: dict[str, str] = {
    "ensure_resource_availability": "a new product may be a draft, and a new merchant waits for approval: both are 404 in public",
}
#: Operations that are not called, by stakeholder (``*``: any), with the reason.
NOT_CALLED: dict[str, dict[str, str]] = {}
#: Operations that are called after all others, in a run of their own, with the reason.
ENDING: dict[str, str] = {"eraseMe": "nothing of the account can be called after it"}
#: Answers to data that fit the schema: what exists, who owns it, versions and rules between values are no matter of a schema.
ACCEPTED = ("2xx", "304", "401", "403", "404", "409", "410", "412", "422")
#: Answers to data that do not fit. A precondition, an owner or an end is looked at before a body is read (404, 409, 410, 412).
REFUSED = ("400", "401", "403", "404", "405", "409", "410", "412", "413", "415", "422")
#: Operations that may refuse with 400 what fits their schema: rules between values that JSON Schema cannot say.
RULES: dict[str, str] = {
    "createCart": "a guest's idempotency key is a random UUID",
    "listProducts": "a category and a collection exclude each other",
    "searchProducts": "bounds in order, active currencies",
}
CURSOR = "a cursor is one that this list gave"


class Stakeholder(NamedTuple):
    name: str
    #: Whose token; an address is an account of the demo.
    subject: str
    scope: str
    merchant: bool = False


STAKEHOLDERS = (
    Stakeholder("guest", "", ""),
    Stakeholder("customer", "ana@demo.example", "account cart orders openid profile email"),
    Stakeholder(
        "merchant",
        "olaria@demo.example",
        "account merchant catalog:write inventory:write promotions:write payouts:own orders:sold consignments",
        merchant=True,
    ),
    Stakeholder(
        "service",
        "service",
        "carts:any catalog:manage catalog:write inventory:manage inventory:write inventory:reserve search:manage metrics:read "
        "promotions:manage promotions:write pricing:manage",
    ),
    Stakeholder(
        "finance",
        "caixa@demo.example",
        "account ledger:read payments:read payments:manage payouts:manage",
    ),
    Stakeholder("processor", "parceiro@demo.example", "account payments:partner"),
    # the last one: it may lock the others
    Stakeholder(
        "admin",
        "admin@demo.example",
        "account merchant identity:admin audit:read ledger:read metrics:read catalog:manage catalog:write inventory:manage "
        "inventory:write search:manage promotions:manage promotions:write pricing:manage payments:read payments:manage "
        "payments:partners payouts:manage",
    ),
)


class Found(NamedTuple):
    """What schemathesis said of one stakeholder."""

    status: int
    cases: int
    operations: int
    failures: Counter[str]


def main() -> int:
    asked = _asked()
    print(f"seed {asked.seed}, {asked.examples} examples an operation; phases {PHASES}")
    for check, reason in LEFT_OUT.items():
        print(f"left out: {check} ({reason})")
    for operation, reason in ENDING.items():
        print(f"called last: {operation} ({reason})")
    for operation, reason in _rules().items():
        print(f"{operation} may answer valid data with 400 ({reason})")
    with tempfile.TemporaryDirectory(prefix="renga-proof-") as made:
        folder = Path(made) if asked.out is None else Path(asked.out)
        folder.mkdir(parents=True, exist_ok=True)
        shop = Shop(Path(made), RENGA_RATELIMIT_ENABLED="false")
        try:
            shop.start()
            wanted = [one for one in STAKEHOLDERS if not asked.stakeholder or one.name in asked.stakeholder]
            found = {one.name: _run(shop, one, folder, asked) for one in wanted}
        finally:
            shop.stop()
            shop.kill()
        (folder / "shop.log").write_text(shop.log())
    for name, one in found.items():
        told = ", ".join(f"{count} {check}" for check, count in sorted(one.failures.items())) or "no failure"
        print(f"{name}: {one.operations} operations, {one.cases} requests, {told}")
    return int(any(one.status or one.failures for one in found.values()))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make proof-api")
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--stakeholder", action="append", choices=[one.name for one in STAKEHOLDERS])
    parser.add_argument("--phases", default=PHASES)
    parser.add_argument("--out", help="a folder that keeps the reports")
    return parser.parse_args()


def _run(shop: Shop, who: Stakeholder, folder: Path, asked: argparse.Namespace) -> Found:
    """All operations but the ending ones, then those; counted together, and none is missing."""
    served = httpx.get(f"{shop.url}/openapi.json").raise_for_status().json()
    # from a file: of a document that it loads from a shop, schemathesis does not call the operation that serves it
    (folder / "openapi.json").write_text(json.dumps(_bearer(served)))
    (folder / "schemathesis.toml").write_text(_config())
    left = {**NOT_CALLED.get("*", {}), **NOT_CALLED.get(who.name, {})}
    for operation, reason in left.items():
        print(f"{who.name} does not call {operation} ({reason})")
    ending = [one for one in ENDING if one not in left]
    chosen = [("", "--exclude-operation-id", [*left, *ending]), ("-end", "--include-operation-id", ending)]
    # the other phases call only what has an example, or what a sequence meets
    every = "coverage" in asked.phases
    runs = [_called(shop, who, folder, asked, which, names, part) for part, which, names in chosen if every or not part]
    called, failures = sum(one.operations for one in runs), sum((one.failures for one in runs), Counter[str]())
    expected = sum(len(path) for path in served["paths"].values()) - len(left)
    if every and called != expected:
        failures["operations not called"] = expected - called
    return Found(max(one.status for one in runs), sum(one.cases for one in runs), called, failures)


def _called(
    shop: Shop, who: Stakeholder, folder: Path, asked: argparse.Namespace, which: str, names: list[str], part: str
) -> Found:
    """One run of schemathesis, ``which`` saying whether the operations of these names are all or none of it."""
    report, told = folder / f"{who.name}{part}.json", folder / f"{who.name}{part}.txt"
    words = [
        *(str(SCHEMATHESIS), "--config-file", str(folder / "schemathesis.toml")),
        *("run", str(folder / "openapi.json"), "--url", shop.url),
        *("--phases", asked.phases, "--checks", ",".join(CHECKS), "--max-examples", str(asked.examples)),
        *("--seed", str(asked.seed), "--continue-on-failure", "--no-color", "--warnings", "off"),
        *("--request-timeout", "30", "--generation-database", "none"),
        *("--report-json-path", str(report), "--no-shrink"),
        # no invented credentials: beside the token they are refused (credentials_ambiguous), and a guest has none
        *("--generation-with-security-parameters", "false"),
        *(word for name in names for word in (which, name)),
    ]
    environment = shop.environment() | {"SCHEMATHESIS_HOOKS": str(HOOKS)}
    if who.subject:
        environment["PROOF_TOKEN_COMMAND"] = json.dumps(_token_command(shop, who))
    with told.open("w") as out:
        ended = subprocess.run(words, stdout=out, stderr=subprocess.STDOUT, cwd=folder, check=False, env=environment)
    if ended.returncode:
        print(told.read_text(errors="replace"))
    return _counted(ended.returncode, report)


def _bearer(served: dict[str, Any]) -> dict[str, Any]:
    """The document with tokens as a bearer scheme: schemathesis takes only those and keys away, to see what answers without."""
    components = served["components"]
    schemes = components["securitySchemes"] | {"oauth2": {"type": "http", "scheme": "bearer"}}
    return served | {"components": components | {"securitySchemes": schemes}}


def _rules() -> dict[str, str]:
    """``RULES``, and every list with a cursor."""
    cursors = {
        operation["operationId"]: CURSOR
        for path in document()["paths"].values()
        for operation in path.values()
        if any(one["name"] == "cursor" for one in operation.get("parameters", ()))
    }
    return cursors | {name: f"{reason}; {CURSOR}" if name in cursors else reason for name, reason in RULES.items()}


def _config() -> str:
    """schemathesis.toml: which answers to valid data are right."""
    lines = ["[checks.positive_data_acceptance]", f"expected-statuses = {json.dumps(ACCEPTED)}"]
    lines += ["[checks.negative_data_rejection]", f"expected-statuses = {json.dumps(REFUSED)}"]
    for operation in _rules():
        accepted = json.dumps([*ACCEPTED, "400"])
        lines += ["[[operations]]", f'include-operation-id = "{operation}"']
        lines += [f"checks.positive_data_acceptance.expected-statuses = {accepted}"]
    return "\n".join(lines) + "\n"


def _token_command(shop: Shop, who: Stakeholder) -> list[str]:
    """Makes a token of a login just now; one is made at once, to see that it can be."""
    subject, more = who.subject, list[str]()
    if "@" in who.subject:
        subject = _listed(shop, "account", "email", who.subject)
    if who.merchant:
        more = ["--merchant", _listed(shop, "merchant", "slug", "olaria-do-alpendre")]
    words = ["token", subject, "--scope", who.scope, *more]
    _said(shop, *words)
    return shop.command(*words)


def _listed(shop: Shop, what: str, member: str, value: str) -> str:
    """The id of an account or merchant (``what``, in the plural), as an administrator sees them."""
    token = _said(shop, "token", "proof", "--scope", "identity:admin")
    answer = httpx.get(
        f"{shop.url}/v1/identity/admin/{what}s", headers={"Authorization": f"Bearer {token}"}, params={"limit": "100"}
    )
    answer.raise_for_status()
    return str(next(one[what]["id"] for one in answer.json()["items"] if one[what][member] == value))


def _said(shop: Shop, *words: str) -> str:
    done = shop.run(*words)
    if done.returncode:
        raise SystemExit(f"renga {words[0]}: {done.stderr}")
    return done.stdout.strip()


def _counted(status: int, report: Path) -> Found:
    """How many requests and operations there were, and what failed by its kind."""
    told = json.loads(report.read_text())
    failures = Counter[str]()
    for group in (*told["failures"], *_errors(told)):
        failures[str(group["code"])] += int(group["count"])
    return Found(status, int(told["test_cases"]["generated"]), int(told["operations"]["tested"]), failures)


def _errors(told: dict[str, Any]) -> list[dict[str, Any]]:
    """What schemathesis itself could not do counts as a failure."""
    return [{"code": f"error: {one['title']}", "count": one["count"]} for one in told["errors"]]


if __name__ == "__main__":
    sys.exit(main())
