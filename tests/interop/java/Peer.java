// Nimbus JOSE behind one line of JSON per question and per answer.

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Map;

public class Peer {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Map<String, Object> ask = JSONObjectUtils.parse(line);
            Map<String, Object> answer;
            try {
                answer = Map.of("answer", answer(ask));
            } catch (JOSEException | ParseException refused) {
                answer = Map.of("refused", refused.toString());
            } catch (RuntimeException failed) {
                answer = Map.of("failed", failed.toString());
            }
            System.out.println(JSONObjectUtils.toJSONString(answer));
        }
    }

    private static String answer(Map<String, Object> ask) throws JOSEException, ParseException {
        RSAKey key = RSAKey.parse(JSONObjectUtils.getJSONObject(ask, "key"));
        switch ((String) ask.get("does")) {
            case "decrypt":
                var sealed = JWEObject.parse(text(ask, "token"));
                sealed.decrypt(new RSADecrypter(key));
                return sealed.getPayload().toBase64URL().toString();
            case "encrypt":
                var open = new JWEObject(JWEHeader.parse(header(ask)), content(ask));
                open.encrypt(new RSAEncrypter(key));
                return open.serialize();
            case "verify":
                return verified(JWSObject.parse(text(ask, "token")), key);
            case "verifyDetached":
                return verified(JWSObject.parse(text(ask, "token"), content(ask)), key);
            case "sign":
                return signed(ask, key).serialize();
            case "signDetached":
                return signed(ask, key).serialize(true);
            case "thumbprint":
                return key.computeThumbprint().toString();
            default:
                throw new IllegalArgumentException(text(ask, "does"));
        }
    }

    private static String verified(JWSObject token, RSAKey key) throws JOSEException {
        if (!token.verify(new RSASSAVerifier(key))) {
            throw new JOSEException("the signature is not right");
        }
        return token.getPayload().toBase64URL().toString();
    }

    private static JWSObject signed(Map<String, Object> ask, RSAKey key) throws JOSEException, ParseException {
        var token = new JWSObject(JWSHeader.parse(header(ask)), content(ask));
        token.sign(new RSASSASigner(key));
        return token;
    }

    private static Map<String, Object> header(Map<String, Object> ask) throws ParseException {
        return JSONObjectUtils.getJSONObject(ask, "header");
    }

    private static Payload content(Map<String, Object> ask) {
        return new Payload(new Base64URL(text(ask, "content")));
    }

    private static String text(Map<String, Object> ask, String name) {
        return (String) ask.get(name);
    }
}
