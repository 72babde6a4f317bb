// Programs outside npm that tests use: real mail servers, PDF tools, a browser, a database.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { say } from './run-script.mjs';

/** The Debian package, files that show it is installed, and the tests that need it. */
export const SYSTEM_PACKAGES = [
  {
    name: 'dovecot-imapd',
    shows: ['/usr/lib/dovecot/imap', '/usr/libexec/dovecot/imap'],
    for: 'email through a real IMAP server',
  },
  { name: 'opensmtpd', shows: ['smtpd'], for: 'email over a real SMTP hop' },
  { name: 'qpdf', shows: ['qpdf'], for: 'the form checked by another library' },
  { name: 'poppler-utils', shows: ['pdftotext'], for: 'the form as a person sees it' },
  { name: 'chromium', shows: ['chromium'], for: 'the Web UI in a browser' },
  { name: 'default-jre-headless', shows: ['java'], for: "Temporal's time-skipping test server" },
  { name: 'maven', shows: ['mvn'], for: "Temporal's time-skipping test server" },
  { name: 'postgresql', shows: ['/usr/lib/postgresql'], for: 'a Temporal cluster on PostgreSQL' },
];

/** Services that Debian would start once they are installed. @type {Record<string, string>} */
const SERVICES = { 'dovecot-imapd': 'dovecot', opensmtpd: 'opensmtpd', postgresql: 'postgresql' };

/** As root on Debian, says what is missing and installs it. Elsewhere, says which tests will be skipped. */
export function provideSystemPackages() {
  const missing = SYSTEM_PACKAGES.filter(({ shows }) => !shows.some(isThere));
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    say(
      `Set-up: installing Debian packages for the tests, without starting their services: ${missing.map((p) => p.name).join(' ')} …`,
    );
    install(missing.map((p) => p.name));
  }
  for (const { name, shows, for: use } of missing) {
    if (!shows.some(isThere))
      say(`!!! SKIPPED: tests of ${use}, because ${name} is not installed. As root on Debian: apt-get install ${name}`);
  }
}

/** @param {string} file a path, or the name of a program on the PATH */
function isThere(file) {
  if (path.isAbsolute(file)) return existsSync(file);
  return [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'].some((folder) =>
    existsSync(path.join(folder, file)),
  );
}

/** @param {string[]} names */
function install(names) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  // Debian starts the service of a mail server when it is installed, unless this file says no. Tests start their own servers
  // on free ports.
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update', '-qq');
    // Never remove another package: a machine keeps the mail server it has.
    const flags = ['install', '-y', '-qq', '--no-install-recommends', '--no-remove'];
    if (apt(...flags, ...names) !== 0 && names.length > 1) for (const name of names) apt(...flags, name);
  } finally {
    if (ours) rmSync(policy, { force: true });
    // Not after a reboot either. Harmless without systemd.
    const services = names.flatMap((name) => SERVICES[name] ?? []);
    if (services.length > 0) spawnSync('systemctl', ['disable', '--quiet', ...services], { stdio: 'ignore' });
  }
}

/** @param {string[]} args */
function apt(...args) {
  return spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status;
}
