// Bundle what the browser loads on request, and say whose work is in it.
import { build } from "esbuild";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

const out = "../scripts/milia/web/static";
const made = await build({
  entryPoints: ["editor.js", "network.js"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  metafile: true,
});

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
  if (!licence) throw new Error(`${name} bears no licence`);
  texts.push(`${name} ${about.version} (${about.license})\n\n${(await readFile(path.join(folder, licence), "utf8")).trim()}\n`);
}
await writeFile(path.join(out, "licences.txt"), texts.join(`\n${"-".repeat(72)}\n\n`));
console.log(`milia: ${[...packages].length} packages bundled into ${path.normalize(out)}`);
