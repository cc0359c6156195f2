"""A believable Dutch school with a parent evening, to look at, to test and to measure with."""

from ouderavond.demo.create import create
from ouderavond.demo.remove import remove
from ouderavond.demo.report import DemoReport

__all__ = ["DemoReport", "create", "remove"]
