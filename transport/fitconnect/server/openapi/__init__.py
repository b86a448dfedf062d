"""What each service offers on the wire, as OpenAPI 3.1 and as a page for people.

Written by hand: `schemas` says what bodies look like, `operations` what can be asked. Both versions of a service come
from the same lines; where they differ, `versions.py` of the server says so. Tests hold every answer against it.
"""

from transport.fitconnect.server.openapi.document import APIS, Api, document
from transport.fitconnect.server.openapi.page import page

__all__ = ["APIS", "Api", "document", "page"]
