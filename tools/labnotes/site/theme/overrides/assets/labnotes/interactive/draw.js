/* Draws the figure of this page by its own library. A classic script: a frame without rights loads no modules. */
(() => {
  const drawing = document.getElementById("drawing"),
    figure = document.getElementById("figure"),
    given = JSON.parse(drawing.textContent);
  const framed = window.parent !== window,
    asked = location.hash.slice(1),
    dark = asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.add("ln-js"); // a reader's choice is known, as on other pages
  document.documentElement.classList.toggle("framed", framed);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";

  // colours of the page, as numbers: the libraries read neither light-dark() nor names of the style sheets
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (name) => {
    probe.style.color = `var(--ln-${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, grey, line, grid, ground] = ["ink", "ink-2", "edge", "rule", "paper"].map(colour),
    series = ["blue", "orange", "teal", "plum", "ochre", "grey"].map((name) => colour(`fig-${name}`));
  probe.remove();
  const font = getComputedStyle(document.body).fontFamily;

  /* What the author left to Plotly's own template; what they chose themselves stays. */
  const plotlyLayout = (layout) => {
    const axis = { gridcolor: grid, linecolor: line, zerolinecolor: line, tickcolor: line, automargin: true },
      plane = { bgcolor: "rgba(0,0,0,0)", angularaxis: axis, radialaxis: axis },
      space = { backgroundcolor: "rgba(0,0,0,0)", gridcolor: grid, linecolor: line, zerolinecolor: line };
    const template = layout.template || {};
    return {
      ...layout,
      autosize: true,
      width: undefined,
      height: framed ? undefined : layout.height,
      template: {
        ...template,
        layout: {
          ...template.layout,
          paper_bgcolor: "rgba(0,0,0,0)",
          plot_bgcolor: "rgba(0,0,0,0)",
          font: { color: grey, family: font, size: 12 },
          title: { font: { color: ink } },
          colorway: series,
          xaxis: { ...template.layout?.xaxis, ...axis },
          yaxis: { ...template.layout?.yaxis, ...axis },
          polar: plane,
          ternary: { bgcolor: "rgba(0,0,0,0)", aaxis: axis, baxis: axis, caxis: axis },
          scene: { xaxis: space, yaxis: space, zaxis: space },
          modebar: { bgcolor: "rgba(0,0,0,0)", color: line, activecolor: ink },
          hoverlabel: { bgcolor: ground, bordercolor: line, font: { color: ink, family: font } },
        },
      },
    };
  };
  /* A colour that Plotly Express wrote into a trace is the series' one of its default; it gets the page's. */
  const express = ["#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A", "#19d3f3", "#FF6692", "#B6E880", "#FF97FF", "#FECB52"];
  const recoloured = (value) => {
    if (typeof value === "string") {
      const at = express.findIndex((colour) => colour.toLowerCase() === value.toLowerCase());
      return at < 0 ? value : series[at % series.length];
    }
    if (value && typeof value === "object" && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, recoloured(part)]));
    return value;
  };
  const vegaConfig = {
    background: null,
    font,
    axis: { labelColor: grey, titleColor: grey, titleFontWeight: "normal", domainColor: line, tickColor: line, gridColor: grid },
    legend: { labelColor: grey, titleColor: grey, titleFontWeight: "normal" },
    title: { color: ink, subtitleColor: grey },
    header: { labelColor: grey, titleColor: grey },
    view: { stroke: null },
    range: { category: series },
    mark: { color: series[0] },
  };

  const draw = {
    Plotly: () =>
      Plotly.newPlot(figure, given.data.map(recoloured), plotlyLayout(given.layout || {}), {
        responsive: true,
        displaylogo: false,
        modeBarButtonsToRemove: ["toImage", "sendChartToCloud"],
      }),
    // an interpreter takes the place of code that Vega writes and runs
    Altair: () => vegaEmbed(figure, given, { ast: true, actions: false, renderer: "svg", config: vegaConfig, tooltip: { theme: dark ? "dark" : "light" } }),
  }[figure.dataset.library];
  const fail = () => {
    figure.hidden = true;
    document.getElementById("trouble").hidden = false;
  };
  try {
    // a chart of Vega has a size of its own, which the frame takes
    draw()
      .then(() => framed && figure.dataset.library === "Altair" && window.parent.postMessage({ labnotesHeight: figure.scrollHeight }, "*"))
      .catch(fail);
  } catch {
    fail();
  }
})();
