interface Usage {
  from: string;
  to: string;
  requests: number;
  days: { date: string; requests: number }[];
}

const response = await fetch(`${process.env.API_URL}/v1/usage`, {
  headers: { Authorization: `Bearer ${process.env.API_KEY}` },
});
if (!response.ok) throw new Error(await response.text());

const usage = (await response.json()) as Usage;
console.log(`${usage.requests} requests from ${usage.from} to ${usage.to}`);
for (const { date, requests } of usage.days) console.log(date, requests);
