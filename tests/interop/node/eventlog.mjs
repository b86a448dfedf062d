// Security Event Tokens, read as strictly as a FIT-Connect client must and written as a destination or portal does.
import * as jose from "jose";
import { randomUUID } from "node:crypto";
import { open, Refused } from "./wire.mjs";

const EVENTS = "https://schema.fitko.de/fit-connect/events/";
const SCHEMA = "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json";
const SCHEMAS = /^https:\/\/schema\.fitko\.de\/fit-connect\/set-payload\/1\.\d+\.\d+\/set-payload\.schema\.json$/;
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const NAMES = ["create", "submit", "notify", "forward", "accept", "reject", "delete"].flatMap((verb) => [
  `${verb}-submission`,
  `${verb}-reply`,
]);
const EARLIEST = 1577833200;

function must(holds, what) {
  if (!holds) throw new Refused(what);
}

const matches = (pattern, value) => typeof value === "string" && new RegExp(`^${pattern}$`).test(value);

// All entries of a case, each checked: form, exactly one event, key by its issuer, signature.
export async function eventLog(api, caseId) {
  const tokens = await api.all(`/cases/${caseId}/events`, "eventLog", 2);
  const events = [];
  for (const token of tokens) events.push(await checked(api, token, caseId));
  return events;
}

export async function checked(api, token, caseId) {
  const header = jose.decodeProtectedHeader(token);
  must(header.typ === "secevent+jwt", "typ is not secevent+jwt");
  must(header.alg === "PS512", "alg is not PS512");
  must(typeof header.kid === "string" && header.kid.length >= 8, "kid is missing");
  const claims = jose.decodeJwt(token);
  const event = wellFormed(claims, caseId);
  const key = await jose.importJWK(await keyOf(api, claims.iss, header.kid), "PS512");
  await jose.compactVerify(token, key, { algorithms: ["PS512"] });
  return event;
}

function wellFormed(claims, caseId) {
  const lacking = ["jti", "iss", "iat", "sub", "txn", "events"].filter((name) => !(name in claims));
  must(lacking.length === 0, `claims are missing: ${lacking}`);
  must(matches(UUID, claims.jti), "jti is not a UUID");
  must(Number.isInteger(claims.iat) && claims.iat >= EARLIEST, "iat is not a time");
  must(matches(`(submission|reply):${UUID}`, claims.sub), "sub is not a submission or reply");
  must(claims.txn === `case:${caseId}`, "txn is not the case");
  must(!("$schema" in claims) || SCHEMAS.test(claims.$schema), "$schema is not known");
  const [uri, ...more] = Object.keys(claims.events);
  must(uri !== undefined && more.length === 0, "not exactly one event");
  const name = uri.startsWith(EVENTS) ? uri.slice(EVENTS.length) : "";
  must(NAMES.includes(name), `an unknown event: ${uri}`);
  const [about, id] = claims.sub.split(":");
  must(name.endsWith(`-${about}`), "the event is not about its subject");
  return { name, about: id, issuer: claims.iss, at: claims.iat, body: claims.events[uri] };
}

// Of the service from its jwks.json, of a destination from its keys.
export async function keyOf(api, issuer, kid) {
  if (!issuer.startsWith("http")) return open(`${api.service}/v2/destinations/${issuer}/keys/${kid}`);
  must(issuer === api.service, "the issuer is another service");
  const { keys } = await open(`${issuer}/.well-known/jwks.json`);
  const found = keys.find((key) => key.kid === kid);
  must(found !== undefined, "the service does not publish this key");
  return found;
}

export async function written(name, { issuer, subject, caseId, body, key }) {
  const claims = {
    $schema: SCHEMA,
    jti: randomUUID(),
    iss: issuer,
    iat: Math.floor(Date.now() / 1000),
    sub: subject,
    txn: `case:${caseId}`,
    events: { [EVENTS + name]: body },
  };
  const header = { typ: "secevent+jwt", alg: "PS512", kid: key.kid };
  const signer = await jose.importJWK(key, "PS512");
  return new jose.CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(signer);
}
