"""The editing API as programs on other machines use it: a running broker, editors with clients of their own."""

import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from acceptance_words import refused
from application_kit import CHEMNITZ as CHEMNITZ_REGION
from application_kit import TREE_FELLING, Application, sample
from campaign_nodes import cluster_at
from editing_kit import EDITORS, OTHER_SIDE, SAXONY_SIDE, TOWN_SIDE, Door, EditingSite, competences, editing_site
from installation_kit import AMTSBOTE, SAXONY
from openpyxl import Workbook, load_workbook
from patience import PATIENCE
from ports import free_port

from amtsbote.editing.openapi import EDITING
from transport.fitconnect.server.openapi import document

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BURGSTAEDT = "145225102060"


@pytest.fixture(scope="module")
def site(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditingSite]:
    with editing_site(tmp_path_factory.mktemp("editing"), shared_folder) as running:
        yield running


@pytest.fixture(scope="module")
def saxony(site: EditingSite) -> Door:
    return site.door(SAXONY_SIDE)


@pytest.fixture(scope="module")
def town(site: EditingSite) -> Door:
    return site.door(TOWN_SIDE)


def leipzig_until(day: str, rows: list[str]) -> dict[str, bytes]:
    """The rule for Leipzig with an end."""
    return competences(*(f"gba;147130000000;leipzig-gba;;{day};;" if "leipzig-gba" in row else row for row in rows))


# credentials


def test_a_token_is_for_half_an_hour_and_for_the_routing_tables_alone(saxony: Door) -> None:
    granted = saxony.token()

    assert granted.status_code == 200
    assert granted.headers["cache-control"] == "no-store"
    assert (granted.json()["scope"], granted.json()["expires_in"]) == ("amtsbote:routing", 1800)
    more = saxony.token(scope="https://schema.fitko.de/fit-connect/oauth/scopes/send-submissions")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_editors_and_portals_do_not_get_in_at_each_others_door(site: EditingSite, saxony: Door) -> None:
    public, portal = site.broker.base, site.broker.portal()
    form = {"grant_type": "client_credentials", "client_id": SAXONY_SIDE}
    secret = {"client_secret": site.broker.installation.secret(SAXONY_SIDE)}
    foreign = site.door("hamburg-portal")
    of_portal = httpx.post(
        f"{public}/auth/token",
        data={**form, "client_id": "hamburg-portal"}
        | {"client_secret": site.broker.installation.secret("hamburg-portal")},
        trust_env=False,
    ).json()["access_token"]

    at_public = httpx.post(f"{public}/auth/token", data={**form, **secret}, trust_env=False)
    assert (at_public.status_code, at_public.json()["error"]) == (401, "invalid_client")
    assert (foreign.token().status_code, foreign.token().json()["error"]) == (401, "invalid_client")
    path = "/submission-api/v2/submissions"
    refused(httpx.get(f"{public}{path}", headers=saxony.bearer(), trust_env=False), 401, "unauthorized")
    there = httpx.get(
        f"{site.base}/editing-api/v1/drafts", headers={"Authorization": f"Bearer {of_portal}"}, trust_env=False
    )
    refused(there, 401, "unauthorized")
    assert portal is not None


def test_the_public_listener_knows_no_editing_api_and_the_other_one_nothing_else(site: EditingSite) -> None:
    refused(httpx.get(f"{site.broker.base}/editing-api/v1/drafts", trust_env=False), 404, "not-found")
    refused(httpx.get(f"{site.base}/routing-api/v2/info", trust_env=False), 404, "not-found")
    refused(httpx.get(f"{site.base}/editing-api/v1/nothing", trust_env=False), 404, "not-found")
    refused(httpx.get(f"{site.base}/editing-api/v1/drafts", trust_env=False), 401, "unauthorized")
    assert httpx.get(f"{site.base}/healthz", trust_env=False).text == "ok\n"


def test_it_describes_itself_to_everybody(site: EditingSite) -> None:
    served = httpx.get(f"{site.base}/editing-api/v1/openapi.json", trust_env=False)
    shown = httpx.get(f"{site.base}/editing-api/v1/docs", trust_env=False)

    assert served.json() == json.loads(json.dumps(document(EDITING, "v1", site.base)))
    assert "proposeDraft" in shown.text
    assert "../../auth/docs" in shown.text
    assert httpx.get(f"{site.base}/auth/docs", trust_env=False).status_code == 200


