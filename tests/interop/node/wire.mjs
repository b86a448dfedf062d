// The HTTP of a FIT-Connect client, v2: addresses, token, documented answers. Node 20 alone.

export class Refused extends Error {}

export class Api {
  #token;

  constructor({ base, client, secret }, service = "submission-api") {
    this.base = base;
    this.service = `${base}/${service}`;
    this.credentials = { client_id: client, client_secret: secret };
  }

  // A call of the service as this client; anything but the documented status is an error.
  async call(method, path, { status = 200, body, type } = {}) {
    const headers = { Authorization: `Bearer ${await this.#bearer()}`, "User-Agent": "node-peer/1.0" };
    if (type) headers["Content-Type"] = type;
    const answer = await fetch(`${this.service}/v2${path}`, { method, headers, body, redirect: "error" });
    if (answer.status !== status) throw new Refused(await problemOf(answer));
    return answer;
  }

  async json(method, path, body, status = 200) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), type: "application/json" };
    return (await this.call(method, path, { status, ...sent })).json();
  }

  async jose(method, path, token) {
    await this.call(method, path, { status: 204, body: token, type: "application/jose" });
  }

  // All pages of a list, each of `limit` entries, by the member that holds them.
  async all(path, member, limit = 100) {
    const found = [];
    for (;;) {
      const mark = path.includes("?") ? "&" : "?";
      const page = await this.json("GET", `${path}${mark}offset=${found.length}&limit=${limit}`);
      if (page.offset !== found.length || page.count !== page[member].length) throw new Refused("a page counts wrongly");
      found.push(...page[member]);
      if (found.length >= page.totalCount || page.count === 0) return found;
    }
  }

  async #bearer() {
    if (!this.#token) {
      const form = new URLSearchParams({ grant_type: "client_credentials", ...this.credentials });
      const answer = await fetch(`${this.base}/auth/token`, { method: "POST", body: form });
      const body = await answer.json();
      if (answer.status !== 200) throw new Refused(`token: ${body.error}`);
      if (body.token_type !== "Bearer" || body.expires_in > 1800) throw new Refused("not the documented token answer");
      this.#token = body.access_token;
    }
    return this.#token;
  }
}

// What needs no token: keys and routes.
export async function open(url) {
  const answer = await fetch(url, { redirect: "error" });
  if (answer.status !== 200) throw new Refused(await problemOf(answer));
  return answer.json();
}

async function problemOf(answer) {
  const type = answer.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) return `${answer.status} without a problem: ${type}`;
  const problem = await answer.json();
  const lacking = ["type", "title", "status", "detail"].filter((name) => !(name in problem));
  if (lacking.length || problem.status !== answer.status) return `${answer.status} with a problem that lacks ${lacking}`;
  return `${answer.status} ${problem.type.split("/").at(-1)}: ${problem.detail}`;
}
