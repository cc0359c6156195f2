"""The site's own templates around our page, compiled once per process.

The platform makes a new template environment for each request and compiles header, footer and icons anew:
half of what the page costs. Jinja keeps compiled templates where it is given a place; a template that has
changed is recognised by its contents and compiled again.
"""

from jinja2.bccache import Bucket, BytecodeCache


class InMemory(BytecodeCache):
    """Compiled templates of this process."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for a template."""
        checksum, code = self._kept.get(bucket.key, (None, None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja has compiled a template."""
        self._kept[bucket.key] = (bucket.checksum, bucket.code)


TEMPLATES = InMemory()
