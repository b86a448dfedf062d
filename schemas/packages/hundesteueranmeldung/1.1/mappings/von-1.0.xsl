<?xml version="1.0" encoding="UTF-8"?>
<!-- Hundesteueranmeldung 1.0 → 1.1. Was hier nicht genannt ist, bleibt, wie es ist. -->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:alt="urn:amtsbote:standard:hundesteueranmeldung:1.0"
                xmlns:hs="urn:amtsbote:standard:hundesteueranmeldung:1.1"
                exclude-result-prefixes="alt">
  <xsl:output method="xml" encoding="UTF-8"/>

  <xsl:template match="/alt:hundesteuer.anmeldung.0100">
    <hs:hundesteuer.anmeldung.0100>
      <xsl:apply-templates select="@*"/>
      <xsl:attribute name="version">1.1</xsl:attribute>
      <xsl:apply-templates select="node()"/>
    </hs:hundesteuer.anmeldung.0100>
  </xsl:template>

  <!-- Elemente ohne Namensraum werden neu gebildet: xsl:copy nähme die Namensräume der alten Version mit. -->
  <xsl:template match="*">
    <xsl:element name="{local-name()}">
      <xsl:apply-templates select="@*|node()"/>
    </xsl:element>
  </xsl:template>

  <xsl:template match="@*|text()">
    <xsl:copy/>
  </xsl:template>

  <xsl:template match="hund/rasse">
    <rasse>
      <bezeichnung><xsl:value-of select="normalize-space(.)"/></bezeichnung>
    </rasse>
  </xsl:template>

  <!-- Codeliste Version 2: die Schlüssel sind ausgeschrieben. -->
  <xsl:template match="hund/geschlecht/@listVersionID">
    <xsl:attribute name="listVersionID">2</xsl:attribute>
  </xsl:template>

  <xsl:template match="hund/geschlecht/code">
    <code>
      <xsl:choose>
        <xsl:when test="normalize-space(.) = 'm'">maennlich</xsl:when>
        <xsl:otherwise>weiblich</xsl:otherwise>
      </xsl:choose>
    </code>
  </xsl:template>

  <xsl:template match="hund/chipnummer">
    <kennzeichnung>
      <chipnummer><xsl:value-of select="normalize-space(.)"/></chipnummer>
    </kennzeichnung>
  </xsl:template>

  <xsl:template match="hund/verguenstigung">
    <xsl:variable name="grund" select="normalize-space(grund/code)"/>
    <xsl:choose>
      <xsl:when test="$grund = 'blindenhund' or $grund = 'assistenzhund' or $grund = 'rettungshund'">
        <befreiung><xsl:apply-templates select="*"/></befreiung>
      </xsl:when>
      <xsl:otherwise>
        <ermaessigung><xsl:apply-templates select="*"/></ermaessigung>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Die Liste der Gründe heißt in 1.1 anders; ihre Kennung darf entfallen. -->
  <xsl:template match="verguenstigung/grund/@*"/>
</xsl:stylesheet>
