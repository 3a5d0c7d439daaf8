/* Small conveniences on pages that already work without them: theme, copying, sorting, menus, announcements. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const YEAR = 31536000;

  function announce(text) {
    const region = document.getElementById("announcements");
    if (!region || !text) return;
    region.textContent = "";
    window.setTimeout(() => { region.textContent = text; }, 50);
  }

  /* The choice lives in a cookie, so the server draws the next page in it and nothing flashes. */
  function theme() {
    const chosen = root.dataset.theme;
    if (chosen) return chosen;
    return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  function switchTheme(button) {
    const next = theme() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    document.cookie = `coopetir_theme=${next}; path=/; max-age=${YEAR}; samesite=lax`;
    button.setAttribute("aria-pressed", String(next === "dark"));
    document.dispatchEvent(new CustomEvent("coopetir:theme", { detail: next }));
  }

  async function copy(button) {
    const field = document.getElementById(button.dataset.copy);
    if (!field) return;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    announce(button.dataset.copied);
  }

  /* Sorting of short tables that arrived whole; long ones sort on the server through links. */
  const collator = new Intl.Collator(root.lang || "es-CO", { numeric: true, sensitivity: "base" });
  function value(row, index) {
    const cell = row.cells[index];
    return cell.dataset.value ?? cell.textContent.trim();
  }
  function compare(a, b, numeric) {
    // Unknown values stay last in both directions: they are neither small nor large.
    if (!numeric) return collator.compare(a, b);
    return Number(a) - Number(b);
  }
  function sort(button) {
    const head = button.closest("th");
    const table = head.closest("table");
    const index = head.cellIndex;
    const numeric = head.classList.contains("num");
    const down = head.getAttribute("aria-sort") !== "descending" && (numeric || head.getAttribute("aria-sort") === "ascending");
    for (const other of head.parentElement.cells) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const known = rows.filter((row) => value(row, index) !== "");
    const unknown = rows.filter((row) => value(row, index) === "");
    known.sort((a, b) => (down ? -1 : 1) * compare(value(a, index), value(b, index), numeric));
    table.tBodies[0].append(...known, ...unknown);
    announce(`${head.dataset.sort}: ${button.dataset[down ? "down" : "up"]}`);
  }
  function enhance(scope) {
    for (const head of scope.querySelectorAll("table[data-sortable] thead th[data-sort]")) {
      if (head.querySelector(".c-arrow")) continue;
      const table = head.closest("table");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "c-arrow";
      Object.assign(button.dataset, { sort: "", up: table.dataset.up, down: table.dataset.down });
      const unit = head.querySelector("small");
      if (head.querySelector(".c-term")) {
        // The word already opens its explanation; the arrow alone sorts.
        button.setAttribute("aria-label", `${table.dataset.order} ${head.dataset.sort}`);
      } else {
        button.append(...[...head.childNodes].filter((node) => node !== unit));
      }
      head.insertBefore(button, unit);
      head.setAttribute("aria-sort", "none");
    }
    for (const wrap of scope.querySelectorAll(".c-table-wrap, .c-picture")) {
      // What can be scrolled must be reachable by keyboard, and only then.
      if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0;
      else wrap.removeAttribute("tabindex");
    }
  }

  function closeMenus(except) {
    for (const open of document.querySelectorAll("details.c-menu[open]")) {
      if (!open.contains(except)) open.open = false;
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    closeMenus(event.target);
    if (!button) return;
    if (button.dataset.themeSwitch !== undefined) switchTheme(button);
    if (button.dataset.copy) copy(button);
    if (button.dataset.sort !== undefined) sort(button);
    if (button.dataset.print !== undefined) window.print();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.c-menu[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  /* A form sent twice is a job done twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.repeat !== undefined) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    enhance(event.target);
    const said = event.target.querySelector("[data-announce]") ?? event.target.closest("[data-announce]");
    if (said) announce(said.dataset.announce || said.textContent);
  });
  for (const kind of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(kind, () => announce(document.body.dataset.failed));
  }

  document.addEventListener("DOMContentLoaded", () => {
    enhance(document);
    document.querySelector("[data-theme-switch]")?.setAttribute("aria-pressed", String(theme() === "dark"));
    document.querySelector("[data-error-summary]")?.focus();
  });
  let waiting = 0;
  window.addEventListener("resize", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => enhance(document), 200);
  });
})();
