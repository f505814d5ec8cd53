/* Makes forms and choices answer without a reload. Without it every page works the same, a page at a time. */

const parts = () => document.querySelectorAll("[data-part]");
const busy = new WeakSet();
const address = () => location.pathname + location.search;
let shown = address();

async function fetchPage(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options });
  if (!(response.headers.get("content-type") || "").startsWith("text/html")) throw new Error(`no page: ${response.status}`);
  return { response, page: new DOMParser().parseFromString(await response.text(), "text/html") };
}

/* Takes the parts of another rendering of this page; a page of another kind replaces all of the content. */
function show(page, names) {
  const focused = document.activeElement && document.activeElement.id;
  for (const part of parts()) {
    const name = part.dataset.part;
    const fresh = page.querySelector(`[data-part="${name}"]`);
    if (fresh && (!names || names.includes(name))) part.replaceChildren(...fresh.childNodes);
  }
  enhance();
  const again = focused && document.getElementById(focused);
  if (again && !again.disabled) again.focus();
  else if (!document.activeElement || document.activeElement === document.body) content().focus();
}

const content = () => document.getElementById("content");

function showContent(page, url) {
  content().replaceChildren(...page.getElementById("content").childNodes);
  document.title = page.title;
  if (url && url !== location.href) history.pushState(null, "", url);
  shown = address();
  enhance();
  content().focus();
  scrollTo(0, 0);
}

async function submit(form, button) {
  if (busy.has(form)) return;
  busy.add(form);
  if (button) button.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, button && button.name ? button : undefined));
    const { response, page } = await fetchPage(form.action, { method: "POST", body });
    const here = new URL(response.url).pathname === location.pathname && response.ok;
    const same = here && Boolean(page.querySelector("form[data-quiet]"));
    if (same) show(page, form.classList.contains("add") ? ["flash", "count", "buy"] : null);
    else showContent(page, response.redirected ? response.url : null), show(page, ["flash", "count"]);
  } catch {
    form.removeAttribute("data-quiet");
    setTimeout(() => form.requestSubmit(button)); /* not inside the event that is still being dispatched */
  } finally {
    busy.delete(form);
    if (button) button.removeAttribute("aria-busy");
  }
}

async function choose(link) {
  try {
    const { response, page } = await fetchPage(link.href);
    if (!response.ok) throw new Error(String(response.status));
    show(page, ["picture", "buy"]);
    history.replaceState(null, "", link.href);
    shown = document.querySelector("[name=back]").value = address();
  } catch {
    location.assign(link.href);
  }
}

async function more(link) {
  try {
    const { page } = await fetchPage(link.href);
    const cards = [...page.querySelectorAll("[data-grid] > li")];
    document.querySelector("[data-grid]").append(...cards);
    document.querySelector("[data-next]").replaceChildren(...page.querySelector("[data-next]").childNodes);
    if (cards.length) cards[0].querySelector("a").focus();
  } catch {
    location.assign(link.href);
  }
}

/* Another choice of filters or order: the same page with other products, and an address to come back to. */
async function narrow(url) {
  const before = document.querySelector('[data-part="listing"]');
  const folded = document.querySelector("[data-filters]") && !document.querySelector("[data-filters]").open;
  before.setAttribute("aria-busy", "true");
  try {
    const { response, page } = await fetchPage(url);
    if (!response.ok || !page.querySelector('[data-part="listing"]')) throw new Error(String(response.status));
    const open = new Set([...document.querySelectorAll(".facet[open] > summary")].map((one) => one.textContent));
    history.pushState(null, "", response.url);
    shown = address();
    before.className = page.querySelector('[data-part="listing"]').className;
    show(page, ["listing", "found"]);
    if (folded && document.querySelector("[data-filters]")) document.querySelector("[data-filters]").open = false;
    for (const one of document.querySelectorAll(".facet")) if (open.has(one.firstElementChild.textContent)) one.open = true;
  } catch {
    location.assign(url);
  } finally {
    before.removeAttribute("aria-busy");
  }
}

function addressOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => String(value).trim());
  return form.getAttribute("action") + (fields.length ? "?" + new URLSearchParams(fields) : "");
}

function step(button) {
  const field = button.parentElement.querySelector("input");
  field.value = Math.max(1, (parseInt(field.value, 10) || 1) + Number(button.dataset.step));
}

function enhance() {
  const filters = document.querySelector("[data-filters]");
  if (filters && !filters.dataset.seen) {
    filters.dataset.seen = "yes";
    filters.open = matchMedia("(min-width: 62rem)").matches;
  }
  for (const hidden of document.querySelectorAll("[data-step], [data-close]")) hidden.hidden = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[data-narrow]")) return event.preventDefault(), narrow(addressOf(form));
  if (!form.matches("form[data-quiet]")) return;
  event.preventDefault();
  submit(form, event.submitter);
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const at = (selector) => event.target.closest(selector);
  if (at("[data-step]")) step(at("[data-step]"));
  else if (at("[data-close]")) at("[data-flash]").remove();
  else if (at("[data-choice]")) event.preventDefault(), choose(at("[data-choice]"));
  else if (at("a[data-narrow]")) event.preventDefault(), narrow(at("a[data-narrow]").href);
  else if (at("[data-next] a")) event.preventDefault(), more(at("[data-next] a"));
});

document.addEventListener("change", (event) => {
  if (event.target.closest("form[data-narrow]")) return narrow(addressOf(event.target.form));
  if (event.target.matches("[data-auto]") && event.target.form.reportValidity()) event.target.form.requestSubmit();
});

/* A page out of the browser's memory still carries keys that were used: fetch it anew. */
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("popstate", () => address() !== shown && location.reload());

document.documentElement.classList.add("js");
enhance();
