/* Small helps in forms: show a password, copy what is shown once, write a CEP as it is read. Nothing needs them. */

for (const button of document.querySelectorAll("[data-reveal], [data-copy]")) button.hidden = false;

document.querySelector(".area-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  field.focus();
}

async function copy(button) {
  const from = document.getElementById(button.dataset.copy);
  const lines = from.tagName === "UL" ? [...from.children].map((line) => line.textContent.trim()) : [from.textContent.trim()];
  try {
    await navigator.clipboard.writeText(lines.join("\n"));
    button.textContent = button.dataset.done;
    button.setAttribute("role", "status");
  } catch {
    getSelection().selectAllChildren(from); /* without the clipboard: at least ready for the keyboard */
  }
}

/* 01310100 becomes 01310-100, for addresses in Brazil, while the caret stands at the end. */
function mask(field) {
  const country = field.form.elements.country;
  if (country && country.value !== "BR") return;
  const digits = field.value.replace(/\D/g, "").slice(0, 8);
  if (field.selectionEnd !== field.value.length) return;
  field.value = digits.length > 5 ? `${digits.slice(0, 5)}-${digits.slice(5)}` : digits;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal], [data-copy]");
  if (button) button.dataset.reveal ? reveal(button) : copy(button);
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-mask=cep]")) mask(event.target);
});