# four eyes


def test_one_editor_proposes_and_only_another_one_releases(site: EditingSite, saxony: Door, town: Door) -> None:
    before = town.rules()
    proposed = town.propose(leipzig_until("2099-12-31", before))
    assert proposed.status_code == 201, proposed.text
    draft = proposed.json()["draft"]
    assert (proposed.json()["four_eyes"], proposed.json()["rows"]) == (
        ["leipzig"],
        {"zustaendigkeiten": {"changed": 1}},
    )
    assert town.propose(leipzig_until("2099-12-31", before)).status_code == 200
    assert town.rules() == before

    alone = refused(town.post(f"/drafts/{draft}/release"), 403, "second-person-needed")
    assert "leipzig" in alone["detail"]
    released = saxony.post(f"/drafts/{draft}/release")
    assert released.status_code == 200, released.text

    assert any("2099-12-31" in row for row in saxony.rules())
    [newest, *_] = saxony.get("/versions").json()["versions"]
    assert (newest["author"], newest["releaser"]) == ("editor:leipzig", "editor:sachsen")
    refused(saxony.post(f"/drafts/{draft}/release"), 409, "conflicting-change")
    rows = site.broker.installation.good("audit", "list", "--json")["audit"]
    assert [(row["actor"], row["action"]) for row in rows[:2]] == [
        ("editor:sachsen", "routing.released"),
        ("editor:leipzig", "draft.proposed"),
    ]


@pytest.fixture
def draft(saxony: Door) -> Iterator[int]:
    """A change set of the Land about Burgstädt, which is thrown away afterwards."""
    rows = [row.replace("gba;14522;", f"gba;{BURGSTAEDT};") for row in saxony.rules()]
    made = saxony.propose(competences(*rows))
    assert made.status_code == 201, made.text
    yield made.json()["draft"]
    saxony.post(f"/drafts/{made.json()['draft']}/discard")


def test_a_change_set_is_looked_at_and_discarded(saxony: Door, town: Door, draft: int) -> None:
    shown = town.get(f"/drafts/{draft}").json()
    assert shown["rows"] == {"zustaendigkeiten": {"added": 1, "removed": 1}}
    assert {change["action"] for change in shown["changes"]} == {"added", "removed"}
    assert [one["id"] for one in town.get("/drafts?state=open").json()["drafts"]] == [draft]

    refused(town.post(f"/drafts/{draft}/discard"), 403, "out-of-scope")
    assert saxony.post(f"/drafts/{draft}/discard").json() == {"draft": draft}
    refused(saxony.post(f"/drafts/{draft}/release"), 409, "conflicting-change")


def test_a_row_outside_the_scope_is_named_and_nothing_is_proposed(site: EditingSite, saxony: Door) -> None:
    hamburg = site.door(OTHER_SIDE)
    before = saxony.get("/drafts?state=open").json()["total"]

    told = refused(hamburg.propose(leipzig_until("2098-12-31", hamburg.rules())), 403, "out-of-scope")

    assert "zustaendigkeiten, " in told["detail"]
    assert "2098-12-31" in told["detail"]
    assert saxony.get("/drafts?state=open").json()["total"] == before


def test_mistakes_of_tables_name_line_and_column_in_both_languages(saxony: Door) -> None:
    rows = [*saxony.rules(), "gba;14713;leipzig-gba;;morgen;;"]
    told = refused(saxony.propose(competences(*rows)), 422, "tables-refused")
    assert any(f"line {len(rows)}, column gueltig_bis" in one["en"] for one in told["mistakes"])

    near = refused(saxony.propose(competences(*rows[:-1], "gba;14713;leipzig-gbb;;;;")), 422, "tables-refused")
    assert any(f"Zeile {len(rows)}" in one["de"] and "leipzig-gbb" in one["de"] for one in near["mistakes"])
    german = saxony.post(
        "/drafts", files={"zustaendigkeiten": b"x"}, data={"reason": "x"}, headers={"Accept-Language": "de"}
    )
    assert refused(german, 422, "tables-refused")["title"] == "Tabellen nicht angenommen"
    assert german.headers["content-language"] == "de"


