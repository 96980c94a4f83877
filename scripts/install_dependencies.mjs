// Installs the locked dependencies when they are missing or differ from package-lock.json; instant when they are right.
// Plain Node: it runs before there is a Deno.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../", import.meta.url));

function installed() {
  try {
    const wanted = JSON.parse(readFileSync(`${checkout}package-lock.json`, "utf8")).packages;
    const present = JSON.parse(readFileSync(`${checkout}node_modules/.package-lock.json`, "utf8")).packages;
    return Object.entries(wanted).every(([path, { version, optional }]) =>
      path === "" || (path in present ? present[path].version === version && existsSync(checkout + path) : optional)
    );
  } catch {
    return false;
  }
}

if (!installed()) {
  mkdirSync(`${checkout}.tandem`, { recursive: true });
  if (process.env.TANDEM_INSTALLING) {
    console.log("Installing dependencies");
    // through the lock: two first runs at once must not install over each other
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: checkout,
      stdio: "inherit",
    });
    process.exit(npm.status ?? 1);
  }
  const again = spawnSync("flock", [
    `${checkout}.tandem/install.lock`,
    process.execPath,
    fileURLToPath(import.meta.url),
  ], {
    stdio: "inherit",
    env: { ...process.env, TANDEM_INSTALLING: "1" },
  });
  if (again.status !== 0) {
    console.error("The dependencies could not be installed: see npm's message above.");
    process.exit(1);
  }
}
