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
    const lights = [];
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
      if (density !== null && density !== grade(body.dataset.defaultDensity)) lights.push(body.dataset.name);
      const flipped = partial !== body.dataset.default;
      body.rows[0].classList.toggle("x-flipped", flipped);
      if (flipped) changes.push(fill(data.change, { name: body.dataset.name, before: partialWord(body.dataset.default), after: partialWord(partial) }));
    }
    say(form, threshold, changes, lights);
  }
  function say(form, threshold, changes, lights) {
    const data = form.dataset;
    const shown = words(threshold);
    let text = fill(data.same, { threshold: shown });
    if (lights.length) text = fill(lights.length === 1 ? data.lightOne : data.lightMany, { names: lights.join(", ") });
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

  /* The quadrant point by point: the drawing library arrives only when asked for. */
  function load(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", done);
      script.addEventListener("error", failed);
      document.head.append(script);
    });
  }
  const percent = (value) => `${value > 0 ? "+" : ""}${words(100 * value, 1)}${language.startsWith("es") ? "\u00a0%" : "%"}`.replace("-", "−");
  function spoken(place, point) {
    return fill(place.dataset.spoken, { name: point[3], x: percent(point[0]), y: words(point[1]), n: words(point[2], 0) });
  }
  function drawQuadrant(place, points) {
    const box = document.createElement("div");
    box.className = "x-chart";
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", place.dataset.label);
    place.replaceChildren(box);
    const biggest = Math.max(...points.map((point) => point[2]));
    const option = () => {
      const tone = window.coopetirTones();
      return {
        grid: { left: 48, right: 16, top: 32, bottom: 48 },
        xAxis: { type: "value", name: place.dataset.x, nameLocation: "middle", nameGap: 30, axisLabel: { formatter: (value) => percent(value).replace(/[.,]0/, "") }, splitLine: { show: false } },
        yAxis: { type: "log", logBase: 2, name: place.dataset.y, nameTextStyle: { align: "left", padding: [0, 0, 0, -40] }, axisLine: { onZero: false, show: false }, axisTick: { show: false } },
        tooltip: { textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, trigger: "item", confine: true, formatter: (item) => `${item.value[3].slice(0, 60)}\n${words(item.value[1])} · ${percent(item.value[0])}\n${fill(place.dataset.jobs, { n: words(item.value[2], 0) })}` },
        series: [{
          type: "scatter",
          data: points.map((point) => ({ value: point, itemStyle: { color: point[4] ? tone.teal : tone["teal-3"] } })),
          symbolSize: (value) => 6 + 34 * Math.sqrt(value[2] / biggest),
          emphasis: { itemStyle: { borderColor: tone.ink, borderWidth: 2, opacity: 1 } },
          markLine: { silent: true, symbol: "none", lineStyle: { color: tone.ink, type: "dashed" }, label: { show: false }, data: [{ yAxis: 1 }, { xAxis: Number(place.dataset.national) }] },
        }],
      };
    };
    const holder = window.coopetirChart(box, option, { ready: (chart) => chart.on("click", (item) => { window.location.href = item.value[5]; }) });
    walk(place, box, points, holder);
    box.focus();
  }
  function walk(place, box, points, holder) {
    const order = points.map((_, index) => index).sort((a, b) => points[b][1] - points[a][1]);
    let at = -1;
    box.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" && at >= 0) window.location.href = points[order[at]][5];
      if (!step) return;
      event.preventDefault();
      const chart = holder.current();
      if (at >= 0) chart.dispatchAction({ type: "downplay", seriesIndex: 0, dataIndex: order[at] });
      at = (at + step + order.length) % order.length;
      chart.dispatchAction({ type: "highlight", seriesIndex: 0, dataIndex: order[at] });
      chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: order[at] });
      document.getElementById("announcements").textContent = spoken(place, points[order[at]]);
    });
  }
  async function startQuadrant(button) {
    const place = document.querySelector("[data-quadrant]");
    button.disabled = true;
    await load(place.dataset.echarts);
    await load(place.dataset.themeScript);
    drawQuadrant(place, JSON.parse(document.getElementById("quadrant-points").textContent));
    button.remove();
  }

  document.addEventListener("click", (event) => {
    const start = event.target.closest("[data-quadrant-start]");
    if (start) startQuadrant(start);
  });
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
