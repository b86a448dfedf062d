// A receiver of callbacks, as its documentation asks for one: HTTPS, HMAC over the raw bytes, nothing older than five
// minutes. Behind one line of JSON per question and per answer; `ahead` are the seconds its clock is fast.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:https";
import { createInterface } from "node:readline";

const OLDEST = 5 * 60;
const taken = [];
const refused = [];

// Why a call is not from the service; empty when it is.
function suspicion(headers, body, { secret, ahead = 0 }) {
  const { "callback-authentication": authentication = "", "callback-timestamp": timestamp = "" } = headers;
  if (!/^\d+$/.test(timestamp)) return "no timestamp";
  if (Math.abs(Date.now() / 1000 + ahead - Number(timestamp)) > OLDEST) return "not of now";
  const expected = createHmac("sha512", secret).update(`${timestamp}.`).update(body).digest("hex");
  const same = authentication.length === expected.length;
  return same && timingSafeEqual(Buffer.from(authentication), Buffer.from(expected)) ? "" : "another signature";
}

function listen({ key, cert, ...settings }) {
  const server = createServer({ key, cert }, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const why = request.method === "POST" ? suspicion(request.headers, body, settings) : request.method;
    const call = { headers: request.headers, body: body.toString() };
    if (why) refused.push({ why, ...call });
    else taken.push({ ...call, content: JSON.parse(body) });
    response.writeHead(why ? 403 : 200).end();
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
}

const answers = { listen, received: () => ({ taken, refused }) };

for await (const line of createInterface({ input: process.stdin })) {
  const { does, ...about } = JSON.parse(line);
  console.log(JSON.stringify({ answer: await answers[does](about) }));
}
process.exit();
