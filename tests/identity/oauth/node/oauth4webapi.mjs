// Drives the authorization server with oauth4webapi: RFC 8414 discovery, PAR with DPoP, refresh, checks of the tokens.
import * as oauth from "oauth4webapi";

const [issuer, cookie, clientId, callback] = process.argv.slice(2);
const options = { [oauth.allowInsecureRequests]: true };
const url = new URL(issuer);
const as = await oauth.processDiscoveryResponse(
  url,
  await oauth.discoveryRequest(url, { algorithm: "oauth2", ...options }),
);
const client = { client_id: clientId };
const authentication = oauth.None();
const report = {};

for (const alg of ["ES256", "Ed25519"]) {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(alg));
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const parameters = {
    client_id: clientId,
    redirect_uri: callback,
    response_type: "code",
    scope: "openid offline_access cart",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  };
  const pushed = await oauth.processPushedAuthorizationResponse(
    as,
    client,
    await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, { DPoP, ...options }),
  );
  const target = new URL(as.authorization_endpoint);
  target.search = new URLSearchParams({ client_id: clientId, request_uri: pushed.request_uri });
  const answer = await fetch(target, { redirect: "manual", headers: { cookie } });
  const callbackParameters = oauth.validateAuthResponse(as, client, new URL(answer.headers.get("location")), state);
  const tokens = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, authentication, callbackParameters, callback, verifier, {
      DPoP,
      ...options,
    }),
    { expectedNonce: nonce, requireIdToken: true },
  );
  const refresh = (token) =>
    oauth.refreshTokenGrantRequest(as, client, authentication, token, { DPoP, ...options });
  const refreshed = await oauth.processRefreshTokenResponse(as, client, await refresh(tokens.refresh_token));
  const info = await oauth.userInfoRequest(as, client, refreshed.access_token, { DPoP, ...options });
  const subject = oauth.getValidatedIdTokenClaims(tokens).sub;
  const person = await oauth.processUserInfoResponse(as, client, subject, info);
  const claims = JSON.parse(Buffer.from(refreshed.access_token.split(".")[1], "base64url"));
  report[alg] = {
    subject: person.sub,
    type: refreshed.token_type,
    bound: claims.cnf.jkt === (await DPoP.calculateThumbprint()),
    audience: claims.aud,
  };
}
console.log(JSON.stringify(report));
