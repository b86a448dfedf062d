// What is the same for submissions and replies, whoever sends: upload, list, fetch with every check.
import { eventLog } from "./eventlog.mjs";
import { bytes, equal, opened, piecesOf, sealedAll, tagsOf, text } from "./parts.mjs";
import { Refused } from "./wire.mjs";

export const SUBMISSION = { path: "/submissions", id: "submissionId", list: "submissions", about: "submission" };
export const REPLY = { path: "/replies", id: "replyId", list: "replies", about: "reply" };

// Contents of a message as they were asked for, decoded.
export function message(about) {
  const contents = about.attachments.map((each) => ({ ...each, content: bytes(each.content) }));
  const attachments = contents.map((each) => ({ ...each, pieces: piecesOf(each) }));
  return { ...about, data: bytes(about.data), attachments };
}

// Announce with `announcement`, then encrypt every part to `key`, attach and submit.
export async function send(api, kind, announcement, message, key) {
  const announcedAttachments = message.attachments.flatMap(({ pieces }) => Object.keys(pieces));
  const created = await api.json("POST", kind.path, { ...announcement, announcedAttachments }, 201);
  const parts = await sealedAll(message, key);
  for (const [id, token] of Object.entries(parts.attachments)) {
    await api.jose("PUT", `${kind.path}/${created[kind.id]}/attachments/${id}`, token);
  }
  const body = { encryptedMetadata: parts.metadata, encryptedData: parts.data };
  const answer = await api.json("PUT", `${kind.path}/${created[kind.id]}`, body);
  equal(answer[kind.id], created[kind.id], "the last answer is about another message");
  return { ...created, tags: tagsOf(parts) };
}

export async function waiting(api, kind, query = "") {
  return api.all(kind.path + query, kind.list, 2);
}

// The plaintexts, after every check; `tags` are what an accept event repeats.
export async function fetched(api, kind, id, key) {
  const found = await api.json("GET", `${kind.path}/${id}`);
  const parts = { metadata: found.encryptedMetadata, data: found.encryptedData, attachments: {} };
  for (const attachment of found.attachments) {
    const answer = await api.call("GET", `${kind.path}/${id}/attachments/${attachment}`);
    parts.attachments[attachment] = await answer.text();
  }
  const tags = await submittedTags(api, kind, found.caseId, id);
  const { data, attachments, ...more } = await opened(parts, found.attachments, tags, key);
  return {
    ...more,
    caseId: found.caseId,
    destinationId: found.destinationId,
    service: found.publicService?.identifier,
    tags: tagsOf(parts),
    data: text(data),
    attachments: attachments.map((each) => ({ ...each, content: text(each.content) })),
  };
}

async function submittedTags(api, kind, caseId, id) {
  const log = await eventLog(api, caseId);
  const submits = log.filter(({ name, about }) => name === `submit-${kind.about}` && about === id);
  if (submits.length !== 1) throw new Refused("not exactly one submit event");
  if (submits[0].issuer !== api.service) throw new Refused("a submit event that is not the service's");
  return submits[0].body.authenticationTags;
}
