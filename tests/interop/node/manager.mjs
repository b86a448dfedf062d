// A subscriber that sets up its own destinations: Destination API, v2.
import { setTimeout } from "node:timers/promises";
import { Api, open, Refused } from "./wire.mjs";

export class Manager {
  constructor(settings) {
    this.api = new Api(settings, "destination-api");
  }

  async create(description) {
    const made = await this.api.json("POST", "/destinations", description, 201);
    return this.#everywhere(made.destinationId, made);
  }

  // `key`: a public JWK with its certificates in `x5c`.
  async register({ destinationId, key }) {
    return this.#everywhere(destinationId, await this.api.json("POST", `/destinations/${destinationId}/keys`, key, 201));
  }

  // Members by name: status, encryptionKid, callback and what else describes a destination.
  async change({ destinationId, ...members }) {
    return this.#everywhere(destinationId, await this.api.json("PATCH", `/destinations/${destinationId}`, members));
  }

  async list() {
    return this.api.all("/destinations", "destinations", 2);
  }

  // Needs no token; first the one to encrypt to.
  async keys({ destinationId }) {
    return (await open(`${this.api.service}/v2/destinations/${destinationId}/keys`)).keys;
  }

  async close({ destinationId }) {
    return this.api.json("DELETE", `/destinations/${destinationId}`);
  }

  // The answer, when the change holds wherever requests go: other nodes know it a moment later.
  async #everywhere(destinationId, answer) {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if ((await this.#seen(destinationId)) === (await this.#seen(destinationId))) return answer;
      await setTimeout(50);
    }
    throw new Refused("the nodes do not agree");
  }

  async #seen(destinationId) {
    const shown = this.api.json("GET", `/destinations/${destinationId}`);
    return shown.then(JSON.stringify, (error) => String(error));
  }
}
