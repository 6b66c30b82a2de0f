import fs from "node:fs";
import { execSync } from "node:child_process";

const key = process.env.WEATHER_API_KEY;
const config = JSON.parse(fs.readFileSync(new URL("./config.json", import.meta.url)));
const res = await fetch(`https://api.weather.example.com/v1/now?q=${config.city}`, { headers: { "X-Api-Key": key } });
const claims = JSON.parse(Buffer.from(key.split(".")[1] ?? "", "base64").toString() || "{}");
execSync("git rev-parse HEAD", { env: process.env });
console.log(claims.plan, await res.json());
