const fs = require("fs");
for (const f of fs.readdirSync(process.argv[2])) {
  const t = fs.readFileSync(process.argv[2] + "/" + f, "utf8");
  if (/[\u200B-\u200F\u202A-\u202E]/.test(t)) console.log(f, "has control characters");
}
