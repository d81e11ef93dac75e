// The embedded engine in a worker: it reads the graph once, then answers queries until it is ended.
import start, { Store } from "oxigraph";

const GRAPH_FORMS = ["CONSTRUCT", "DESCRIBE"];
let store, ready, given, named;

/** Read a file packed with gzip, whether or not the web host unpacked it on the way. */
const unpacked = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} cannot be had (${answer.status})`);
  const content = await answer.arrayBuffer();
  const [one, two] = new Uint8Array(content, 0, 2);
  if (one !== 0x1f || two !== 0x8b) return new Uint8Array(content);
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** Load the engine and the graph; the parts of the union stand in the default graph too, as they do on a server. */
const load = async () => {
  postMessage({ step: "Loading the engine (1.4 MB) and the graph (2 MB) …" });
  const [engine, graph] = await Promise.all([unpacked(given.engine), unpacked(given.graph)]);
  await start({ module_or_path: engine });
  postMessage({ step: "Reading the graph …" });
  store = new Store();
  store.load(graph, { format: "application/n-quads", lenient: true, no_transaction: true });
  const format = "application/n-triples";
  for (const found of store.query("SELECT DISTINCT ?g { GRAPH ?g {} }")) {
    const name = found.get("g");
    if (given.union.some((part) => (part.endsWith("/") ? name.value.startsWith(part) : name.value === part)))
      store.load(store.dump({ format, from_graph_name: name }), { format, lenient: true, no_transaction: true });
  }
};

const formOf = (text) => /^(?:\s+|#.*|PREFIX\s+[^\s<]*\s*<[^>]*>|BASE\s*<[^>]*>)*([a-z]+)/i.exec(text)?.[1].toUpperCase();

/** Return what things are called in English, as every page does. */
const labels = (iris) => {
  named ||= new Map(store.query(given.prologue + given.labels).map((row) => [row.get("thing").value, row.get("label").value]));
  return Object.fromEntries(iris.filter((iri) => named.has(iri)).map((iri) => [iri, named.get(iri)]));
};

const answered = (text) => {
  if (GRAPH_FORMS.includes(formOf(text))) {
    const lines = store.query(given.prologue + text, { results_format: "text/turtle" }).trimEnd().split("\n");
    return { turtle: lines.slice(0, given.lines).join("\n"), cut: lines.length > given.lines };
  }
  const found = JSON.parse(store.query(given.prologue + text, { results_format: "application/sparql-results+json" }));
  if ("boolean" in found) return { truth: found.boolean };
  const rows = found.results.bindings.slice(0, given.rows);
  const iris = new Set(rows.flatMap((row) => Object.values(row)).filter((term) => term.type === "uri").map((term) => term.value));
  return { columns: found.head.vars, rows, cut: found.results.bindings.length > given.rows, labels: labels([...iris]) };
};

/** Say where the text is wrong, not counting the prefixes that were put before it. */
const reason = (error) => {
  const said = String(error?.message || error);
  const place = /^error at (\d+):(\d+): (.*)/s.exec(said);
  if (!place) return said;
  const [, line, column, what] = place;
  return `line ${line}, column ${line === "1" ? column - given.prologue.length : column}: ${what}`;
};

onmessage = async ({ data }) => {
  given = data.given;
  try {
    await (ready ||= load());
    postMessage({ step: "Asking …" });
    postMessage({ answer: answered(data.text) });
  } catch (error) {
    if (!store) ready = undefined;
    postMessage({ error: reason(error) });
  }
};
