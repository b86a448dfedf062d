<?xml version="1.0" encoding="UTF-8"?>
<!-- Hundesteueranmeldung 1.1: JSON → XML. Gelesen wird das Dokument, das für JSON steht (XPath Functions 3.1, 17.4.1). -->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:j="http://www.w3.org/2005/xpath-functions"
                xmlns:hs="urn:amtsbote:standard:hundesteueranmeldung:1.1"
                exclude-result-prefixes="j">
  <xsl:output method="xml" encoding="UTF-8"/>

  <!-- Der JSON-Form fehlt der Nachrichtenkopf; was darin steht, weiß der Bote von der Einreichung. -->
  <xsl:param name="message"/>
  <xsl:param name="submitted_at"/>
  <xsl:param name="authority"/>
  <xsl:param name="portal"/>

  <!-- Alle Namen in der Reihenfolge des XML-Schemas: JSON kennt keine. -->
  <xsl:variable name="reihenfolge" select="concat(
      ' antragsdatum leistung regionalschluessel halter hund lastschrift anlage bemerkung erklaerungen',
      ' person organisation anschrift email rufnummer titel vornamen familienname geburtsdatum name ansprechpartner',
      ' strasse hausnummer adresszusatz postleitzahl ort',
      ' nummer rufname rasse geschlecht wurfdatum wurfjahr schulterhoehe farbe kennzeichnung haltungsbeginn herkunft',
      ' befreiung ermaessigung grund nachweis chipnummer taetowierung kontoinhaber iban mandat',
      ' kennung art bezeichnung kreuzung richtigkeit datenschutz ')"/>

  <xsl:template match="/j:map">
    <hs:hundesteuer.anmeldung.0100 produkt="Amtsbote" produkthersteller="Amtsbote"
                                   standard="urn:amtsbote:standard:hundesteueranmeldung" version="1.1">
      <xsl:if test="j:boolean[@key = 'test']">
        <xsl:attribute name="test"><xsl:value-of select="j:boolean[@key = 'test']"/></xsl:attribute>
      </xsl:if>
      <nachrichtenkopf>
        <identifikation>
          <nachrichtenUUID><xsl:value-of select="$message"/></nachrichtenUUID>
          <nachrichtentyp listURI="urn:amtsbote:codeliste:hundesteueranmeldung.nachrichtentyp" listVersionID="1">
            <code>0100</code>
          </nachrichtentyp>
          <erstellungszeitpunkt><xsl:value-of select="$submitted_at"/></erstellungszeitpunkt>
        </identifikation>
        <leser>
          <xsl:call-template name="stelle"><xsl:with-param name="kennung" select="$authority"/></xsl:call-template>
        </leser>
        <autor>
          <xsl:call-template name="stelle"><xsl:with-param name="kennung" select="$portal"/></xsl:call-template>
        </autor>
      </nachrichtenkopf>
      <anmeldung>
        <xsl:call-template name="inhalt"/>
      </anmeldung>
    </hs:hundesteuer.anmeldung.0100>
  </xsl:template>

  <!-- Kennungen des Boten stehen in keinem der großen Verzeichnisse. -->
  <xsl:template name="stelle">
    <xsl:param name="kennung"/>
    <verzeichnisdienst listVersionID="3"><code>sonstige</code></verzeichnisdienst>
    <kennung><xsl:value-of select="$kennung"/></kennung>
    <name><xsl:value-of select="$kennung"/></name>
  </xsl:template>

  <xsl:template name="inhalt">
    <xsl:apply-templates select="*[@key != 'test']">
      <xsl:sort data-type="number" select="string-length(substring-before($reihenfolge, concat(' ', @key, ' ')))"/>
    </xsl:apply-templates>
  </xsl:template>

  <xsl:template match="j:map">
    <xsl:element name="{@key}"><xsl:call-template name="inhalt"/></xsl:element>
  </xsl:template>

  <xsl:template match="j:array">
    <xsl:variable name="name" select="@key"/>
    <xsl:for-each select="j:map">
      <xsl:element name="{$name}"><xsl:call-template name="inhalt"/></xsl:element>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="j:string|j:number|j:boolean">
    <xsl:element name="{@key}"><xsl:value-of select="."/></xsl:element>
  </xsl:template>

  <xsl:template match="j:string[contains(' leistung geschlecht herkunft grund art ', concat(' ', @key, ' '))]">
    <xsl:element name="{@key}"><code><xsl:value-of select="."/></code></xsl:element>
  </xsl:template>
</xsl:stylesheet>
