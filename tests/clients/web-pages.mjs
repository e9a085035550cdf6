// The web pages in Debian's Chromium, as a person uses them: a wrong key, the right one, every page, the API reference.
// Prints one JSON object: what was seen at each width and everything that went wrong on the way.
// node web-pages.mjs URL KEY [FOLDER-FOR-SCREENSHOTS]
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const [url, key, folder] = process.argv.slice(2);
const origin = new URL(url).origin;
const LIMIT = 60_000;
const WIDTHS = {
  desktop: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
};

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
    // Whatever would leave this machine fails, and is reported.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
});
try {
  const report = {};
  for (const [name, options] of Object.entries(WIDTHS)) report[name] = await visit(name, options);
  console.log(JSON.stringify(report));
} finally {
  await browser.close();
}

async function visit(name, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  const seen = { troubles: [], axe: [], overflow: [] };
  let refusalExpected = false;
  page.on('console', (message) => {
    // The reference's library warns of unions of null and a reference, which OpenAPI 3.1 allows; its errors count.
    if (!(message.type() === 'error' || (message.type() === 'warning' && !page.url().includes('/docs')))) return;
    if (refusalExpected && message.text().includes('401')) return;
    seen.troubles.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => seen.troubles.push(`exception: ${error.message}`));
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (!['data:', 'blob:'].includes(to.protocol) && to.origin !== origin) seen.troubles.push(`foreign request: ${request.url()}`);
  });

  // Each page is judged as it stands: by axe, by whether it needs scrolling sideways, and (by people) as a picture.
  const judge = async (what) => {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) seen.axe.push(`${what}: ${id}: ${nodes.map((node) => node.html).join(' ')}`);
    await measure(what);
  };
  const measure = async (what, fullPage = true) => {
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (excess > 0) seen.overflow.push(`${what}: ${excess} px`);
    if (folder) await page.screenshot({ path: `${folder}/${name}-${what}.png`, fullPage });
  };

  await page.goto(url);
  await judge('sign-in');
  refusalExpected = true;
  await page.getByLabel('API key').fill('fw_wrong');
  await page.keyboard.press('Enter');
  seen.wrongKey = await page.locator('.notice.bad').innerText();
  refusalExpected = false;

  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.card .tag', { hasText: 'Online' }).first().waitFor();
  seen.devices = await page.locator('.card h3').allInnerTexts();
  seen.overview = await page.locator('.summary').innerText();
  seen.stored = await page.evaluate((given) => [sessionStorage, localStorage].map((store) => Object.values({ ...store }).includes(given)), key);
  await judge('overview');

  await page.locator('.card h3 a').first().click();
  await page.getByRole('meter', { name: 'Memory' }).waitFor();
  seen.device = await page.getByRole('heading', { level: 1 }).innerText();
  seen.deviceText = await page.locator('main').innerText();
  await judge('device');

  // An address inside the dashboard, loaded anew: the server answers it with the page, and the tab still knows the key.
  await page.reload();
  await page.getByRole('meter', { name: 'Memory' }).waitFor();

  await page.getByRole('link', { name: 'Containers' }).click();
  await page.getByRole('heading', { level: 1, name: 'Containers' }).waitFor();
  await page.getByText(/No containers are known|Restarts/).first().waitFor();
  seen.containers = await page.locator('main').innerText();
  await judge('containers');

  await page.getByRole('link', { name: 'API' }).click();
  await page.waitForURL('**/docs');
  await page.getByRole('heading', { name: /fleet overview/i }).first().waitFor({ state: 'attached' });
  seen.operation = (await page.getByRole('heading', { name: /fleet overview/i }).first().textContent()).trim();
  await page.waitForLoadState('networkidle');
  await measure('docs', false);

  await page.goBack();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API key').waitFor();
  seen.keyAfterSignOut = await page.evaluate(() => sessionStorage.length);
  await context.close();
  return seen;
}
