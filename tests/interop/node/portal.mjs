// A portal: asks who is responsible, checks the answer and the key, sends, reads the event log, takes replies.
import * as jose from "jose";
import { X509Certificate } from "node:crypto";
import { certified } from "./certificates.mjs";
import { eventLog, keyOf } from "./eventlog.mjs";
import { fetched, message, REPLY, send, SUBMISSION, waiting } from "./messages.mjs";
import { bytes, equal, hash, signatureOver, signerOf } from "./parts.mjs";
import { Api, open, Refused } from "./wire.mjs";

const LEIKA = "urn:de:fim:leika:leistung:";
const ANSWER = { schemaUri: "urn:amtsbote:standard:antwort:1.0", mimeType: "application/json" };

export class Portal {
  constructor(settings) {
    this.api = new Api(settings);
    this.root = settings.root && new X509Certificate(settings.root);
  }

  // The destination of the authority competent for a service (14 digits) in a region (12 digits).
  async responsible({ service, ars }) {
    const { routes } = await open(`${this.api.base}/routing-api/v2/routes?leikaKey=${service}&ars=${ars}`);
    if (routes.length !== 1) throw new Refused(`${routes.length} routes`);
    await this.#checkSignature(routes[0], service, ars);
    return routes[0].destinationId;
  }

