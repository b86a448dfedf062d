"""Deliveries and audit rows as operators search them: filters, counts, pages, newest first."""

from datetime import timedelta

import pytest
from store_samples import NOON, a_delivery, a_message

from amtsbote.api.persistence import AuditRow, AuditWish, DeliveryWish, Page, Scope, Store, Transaction
from amtsbote.errors import NotFound
from amtsbote.model.message import DeliveryState

ALL = Page(0, 100)


def deliveries(tx: Transaction) -> None:
    tx.messages.add(a_message("m1"), None)
    tx.messages.add(a_message("m2"), None)
    tx.deliveries.add([a_delivery("v1", "m1", target="folder"), a_delivery("v2", "m1", target="archive")])
    tx.deliveries.add([a_delivery("v3", "m2", target="folder", tenant="t2", state=DeliveryState.DEAD)])


def rows(tx: Transaction) -> None:
    for number, (actor, subject) in enumerate([("uid:1", "a"), ("uid:2", "a"), ("uid:1", "b")]):
        tx.audit.add(AuditRow(NOON + timedelta(hours=number), actor, "change", subject, None, {"n": number}))


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (DeliveryWish(), ["v3", "v2", "v1"]),
        (DeliveryWish(target="folder"), ["v3", "v1"]),
        (DeliveryWish(state=DeliveryState.PENDING), ["v2", "v1"]),
        (DeliveryWish(tenant="t2"), ["v3"]),
        (DeliveryWish(DeliveryState.PENDING, "folder", "t2"), []),
    ],
)
async def test_deliveries_are_found_by_state_target_and_tenant(
    store: Store, wish: DeliveryWish, found: list[str]
) -> None:
    await store.write(deliveries)
    total, page = await store.read(lambda tx: tx.deliveries.page(wish, ALL))
    assert (total, [one.id for one in page]) == (len(found), found)


async def test_a_page_of_deliveries_counts_all_of_them(store: Store) -> None:
    await store.write(deliveries)
    total, page = await store.read(lambda tx: tx.deliveries.page(DeliveryWish(), Page(1, 1)))
    assert (total, [one.id for one in page]) == (3, ["v2"])


async def test_a_tenant_finds_its_own_deliveries_whatever_it_wishes(store: Store) -> None:
    await store.write(deliveries)
    wish = DeliveryWish(tenant="t2")
    assert await store.read(lambda tx: tx.deliveries.page(wish, ALL), scope=Scope("tenant", "t1")) == (0, ())


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (AuditWish(), [2, 1, 0]),
        (AuditWish(subject="a"), [1, 0]),
        (AuditWish(actor="uid:1"), [2, 0]),
        (AuditWish(since=NOON + timedelta(hours=1)), [2, 1]),
        (AuditWish("a", "uid:1", NOON + timedelta(hours=1)), []),
    ],
)
async def test_audit_rows_are_found_by_subject_actor_and_time(store: Store, wish: AuditWish, found: list[int]) -> None:
    await store.write(rows)
    total, page = await store.read(lambda tx: tx.audit.search(wish, ALL))
    assert (total, [row.after for _, row in page]) == (len(found), [{"n": number} for number in found])


async def test_an_audit_row_is_found_again_by_its_number(store: Store) -> None:
    await store.write(rows)
    _, page = await store.read(lambda tx: tx.audit.search(AuditWish(), Page(1, 1)))
    [(number, row)] = page
    assert await store.read(lambda tx: tx.audit.get(number)) == row
    with pytest.raises(NotFound):
        await store.read(lambda tx: tx.audit.get(number + 10))
