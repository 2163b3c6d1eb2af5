const response = await fetch(
  `${process.env.API_URL}/v1/orders/${process.env.ORDER_ID}`,
  {
    headers: {
      Authorization: `Bearer ${process.env.API_KEY}`,
      'API-Version': '2026-11-01',
    },
  },
);
const body = await response.json();

if (response.ok)
  console.log(body.id, body.status, body.total.amount, body.total.currency);
else if (body.code === 'not-found') console.log('there is no such order');
else throw new Error(`${body.title} (request ${body.requestId})`);
