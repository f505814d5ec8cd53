"""What the commands of ``renga`` do; ``cli.py`` only reads their arguments."""

import sys
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import msgspec
from joserfc.jwk import KeySet
from litestar import Litestar
from pyotp import TOTP
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from renga.app import make_api, openapi_document
from renga.bff.graphql import mount as graphql_mount
from renga.bff.graphql.schema import accesses
from renga.bff.graphql.sdl import breaking_changes, sdl
from renga.catalog.export_products import Format
from renga.catalog.feeds.shopify_reading import ShopifyTerms
from renga.catalog.importing import ImportRefused
from renga.catalog.wiring import prepare_stores
from renga.identity.demo_clients import demo_secret
from renga.identity.permissions import Entry, entries_of, permissions_markdown
from renga.identity.seed_accounts import DEMO
from renga.kernel import events
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
from renga.kernel.ids import id_source
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier, local_key, sign
from renga.platform.bus.factory import make_bus
from renga.platform.doctor import examine
from renga.platform.engines.folder import DataFolder
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Operation
from renga.platform.postgres.migrations import upgrade
from renga.platform.settings import PlatformSettings, public_url
from renga.rooms import MIGRATIONS, Settings, Shop, open_shop, reach, secret_of
from renga.search.contract import Synonyms
from renga.serve import serve as serve_shop
from renga.up import engines
from renga.up import up as run_up
from renga.work import work as run_worker

#: Problems of an import that are printed one by one.
PROBLEMS_SHOWN = 20
#: Products that a comparison names.
FINDINGS_SHOWN = 10


async def up(settings: Settings, *, seed: bool, worker: bool) -> None:
    await run_up(settings, seed=seed, worker=worker, announce=_announce)


def demo(settings: Settings) -> None:
    """Print how to log in as each of the demo's accounts, with the second factor's present code."""
    table = Table("who", "e-mail", "password", "code now", box=None, header_style="bold")
    for one in DEMO:
        table.add_row(one.kind, one.email, one.password, TOTP(one.totp_secret).now() if one.totp_secret else "—")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    print(f"\nOAuth client demo-service, secret {demo_secret(secret_of(settings.platform))}")


def _announce(settings: Settings, seconds: float) -> None:
    platform = settings.platform
    base = platform.public_url or f"http://{platform.host}:{platform.port}"
    console = Console(stderr=True, highlight=False)
    console.print(f"\n  [bold]Renga is open[/bold] [dim]({seconds:.1f} s)[/dim]")
    for name, path in (("shop", "/"), ("API", "/docs"), ("products", "/v1/products"), ("health", "/readyz")):
        console.print(f"    {name:<10} [cyan]{base}{path}[/cyan]")
    console.print(f"    {'data':<10} {escape(str(Path(platform.data).resolve()))}")
    if not platform.public_url:
        console.print(
            f"    {'log in':<10} as ana@demo.example with ipe-amarelo-na-varanda; `renga demo` prints the others"
        )
    console.print("  Ctrl-C stops everything.\n")


async def serve(settings: Settings) -> None:
    async def ready() -> None:
        _announce(settings, 0.0)

    await serve_shop(settings, ready)


async def work(settings: Settings) -> None:
    await run_worker(settings)


@asynccontextmanager
async def _shop(settings: Settings) -> AsyncIterator[Shop]:
    """The shop that runs, or, if none does, its rooms on engines started for this one command."""
    platform = settings.platform
    if (platform.database and platform.redis) or DataFolder(Path(platform.data)).holder():
        async with open_shop(reach(settings)) as shop:
            yield shop
        return
    async with engines(settings) as (ready, _, _):
        await upgrade(ready.platform.database, MIGRATIONS)
        async with open_shop(ready) as shop:
            yield shop


async def migrate(settings: Settings) -> None:
    platform = settings.platform
    if platform.database or DataFolder(Path(platform.data)).holder():
        url = platform.database or reach(settings).platform.database
        done = await upgrade(url, MIGRATIONS)
    else:
        async with engines(settings) as (ready, _, _):
            done = await upgrade(ready.platform.database, MIGRATIONS)
    await prepare_stores(platform.catalog)
    for revision in done:
        print(f"{revision.schema} {revision.revision}")
    print(f"{len(done)} migrations run; the database is up to date")