  // `destinationSignature`: PS512 by the router's published key, over this destination, service, region and host.
  async #checkSignature({ destinationId, destinationSignature }, service, ars) {
    const claimed = jose.decodeJwt(destinationSignature);
    if (claimed.iss !== `${this.api.base}/routing-api`) throw new Refused("signed by another router");
    const { keys } = await open(`${claimed.iss}/.well-known/jwks.json`);
    const { payload } = await jose.compactVerify(destinationSignature, jose.createLocalJWKSet({ keys }), {
      algorithms: ["PS512"],
    });
    const claims = JSON.parse(new TextDecoder().decode(payload));
    equal(claims.destinationId, destinationId, "the signature is about another destination");
    equal(claims.submissionHost, new URL(this.api.base).host, "the signature is about another host");
    const within = claims.services.some(
      ({ gebietIDs, leistungIDs }) =>
        leistungIDs.includes(LEIKA + service) &&
        gebietIDs.some((region) => ars.startsWith(region.split(":").at(-1).replace(/0+$/, ""))),
    );
    if (!within) throw new Refused("the signature does not cover service and region");
  }

  // The key to encrypt to. The destination, the list of its keys and the key itself have to agree which one that is.
  async encryptionKey(destinationId) {
    const { encryptionKid } = await this.api.json("GET", `/destinations/${destinationId}`);
    const place = `/v2/destinations/${destinationId}/keys`;
    const key = await open(`${this.api.service}${place}/${encryptionKid}`);
    equal([key.kid, key.alg, key.key_ops], [encryptionKid, "RSA-OAEP-256", ["wrapKey"]], "not an encryption key");
    for (const service of [this.api.service, `${this.api.base}/destination-api`]) {
      const { keys } = await open(`${service}${place}`);
      equal(keys[0], key, "the first of the keys is another one");
    }
    return certified(key, this.root);
  }

  // `about`: destinationId, service, region, schema, mimeType, data, attachments, and if wished caseId, signingKey,
  // replyKey, callback. Contents are base64url.
  async send(about) {
    const ready = message(about);
    await this.#checkOffer(ready);
    const key = await this.encryptionKey(ready.destinationId);
    if (ready.signingKey) ready.signature = await signatureOver(ready.data, ready.signingKey);
    if (ready.replyKey) ready.replyChannel = await this.#replyChannel(ready);
    const { destinationId, service, region, caseId, callback } = ready;
    const announcement = {
      destinationId,
      publicService: { identifier: LEIKA + service, name: "Baumfällgenehmigung" },
      region,
      ...(caseId && { caseId }),
      ...(callback && { callback }),
    };
    const sent = await send(this.api, SUBMISSION, announcement, ready, key);
    equal(sent.destinationId, destinationId, "announced at another destination");
    return sent;
  }

  // How the destination may answer: with a public key for the parts of replies (metadata 2.1.0), if it offers that.
  async #replyChannel({ destinationId, replyKey }) {
    const { replyChannels } = await this.api.json("GET", `/destinations/${destinationId}`);
    if (!replyChannels.fitConnect) throw new Refused("the destination does not reply over FIT-Connect");
    const { kty, kid, n, e } = replyKey;
    const encryptionPublicKey = { kty, key_ops: ["wrapKey"], alg: "RSA-OAEP-256", kid, n, e };
    return { fitConnect: { processStandards: replyChannels.fitConnect.processStandards, encryptionPublicKey } };
  }

  async #checkOffer({ destinationId, service, schema, mimeType }) {
    const { status, publicServices } = await this.api.json("GET", `/destinations/${destinationId}`);
    if (status !== "active") throw new Refused(`the destination is ${status}`);
    const offered = publicServices.find(({ identifier }) => identifier === LEIKA + service);
    const schemas = offered?.submissionSchemas ?? [];
    if (!schemas.some((each) => each.schemaUri === schema && each.mimeType === mimeType)) {
      throw new Refused("the destination does not take this");
    }
  }

  // Replies that wait for this portal, and one of them, opened with the private half of the key it gave.
  async replies() {
    return waiting(this.api, REPLY);
  }

  // `signedBy`: id of the destination's key that has signed the data; null when nobody has. `answer`: the answer
  // document, when the data is one.
  async fetchReply({ replyId, decryptionKey }) {
    const { signature, ...reply } = await fetched(this.api, REPLY, replyId, decryptionKey);
    const key = (kid) => this.#signatureKey(reply.destinationId, kid);
    const signedBy = signature ? await signerOf(bytes(reply.data), signature, key) : null;
    return { ...reply, signedBy, answer: await this.#answer(reply) };
  }

  async #signatureKey(destinationId, kid) {
    const key = await keyOf(this.api, destinationId, kid);
    equal([key.kid, key.alg, key.key_ops], [kid, "PS512", ["verify"]], "not a signature key");
    return certified(key, this.root);
  }

  // Whoever signed it signed what it answers and its documents, too.
  async #answer({ caseId, schema, data, attachments }) {
    if (schema.schemaUri !== ANSWER.schemaUri) return null;
    equal(schema, ANSWER, "an answer in another form");
    const answer = JSON.parse(new TextDecoder().decode(bytes(data)));
    const { submissionIds, replyIds } = await this.api.json("GET", `/cases/${caseId}`);
    if (![...submissionIds, ...replyIds].includes(answer.answers)) throw new Refused("an answer to another case");
    const named = answer.documents.map(({ attachmentId, sha512 }) => [attachmentId, sha512]);
    const sent = attachments.map(({ id, content }) => [id, hash(bytes(content)).content]);
    equal(named, sent, "the answer is about other documents");
    return answer;
  }

  async acceptReply({ replyId }) {
    await this.api.call("PUT", `/replies/${replyId}/accept`, { status: 204 });
  }

  async rejectReply({ replyId, problems }) {
    const body = JSON.stringify({ problems });
    await this.api.call("PUT", `/replies/${replyId}/reject`, { status: 204, body, type: "application/json" });
  }

  // An answer to an answer: encrypted to the destination, like a submission.
  async reply(about) {
    const ready = message(about);
    if (ready.signingKey) ready.signature = await signatureOver(ready.data, ready.signingKey);
    if (ready.replyKey) ready.replyChannel = await this.#replyChannel(ready);
    const key = await this.encryptionKey(ready.destinationId);
    return send(this.api, REPLY, { caseId: ready.caseId }, ready, key);
  }

  async log({ caseId }) {
    return eventLog(this.api, caseId);
  }
}
