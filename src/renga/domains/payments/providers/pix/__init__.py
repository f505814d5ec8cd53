"""Pix by the Central Bank's API (https://github.com/bacen/pix-api): any bank or payment institution that offers it."""
