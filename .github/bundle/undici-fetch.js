/** Only the package API's client asks for it, and then it comes when it is called. */
export async function fetch(input, init) {
  const { default: full } = await import('undici/index-fetch.js');
  return full.fetch(input, init);
}