def test_two_changes_of_the_same_rule_are_put_together_by_a_person(saxony: Door, town: Door) -> None:
    rows = town.rules()
    first, second = (town.propose(leipzig_until(day, rows)).json()["draft"] for day in ("2097-01-01", "2096-01-01"))
    assert saxony.post(f"/drafts/{first}/release").status_code == 200

    told = refused(saxony.post(f"/drafts/{second}/release"), 409, "conflicting-change")
    assert "2097-01-01" in told["detail"]
    assert town.post(f"/drafts/{second}/discard").status_code == 200


def test_an_earlier_version_comes_back_as_a_change_set_of_its_own(saxony: Door, town: Door) -> None:
    draft = town.propose(leipzig_until("2095-01-01", town.rules())).json()["draft"]
    newest = saxony.post(f"/drafts/{draft}/release").json()["version"]
    asked = {"version": newest - 1, "reason": "Zurück", "effective": "2099-01-01"}

    proposed = saxony.post("/rollbacks", json=asked)

    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["effective"] == "2099-01-01"
    again = saxony.post("/rollbacks", json=asked)
    assert (again.status_code, again.json()["made"], again.json()["draft"]) == (200, False, proposed.json()["draft"])
    refused(saxony.post(f"/drafts/{proposed.json()['draft']}/release"), 403, "second-person-needed")
    assert saxony.post(f"/drafts/{proposed.json()['draft']}/discard").status_code == 200
    refused(saxony.post("/rollbacks", json={**asked, "version": 10**6}), 404, "not-found")
    refused(saxony.post("/rollbacks", json={**asked, "extra": 1}), 400, "constraint-violation")


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\n"])
def test_a_reason_with_a_control_character_is_refused(saxony: Door, character: str) -> None:
    told = saxony.propose(competences(*saxony.rules()), reason=f"vor{character}her")

    assert "The reason is one line of text" in refused(told, 400, "constraint-violation")["detail"]


def test_a_rollback_whose_reason_has_two_lines_is_refused(saxony: Door) -> None:
    told = saxony.post("/rollbacks", json={"version": 1, "reason": "vor\nher"}, headers={"Accept-Language": "de"})

    assert "Der Grund ist eine Zeile Text" in refused(told, 400, "constraint-violation")["detail"]


# workbooks


def test_a_table_goes_out_as_a_workbook_and_comes_back_changed(saxony: Door) -> None:
    got = saxony.get("/tables/zustaendigkeiten", headers={"Accept": XLSX})
    assert got.headers["content-type"] == XLSX
    book = load_workbook(io.BytesIO(got.content))
    sheet = book["zustaendigkeiten"]
    [cell] = [row[1] for row in sheet.iter_rows() if row[1].value == "14522"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    cell.value = BURGSTAEDT
    changed = io.BytesIO()
    book.save(changed)

    made = saxony.post("/drafts", files={"workbook": ("neu.xlsx", changed.getvalue())}, data={"reason": "Burgstädt"})

    assert made.status_code == 201, made.text
    assert made.json()["rows"] == {"zustaendigkeiten": {"added": 1, "removed": 1}}
    saxony.post(f"/drafts/{made.json()['draft']}/discard")


def test_a_key_that_became_a_number_is_told_with_what_it_may_have_been(saxony: Door) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("gebiete")
    for row in (
        ("ars", "ags", "name", "gueltig_ab", "gueltig_bis"),
        (10510011011, "01051011", "Brunsbüttel", None, None),
    ):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)

    told = refused(
        saxony.post("/drafts", files={"gebiete": file.getvalue()}, data={"reason": "x"}), 422, "tables-refused"
    )
    assert "010510011011 may be meant" in told["mistakes"][0]["en"]


def test_a_workbook_that_explodes_is_refused_and_the_service_goes_on(site: EditingSite, saxony: Door) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"<a>" * 40_000_000)

    told = refused(
        saxony.post("/drafts", files={"gebiete": bomb.getvalue()}, data={"reason": "x"}), 422, "tables-refused"
    )
    assert "100 times larger" in told["mistakes"][0]["en"]
    broken = saxony.post("/drafts", files={"gebiete": b"PK\x03\x04 and nothing more"}, data={"reason": "x"})
    assert "no readable XLSX" in refused(broken, 422, "tables-refused")["mistakes"][0]["en"]
    assert saxony.get("/versions").status_code == 200


