// The network of things: one expands it, filters it by kind, and follows the shortest way between two.
import cytoscape from "cytoscape";

const canvas = document.querySelector("#canvas");
if (canvas) {
  canvas.hidden = false;  // what is not shown has no size
  const site = document.documentElement.dataset.static;  // the root of a site that no server stands behind
  const address = (id) => (site === undefined ? `/${id}` : `${site}${id}.html`);
  const { nodes, edges } = await (await fetch(`${site ?? "/"}network.json`)).json();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const links = new Map();
  for (const edge of edges) for (const end of [edge.from, edge.to]) links.set(end, [...(links.get(end) || []), edge]);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const style = () => [
    { selector: "node", style: { label: "data(label)", "font-size": 11, color: colour("--ink"), "background-color": colour("--part3"), width: 16, height: 16, "text-wrap": "wrap", "text-max-width": 110, "text-valign": "bottom", "text-margin-y": 3 } },
    { selector: "node[kind='MiliaForm']", style: { "background-color": colour("--accent"), width: 22, height: 22 } },
    { selector: "node.alike", style: { "background-color": colour("--bad"), shape: "diamond" } },
    { selector: "node.here", style: { "border-width": 3, "border-color": colour("--ink") } },
    { selector: "edge", style: { width: 1.4, "line-color": colour("--line"), "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": colour("--line"), "arrow-scale": 0.7 } },
    { selector: "edge[?unsure]", style: { "line-style": "dashed" } },
    { selector: "edge.way", style: { width: 3.5, "line-color": colour("--accent"), "target-arrow-color": colour("--accent") } },
  ];
  const graph = cytoscape({ container: canvas, style: style(), minZoom: 0.2, maxZoom: 3 });
  const kinds = [...document.querySelectorAll("[name=kind]")];
  const list = document.querySelector("#shown");
  const shownKind = (id) => { const box = kinds.find((one) => one.value === byId.get(id).kind); return !box || box.checked; };

  const add = (ids) => {
    for (const id of ids) if (byId.has(id) && graph.getElementById(id).empty()) graph.add({ group: "nodes", data: { ...byId.get(id) }, classes: byId.get(id).alike ? "alike" : "" });
    for (const id of ids) for (const edge of links.get(id) || []) {
      const name = `${edge.from} ${edge.link} ${edge.to}`;
      if (graph.getElementById(edge.from).nonempty() && graph.getElementById(edge.to).nonempty() && graph.getElementById(name).empty())
        graph.add({ group: "edges", data: { id: name, source: edge.from, target: edge.to, link: edge.label, unsure: edge.unsure, fact: edge.fact } });
    }
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const draw = () => {
    graph.nodes().forEach((node) => { node.style("display", shownKind(node.id()) || node.hasClass("here") ? "element" : "none"); });
    const few = graph.nodes(":visible").length <= 14 && graph.nodes(".here").length === 1;
    const layout = few
      ? { name: "concentric", concentric: (node) => (node.hasClass("here") ? 2 : 1), levelWidth: () => 1, minNodeSpacing: 70 }
      : { name: "cose", nodeRepulsion: 20000, idealEdgeLength: 110, randomize: true, componentSpacing: 80 };
    graph.elements(":visible").layout({ ...layout, animate: false, fit: false }).run();
    if (still) graph.fit(undefined, 40); else graph.animate({ fit: { padding: 40 } }, { duration: 200 });
    tell();
  };
  const tell = () => {
    const rows = graph.edges(":visible").map((edge) => {
      const item = document.createElement("li");
      const end = (node) => { const to = document.createElement("a"); to.href = address(node.id()); to.textContent = node.data("label"); return to; };
      const why = document.createElement("a");
      why.className = "why"; why.href = address(edge.data("fact")); why.textContent = "why?";
      item.append(end(edge.source()), ` ${edge.data("link")} `, end(edge.target()), " ", why);
      return item;
    });
    list.replaceChildren(...rows);
    document.querySelector("#how-many").textContent = `${graph.nodes(":visible").length} things, ${rows.length} link${rows.length === 1 ? "" : "s"}`;
  };
  const expand = (id, most = 12) => {
    graph.nodes().removeClass("here");
    const near = (links.get(id) || []).toSorted((a, b) => b.sources - a.sources).map((edge) => (edge.from === id ? edge.to : edge.from)).filter(shownKind);
    add([id, ...new Set(near)].slice(0, most + 1));
    graph.getElementById(id).addClass("here");
    draw();
  };
  const way = (from, to) => {
    const before = new Map([[from, null]]), waiting = [from];
    while (waiting.length && !before.has(to)) {
      const id = waiting.shift();
      for (const edge of links.get(id) || []) {
        const next = edge.from === id ? edge.to : edge.from;
        if (!before.has(next)) { before.set(next, edge); waiting.push(next); }
      }
    }
    const found = [];
    for (let id = to; before.get(id); ) { const edge = before.get(id); found.unshift(edge); id = edge.from === id ? edge.to : edge.from; }
    return found;
  };
  const show = (from, to) => {
    graph.elements().remove();
    const found = to ? way(from, to) : [];
    if (!found.length) { expand(from); return; }
    add([...new Set(found.flatMap((edge) => [edge.from, edge.to]))]);
    graph.edges().forEach((edge) => { if (found.some((one) => `${one.from} ${one.link} ${one.to}` === edge.id())) edge.addClass("way"); });
    graph.nodes().addClass("here");
    draw();
  };

  /** Read from the address what is asked for, as a server does elsewhere. */
  const meant = (asked, start) => {
    const named = (name) => {
      const word = (asked.get(name) || "").trim().toLowerCase();
      const found = word && nodes.find((one) => one.label.toLowerCase() === word || one.id === word);
      if (word) document.querySelector(`#${name}`).value = found?.label || asked.get(name);
      if (word && !found) unknown.push(asked.get(name));
      return found?.id;
    };
    const unknown = [], ends = [named("from") || start, named("to")];
    const labels = ends.map((id) => id && byId.get(id).label);
    document.querySelector("#around").textContent = labels[1] ? `From ${labels[0]} to ${labels[1]}` : `Around ${labels[0]}`;
    canvas.setAttribute("aria-label", `The network around ${labels[0]}; the list below says the same`);
    if (unknown.length) {
      const told = Object.assign(document.createElement("p"), { className: "error", textContent: `Nothing here is called ${unknown.join(" or ")}.` });
      told.setAttribute("role", "alert");
      document.querySelector("#around").after(told);
    }
    return ends;
  };

  graph.on("tap", "node", (event) => expand(event.target.id()));
  kinds.forEach((box) => box.addEventListener("change", draw));
  document.querySelector(".theme")?.addEventListener("click", () => graph.style(style()));
  let { from, to } = canvas.dataset;
  if (site !== undefined) [from, to] = meant(new URLSearchParams(location.search), from);
  document.querySelector("#filters").hidden = false;
  show(from, to);
  canvas.dataset.network = "ready";
}