async def seed(settings: Settings) -> None:
    async with _shop(settings) as shop:
        report = await shop.catalog.seed_demo()
    print(f"demo: {report.created} products created, {report.changed} changed, {report.unchanged} unchanged")


async def import_products(
    settings: Settings, file: str, *, mapping: Path | None, skip_bad: bool, shopify: ShopifyTerms
) -> None:
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    source = file if file == "-" else Path(file)
    if isinstance(source, Path) and not source.is_file():
        raise Invalid(f"{file} is not a file that can be read")
    if mapping is not None and shopify.always:
        raise Invalid("--mapping is for files of no known format; leave --format out")
    shopify = msgspec.structs.replace(shopify, own_url=public_url(settings.platform))
    async with _shop(settings) as shop:
        try:
            with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
                task = bar.add_task("importing", total=None)
                report = await shop.catalog.import_products(
                    source,
                    mapping=mapping,
                    skip_bad=skip_bad,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                    stdin=sys.stdin.buffer if file == "-" else None,
                    shopify=shopify,
                )
        except ImportRefused as refused:
            _print_problems(console, list(getattr(refused, "problems", ())), getattr(refused, "problems_total", 0))
            raise
    _print_problems(console, list(report.problems), report.skipped)
    print(
        f"{report.rows} rows: {report.created} products created, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.skipped} skipped, in {report.seconds:.1f} s"
    )


async def export_products(settings: Settings, file: str, *, name: Format, language: str, currency: str) -> None:
    """Write every product into a file, ``-`` for the standard output."""
    async with _shop(settings) as shop:
        shop_url = public_url(settings.platform)
        feed = await shop.catalog.feed(name, shop_url=shop_url, language=language, currency=currency)
        size = 0
        with _opened(file) as out:
            async for piece in shop.catalog.export(feed, None):
                size += out.write(piece.encode())
    print(f"{file}: {size} bytes of {name}", file=sys.stderr)


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    """The file, which takes the place of another only when it is whole. Raises Invalid."""
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = Path(f"{file}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(file)
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _print_problems(console: Console, problems: list[object], total: int) -> None:
    for problem in problems[:PROBLEMS_SHOWN]:
        console.print(escape(str(problem)), highlight=False, soft_wrap=True)
    if total > PROBLEMS_SHOWN:
        console.print(f"… and {total - PROBLEMS_SHOWN} more", highlight=False)


async def search_rebuild(settings: Settings) -> None:
    console = Console(stderr=True)
    async with _shop(settings) as shop:
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True,
                      disable=not console.is_terminal) as bar:  # fmt: skip
            task = bar.add_task("building", total=None)
            count = await shop.search.rebuild(lambda done: bar.update(task, description=f"building: {done} products"))
    print(f"the index is new: {count} products")


async def search_verify(settings: Settings) -> int:
    """Print what differs; 1 if anything does."""
    async with _shop(settings) as shop:
        found = await shop.search.verify()
    if found.is_clean:
        print(f"index and catalogue agree: {found.products} products")
        return 0
    for what, count, ids in (
        ("missing in the index", found.missing_count, found.missing),
        ("older than the catalogue", found.stale_count, found.stale),
        ("not in the catalogue any more", found.surplus_count, found.surplus),
    ):
        if count:
            print(f"{count} {what}: {', '.join(ids[:FINDINGS_SHOWN])}{' …' if count > FINDINGS_SHOWN else ''}")
    print("wait for the news under way and verify again, or mend it with `renga search rebuild`")
    return 1


async def search_synonyms(settings: Settings, language: str, file: Path) -> None:
    synonyms = _read_synonyms(file)
    async with _shop(settings) as shop:
        await shop.search.search.set_synonyms(language, synonyms)
    print(f"{language}: {len(synonyms)} synonyms")


class _SynonymsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A TOML file of synonyms, all of one language."""

    synonyms: list[Synonyms]


def _read_synonyms(file: Path) -> list[Synonyms]:
    """Raises Invalid, naming what is wrong."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _SynonymsFile).synonyms
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise Invalid(f'{file}: {error}; write [[synonyms]] with words = ["…"] and perhaps to = ["…"]') from error


