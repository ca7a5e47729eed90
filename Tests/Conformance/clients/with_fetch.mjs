// Node's fetch (undici). Its limits between two reads are 300 s, so that there is one for all.
import { writeFile } from "node:fs/promises";

const words = process.argv.slice(2);
if (words[0] === "--version") {
  console.log(`Node ${process.versions.node} fetch (undici ${process.versions.undici})`);
  process.exit(0);
}
try {
  for (let index = 0; index + 1 < words.length; index += 2) {
    const reply = await fetch(words[index], { signal: AbortSignal.timeout(9000) });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    await writeFile(words[index + 1], Buffer.from(await reply.arrayBuffer()));
  }
} catch (error) {
  console.error(`${error.name}: ${error.message} ${error.cause ?? ""}`);
  process.exit(1);
}
