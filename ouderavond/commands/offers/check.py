"""`bench --site … ouderavond offers check`: what is wrong with the offers of an evening."""

import click


@click.command()
def check():
    """What is wrong with the offers."""
