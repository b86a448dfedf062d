// A destination's key is believed for its certificates, up to the root that this client trusts.
import { X509Certificate } from "node:crypto";
import { equal } from "./parts.mjs";
import { Refused } from "./wire.mjs";

export function certified(key, root) {
  const chain = key.x5c.map((each) => new X509Certificate(Buffer.from(each, "base64")));
  if (!chain.at(-1).raw.equals(root.raw)) throw new Refused("the chain ends elsewhere");
  chain.forEach((certificate, place) => {
    const issuer = chain[place + 1] ?? certificate;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) throw new Refused("a chain with a gap");
    if (Date.now() > Date.parse(certificate.validTo)) throw new Refused("an expired certificate");
  });
  const { n, e } = chain[0].publicKey.export({ format: "jwk" });
  equal([n, e], [key.n, key.e], "the certificate is for another key");
  return key;
}
