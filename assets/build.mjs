// Bundle what the browser loads on request, and say whose work is in it.
import { build } from "esbuild";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

const out = "../scripts/milia/web/static";
const made = await build({
  entryPoints: ["asking.js", "editor.js", "engine.js", "network.js"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  metafile: true,
});

// packed here, so that it is small on web hosts that do not pack either
const engine = "node_modules/oxigraph/web_bg.wasm";
await writeFile(path.join(out, "engine.wasm.gz"), gzipSync(await readFile(engine), { level: 9 }));

const packages = new Set();
for (const input of Object.keys(made.metafile.inputs)) {
  const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}
const texts = [];
for (const name of [...packages].sort()) {
  const folder = path.join("node_modules", name);
  const about = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  const text = licence ? path.join(folder, licence) : /\bApache-2\.0\b/.test(about.license) && "../LICENSE"; // which is that of our own
  if (!text) throw new Error(`${name} bears no licence`);
  texts.push(`${name} ${about.version} (${about.license})\n\n${(await readFile(text, "utf8")).trim()}\n`);
}
await writeFile(path.join(out, "licences.txt"), texts.join(`\n${"-".repeat(72)}\n\n`));
console.log(`milia: ${[...packages].length} packages bundled into ${path.normalize(out)}`);
