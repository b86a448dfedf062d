// The npm package jose behind one line of JSON per question and per answer.
import * as jose from "jose";
import { createInterface } from "node:readline";

const bytes = (text) => jose.base64url.decode(text);
const text = (raw) => jose.base64url.encode(raw);

function attached(token, content) {
  const [header, , signature] = token.split(".");
  return `${header}.${content}.${signature}`;
}

function detached(token) {
  const [header, , signature] = token.split(".");
  return `${header}..${signature}`;
}

// Web Cryptography knows "wrapKey" as wrapping of its own keys only; programs for FIT-Connect leave it to the algorithm.
function forOaep({ key_ops, ...key }) {
  return key;
}

const answers = {
  async decrypt({ token, key }) {
    const { plaintext } = await jose.compactDecrypt(token, forOaep(key));
    return text(plaintext);
  },
  async encrypt({ content, header, key }) {
    return new jose.CompactEncrypt(bytes(content)).setProtectedHeader(header).encrypt(forOaep(key));
  },
  async verify({ token, key }) {
    const { payload } = await jose.compactVerify(token, key, { algorithms: ["PS512"] });
    return text(payload);
  },
  async verifyDetached({ token, content, key }) {
    return answers.verify({ token: attached(token, content), key });
  },
  async sign({ content, header, key }) {
    return new jose.CompactSign(bytes(content)).setProtectedHeader(header).sign(key);
  },
  async signDetached(ask) {
    return detached(await answers.sign(ask));
  },
  async thumbprint({ key }) {
    return jose.calculateJwkThumbprint(key);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: await answers[ask.does](ask) }));
  } catch (error) {
    const refused = error instanceof jose.errors.JOSEError;
    console.log(JSON.stringify(refused ? { refused: error.code } : { failed: error.stack }));
  }
}
