/* The home page's slider and its answers on demand. Everything here also works as a form and as links. */
(() => {
  "use strict";
  const language = document.documentElement.lang || "es-CO";
  const words = (value, digits = 2) => value.toLocaleString(language.startsWith("es") ? "es-CO" : "en", { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: true });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  /* Same rule as survey_rule.density_grade and standing; tests compare both on every family. */
  function densityAt(lq, threshold, ratio) {
    if (lq >= threshold) return 2;
    return lq >= threshold * ratio - 1e-12 ? 1 : 0;
  }
  function standing(grades) {
    const known = grades.filter((grade) => grade !== null);
    if (!known.length) return "nothing_evaluable";
    return ["fails_evaluable", "borderline_evaluable", "meets_evaluable"][Math.min(...known)];
  }
  const grade = (text) => (text === "" ? null : Number(text));
  const copyOf = (selector) => document.querySelector(selector).content.cloneNode(true);
  const partialWord = (partial) => document.querySelector(`template[data-partial="${partial}"]`).content.textContent.trim();

  function move(form, threshold) {
    const data = form.dataset;
    const ratio = Number(data.ratio);
    const x = (threshold / Number(data.barEnd)) * Number(data.barWidth);
    const changes = [];
    for (const body of document.querySelectorAll("[data-family]")) {
      const others = body.dataset.others.split(",").map(grade);
      const lq = grade(body.dataset.lq);
      const density = lq === null ? null : densityAt(lq, threshold, ratio);
      const grades = [density, ...others];
      const partial = standing(grades);
      const line = body.querySelector(".x-threshold");
      if (line) { line.setAttribute("x1", x); line.setAttribute("x2", x); }
      if (density !== null) body.querySelector("[data-light]").replaceChildren(copyOf(`template[data-grade="${density}"]`));
      body.querySelector("[data-standing-cell]").replaceChildren(copyOf(`template[data-partial="${partial}"]`));
      body.querySelector("[data-met]").textContent = grades.filter((one) => one === 2).length;
      const flipped = partial !== body.dataset.default;
      body.rows[0].classList.toggle("x-flipped", flipped);
      if (flipped) changes.push(fill(data.change, { name: body.dataset.name, before: partialWord(body.dataset.default), after: partialWord(partial) }));
    }
    say(form, threshold, changes);
  }
  function say(form, threshold, changes) {
    const data = form.dataset;
    const shown = words(threshold);
    let text = fill(data.same, { threshold: shown });
    if (Math.abs(threshold - Number(data.default)) < 1e-9) text = data.start;
    if (changes.length) text = `${fill(changes.length === 1 ? data.one : data.many, { threshold: shown, n: changes.length })} ${changes.join("; ")}.`;
    form.querySelector("[data-changes] p").textContent = text;
  }
  function remember(threshold, form) {
    const address = new URL(window.location.href);
    if (Math.abs(threshold - Number(form.dataset.default)) < 1e-9) address.searchParams.delete("lq");
    else address.searchParams.set("lq", threshold);
    window.history.replaceState(null, "", address);
  }
  function startSlider(form) {
    const range = form.querySelector("[data-range]");
    const number = form.querySelector("input[name=lq]");
    const both = (value) => {
      const threshold = Number(value);
      if (!Number.isFinite(threshold) || threshold < Number(range.min) || threshold > Number(range.max)) return;
      range.value = threshold;
      range.setAttribute("aria-valuetext", words(threshold));
      number.value = threshold;
      move(form, threshold);
    };
    range.addEventListener("input", () => both(range.value));
    number.addEventListener("input", () => number.value && both(number.value));
    for (const input of [range, number]) input.addEventListener("change", () => remember(Number(range.value), form));
    form.querySelector("[data-reset]").addEventListener("click", (event) => {
      event.preventDefault();
      both(form.dataset.default);
      remember(Number(form.dataset.default), form);
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); both(number.value); });
  }
  function toggleWhy(link) {
    const row = document.getElementById(link.dataset.why);
    row.hidden = !row.hidden;
    link.setAttribute("aria-expanded", String(!row.hidden));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-why]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    toggleWhy(link);
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("[data-slider]")) startSlider(form);
  });
})();