async def tail(settings: Settings, patterns: tuple[str, ...], *, as_json: bool) -> None:
    bus = make_bus(settings.platform.bus)
    await bus.start()
    try:
        async for event in bus.tail(patterns):
            if as_json:
                line = events.encode(event).decode()
            else:
                data = " ".join(f"{name}={value}" for name, value in event.data.items() if name != "cart_id")
                line = f"{event.time}  {event.type:<26} {event.subject}  {data}"
            print(line, flush=True)
    finally:
        await bus.close()


async def doctor(settings: Settings) -> int:
    """Print every check; 1 if one failed."""
    checks = await examine(settings.platform, MIGRATIONS)
    marks = {"ok": "[green]ok[/green]", "warn": "[yellow]warn[/yellow]", "fail": "[red]FAIL[/red]"}
    table = Table("", "check", "found", "to mend", box=None, header_style="bold")
    for check in checks:
        table.add_row(marks[check.status], check.name, escape(check.detail), escape(check.mend or ""))
    Console(width=None if sys.stdout.isatty() else 180).print(table)
    return 1 if any(check.status == "fail" for check in checks) else 0


def token(settings: Settings, subject: str, scope: str, life_s: int, merchants: Sequence[str] = ()) -> str:
    """A development token. Raises Invalid where tokens come from somewhere else."""
    platform = settings.platform
    if platform.jwks:
        raise Invalid("tokens are checked with RENGA_JWKS here, so a token of the local key would be refused")
    clock = SystemClock()
    key = local_key(Path(platform.data))
    token_id = id_source(clock)()
    return sign(
        key,
        subject=subject,
        scope=scope,
        issuer=platform.token_issuer,
        life_s=life_s,
        clock=clock,
        token_id=token_id,
        merchants=merchants,
    )


class ContractsStale(Invalid):
    code = "contracts_stale"
    title = "A generated file is stale"


class ContractBroken(Invalid):
    code = "contract_broken"
    title = "Clients of the released schema would break"


def contracts(folder: Path, *, check: bool, breaking: bool = False) -> None:
    """Write or check what is generated from the application: its OpenAPI document, the graph's schema, the table of who may
    do what. Raises ContractsStale, and ContractBroken unless ``breaking`` says that this is meant."""
    app, operations = _described()
    document = msgspec.json.encode(openapi_document(app, operations), order="deterministic")
    made = {
        folder / "openapi.json": msgspec.json.format(document) + b"\n",
        folder.parent / "docs" / "guides" / "permissions.md": permissions_markdown(
            [*entries_of(app, operations), *_graph_entries()]
        ).encode(),
        folder / "schema.graphql": sdl().encode(),
    }
    released = folder / "released" / "schema.graphql"
    broken = breaking_changes(released.read_text("utf-8")) if released.is_file() else []
    if broken and not breaking:
        raise ContractBroken(f"against {released}: {'; '.join(broken)}. If this is meant: `make contracts BREAKING=1`")
    if not check and (breaking or not released.is_file()):
        made[released] = made[folder / "schema.graphql"]
    for path, body in made.items():
        if check:
            if not path.is_file() or path.read_bytes() != body:
                raise ContractsStale(f"{path} is stale; run `make contracts` and commit it")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)


def _graph_entries() -> list[Entry]:
    """The endpoint of GraphQL and each field behind it."""
    endpoint = [Entry(graphql_mount.PATH, method, graphql_mount.ACCESS) for method in ("GET", "POST")]
    return [*endpoint, *(Entry(path, "GRAPHQL", access) for path, access in accesses())]


class _Nobody:
    """Stands for a contract that is described and never asked."""

    def __getattr__(self, name: str) -> "_Nobody":
        return self

    def __call__(self, *args: Any, **named: Any) -> "_Nobody":
        return self


class _NoIdentity(_Nobody):
    """Identity without outside providers, whose addresses depend on the shop."""

    providers: Mapping[str, Any] = MappingProxyType({})
    external = None


def _described() -> tuple[Litestar, list[Operation]]:
    """The application over contracts that nobody calls."""
    nobody: Any = _Nobody()
    identity: Any = _NoIdentity()
    return make_api(
        PlatformSettings(),
        catalog=nobody,
        carts=nobody,
        gate=Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock()))),
        checks={},
        identity=identity,
        managed=nobody,
        library=nobody,
        search=nobody,
    )
