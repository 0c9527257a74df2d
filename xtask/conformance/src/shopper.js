// A customer who pays on the hosted page.

export const PAYS = '4242 4242 4242 4242';
export const DECLINED = '4000 0000 0000 0002';

/** Opens the page of `session`, fills in its form with this card and sends it; the answer is not followed. */
export async function pay(session, card) {
  const page = await (await fetch(session.url)).text();
  const form = new URLSearchParams(hiddenFields(page));
  const typed = {
    email: 'ada@example.com',
    card_number: card,
    card_expiry: '12 / 40',
    card_cvc: '123',
    cardholder_name: 'Ada Lovelace',
  };
  for (const [name, value] of Object.entries(typed)) form.set(name, value);
  const answer = await fetch(session.url, { method: 'POST', body: form, redirect: 'manual' });
  return { status: answer.status, location: answer.headers.get('location') };
}

function hiddenFields(page) {
  const tags = page.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  const attribute = (tag, name) => tag.match(new RegExp(`${name}="([^"]*)"`))?.[1] ?? '';
  return tags.map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')]);
}
