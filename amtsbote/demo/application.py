"""The two applications the portal sends: one as it should be, and one with a slip of the pen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Template
from types import MappingProxyType
from typing import Final

from amtsbote.demo.pictures import photo, site_plan
from amtsbote.model.content import SchemaRef

SERVICE: Final = "99093003001002"
SERVICE_NAME: Final = "Baumfällgenehmigung Erteilung auf privatem Grund"
REGION: Final = "145110000000"
"""Chemnitz; ARS."""
SCHEMA: Final = SchemaRef("urn:amtsbote:standard:baumfaellgenehmigung_1.0#baumfaellung.antrag.0100", "application/xml")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment as the applicant adds it."""

    filename: str
    mime_type: str
    content: bytes


def enclosures() -> tuple[Enclosure, ...]:
    return (
        Enclosure("Stieleiche Südostecke.png", "image/png", photo()),
        Enclosure("Lageplan Kaßbergstraße 31.pdf", "application/pdf", site_plan()),
    )


_GOOD: Final[Mapping[str, str]] = MappingProxyType({"girth": "236", "reason": "gefahr"})
APPLICATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "oak": _GOOD,
    "slip": MappingProxyType({"girth": "236 cm", "reason": "stört"}),
}
"""What differs between the applications, by name. `slip` satisfies the schema at neither place."""


def application_xml(name: str, *, message_id: str, attachments: Sequence[str], at: datetime) -> bytes:
    """The application `name`; `attachments` are the ids of photo and site plan."""
    photo_id, plan_id = attachments
    moment = at.replace(microsecond=0)
    text = _APPLICATION.substitute(
        APPLICATIONS[name],
        message_id=message_id,
        moment=moment.isoformat(),
        today=moment.date().isoformat(),
        felling=(moment.date() + timedelta(days=60)).isoformat(),
        photo_id=photo_id,
        plan_id=plan_id,
    )
    return text.encode()


_APPLICATION: Final = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<bf:baumfaellung.antrag.0100 xmlns:bf="urn:amtsbote:standard:baumfaellgenehmigung:1.0"
    produkt="Vorführportal" produkthersteller="Amtsbote" produktversion="1"
    standard="urn:amtsbote:standard:baumfaellgenehmigung" version="1.0">
  <nachrichtenkopf>
    <identifikation>
      <nachrichtenUUID>$message_id</nachrichtenUUID>
      <nachrichtentyp listURI="urn:amtsbote:codeliste:baumfaellgenehmigung.nachrichtentyp" listVersionID="1">
        <code>0100</code>
      </nachrichtentyp>
      <erstellungszeitpunkt>$moment</erstellungszeitpunkt>
    </identifikation>
    <leser>
      <verzeichnisdienst listVersionID="3"><code>DVDV</code></verzeichnisdienst>
      <kennung>gba:14511000</kennung>
      <name>Stadt Chemnitz, Grünflächenamt</name>
    </leser>
    <autor>
      <verzeichnisdienst listVersionID="3"><code>DVDV</code></verzeichnisdienst>
      <kennung>oba:02000000</kennung>
      <name>Freie und Hansestadt Hamburg, Vorführportal</name>
    </autor>
  </nachrichtenkopf>
  <antrag>
    <antragsdatum>$today</antragsdatum>
    <leistung><code>99093003001002</code></leistung>
    <antragsteller>
      <beteiligter>
        <person>
          <vornamen>Jördis Ağgül</vornamen>
          <familienname>Muster-Erdachtová</familienname>
        </person>
        <anschrift>
          <strasse>Musterstieg</strasse>
          <hausnummer>7 a</hausnummer>
          <postleitzahl>20095</postleitzahl>
          <ort>Hamburg</ort>
        </anschrift>
        <erreichbarkeit>
          <kanal><code>email</code></kanal>
          <email>joerdis@example.org</email>
        </erreichbarkeit>
      </beteiligter>
      <stellung><code>eigentum</code></stellung>
    </antragsteller>
    <grundstueck>
      <regionalschluessel>145110000000</regionalschluessel>
      <gemeinde>Chemnitz</gemeinde>
      <anschrift>
        <strasse>Kaßbergstraße</strasse>
        <hausnummer>31</hausnummer>
        <postleitzahl>09112</postleitzahl>
        <ort>Chemnitz</ort>
      </anschrift>
      <flurstueck>
        <gemarkung>Chemnitz</gemarkung>
        <nummer>2417/3</nummer>
      </flurstueck>
    </grundstueck>
    <faellungAb>$felling</faellungAb>
    <baum>
      <nummer>1</nummer>
      <standort>nordöstlich des Wohnhauses</standort>
      <art>
        <code listVersionID="2025-01"><code>quercus.robur</code></code>
        <bezeichnung>Stieleiche</bezeichnung>
      </art>
      <stammumfang>$girth</stammumfang>
      <hoehe>18.5</hoehe>
      <zustand><code>bruchgefaehrdet</code></zustand>
      <grund>
        <begruendung listURI="urn:amtsbote:codeliste:baumfaellgenehmigung.begruendung" listVersionID="1">
          <code>$reason</code>
        </begruendung>
        <erlaeuterung>Pilzbefall am Stammfuß; im Sturm ist schon ein starker Ast auf den Gehweg gefallen.</erlaeuterung>
      </grund>
    </baum>
    <anlage>
      <kennung>$photo_id</kennung>
      <art><code>foto</code></art>
      <bezeichnung>Foto der Stieleiche</bezeichnung>
      <baum>1</baum>
    </anlage>
    <anlage>
      <kennung>$plan_id</kennung>
      <art><code>lageplan</code></art>
      <bezeichnung>Lageplan</bezeichnung>
      <baum>1</baum>
    </anlage>
    <erklaerungen>
      <richtigkeit>true</richtigkeit>
      <datenschutz>true</datenschutz>
    </erklaerungen>
  </antrag>
</bf:baumfaellung.antrag.0100>
""")
