// A v2 portal, the software of an authority and a manager of destinations behind one line of JSON per question and per answer.
import { createInterface } from "node:readline";
import * as jose from "jose";
import { Authority } from "./authority.mjs";
import { checked } from "./eventlog.mjs";
import { Manager } from "./manager.mjs";
import { Portal } from "./portal.mjs";
import { Api, Refused } from "./wire.mjs";

// `as`: who asks, with address, credentials and keys. `check` reads one token as strictly as a log is read.
async function answered({ as, does, about }) {
  if (does === "check") {
    return checked(new Api(as), about.token, about.caseId);
  }
  const who = as.manages ? new Manager(as) : as.destinationId ? new Authority(as) : new Portal(as);
  if (typeof who[does] !== "function") throw new Error(does);
  return (await who[does](about)) ?? null;
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ answer: await answered(JSON.parse(line)) }));
  } catch (error) {
    const refused = error instanceof Refused || error instanceof jose.errors.JOSEError;
    console.log(JSON.stringify(refused ? { refused: error.message } : { failed: `${error.stack} ${error.cause?.stack ?? ""}` }));
  }
}
