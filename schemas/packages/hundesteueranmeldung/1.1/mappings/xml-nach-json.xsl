<?xml version="1.0" encoding="UTF-8"?>
<!-- Hundesteueranmeldung 1.1: XML → JSON, als Dokument, das für JSON steht (XPath Functions 3.1, 17.4.1).
     Der Nachrichtenkopf entfällt: Die JSON-Form hat keinen. -->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:j="http://www.w3.org/2005/xpath-functions"
                xmlns:hs="urn:amtsbote:standard:hundesteueranmeldung:1.1"
                exclude-result-prefixes="hs">
  <xsl:output method="xml" encoding="UTF-8"/>

  <xsl:template match="/hs:hundesteuer.anmeldung.0100" priority="1">
    <j:map>
      <xsl:apply-templates select="anmeldung/*[not(self::hund or self::anlage)]"/>
      <xsl:call-template name="liste"><xsl:with-param name="von" select="anmeldung/hund"/></xsl:call-template>
      <xsl:call-template name="liste"><xsl:with-param name="von" select="anmeldung/anlage"/></xsl:call-template>
      <xsl:apply-templates select="@test"/>
    </j:map>
  </xsl:template>

  <xsl:template name="liste">
    <xsl:param name="von"/>
    <xsl:if test="$von">
      <j:array key="{local-name($von)}">
        <xsl:for-each select="$von">
          <j:map><xsl:apply-templates select="*"/></j:map>
        </xsl:for-each>
      </j:array>
    </xsl:if>
  </xsl:template>

  <xsl:template match="*[*[not(self::code)]]">
    <j:map key="{local-name()}"><xsl:apply-templates select="*"/></j:map>
  </xsl:template>

  <xsl:template match="*[code]">
    <j:string key="{local-name()}"><xsl:value-of select="normalize-space(code)"/></j:string>
  </xsl:template>

  <xsl:template match="*">
    <j:string key="{local-name()}"><xsl:value-of select="normalize-space(.)"/></j:string>
  </xsl:template>

  <!-- Der Tag, wie er dasteht: Eine Zeitzone dahinter hat in JSON keinen Platz. -->
  <xsl:template match="antragsdatum|geburtsdatum|wurfdatum|haltungsbeginn">
    <j:string key="{local-name()}"><xsl:value-of select="substring(normalize-space(.), 1, 10)"/></j:string>
  </xsl:template>

  <!-- In XML dürfen Zahlen mit einem Plus und mit Nullen beginnen. -->
  <xsl:template match="nummer|wurfjahr|schulterhoehe">
    <j:number key="{local-name()}"><xsl:value-of select="number(translate(., '+', ''))"/></j:number>
  </xsl:template>

  <xsl:template match="kreuzung|mandat|richtigkeit|datenschutz|@test">
    <j:boolean key="{local-name()}"><xsl:value-of select="normalize-space(.)"/></j:boolean>
  </xsl:template>
</xsl:stylesheet>
