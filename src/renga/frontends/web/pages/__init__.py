"""One module per page: each exports ``handlers(shop)``, Litestar handlers built by closure."""
