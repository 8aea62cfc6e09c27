// How things are shown: theme, stretch and zoom. Kept in cookies, so that the server draws the next
// page the same way.

const YEAR = 365 * 24 * 3600;
const THEMES = ["auto", "light", "dark"];

function keep(name, value) {
  document.cookie = `skysift_${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
}

function stretch(value) {
  for (const image of document.querySelectorAll('img[src^="/alerts/"]')) {
    const address = new URL(image.src);
    address.searchParams.set("stretch", value);
    image.src = address.pathname + address.search;
  }
}

function zoom(value) {
  document.querySelector("main").dataset.zoom = value;
}

const show = { stretch, zoom };

function next(select) {
  if (!select) return;
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  const name = event.target.dataset?.look;
  if (!name) return;
  keep(name, event.target.value);
  show[name](event.target.value);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea, select")) return;
  if (event.key === ",") next(document.getElementById("stretch"));
  if (event.key === ".") next(document.getElementById("zoom"));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-switch]");
  if (!button) return;
  const root = document.documentElement;
  root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
  button.querySelector("[data-theme-name]").textContent = root.dataset.theme;
  keep("theme", root.dataset.theme);
});
