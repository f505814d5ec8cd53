// Drives the authorization server with openid-client: discovery, PKCE, PAR, DPoP, userinfo, refresh, revocation.
import * as client from "openid-client";

const [issuer, cookie, clientId, callback] = process.argv.slice(2);
const insecure = { execute: [client.allowInsecureRequests] };

async function login(config, keys) {
  const handle = keys ? client.getDPoPHandle(config, keys) : undefined;
  const verifier = client.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: callback,
    scope: "openid email offline_access cart",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: client.randomState(),
    nonce: client.randomNonce(),
  };
  const url = keys
    ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP: handle })
    : client.buildAuthorizationUrl(config, parameters);
  const answer = await fetch(url, { redirect: "manual", headers: { cookie } });
  const tokens = await client.authorizationCodeGrant(
    config,
    new URL(answer.headers.get("location")),
    { pkceCodeVerifier: verifier, expectedState: parameters.state, expectedNonce: parameters.nonce },
    undefined,
    { DPoP: handle },
  );
  return { tokens, handle };
}

const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), insecure);
const report = {};

for (const [name, keys] of [["bearer", undefined], ["dpop", await client.randomDPoPKeyPair("ES256")]]) {
  const { tokens, handle } = await login(config, keys);
  const subject = tokens.claims().sub;
  const person = await client.fetchUserInfo(config, tokens.access_token, subject, { DPoP: handle });
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: handle });
  await client.fetchUserInfo(config, refreshed.access_token, subject, { DPoP: handle });
  await client.tokenRevocation(config, refreshed.refresh_token);
  const after = await client
    .refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP: handle })
    .then(() => "granted", (error) => error.error);
  report[name] = { subject, email: person.email, type: refreshed.token_type, amr: tokens.claims().amr, after };
}
console.log(JSON.stringify(report));
