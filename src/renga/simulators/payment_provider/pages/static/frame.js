// The card field: it sends the card to this origin, and only the token to the shop's page.
"use strict";
const form = document.getElementById("card");
const error = document.getElementById("error");
const origin = form.dataset.origin;
const tell = (message) => parent.postMessage(message, origin);
const say = (code) => { error.textContent = form.getAttribute("data-" + code.replaceAll("_", "-")) || form.getAttribute("data-invalid-request"); };
const resized = () => tell({ type: "renga.provider.height", height: document.documentElement.scrollHeight });

async function submit() {
  error.textContent = "";
  const entered = Object.fromEntries(new FormData(form));
  const body = { number: entered.number, exp_month: Number(entered.exp_month), exp_year: Number(entered.exp_year), cvc: entered.cvc };
  let answer, said;
  try {
    answer = await fetch("/tokens", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    said = await answer.json();
  } catch {
    say("unreachable");
    resized();
    tell({ type: "renga.provider.error", code: "unreachable" });
    return;
  }
  if (answer.ok) {
    form.reset();
    tell({ type: "renga.provider.token", token: said.token, card: said.card });
  } else {
    say(said.code);
    const wrong = form.elements.namedItem(said.field || "number");
    if (wrong) wrong.focus();
    tell({ type: "renga.provider.error", code: said.code });
  }
  resized();
}

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
// the shop's page may ask for the token by a button of its own
addEventListener("message", (event) => {
  if (event.origin === origin && event.data && event.data.type === "renga.shop.submit" && form.reportValidity()) submit();
});
tell({ type: "renga.provider.ready" });
resized();
