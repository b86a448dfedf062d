"""Rules by which the messages of a standard are told, as the person who registers it writes them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from schemas.xpath import condition, fits


class OwnRules:
    """Raises `Misconfigured` for one that does not compile."""

    def __init__(self, when: Sequence[str], prefixes: Mapping[str, str]) -> None:
        self._tests = [condition(each, prefixes) for each in when]

    def unfitting(self, samples: Iterable[tuple[str, etree._Element]]) -> Iterator[str]:
        """Names of the samples that do not satisfy all of them."""
        return (name for name, root in samples if not all(fits(test, root) for test in self._tests))