# trials


def test_what_if_and_coverage_tell_what_a_change_set_would_do(site: EditingSite, saxony: Door, draft: int) -> None:
    portal = site.broker.portal()
    data = sample("gueltig-kleinster-antrag").replace(CHEMNITZ_REGION.encode(), BURGSTAEDT.encode())
    sent = portal.send(Application(SAXONY, data, region=BURGSTAEDT))
    assert portal.ends_with(sent, "accept-submission")
    rows = [row.replace("gba;14522;saxony-gba", "gba;14522;chemnitz-gba") for row in saxony.rules()]
    other = saxony.propose(competences(*rows)).json()["draft"]

    found = saxony.get(f"/drafts/{other}/what-if?days=1").json()
    assert [(one["id"], one["after"]["authorities"]) for one in found["moved"]] == [(sent.submission, ["chemnitz-gba"])]
    assert (found["total"], found["checked"] >= 1) == (1, True)
    assert saxony.get(f"/drafts/{other}/what-if?offset=1").json()["moved"] == []
    assert site.door(OTHER_SIDE).get(f"/drafts/{other}/what-if").json()["checked"] == 0
    saxony.post(f"/drafts/{other}/discard")

    covered = saxony.get("/coverage", params={"service": TREE_FELLING, "draft": str(draft), "land": "145"}).json()
    assert covered["lands"]["14"]["competent"] == 2
    assert any(one["verdict"] == "gap" and "Plauen" in one["name"] for one in covered["findings"])
    refused(saxony.get("/coverage?draft=1000000"), 404, "not-found")
    refused(saxony.get("/coverage?land=14&land=02"), 400, "constraint-violation")


def test_a_question_is_explained_without_the_operators_targets(saxony: Door) -> None:
    told = saxony.post("/explain", json={"service": TREE_FELLING, "region": CHEMNITZ_REGION}).json()

    assert (told["authority"], told["authorityName"], told["targets"]) == (
        "chemnitz-gba",
        "Grünflächenamt Chemnitz",
        [],
    )
    assert told["trace"]["hops"]
    unknown = {"service": TREE_FELLING, "region": CHEMNITZ_REGION, "facts": {"baum": "1"}}
    refused(saxony.post("/explain", json=unknown), 400, "constraint-violation")
    assert saxony.get("/defaults").json()["defaults"]
    assert {one["id"] for one in saxony.get("/tables").json()["routes"]} == {
        "gebiete", "leistungen", "rollen", "zustaendigkeiten"
    }  # fmt: skip


# what strangers and mistaken programs send


def form(*parts: bytes, boundary: bytes = b"b", end: bytes = b"--b--") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + end


TABLE = b'Content-Disposition: form-data; name="gebiete"\r\n\r\nars'


@pytest.mark.parametrize(
    ("content_type", "body", "status", "kind"),
    [
        ("application/json", b"{}", 415, "unsupported-media-type"),
        ("multipart/form-data", form(TABLE), 415, "unsupported-media-type"),
        ("multipart/mixed; boundary=b", form(TABLE), 415, "unsupported-media-type"),
        ("multipart/form-data; boundary=b", b"", 400, "malformed-request"),
        ("multipart/form-data; boundary=c", form(TABLE), 400, "malformed-request"),
        ("multipart/form-data; boundary=b", form(TABLE, end=b""), 400, "malformed-request"),
        ("multipart/form-data; boundary=b", form(TABLE, end=b"--b--more"), 400, "malformed-request"),
        ("multipart/form-data; boundary=b", form(TABLE, TABLE), 400, "malformed-request"),
        ("multipart/form-data; boundary=b", form(b"X: y\r\n\r\nars"), 400, "malformed-request"),
        ("multipart/form-data; boundary=b", form(b"X: " + b"y" * 4000 + b"\r\n" + TABLE), 400, "malformed-request"),
        (
            "multipart/form-data; boundary=b",
            form(*(TABLE.replace(b"gebiete", b"t_" + b"x" * n) for n in range(1, 25))),
            400,
            "malformed-request",
        ),
        (
            "multipart/form-data; boundary=b",
            form(b"Content-Transfer-Encoding: base64\r\n" + TABLE),
            400,
            "malformed-request",
        ),
        ("multipart/form-data; boundary=b", form(TABLE.replace(b"gebiete", b"tabelle")), 400, "constraint-violation"),
        ("multipart/form-data; boundary=b", form(TABLE.replace(b"gebiete", b"reason")), 400, "constraint-violation"),
        ("multipart/form-data; boundary=b", form(TABLE), 400, "constraint-violation"),
    ],
)
def test_a_form_that_is_none_is_refused(saxony: Door, content_type: str, body: bytes, status: int, kind: str) -> None:
    answer = saxony.post("/drafts", content=body, headers={"Content-Type": content_type})

    refused(answer, status, kind)


