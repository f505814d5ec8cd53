"""Entry point of the provider's process; it imports only what it needs."""

from renga.platform.running import ending_in_one_line, run_until_signal
from renga.platform.settings import PlatformSettings, Sources
from renga.simulators.payment_provider.serving import say_ready, serve_provider
from renga.simulators.payment_provider.settings import SimulatedProviderSettings


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    with ending_in_one_line():
        sources = Sources()
        platform, settings = (
            sources.load("renga", PlatformSettings),
            sources.load("provider", SimulatedProviderSettings),
        )
        run_until_signal(serve_provider(settings, platform, say_ready))


if __name__ == "__main__":
    main()
