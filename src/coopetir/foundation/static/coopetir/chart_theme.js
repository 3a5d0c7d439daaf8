/* Interactive charts in the tones and typeface of the page; load after echarts.common.min.js.
   const chart = coopetirChart(element, () => option, { ready: (chart) => … });
   The option is asked for again when the theme changes, so it may read coopetirTones(). */
(() => {
  "use strict";
  const NAMES = ["paper", "paper-2", "ink", "muted", "rule", "control", "teal", "teal-2", "teal-3", "teal-4", "amber", "amber-2", "amber-3", "amber-4", "red", "hatch"];

  /* light-dark() stays unresolved in a custom property; a painted element says the tone itself. */
  function tones() {
    const probe = document.createElement("i");
    probe.hidden = true;
    document.body.append(probe);
    const found = {};
    for (const name of NAMES) {
      probe.style.color = `var(--${name})`;
      found[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    return found;
  }

  function theme() {
    const tone = tones();
    const written = new Intl.NumberFormat(document.documentElement.lang || "es-CO", { useGrouping: true });
    const number = (value) => written.format(value).replace("-", "−");
    const label = { color: tone.ink, fontSize: 13, textBorderColor: tone.paper, textBorderWidth: 3 };
    const axis = {
      axisLine: { lineStyle: { color: tone.control } },
      axisTick: { lineStyle: { color: tone.control } },
      axisLabel: { color: tone.ink, fontSize: 13 },
      nameTextStyle: { color: tone.muted, fontSize: 13 },
      splitLine: { lineStyle: { color: tone.rule } },
      splitArea: { show: false },
    };
    return {
      color: [tone.teal, tone["amber-2"], tone.muted, tone["teal-3"], tone["amber-3"]],
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13, color: tone.ink },
      title: { textStyle: { color: tone.ink, fontSize: 16, fontWeight: 600 }, subtextStyle: { color: tone.muted, fontSize: 13 } },
      tooltip: {
        backgroundColor: tone.paper, borderColor: tone.control, borderWidth: 1, padding: [8, 12],
        textStyle: { color: tone.ink, fontSize: 14 }, borderRadius: 0,
        axisPointer: { lineStyle: { color: tone.control }, crossStyle: { color: tone.control } },
      },
      scatter: { label, itemStyle: { borderColor: tone.paper, opacity: 0.85 } },
      line: { label, symbolSize: 7 },
      bar: { label },
      legend: { textStyle: { color: tone.ink, fontSize: 13 } },
      categoryAxis: { ...axis, splitLine: { show: false } },
      valueAxis: { ...axis, axisLabel: { ...axis.axisLabel, formatter: number } },
      logAxis: { ...axis, axisLabel: { ...axis.axisLabel, formatter: number } },
      timeAxis: axis,
      dataZoom: { textStyle: { color: tone.muted }, borderColor: tone.rule, fillerColor: tone["teal-4"], handleStyle: { color: tone.teal } },
    };
  }

  window.coopetirTones = tones;
  window.coopetirChart = (element, option, settings = {}) => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const draw = () => {
      window.echarts.getInstanceByDom(element)?.dispose();
      const chart = window.echarts.init(element, theme(), { renderer: "svg" });
      const given = option();
      // Rich text is drawn inside the SVG; the HTML tooltip needs inline style, which the content policy refuses.
      const tooltip = { renderMode: "richText", ...given.tooltip };
      chart.setOption({ animation: !still, aria: { enabled: false }, ...given, tooltip });
      settings.ready?.(chart);
      return chart;
    };
    let chart = draw();
    document.addEventListener("coopetir:theme", () => { chart = draw(); });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { chart = draw(); });
    window.addEventListener("resize", () => chart.resize());
    return { current: () => chart };
  };
})();
