/* Suggestions below the search field (a combobox of WAI-ARIA); without this file the field is a plain form. */

const field = document.querySelector("[data-suggest]");
const list = document.getElementById("hints");
const WAIT_MS = 120;
let timer = 0;
let asked = 0;
let chosen = -1;

function close() {
  list.hidden = true;
  chosen = -1;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function line(hint, place) {
  const item = document.createElement("li");
  item.id = `hint-${place}`;
  item.role = "option";
  item.dataset.url = hint.url;
  item.setAttribute("aria-selected", "false");
  if (hint.image) {
    const picture = document.createElement("img");
    picture.src = hint.image;
    picture.alt = "";
    item.append(picture);
  }
  const words = document.createElement("span");
  words.textContent = hint.text;
  item.append(words);
  if (hint.label) {
    const kind = document.createElement("small");
    kind.textContent = hint.label;
    item.append(kind);
  }
  return item;
}

async function ask() {
  const text = field.value.trim();
  const number = ++asked;
  if (!text) return close();
  try {
    const response = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: text })}`, { credentials: "same-origin" });
    const hints = response.ok ? await response.json() : [];
    if (number !== asked) return; /* a later question is under way */
    if (!hints.length) return close();
    list.replaceChildren(...hints.map(line));
    chosen = -1;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  } catch {
    close();
  }
}

function mark(place) {
  const items = [...list.children];
  chosen = (place + items.length + 1) % (items.length + 1);
  if (chosen === items.length) chosen = -1;
  items.forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
  if (chosen < 0) field.removeAttribute("aria-activedescendant");
  else field.setAttribute("aria-activedescendant", items[chosen].id);
}

if (field && list) {
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "hints", "aria-autocomplete": "list" })) {
    field.setAttribute(name, value);
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) event.preventDefault(), close();
    else if (event.key === "ArrowDown" && !list.hidden) event.preventDefault(), mark(chosen + 1);
    else if (event.key === "ArrowUp" && !list.hidden) event.preventDefault(), mark(chosen < 0 ? list.children.length - 1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) event.preventDefault(), location.assign(list.children[chosen].dataset.url);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); /* the field keeps the focus */
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) location.assign(item.dataset.url);
  });
  field.addEventListener("blur", () => setTimeout(close, 0));
}
