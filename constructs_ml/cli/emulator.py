"""``constructs-ml emulator``."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def emulator() -> None:
    """Install the emulator that local runs and simulations need, in an environment of its own."""


@emulator.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="A folder of your choice.")
@click.option("--index-url", metavar="URL", help="A package index of your own.")
@click.option(
    "--find-links", type=click.Path(exists=True, file_okay=False), help="A folder with the wheels; no index is asked."
)
def install(into: Path | None, index_url: str | None, find_links: str | None) -> int:
    """Install it, from a lock file with hashes.

    Its packages are pinned exactly, and so are kept apart from yours. Default folder: one for each version below your data;
    CONSTRUCTS_ML_EMULATOR names another one to runs and simulations.
    """
    from constructs_ml.interpreter.environment import VARIABLE, VERSION
    from constructs_ml.interpreter.install import install as make

    options = ["--index-url", index_url] if index_url else []
    if find_links:
        options += ["--no-index", "--find-links", find_links]
    click.echo(f"installing the emulator (ministack {VERSION})")
    folder = make(into, options=options)
    click.echo(f"the emulator is in {folder}")
    if into:
        click.echo(f"tell it to runs and simulations: export {VARIABLE}={folder}")
    return 0


@emulator.command()
def where() -> int:
    """Tell where it is."""
    from constructs_ml.interpreter.environment import find

    click.echo(str(find("this command").packages))
    return 0
