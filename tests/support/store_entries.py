"""One entry of every sort the directory knows, all of tenant t1 where a tenant owns them."""

from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

from amtsbote.api.persistence import DirectoryEntry
from amtsbote.model.callback import Callback
from amtsbote.model.content import SchemaRef, SignatureAction, SignatureVerdict
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    Editor,
    Holding,
    KeyEntry,
    KeyPurpose,
    OfferedService,
    Portal,
    Reach,
    Status,
    Target,
    Tenant,
)
from amtsbote.model.ids import AuthorityId, ClientId, DestinationId, EditorId, KeyId, PortalId, TargetId, TenantId
from amtsbote.model.stage import Stage
from amtsbote.model.term import Term

MAPS: Final = ("tenants", "portals", "clients", "destinations", "authorities", "targets", "keys", "editors")
"""The maps of a `Directory`, in the order of `ENTRIES`."""

TENANT_1: Final = Tenant(
    TenantId("t1"), "Stadt Chemnitz", "14", (Term("urn:a", None, date(2026, 12, 31)), Term("urn:b"))
)


def a_target(**changes: Any) -> Target:
    return Target(**{"id": TargetId("folder"), "tenant": TenantId("t1"), "adapter": "folder", "options": {}, **changes})


A_DESTINATION: Final = Destination(
    id=DestinationId("d2"),
    tenant=TenantId("t1"),
    name="",
    holding=Holding.END_TO_END,
    reach=Reach.DIRECT,
    stage=Stage.OFF,
    services=(),
    encryption_key=KeyId("kid"),
    signing_key=KeyId("kid2"),
    signature_policy={SignatureVerdict.ABSENT: SignatureAction.REJECT},
    status=Status.INACTIVE,
    status_since=datetime(2026, 5, 4, 12, 0, 0, 1, tzinfo=UTC),
)

ENTRIES: Final[tuple[DirectoryEntry, ...]] = (
    TENANT_1,
    Portal(PortalId("p1"), "Hamburg-Service", MappingProxyType({KeyId("kid"): b"\x30\x82\xff\xfe"})),
    Client(ClientId("b1"), ClientRole.SUBSCRIBER, "t1", ("ab" * 32,)),
    Client(ClientId("s1"), ClientRole.SENDER, "p1", ("ab" * 32, "cd" * 32), active=False),
    Destination(
        id=DestinationId("d1"),
        tenant=TenantId("t1"),
        name="Baumfällung „Chemnitz“",
        holding=Holding.BROKER,
        reach=Reach.COLLECTING,
        stage=Stage.LIVE,
        services=(OfferedService("99093003001002", "Baumfällung", ("14", ""), (SchemaRef("urn:a", "text/xml"),)),),
        encryption_key=KeyId("kid"),
        signing_key=KeyId("kid2"),
        authority=AuthorityId("a1"),
        serves=(TenantId("t1"), TenantId("t2")),
        subscriber=ClientId("b1"),
        contact=MappingProxyType({"email": "amt@chemnitz.example"}),
        reply_channels={"eMail": {"usePgp": True}, "fitConnect": {"processStandards": ("urn:example:bescheid",)}},
        oldest_metadata_version="1.3.0",
        callback=Callback("https://amt.example/neu?x=1", b"\xff\x00sealed"),
    ),
    A_DESTINATION,
    Authority(AuthorityId("a1"), TenantId("t1"), "Grünflächenamt", (TargetId("folder"), TargetId("archive"))),
    Authority(AuthorityId("a2"), TenantId("t1"), "Gartenamt", (), "import:pvog", date(2026, 9, 1)),
    a_target(options={"path": "/srv/eingang", "keep": 30, "marker": True}, schemas=("urn:a_1.1#b",)),
    KeyEntry(KeyId("kid"), KeyPurpose.ENCRYPTION, "d1", TenantId("t1"), bytes(range(256)), (b"\xfb\xff",), b"\x00"),
    KeyEntry(KeyId("kid2"), KeyPurpose.ACCESS_TOKEN, "", None, b"", (), None),
    Editor(EditorId("e1"), "Karin Maier", "maier", ("14", ""), ("99",), (TenantId("t1"),), may_release=True),
)
