import { afterEach, expect, test, vi } from 'vitest';
import { runDemo } from '../../../../simulator/demo/demo.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  [['--speed', '0'], "'--speed <seconds>' argument '0' is invalid. It must be a number above 0."],
  [['--kill-worker', '2.5'], "'--kill-worker <times>' argument '2.5' is invalid. It must be a whole number."],
  [['--port', 'abc'], "'abc' is invalid. It must be a whole number from 1 to 65535. Leave it out to get a free port."],
  [['--ui-port', '65536'], "'65536' is invalid. It must be a whole number from 1 to 65535."],
  [['--sped', '2'], "unknown option '--sped'"],
])('npm start -- %j says what is wrong and starts nothing', async (options, message) => {
  let said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  expect(await runDemo(options)).toBe(2);
  expect(said).toContain(message);
});