def test_what_is_too_large_is_not_read(saxony: Door) -> None:
    length = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(10**9)}
    with socket.create_connection(urlsplit(saxony.base).netloc.split(":"), timeout=PATIENCE) as line:  # type: ignore[arg-type]
        head = "".join(f"{name}: {value}\r\n" for name, value in {**saxony.bearer(), **length}.items())
        line.sendall(f"POST /editing-api/v1/drafts HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 413")

    endless = (b"x" * 1024 * 1024 for _ in range(60))
    told = saxony.post("/drafts", content=endless, headers={"Content-Type": "multipart/form-data; boundary=b"})
    refused(told, 413, "content-too-large")
    assert saxony.get("/versions").status_code == 200


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer x.y.z", "Basic eDp5"])
def test_without_a_token_nobody_is_heard(site: EditingSite, token: str) -> None:
    answer = httpx.get(f"{site.base}/editing-api/v1/versions", headers={"Authorization": token}, trust_env=False)

    refused(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


# the end of a client


def test_a_secret_is_changed_a_client_locked_out_and_an_editor_removed_at_once(site: EditingSite) -> None:
    hamburg, broker = site.door(OTHER_SIDE), site.broker
    token = hamburg.bearer()

    def asked() -> int:
        return httpx.get(f"{site.base}/editing-api/v1/versions", headers=token, trust_env=False).status_code

    new = broker.installation.good("editors", "client-add-secret", OTHER_SIDE, "--json")["secret"]
    assert hamburg.token(client_secret=new).status_code == hamburg.token().status_code == 200
    broker.installation.good("editors", "client-drop-secret", OTHER_SIDE)
    assert (hamburg.token(client_secret=new).status_code, hamburg.token().status_code) == (200, 401)

    assert asked() == 200
    broker.installation.good("editors", "client-off", OTHER_SIDE)
    assert (asked(), hamburg.token(client_secret=new).status_code) == (401, 401)
    broker.installation.good("editors", "client-on", OTHER_SIDE)
    assert asked() == 200
    broker.installation.apply('[remove]\neditors = ["hamburg"]\n')
    assert (asked(), hamburg.token(client_secret=new).status_code) == (401, 401)
    broker.installation.apply(EDITORS)


# several nodes


@pytest.mark.timeout(300)  # several processes and a database start
def test_what_is_proposed_at_one_node_is_released_at_another_whose_first_worker_listens(
    shared_folder: Path, tmp_path: Path
) -> None:
    with cluster_at(tmp_path / "cluster", shared_folder, "postgresql", 2) as cluster:
        (cluster.installation.folder / "parts" / "incoming").mkdir(exist_ok=True)
        cluster.installation.apply(EDITORS, "editors.toml")
        free_port()  # above the last node: for the metrics of its second worker
        doors = []
        for node, client in zip(cluster.nodes, (TOWN_SIDE, SAXONY_SIDE), strict=True):
            address = f"127.0.0.1:{free_port()}"
            node.installation.environment["AMTSBOTE__ADMIN__LISTEN"] = address  # type: ignore[index]  # a plain dict
            doors.append(Door(node, f"http://{address}", client))
        one, other = cluster.nodes
        one.start()
        other.start((*AMTSBOTE, "serve", "--workers", "2"))
        town, saxony = doors

        draft = town.propose(leipzig_until("2099-12-31", town.rules())).json()["draft"]
        refused(town.post(f"/drafts/{draft}/release"), 403, "second-person-needed")
        released = saxony.post(f"/drafts/{draft}/release")

        assert released.status_code == 200, released.text
        assert any("2099-12-31" in row for row in town.rules())
