/* Passkeys (WebAuthn Level 2): asks the shop for options, the device for a credential, and posts it as a form's field. */

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function options(form) {
  const body = new URLSearchParams({ csrf: form.elements.csrf.value });
  const response = await fetch(form.dataset.options, { method: "POST", body, credentials: "same-origin" });
  const json = (response.headers.get("content-type") || "").startsWith("application/json");
  if (!json) {
    location.assign(response.redirected ? response.url : location.href); /* to confirm who it is, or to a fresh page */
    throw new Error("no options");
  }
  const asked = await response.json();
  if (asked.refused) form.querySelector("[data-trouble]").textContent = asked.refused;
  return asked;
}

async function get(form) {
  const { challenge, options: asked } = await options(form);
  form.elements.challenge.value = challenge;
  return navigator.credentials.get({
    publicKey: { ...asked, challenge: toBytes(asked.challenge), allowCredentials: known(asked.allowCredentials) },
  });
}

async function create(form) {
  const { options: asked } = await options(form);
  return navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      user: { ...asked.user, id: toBytes(asked.user.id) },
      excludeCredentials: known(asked.excludeCredentials),
    },
  });
}

/* As PublicKeyCredential.toJSON(), which not every browser has. */
function written(credential) {
  const response = { clientDataJSON: toText(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function ask(form) {
  const trouble = form.querySelector("[data-trouble]");
  const button = form.querySelector(".button");
  trouble.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    const credential = await (form.dataset.passkey === "create" ? create(form) : get(form));
    form.elements.credential.value = JSON.stringify(written(credential));
    form.submit();
  } catch {
    trouble.hidden = false;
    button.removeAttribute("aria-busy");
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
}
