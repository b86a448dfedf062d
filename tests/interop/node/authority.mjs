// The software of an authority behind an end-to-end destination: lists, fetches, decrypts, checks, answers, replies.
import { eventLog, written } from "./eventlog.mjs";
import { fetched, message, REPLY, send, SUBMISSION, waiting } from "./messages.mjs";
import { signatureOver } from "./parts.mjs";
import { Api } from "./wire.mjs";

export class Authority {
  // `decryptionKey` and `signingKey`: private JWKs of the destination, each with its `kid`.
  constructor({ destinationId, decryptionKey, signingKey, ...settings }) {
    this.api = new Api(settings);
    this.destinationId = destinationId;
    this.keys = { decryptionKey, signingKey };
  }

  async waiting() {
    return waiting(this.api, SUBMISSION, `?destinationId=${this.destinationId}`);
  }

  async fetch({ submissionId }) {
    return fetched(this.api, SUBMISSION, submissionId, this.keys.decryptionKey);
  }

  async accept({ submissionId, caseId, tags }) {
    await this.#write("accept-submission", `submission:${submissionId}`, caseId, { authenticationTags: tags });
  }

  async reject({ submissionId, caseId, problems }) {
    await this.#write("reject-submission", `submission:${submissionId}`, caseId, { problems });
  }

  // `replyKey`: the public key from the metadata of the submission or reply that is answered.
  async reply({ replyKey, ...about }) {
    const ready = message(about);
    ready.signature = await signatureOver(ready.data, this.keys.signingKey);
    return send(this.api, REPLY, { caseId: about.caseId }, ready, replyKey);
  }

  async replies() {
    return waiting(this.api, REPLY, `?destinationId=${this.destinationId}`);
  }

  async fetchReply({ replyId }) {
    return fetched(this.api, REPLY, replyId, this.keys.decryptionKey);
  }

  async acceptReply({ replyId, caseId, tags }) {
    await this.#write("accept-reply", `reply:${replyId}`, caseId, { authenticationTags: tags });
  }

  async rejectReply({ replyId, caseId, problems }) {
    await this.#write("reject-reply", `reply:${replyId}`, caseId, { problems });
  }

  async log({ caseId }) {
    return eventLog(this.api, caseId);
  }

  async #write(name, subject, caseId, body) {
    const { signingKey: key } = this.keys;
    const token = await written(name, { issuer: this.destinationId, subject, caseId, body, key });
    await this.api.jose("POST", `/cases/${caseId}/events`, token);
  }
}
