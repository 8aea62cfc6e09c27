// Forms and links marked data-swap replace <main> instead of the whole page. What comes back is the
// page that the server would show anyway; if nothing comes back, the page stays, and says so.

const said = document.getElementById("said");
const trouble = document.getElementById("trouble");
let busy = false;

function complain(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

function announce(main) {
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = main.dataset.said ?? document.title; });
}

function replace(html, address, push) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("main");
  if (!fresh) throw new Error("no page");
  document.querySelector("main").replaceWith(fresh);
  document.title = page.title;
  if (push) history.pushState({}, "", address);
  window.scrollTo(0, 0);
  fresh.focus({ preventScroll: true });
  announce(fresh);
  document.dispatchEvent(new CustomEvent("swapped"));
}

async function fetchAndReplace(address, options, push = true) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { ...options, credentials: "same-origin" });
    const kind = response.headers.get("content-type") ?? "";
    if (!kind.startsWith("text/html")) {
      complain(await response.text());
      return;
    }
    complain("");
    // A refused form has the address of the form, which cannot be loaded again.
    replace(await response.text(), response.url, push && response.ok);
  } catch {
    complain("The server does not answer: this was not saved. Try again.");
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  fetchAndReplace(form.action, { method: "POST", body });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  fetchAndReplace(link.href, {});
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

window.addEventListener("popstate", () => fetchAndReplace(location.href, {}, false));
