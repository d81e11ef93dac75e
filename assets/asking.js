// Ask in the browser, where no server stands behind the page: the answer comes from a worker that can be ended.
const form = document.querySelector(".asking");
const place = document.querySelector("#answer");
if (form && place) {
  const { kinds, seconds } = place.dataset, root = document.documentElement.dataset.static;
  const whole = (path) => new URL(root + path, location).href;  // a worker stands at another place than its page
  const given = { ...JSON.parse(place.dataset.given), engine: whole("static/engine.wasm.gz"), graph: whole("graph.nq.gz") };
  const area = document.querySelector("#query"), progress = document.querySelector("#progress"), stop = document.querySelector("#stop"), run = form.querySelector("[type=submit]");
  const known = new RegExp(`^(?:${kinds.split(" ").join("|")})/[A-Za-z].*`);
  let worker, timer;

  const node = (name, content, attributes = {}) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...[content].flat());
    return made;
  };
  const cell = (term, labels) => {
    if (!term) return "";
    if (term.type !== "uri") return term.value;
    const path = term.value.startsWith(given.base) ? term.value.slice(given.base.length) : "";
    const text = labels[term.value] || path || term.value;
    if (!path && !/^https?:/.test(term.value)) return text;
    return node("a", text, { href: known.test(path) ? `${root}${path.split("/").map(encodeURIComponent).join("/")}.html` : term.value });
  };
  const table = ({ columns, rows, labels }) => node("div", node("table", [
    node("thead", node("tr", columns.map((name) => node("th", name, { scope: "col" })))),
    node("tbody", rows.map((row) => node("tr", columns.map((name) => node("td", cell(row[name], labels)))))),
  ]), { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answer" });
  const shown = (answer) => {
    if ("truth" in answer) return [node("p", answer.truth ? "Yes: the graph says so." : "The graph does not say so, which is no denial.")];
    const number = answer.rows?.length;
    const note = answer.turtle === undefined
      ? `${number} row${number === 1 ? "" : "s"}${answer.cut ? ", and there are more" : ""}`
      : answer.cut ? "These are the first lines, and there are more." : "";
    return [node("p", note, { class: "note" }), answer.turtle === undefined ? table(answer) : node("pre", node("code", answer.turtle), { tabindex: "0" })];
  };
  const show = (parts, told) => {
    clearTimeout(timer);
    place.replaceChildren(...parts);
    progress.textContent = told;
    stop.hidden = true; run.disabled = false;
    place.dataset.state = "done";
  };
  const wrong = (text) => show([node("p", text, { class: "error", role: "alert" })], "");
  const end = (text) => { worker?.terminate(); worker = undefined; wrong(text); };
  const ask = (text) => {
    place.dataset.state = "asking";
    place.replaceChildren();
    stop.hidden = false; run.disabled = true;
    if (!worker) {
      worker = new Worker(new URL("engine.js", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => {
        if (data.step) { progress.textContent = data.step; if (data.step.startsWith("Asking")) timer = setTimeout(() => end(`The query took more than ${seconds} seconds and was stopped: ask for less, such as with LIMIT.`), seconds * 1000); }
        else if (data.error) wrong(data.error);
        else show(shown(data.answer), "");
      };
      worker.onerror = (event) => { event.preventDefault(); end(`The engine stopped: ${event.message || "this browser does not run it"}.`); };
    }
    worker.postMessage({ text, given });
  };
  stop.addEventListener("click", () => end("Stopped."));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", `?${new URLSearchParams({ query: area.value })}`);
    ask(area.value);
  });
  const wanted = new URLSearchParams(location.search).get("query");
  if (wanted) { area.value = wanted; ask(wanted); }
  addEventListener("popstate", () => location.reload());
}
