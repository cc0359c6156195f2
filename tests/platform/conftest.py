"""Fixtures for tests on the platform: see the end of CONTRIBUTING.md for how to run them."""

from tests.harness.fixtures import *  # noqa: F403
