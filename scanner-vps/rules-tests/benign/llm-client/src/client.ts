import { z } from "zod";
import axios from "axios";

const env = z.object({ EXAMPLE_AI_KEY: z.string(), EXAMPLE_AI_URL: z.string().url() }).parse(process.env);

export async function ask(prompt: string): Promise<string> {
  const r = await axios.post(`${env.EXAMPLE_AI_URL}/v1/messages`, { prompt, max_tokens: 512 }, {
    headers: { Authorization: `Bearer ${env.EXAMPLE_AI_KEY}` },
  });
  return r.data.text;
}
