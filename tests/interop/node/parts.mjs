// Parts of a submission or reply: encryption, hashes, authentication tags, and the checks before anything is accepted.
import * as jose from "jose";
import { createHash, randomUUID } from "node:crypto";
import { Refused } from "./wire.mjs";

export const METADATA = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json";

export const bytes = (text) => jose.base64url.decode(text);
export const text = (raw) => jose.base64url.encode(raw);
export const hash = (content) => ({ type: "sha512", content: createHash("sha512").update(content).digest("hex") });
export const tagOf = (token) => token.split(".")[4];

// Web Cryptography knows "wrapKey" as wrapping of its own keys only; programs for FIT-Connect leave it to the algorithm.
export async function forOaep({ key_ops, use, ...key }) {
  return jose.importJWK(key, "RSA-OAEP-256");
}

export async function sealed(content, contentType, key) {
  const header = { alg: "RSA-OAEP-256", enc: "A256GCM", kid: key.kid, cty: contentType };
  return new jose.CompactEncrypt(content).setProtectedHeader(header).encrypt(await forOaep(key));
}

// What is uploaded of an attachment, by id: the whole under its own, or fragments of `fragmentSize` bytes.
export function piecesOf({ id, content, fragmentSize }) {
  if (!fragmentSize) return { [id]: content };
  const pieces = {};
  for (let start = 0; start < content.length; start += fragmentSize) {
    pieces[randomUUID()] = content.subarray(start, start + fragmentSize);
  }
  return pieces;
}

// Metadata, data and attachments, each its own JWE. `attachments`: [{ id, name, mimeType, content, pieces }].
export async function sealedAll(message, key) {
  const attachments = {};
  for (const { mimeType, pieces } of message.attachments) {
    for (const [id, piece] of Object.entries(pieces)) attachments[id] = await sealed(piece, mimeType, key);
  }
  return {
    metadata: await sealed(new TextEncoder().encode(JSON.stringify(metadataOf(message))), "application/json", key),
    data: await sealed(message.data, message.mimeType, key),
    attachments,
  };
}

function metadataOf({ data, mimeType, schema, signature, attachments, replyChannel }) {
  return {
    $schema: METADATA,
    contentStructure: {
      data: { hash: hash(data), submissionSchema: { schemaUri: schema, mimeType }, ...(signature && { signature }) },
      attachments: attachments.map(({ id, name, mimeType, content, pieces, fragmentSize }) => ({
        attachmentId: id,
        ...(fragmentSize && { fragments: Object.keys(pieces) }),
        purpose: "attachment",
        filename: name,
        mimeType,
        hash: hash(content),
      })),
    },
    ...(replyChannel && { replyChannel }),
  };
}

// What this broker reads and writes in `contentStructure.data.signature`: a detached JWS (RFC 7515, appendix F).
export async function signatureOver(data, key) {
  const signer = new jose.CompactSign(data).setProtectedHeader({ alg: "PS512", kid: key.kid });
  const [header, , signature] = (await signer.sign(await jose.importJWK(key, "PS512"))).split(".");
  return { signatureFormat: "json", detachedSignature: true, content: text(Buffer.from(`${header}..${signature}`)) };
}

// The id of the key that has signed the data; `keyOf` finds a key that is trusted, by its id.
export async function signerOf(data, { signatureFormat, detachedSignature, content }, keyOf) {
  const token = Buffer.from(bytes(content)).toString("ascii");
  const [header, nothing, signature] = token.split(".");
  if (signatureFormat !== "json" || !detachedSignature || nothing !== "") throw new Refused("not a detached signature");
  const { kid } = jose.decodeProtectedHeader(token);
  const key = await jose.importJWK(await keyOf(kid), "PS512");
  await jose.compactVerify(`${header}.${text(data)}.${signature}`, key, { algorithms: ["PS512"] });
  return kid;
}

export function tagsOf({ metadata, data, attachments }) {
  const tags = Object.entries(attachments).map(([id, token]) => [id, tagOf(token)]);
  return { metadata: tagOf(metadata), data: tagOf(data), attachments: Object.fromEntries(tags) };
}

// Everything a receiver must check: tags, key, decryption, schema, hashes, that the attachments are the announced ones.
export async function opened(parts, announced, tags, key) {
  equal(tagsOf(parts), tags, "the tags are not those of the submit event");
  const { $schema, contentStructure, replyChannel } = JSON.parse(await decrypted(parts.metadata, key));
  if ($schema !== METADATA) throw new Refused("metadata of another version");
  const listed = contentStructure.attachments.flatMap(idsOf);
  equal(listed.sort(), [...announced].sort(), "the attachments are not the announced ones");
  const data = await decrypted(parts.data, key);
  equal(contentStructure.data.hash, hash(data), "the data has another hash");
  const attachments = [];
  for (const each of contentStructure.attachments) {
    const pieces = [];
    for (const id of idsOf(each)) pieces.push(await decrypted(parts.attachments[id], key));
    const content = Buffer.concat(pieces);
    equal(each.hash, hash(content), `attachment ${each.attachmentId} has another hash`);
    attachments.push({ id: each.attachmentId, name: each.filename, mimeType: each.mimeType, content });
  }
  const { submissionSchema: schema, signature } = contentStructure.data;
  return { data, schema, signature, attachments, replyChannel };
}

const idsOf = ({ attachmentId, fragments }) => fragments ?? [attachmentId];

async function decrypted(token, key) {
  if (jose.decodeProtectedHeader(token).kid !== key.kid) throw new Refused("encrypted to another key");
  const algorithms = { keyManagementAlgorithms: ["RSA-OAEP-256"], contentEncryptionAlgorithms: ["A256GCM"] };
  const { plaintext } = await jose.compactDecrypt(token, await forOaep(key), algorithms);
  return Buffer.from(plaintext);
}

export function equal(found, expected, what) {
  const sorted = (value) => JSON.stringify(value, (_, each) => (isMap(each) ? ordered(each) : each));
  if (sorted(found) !== sorted(expected)) throw new Refused(what);
}

const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const ordered = (map) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
