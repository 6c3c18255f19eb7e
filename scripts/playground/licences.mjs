// Write the licence notice of every package that ended up in the bundle.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const inputs = Object.keys(JSON.parse(readFileSync(process.argv[2], "utf8")).inputs);
const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const packages = new Set(inputs.map((path) => folder.exec(path)?.[0]).filter(Boolean));

console.log("The playground is built from these packages.\n");
for (const path of [...packages].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(`${path}/package.json`, "utf8"));
  const notice = readdirSync(path).find((file) => /^licen[cs]e/i.test(file));
  console.log(`${"=".repeat(80)}\n${name} ${version} (${license})\n`);
  if (notice && existsSync(`${path}/${notice}`)) {
    console.log(readFileSync(`${path}/${notice}`, "utf8").trim() + "\n");
  }
}
