// One key an answer: whatever has the key is clicked. A capital letter says "not sure".

const typing = (element) => element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

function bearer(key) {
  const own = (element) => element.dataset.key === key;
  return [...document.querySelectorAll("[data-key]")].find(own);
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (typing(event.target) && event.key !== "Enter") return;
  if (event.key === "Enter" && event.target.matches("a, button, select, summary")) return;
  const exact = bearer(event.key);
  const target = exact ?? bearer(event.key.toLowerCase());
  if (!target) return;
  event.preventDefault();
  const unsure = target.form?.elements.confidence;
  if (!exact && unsure) unsure.checked = true;
  target.click();
}

document.addEventListener("keydown", press);
